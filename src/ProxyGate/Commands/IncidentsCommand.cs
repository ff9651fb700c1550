using System.CommandLine;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Incidents.Reading;
using ProxyGate.Gateway.Incidents.Storing;
using ProxyGate.Output;

namespace ProxyGate.Commands;

/// <summary><c>proxygate incidents</c>: reads the store of incidents, whether the gateway runs or not.</summary>
internal static class IncidentsCommand
{
    public const string DefaultFile = "data/incidents.db";

    public static Command Create(TimeProvider? clock = null)
    {
        var id = new Argument<string?>("ID") { Description = "Show this incident whole (inc-4rt0-c2dx), or the one a failure belongs to (k7mq-3f9x). Without it: the list.", Arity = ArgumentArity.ZeroOrOne };
        var open = new Option<bool>("--open") { Description = "Only incidents that are open." };
        var since = new Option<string?>("--since") { Description = "Only incidents that failed in this last time (1h, 30m, 2d), or since a moment (2026-03-01T07:00Z).", HelpName = "TIME" };
        var cause = new Option<string?>("--cause") { Description = "Only this cause, e.g. connect_refused.", HelpName = "CAUSE" };
        var route = new Option<string?>("--route") { Description = "Only this route.", HelpName = "ROUTE" };
        var config = new Option<string?>("--config", "-c") { Description = "Read the store of this configuration.", HelpName = "FILE" };
        var file = new Option<string?>("--file", "-f") { Description = $"The SQLite file; {DefaultFile} when neither this nor --config is given.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print JSON: one incident a line, or the one that was asked for." };
        var command = new Command("incidents", "Failures of the same route, destination and cause as one incident: what is open, since when, and what to do.") { id, open, since, cause, route, config, file, json };
        clock ??= TimeProvider.System;
        command.Validators.Add(result =>
        {
            if (result.GetValue(file) is not null && result.GetValue(config) is not null) result.AddError("Give --file or --config, not both.");
            if (result.GetValue(since) is { } time && !Since.TryParse(time, clock, out _)) result.AddError($"--since \"{time}\" is no time; write 1h, 30m, 2d or 2026-03-01T07:00Z.");
            if (result.GetValue(cause) is { } known && !CauseCatalogue.TryGet(known, out _))
                result.AddError($"\"{known}\" is no cause{(Spelling.Nearest(known, CauseCatalogue.All.Select(c => c.Id)) is { } near ? $" (did you mean {near}?)" : "")}");
            if (result.GetValue(id) is not { } typed) return;
            if (!EventIds.TryParse(typed, out _)) result.AddError($"\"{typed}\" is no id; an incident's is written inc-4rt0-c2dx, a failure's k7mq-3f9x.");
            if (result.GetValue(open) || result.GetValue(since) is not null || result.GetValue(cause) is not null || result.GetValue(route) is not null) result.AddError("--open, --since, --cause and --route are for the list; an ID shows one incident.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var settings = parsed.GetValue(config) is { } from ? await SettingsOfAsync(from, error) : new IncidentSettings { File = Path.GetFullPath(parsed.GetValue(file) ?? DefaultFile) };
            if (settings is null) return ExitCode.CouldNotRun;
            try
            {
                await using var store = await StoreReading.OpenAsync(settings, clock, cancellationToken);
                if (parsed.GetValue(id) is { } typed && EventIds.TryParse(typed, out var wanted)) return await OneAsync(store, wanted, parsed.GetValue(json), output, error, clock, cancellationToken);
                var filter = new IncidentFilter
                {
                    OpenOnly = parsed.GetValue(open),
                    Cause = parsed.GetValue(cause),
                    Route = parsed.GetValue(route),
                    From = parsed.GetValue(since) is { } time && Since.TryParse(time, clock, out var start) ? start : null,
                    Limit = ArchivePage.Largest,
                };
                return await ListAsync(store, filter, parsed.GetValue(json), output, clock, cancellationToken);
            }
            catch (StoreException e)
            {
                await error.WriteLineAsync($"proxygate: {e.Message}");
                if (e.Trouble == StoreTrouble.Lasting && parsed.GetValue(config) is null) await error.WriteLineAsync("Name the database with --file, or the configuration with --config.");
                return ExitCode.CouldNotRun;
            }
        });
        return command;
    }

    private static async Task<int> ListAsync(IIncidentStore store, IncidentFilter filter, bool json, TextWriter output, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (shown, open) = (0L, 0L);
        do
        {
            var page = await store.IncidentsAsync(filter, cancellationToken);
            foreach (var incident in page.Items)
            {
                shown++;
                if (incident.IsOpen) open++;
                if (json) await output.WriteLineAsync(IncidentJson.Of(incident));
                else IncidentText.Line(PageText.For(output), incident, clock.GetUtcNow());
            }

            filter = filter with { Cursor = page.Next };
        }
        while (filter.Cursor is not null);
        if (!json) await output.WriteLineAsync(shown == 0 ? "No incidents match." : FormattableString.Invariant($"{shown} {(shown == 1 ? "incident" : "incidents")}, {open} open. proxygate incidents ID shows one whole."));
        return ExitCode.Fine;
    }

    private static async Task<int> OneAsync(IIncidentStore store, string id, bool json, TextWriter output, TextWriter error, TimeProvider clock, CancellationToken cancellationToken)
    {
        var isIncident = EventIds.TryParseIncident(id, out _);
        var failure = isIncident ? null : await store.FailureAsync(id, cancellationToken);
        var incident = isIncident ? id : failure?.Entry.Incident;
        if (incident is null || await store.IncidentAsync(incident, cancellationToken) is not { } whole)
        {
            await error.WriteLineAsync(isIncident ? $"proxygate: there is no incident {id}, or no longer." : $"proxygate: the failure {id} was not kept.");
            if (!isIncident) await error.WriteLineAsync("It may be older than what is kept, or one too many of a very strong storm. What an operator gets also names the incident: proxygate incidents inc-... For a visitor's failure, look at the incidents of that time: proxygate incidents --since 1h");
            return ExitCode.No;
        }

        if (failure?.Folded is { } folded)
        {
            var note = folded.InWords(failure.Entry.Id);
            if (json) await error.WriteLineAsync(note);
            else PageText.For(output).Paragraph(note, indent: 0);
        }

        if (json) await output.WriteLineAsync(IncidentJson.Of(whole));
        else IncidentText.Whole(PageText.For(output), whole, clock.GetUtcNow());
        return ExitCode.Fine;
    }

    private static async Task<IncidentSettings?> SettingsOfAsync(string config, TextWriter error)
    {
        var result = await ConfigLoader.LoadAsync(config, EnvironmentOverrides.OfProcess());
        if (result.Settings is { } settings) return settings.Incidents;
        await error.WriteLineAsync(result.Unreadable ?? $"proxygate: {config} is not valid; see proxygate check --config {config}. A SQLite file can be named with --file.");
        return null;
    }
}
