using System.Diagnostics;

namespace ProxyGate.Gateway.Tests.Wire;

/// <summary>Makes what failed smaller for as long as it still fails, so that a report shows the fault and not the noise around it.</summary>
internal static class Shrink
{
    private const int MostTries = 400;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <param name="bytes">What failed.</param>
    /// <param name="fails">Whether these still fail.</param>
    public static async Task<byte[]> ToLeastAsync(byte[] bytes, Func<byte[], Task<bool>> fails)
    {
        var tries = 0;
        var clock = Stopwatch.StartNew();
        for (var part = Math.Max(1, bytes.Length / 2); part >= 1; part /= 2)
        {
            for (var at = 0; at < bytes.Length;)
            {
                byte[] smaller = [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + part)..]];
                if (++tries > MostTries || clock.Elapsed > Longest) return bytes;
                if (await fails(smaller)) bytes = smaller;
                else at += part;
            }
        }

        return bytes;
    }
}
