using System.Globalization;

namespace ProxyGate.EndToEnd.Tests.Support;

/// <summary>
/// What each process of a load run took of the machine since this was made, from the kernel's own accounting: a figure is only the gateway's
/// where the load and the apps left it room.
/// </summary>
internal sealed class CpuShares
{
    private readonly (string Name, Func<double> Spent, double Before)[] _parts;
    private readonly double[] _machine = Machine();

    /// <param name="parts">Each with the seconds it has spent so far.</param>
    public CpuShares(params (string Name, Func<double> Spent)[] parts) => _parts = [.. parts.Select(p => (p.Name, p.Spent, p.Spent()))];

    /// <summary>The seconds a process has spent.</summary>
    public static double Of(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0; // it has ended
        }
    }

    public override string ToString()
    {
        var machine = Machine();
        var all = machine.Zip(_machine, (now, before) => now - before).ToArray();
        var seconds = all.Sum() / 100 / Environment.ProcessorCount;
        var parts = _parts.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Name} {(p.Spent() - p.Before) / seconds:P0}"));
        // Idle and waiting for disks: the rest is everybody's.
        return string.Create(CultureInfo.InvariantCulture, $"of a processor: {string.Join(", ", parts)}, all there is {(all.Sum() - all[3] - all[4]) / 100 / seconds:P0} of {Environment.ProcessorCount * 100} %");
    }

    private static double[] Machine() =>
        [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(f => double.Parse(f, CultureInfo.InvariantCulture))];
}
