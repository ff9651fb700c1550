using System.CommandLine;
using System.Runtime.InteropServices;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.EventLog.Reading;
using ProxyGate.Gateway.Incidents.Storing;
using ProxyGate.Output;

namespace ProxyGate.Commands;

/// <summary><c>proxygate events</c>: reads the event log.</summary>
internal static class EventsCommand
{
    private const string DefaultFile = "logs/events.jsonl";

    public static Command Create(TimeProvider? clock = null)
    {
        var file = new Option<string?>("--file", "-f") { Description = $"The event log; {DefaultFile} when neither this nor --config is given.", HelpName = "FILE" };
        var config = new Option<string?>("--config", "-c") { Description = "Read the event log of this configuration.", HelpName = "FILE" };
        var follow = new Option<bool>("--follow") { Description = "Go on with what comes, until Ctrl+C." };
        var since = new Option<string?>("--since") { Description = "Only events of this last time (1h, 30m, 2d), or since a moment (2026-03-01T07:00Z).", HelpName = "TIME" };
        var cause = new Option<string?>("--cause") { Description = "Only this cause, e.g. connect_refused.", HelpName = "CAUSE" };
        var route = new Option<string?>("--route") { Description = "Only this route.", HelpName = "ROUTE" };
        var id = new Option<string?>("--id") { Description = "Only this failure, whole (k7mq-3f9x: from its page, its answer's fields or a line of this list), or the failures of this incident (inc-4rt0-c2dx).", HelpName = "ID" };
        var json = new Option<bool>("--json") { Description = "Pass matching lines on as they are, one JSON object a line, without a summary." };
        var command = new Command("events", "Read the event log: the failed requests, and a summary by cause.") { file, config, follow, since, cause, route, id, json };
        clock ??= TimeProvider.System;
        command.Validators.Add(result =>
        {
            if (result.GetValue(file) is not null && result.GetValue(config) is not null) result.AddError("Give --file or --config, not both.");
            if (result.GetValue(since) is { } time && !Since.TryParse(time, clock, out _)) result.AddError($"--since \"{time}\" is no time; write 1h, 30m, 2d or 2026-03-01T07:00Z.");
            if (result.GetValue(id) is { } typed && !EventIds.TryParse(typed, out _)) result.AddError($"\"{HostileText.Line(typed, 40)}\" is no id; a failure's is written k7mq-3f9x, an incident's inc-4rt0-c2dx.");
            if (OneFailureOf(result.GetValue(id)) is not null && (result.GetValue(follow) || result.GetValue(since) is not null || result.GetValue(cause) is not null || result.GetValue(route) is not null))
                result.AddError("The --id of a failure goes with --file, --config and --json only.");
            if (result.GetValue(cause) is { } known && !CauseCatalogue.TryGet(known, out _)) result.AddError(UnknownCause(known));
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var settings = parsed.GetValue(config) is { } from ? await SettingsOfAsync(from, error) : null;
            var path = parsed.GetValue(config) is not null ? settings?.Events.File : parsed.GetValue(file) ?? DefaultFile;
            if (path is null) return ExitCode.CouldNotRun;
            if (OneFailureOf(parsed.GetValue(id)) is { } failure)
            {
                if (!await ThereAsync(path, error)) return ExitCode.CouldNotRun;
                var store = settings?.Incidents ?? (parsed.GetValue(file) is null ? new IncidentSettings { File = Path.GetFullPath(IncidentsCommand.DefaultFile) } : null);
                return await ShowAsync(path, new OneFailure(failure, parsed.GetValue(json), output, error), store, clock, cancellationToken);
            }

            DateTimeOffset? start = parsed.GetValue(since) is { } time && Since.TryParse(time, clock, out var moment) ? moment : null;
            var incident = parsed.GetValue(id) is { } typed && EventIds.TryParseIncident(typed, out var wanted) ? wanted : null;
            var reading = new EventReading(start, parsed.GetValue(cause), parsed.GetValue(route), incident, parsed.GetValue(json), output, error);
            return parsed.GetValue(follow)
                ? await FollowAsync(path, reading, error, clock, cancellationToken)
                : await ReadAsync(path, reading, error, clock);
        });
        return command;
    }

    /// <summary>The failure that was asked for, where it is not an incident.</summary>
    private static string? OneFailureOf(string? typed) => typed is not null && !EventIds.TryParseIncident(typed, out _) && EventIds.TryParse(typed, out var id) ? id : null;

    private static async Task<int> ReadAsync(string path, EventReading reading, TextWriter error, TimeProvider clock)
    {
        if (!await ThereAsync(path, error)) return ExitCode.CouldNotRun;
        foreach (var line in new LogLines(path, clock).Read()) await reading.TakeAsync(line);
        return await reading.EndAsync();
    }

    private static async Task<int> ShowAsync(string path, OneFailure failure, IncidentSettings? store, TimeProvider clock, CancellationToken cancellationToken)
    {
        foreach (var line in new LogLines(path, clock).Read()) failure.Take(line);
        return await failure.EndAsync(store is null ? null : OpenAsync, cancellationToken);

        async Task<IIncidentStore?> OpenAsync() => store is { Store: "sqlite", File: var file } && !File.Exists(file) ? null : await StoreReading.OpenAsync(store, clock, cancellationToken);
    }

    private static async Task<bool> ThereAsync(string path, TextWriter error)
    {
        if (File.Exists(path)) return true;
        await error.WriteLineAsync(Directory.Exists(path)
            ? $"proxygate: {path} is a folder; give the file in it."
            : $"proxygate: {path} does not exist. Name the event log with --file, or the configuration with --config.");
        return false;
    }

    private static async Task<int> FollowAsync(string path, EventReading reading, TextWriter error, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) await error.WriteLineAsync($"Waiting for {path}.");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        await foreach (var line in new LogLines(path, clock).FollowAsync(stop.Token)) await reading.TakeAsync(line);
        return await reading.EndAsync();
    }

    private static async Task<GatewaySettings?> SettingsOfAsync(string config, TextWriter error)
    {
        var result = await ConfigLoader.LoadAsync(config, EnvironmentOverrides.OfProcess());
        if (result.Settings is { Events.File: not null } settings) return settings;
        if (result.Unreadable is { } unreadable) await error.WriteLineAsync(unreadable);
        else if (result.Settings is not null) await error.WriteLineAsync($"proxygate: {config} keeps no event log (ProxyGate:Events:File is null).");
        else await error.WriteLineAsync($"proxygate: {config} is not valid; see proxygate check --config {config}. The event log can be named with --file.");
        return null;
    }

    private static string UnknownCause(string id)
    {
        var near = Spelling.Nearest(id, CauseCatalogue.All.Select(c => c.Id));
        return $"\"{id}\" is no cause{(near is null ? "" : $" (did you mean {near}?)")}";
    }
}
