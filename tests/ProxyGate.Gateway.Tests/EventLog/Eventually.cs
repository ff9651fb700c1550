using System.Diagnostics;

namespace ProxyGate.Gateway.Tests.EventLog;

/// <summary>Polls a condition with a deadline.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    public static async Task AssertAsync(Func<bool> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < Limit, $"Not within {Limit.TotalSeconds:0} s: {what}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
