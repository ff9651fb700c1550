using System.Diagnostics;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Traffic;

/// <summary>Waits for what must come, and says what there was when it does not.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(120);

    public static async Task UntilAsync(Func<Task<bool>> condition, Func<string> otherwise, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(clock.Elapsed < Longest, otherwise());
            await Task.Delay(25, stop);
        }
    }

    /// <summary>One cluster's readiness, as the admin listener tells it.</summary>
    public static async Task<JsonNode> ReadinessAsync(GatewayProcess gateway, string cluster, CancellationToken stop)
    {
        using var admin = new HttpClient();
        using var answer = await admin.GetAsync(new Uri(gateway.Admin, $"/readyz/{cluster}"), stop);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(stop))!;
    }

    /// <summary>Waits until a destination is in this state, and gives what is said of it.</summary>
    public static async Task<JsonNode> StateAsync(GatewayProcess gateway, string destination, string state, CancellationToken stop, string cluster = "app", bool? available = null)
    {
        JsonNode? last = null;
        await UntilAsync(
            async () =>
            {
                last = (await ReadinessAsync(gateway, cluster, stop))["states"]!.AsArray().FirstOrDefault(s => (string?)s!["destination"] == destination);
                return (string?)last?["state"] == state && (available is null || (bool?)last["available"] == available); // out of use a moment after the state is known
            },
            () => $"{destination} is not {state}: {last}\n{gateway.Output}",
            stop);
        return last!;
    }
}
