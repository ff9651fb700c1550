using System.Globalization;

namespace ProxyGate.Investigation.Host.Services;

/// <summary>Asks systemd for a unit with its own programs, which any user may run.</summary>
internal static class SystemdUnits
{
    private const string JournalLines = "40";

    public static async Task<UnitSeen?> SeeAsync(Sight sight, string unit, DateTimeOffset from)
    {
        var shows = $"how the unit {unit} fared";
        if (!Directory.Exists(sight.Paths.SystemdRunning))
        {
            sight.Miss(shows, "systemd does not run here, or cannot be reached from this container");
            return null;
        }

        var show = sight.LookAsync("systemctl", shows, () => ShowAsync(sight, unit));
        var journal = sight.LookAsync("journalctl", $"the last log lines of {unit}", () => JournalAsync(sight, unit, from));
        var seen = await show;
        var told = await journal;
        if (seen is null) return null;
        if (told is null) return seen;

        // A unit that was restarted has forgotten the end of its last process; the journal has not.
        var forgotten = told.EndedAt is not null && (seen.ExitedAt is null || seen.ActiveState == "active");
        return seen with
        {
            LogLines = told.Lines,
            Result = told.OomKilled ? "oom-kill" : seen.Result,
            EndLine = told.EndLine,
            ExitCode = forgotten ? told.ExitCode : seen.ExitCode,
            Signal = forgotten ? told.Signal : seen.Signal,
            ExitedAt = forgotten ? told.EndedAt : seen.ExitedAt,
        };
    }

    private static async Task<UnitSeen?> ShowAsync(Sight sight, string unit)
    {
        var shown = await Command.RunAsync(sight.Paths.Systemctl, ["show", "--no-pager", "-p", UnitSeen.Properties, "--", unit], sight.Stop);
        if (shown.ExitCode != 0) throw new IOException($"systemctl: {PlainText.Of(shown.Error, 200)}");
        var zero = sight.Time.GetUtcNow() - TimeSpan.FromSeconds((double)sight.Time.GetTimestamp() / sight.Time.TimestampFrequency);
        return UnitSeen.Parse(unit, shown.Output, zero) ?? throw new IOException("systemd does not know the unit");
    }

    private static async Task<UnitJournal?> JournalAsync(Sight sight, string unit, DateTimeOffset from)
    {
        var since = "@" + from.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var read = await Command.RunAsync(
            sight.Paths.Journalctl,
            ["-u", unit, "-n", JournalLines, "--since", since, "-o", "json", "--output-fields", UnitJournal.Fields, "--no-pager", "--quiet"],
            sight.Stop);
        if (read.ExitCode != 0) throw new IOException($"journalctl: {PlainText.Of(read.Error, 200)}");
        if (read.Output.Length == 0)
        {
            sight.Miss($"the last log lines of {unit}", "the journal shows none; reading it needs root or the group systemd-journal");
            return null;
        }

        return UnitJournal.Parse(unit, read.Output, from);
    }
}
