using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Examining;
using ProxyGate.Output;

namespace ProxyGate.Commands;

/// <summary><c>proxygate diagnose</c>: looks at a destination by hand, step by step, and says what is wrong.</summary>
internal static partial class DiagnoseCommand
{
    private static readonly TimeSpan ShortestLook = TimeSpan.FromSeconds(1), LongestLook = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan UsualInterval = TimeSpan.FromSeconds(2);

    /// <summary>How long one look takes at most unless it is told otherwise.</summary>
    public static readonly TimeSpan UsualLook = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var target = new Argument<string?>("URL|NAME")
        {
            Description = "A URL (http://localhost:5000, https://app:8443/health, http://unix:/run/app.sock), or with --config a route, cluster or destination (cluster/destination).",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var config = new Option<string?>("--config", "-c") { Description = "Take the addresses from this configuration, with what it says of each: TLS, timeouts, health path.", HelpName = "FILE" };
        var health = new Option<string?>("--health") { Description = "Ask this path too; anything but 2xx or 3xx is unhealthy.", HelpName = "PATH" };
        var unit = new Option<string?>("--unit") { Description = "The app's systemd unit: its state, how it ended, its last log lines.", HelpName = "NAME" };
        var timeout = new Option<string?>("--timeout") { Description = $"How long one look may take ({Durations.Write(UsualLook)} when left out).", HelpName = "DURATION" };
        var serverName = new Option<string?>("--server-name") { Description = "The name to ask for in TLS and to expect in the certificate.", HelpName = "NAME" };
        var roots = new Option<string?>("--ca") { Description = "Trust the roots in this PEM file instead of the system's.", HelpName = "FILE" };
        var insecure = new Option<bool>("--insecure") { Description = "Do not verify the certificate." };
        var watch = new Option<string?>("--watch")
        {
            Description = $"Look again and again until Ctrl+C, every {Durations.Write(UsualInterval)} or as often as it says.",
            HelpName = "INTERVAL",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object (with --watch one a line for each look)." };
        var command = new Command("diagnose", "Look at a destination by hand: name, connection, TLS, HTTP, health, process. Exit code 0 when it is healthy, 1 when not.")
        {
            target, config, health, unit, timeout, serverName, roots, insecure, watch, json,
        };
        command.Validators.Add(result =>
        {
            if (MistakeOfTimeout(result.GetValue(timeout)) is { } mistake) result.AddError(mistake);
            if (result.GetValue(watch) is { } every && !IsTarget(every, result.GetValue(target)) && !(Durations.TryParse(every, out var interval) && interval > TimeSpan.Zero && interval <= TimeSpan.FromDays(1))) result.AddError(NoDuration("--watch", every, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)));
            if (result.GetValue(health) is { } path && !(path.StartsWith('/') && path.All(c => c is > ' ' and < '\x7f'))) result.AddError($"--health \"{HostileText.Line(path, 60)}\" is no path; write it as in a URL, for instance /healthz.");
            if (result.GetValue(unit) is { } name && !UnitName().IsMatch(name)) result.AddError($"--unit \"{HostileText.Line(name, 60)}\" is no name of a unit.");
            if (result.GetValue(insecure) && result.GetValue(roots) is not null) result.AddError("Give --insecure or --ca, not both.");
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var taken = parsed.GetValue(watch) is { } text && IsTarget(text, parsed.GetValue(target)) ? text : null;
            var options = new DiagnoseOptions
            {
                Target = taken ?? parsed.GetValue(target),
                ConfigFile = parsed.GetValue(config),
                HealthPath = parsed.GetValue(health),
                Unit = parsed.GetValue(unit) is { } named ? named.Contains('.', StringComparison.Ordinal) ? named : named + ".service" : null,
                Limit = LimitOf(parsed.GetValue(timeout)),
                ServerName = parsed.GetValue(serverName),
                TrustedCaFile = parsed.GetValue(roots) is { } file ? Path.GetFullPath(file) : null,
                Insecure = parsed.GetValue(insecure),
                Watch = parsed.GetResult(watch) is null ? null : parsed.GetValue(watch) is { } every && Durations.TryParse(every, out var interval) ? interval : UsualInterval,
                Json = parsed.GetValue(json),
            };
            return RunAsync(options, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken);
        });
        return command;
    }

    public static string? MistakeOfTimeout(string? written) =>
        written is null || (Durations.TryParse(written, out var look) && look >= ShortestLook && look <= LongestLook) ? null : NoDuration("--timeout", written, ShortestLook, LongestLook);

    public static TimeSpan LimitOf(string? written) => written is not null && Durations.TryParse(written, out var look) ? look : UsualLook;

    private static async Task<int> RunAsync(DiagnoseOptions options, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        if (options.TrustedCaFile is { } roots && MistakeOfRoots(roots) is { } mistake)
        {
            await error.WriteLineAsync($"proxygate: --ca {roots} {mistake}.");
            return ExitCode.CouldNotRun;
        }

        var (targets, code) = await DiagnoseTargets.FindAsync(options, error);
        if (targets is null) return code;
        using var run = new DiagnoseRun(Examiner.OfThisMachine(options.Limit), options, output, error);
        return await run.RunAsync(targets, cancellationToken);
    }

    /// <summary><c>--watch URL</c>: what stands behind the option is meant for the command when that has nothing else.</summary>
    private static bool IsTarget(string text, string? target) => target is null && !Durations.TryParse(text, out _) && text.Contains("://", StringComparison.Ordinal);

    private static string? MistakeOfRoots(string file)
    {
        if (!File.Exists(file)) return "does not exist";
        try
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(file);
            return roots.Count == 0 ? "has no certificate in it" : null;
        }
        catch (CryptographicException e)
        {
            return "cannot be read as PEM: " + e.Message.TrimEnd('.');
        }
    }

    private static string NoDuration(string option, string value, TimeSpan least, TimeSpan most)
    {
        var near = Durations.Suggest(value)?.Trim('"');
        return string.Create(CultureInfo.InvariantCulture, $"{option} \"{HostileText.Line(value, 60)}\" is no duration from {Durations.Write(least)} to {Durations.Write(most)}{(near is null || near == value ? "; write 500ms, 5s or 1m" : $" (did you mean {near}?)")}");
    }

    [GeneratedRegex(@"^[A-Za-z0-9:_.@\\][A-Za-z0-9:_.@\\-]{0,254}\z", RegexOptions.CultureInvariant)]
    private static partial Regex UnitName();
}
