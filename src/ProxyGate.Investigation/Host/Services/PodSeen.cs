using System.Globalization;
using System.Text.Json;
using static ProxyGate.Investigation.Host.Services.ContainerSeen;

namespace ProxyGate.Investigation.Host.Services;

/// <summary>The container of a pod that ended last, from the pod's status (Kubernetes API, v1 Pod).</summary>
internal sealed record PodSeen
{
    public required string Pod { get; init; }

    public required string Container { get; init; }

    /// <summary><c>OOMKilled</c>, <c>Error</c>, <c>Completed</c>, <c>ContainerCannotRun</c>.</summary>
    public string? Reason { get; init; }

    public int? ExitCode { get; init; }

    public int? Signal { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public int? Restarts { get; init; }

    public bool Ready { get; init; }

    /// <summary>Why it does not run now, e.g. <c>CrashLoopBackOff</c>.</summary>
    public string? Waiting { get; init; }

    public bool OomKilled => Reason == "OOMKilled";

    public string Detail => string.Create(CultureInfo.InvariantCulture,
        $"kubernetes pod {Pod}, container {Container}: last state {Reason ?? "terminated"}, exit code {ExitCode}, restarts {Restarts ?? 0}{(Waiting is null ? "" : ", now " + Waiting)}");

    /// <summary>
    /// Reads a list of pods asked for by address. Pods that have finished keep an address another may have got since, and pods on the
    /// node's own network share the node's: only a single pod that is left after these says something.
    /// </summary>
    public static PodSeen? Parse(JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Object || !list.TryGetProperty("items", out var items) || items.ValueKind != JsonValueKind.Array) return null;
        var pods = items.EnumerateArray().Where(IsMeant).Take(2).ToList();
        if (pods is not [var pod] || !pod.TryGetProperty("status", out var status) || !status.TryGetProperty("containerStatuses", out var containers)
            || containers.ValueKind != JsonValueKind.Array) return null;
        var name = pod.TryGetProperty("metadata", out var metadata) ? Text(metadata, "name") : null;
        return containers.EnumerateArray().Select(c => Ended(name ?? "?", c)).OfType<PodSeen>().MaxBy(p => p.FinishedAt);
    }

    private static bool IsMeant(JsonElement pod) =>
        pod.TryGetProperty("status", out var status) && Text(status, "phase") is "Running" or "Pending"
        && !(pod.TryGetProperty("spec", out var spec) && spec.ValueKind == JsonValueKind.Object && spec.TryGetProperty("hostNetwork", out var host) && host.ValueKind == JsonValueKind.True);

    private static PodSeen? Ended(string pod, JsonElement container)
    {
        var ended = Terminated(container, "state") ?? Terminated(container, "lastState");
        if (ended is not { } end) return null;
        return new PodSeen
        {
            Pod = PlainText.Of(pod, 253),
            Container = PlainText.Of(Text(container, "name") ?? "?", 253),
            Reason = Text(end, "reason") is { } reason ? PlainText.Of(reason, 60) : null,
            ExitCode = (int?)Number(end, "exitCode"),
            Signal = Number(end, "signal") is > 0 and var signal ? (int)signal : null,
            FinishedAt = Moment(end, "finishedAt"),
            Restarts = (int?)Number(container, "restartCount"),
            Ready = container.TryGetProperty("ready", out var ready) && ready.ValueKind == JsonValueKind.True,
            Waiting = container.TryGetProperty("state", out var state) && state.ValueKind == JsonValueKind.Object
                && state.TryGetProperty("waiting", out var waiting) && Text(waiting, "reason") is { } why ? PlainText.Of(why, 60) : null,
        };
    }

    private static JsonElement? Terminated(JsonElement container, string name) =>
        container.TryGetProperty(name, out var state) && state.ValueKind == JsonValueKind.Object && state.TryGetProperty("terminated", out var end) && end.ValueKind == JsonValueKind.Object
            ? end
            : null;
}
