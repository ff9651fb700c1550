using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Routing;

namespace ProxyGate.Gateway.Configuration;

/// <summary>Where the configuration came from, to read it again the same way.</summary>
/// <param name="File">Absent for a configuration from the command line, which cannot change.</param>
/// <param name="Environment">The environment at the start: a process's own never changes from outside.</param>
/// <param name="Listen">Listen addresses of the command line.</param>
/// <param name="Seen">The content in force at the start.</param>
internal sealed record ConfigOrigin(string? File, IReadOnlyList<KeyValuePair<string, string>> Environment, IReadOnlyList<string> Listen, SeenContent Seen);

/// <summary>
/// Looks at the configuration file, and the pages it names, once in a while and takes a changed one over whole or not at all. It compares the content itself: that sees editors'
/// renames, swapped symbolic links (Kubernetes) and changes within one tick of the clock alike, which file watchers and times do not.
/// </summary>
internal sealed class ConfigReloader(
    ConfigOrigin origin,
    GatewaySettingsSource settings,
    RouteSource routes,
    ConfigStatus status,
    TimeProvider time,
    ILogger<ConfigReloader> logger) : BackgroundService
{
    /// <summary>A change is judged when it was the same twice, so at most twice this late.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private SeenContent _inForce = origin.Seen;
    private SeenContent _judged = origin.Seen;
    private SeenContent _lastSeen = origin.Seen;

    /// <summary>Judges the file now, whether or not it has changed (SIGHUP).</summary>
    /// <returns>True when the file is in force.</returns>
    public async Task<bool> ReloadAsync()
    {
        if (origin.File is null)
            return true;
        await _oneAtATime.WaitAsync();
        try
        {
            return await JudgeAsync(await LookAsync());
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>One look at the file.</summary>
    internal async Task PollAsync()
    {
        await _oneAtATime.WaitAsync();
        try
        {
            var seen = await LookAsync();
            var settled = seen.Holds(_lastSeen);
            _lastSeen = seen;
            // A file in the middle of being written is not judged.
            if (settled && !seen.Holds(_judged))
                await JudgeAsync(seen);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public override void Dispose()
    {
        _oneAtATime.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (origin.File is null)
            return;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await PollAsync();
                }
                catch (Exception e)
                {
                    logger.LogError(e, "{File:l} could not be looked at; the configuration in force stays.", origin.File);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    private async Task<bool> JudgeAsync(SeenContent seen)
    {
        _judged = seen;
        if (seen.Holds(_inForce))
        {
            if (status.LastReloadErrors.Count > 0)
                logger.LogInformation("{File:l} is again the configuration in force.", origin.File);
            status.Unchanged();
            return true;
        }

        var result = await ConfigLoader.LoadAsync(origin.File!, origin.Environment, origin.Listen, time);
        // What was read, not what was looked at a moment ago.
        _judged = result.Unreadable is null ? result.Seen : seen;
        if (result.Settings is null)
        {
            var errors = result.Unreadable is null
                ? result.Errors.ToList()
                : [new ConfigMistake { File = origin.File!, Message = result.Unreadable }];
            status.Refused(errors, time.GetUtcNow());
            logger.LogWarning("{File:l} was not taken over; the configuration of {LoadedAt:u} stays in force. {Count} mistakes:\n{Mistakes:l}",
                origin.File, status.LoadedAt, errors.Count, string.Join('\n', errors));
            return false;
        }

        settings.TakeOver(KeepUntilRestart(settings.Current, result.Settings));
        routes.TakeOver(result.Routes, result.Clusters);
        _inForce = result.Seen;
        status.Reloaded(time.GetUtcNow(), result.Lines);
        logger.LogInformation("{File:l} was taken over: {Routes} routes, {Clusters} clusters.", origin.File, result.Routes.Count, result.Clusters.Count);
        foreach (var warning in result.Warnings)
            logger.LogWarning("{Warning:l}", warning.ToString());
        return true;
    }

    /// <summary>What is opened once at the start stays as it is, and that is said.</summary>
    private GatewaySettings KeepUntilRestart(GatewaySettings old, GatewaySettings changed)
    {
        Warn("ProxyGate:Listen", !old.Listen.SequenceEqual(changed.Listen));
        Warn("ProxyGate:Transport", old.Transport != changed.Transport);
        Warn("ProxyGate:Admin:Listen", old.Admin.Listen != changed.Admin.Listen);
        Warn("ProxyGate:Admin:Oidc", !old.Admin.SameProvider(changed.Admin));
        Warn("ProxyGate:Events", old.Events != changed.Events);
        Warn("ProxyGate:AccessLog", old.AccessLog != changed.AccessLog);
        Warn("ProxyGate:OpenTelemetry", old.OpenTelemetry != changed.OpenTelemetry);
        Warn("ProxyGate:Incidents", old.Incidents != changed.Incidents);
        return changed with
        {
            Listen = old.Listen,
            Transport = old.Transport,
            Admin = changed.Admin with { Listen = old.Admin.Listen, Oidc = old.Admin.Oidc },
            Events = old.Events,
            AccessLog = old.AccessLog,
            OpenTelemetry = old.OpenTelemetry,
            Incidents = old.Incidents,
        };

        void Warn(string key, bool differs)
        {
            if (differs)
                logger.LogWarning("{File:l}: {Key:l} has changed; that takes effect at the next start.", origin.File, key);
        }
    }

    /// <summary>The file, and the pages of the configuration in force and of the one judged last: mending either must be noticed.</summary>
    private async Task<SeenContent> LookAsync() => new(
        await HashAsync(),
        _inForce.Pages.Keys.Union(_judged.Pages.Keys).ToDictionary(p => p, PageTemplateChecks.HashOf));

    /// <summary>Empty when the file cannot be read: then the judge says why.</summary>
    private async Task<byte[]> HashAsync()
    {
        try
        {
            await using var stream = new FileStream(
                origin.File!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 4096, useAsync: true);
            return await SHA256.HashDataAsync(stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
