using System.Globalization;
using System.Text.Json;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Events;

/// <summary>The facts of a look. Parts and values that were not seen are left out; hostile text is made harmless.</summary>
public static class InvestigationJson
{
    private const int MaxWord = 256;
    private const int MaxText = 1024;
    private const int MaxItems = 16;

    public static void Write(Utf8JsonWriter w, InvestigationFacts facts)
    {
        ArgumentNullException.ThrowIfNull(w);
        ArgumentNullException.ThrowIfNull(facts);
        w.WriteStartObject();
        w.WriteString("at", Stamp(facts.At));
        Text(w, "gateway_container", facts.GatewayContainer);
        if (facts.Listener is { } listener) Listener(w, listener);
        Process(w, "process", facts.Process);
        Process(w, "process_before", facts.ProcessBefore);
        if (facts.Death is { } death) Death(w, death);
        if (facts.Workers is { } workers) Workers(w, workers);
        if (facts.Log is { } log)
        {
            w.WriteStartObject("log");
            Text(w, "file", log.File);
            Texts(w, "lines", log.Lines);
            w.WriteEndObject();
        }

        if (facts.Service is { } service) Service(w, service);
        if (facts.Path is { } path) Path(w, path);
        Array(w, "names", facts.Names, Name);
        Array(w, "addresses", facts.Addresses, static (w, tried) =>
        {
            Text(w, "address", tried.Address);
            w.WriteBoolean("connected", tried.Connected);
            w.WriteBoolean("timed_out", tried.TimedOut);
            Number(w, "errno", tried.Errno);
            AttemptJson.Milliseconds(w, "ms", tried.DurationMs);
        });
        if (facts.Limits is { } limits) Limits(w, limits);
        if (facts.Health is { } health)
        {
            w.WriteStartObject("health");
            Text(w, "path", health.Path);
            Number(w, "status", health.Status);
            Text(w, "failure", health.Failure);
            AttemptJson.Milliseconds(w, "duration_ms", health.DurationMs);
            w.WriteEndObject();
        }

        Array(w, "changes", facts.Changes, static (w, change) =>
        {
            w.WriteString("at", Stamp(change.At));
            w.WriteString("what", ContractNames.Of(change.What));
            Text(w, "before", change.Before);
            Text(w, "after", change.After);
        });
        Array(w, "neighbours", facts.Neighbours, static (w, n) =>
        {
            Text(w, "destination", n.Destination);
            w.WriteBoolean("failing", n.Failing);
            Text(w, "cause", n.Cause);
            if (n.LastSuccess is { } last) w.WriteString("last_success", Stamp(last));
        });
        w.WriteEndObject();
    }

    private static void Listener(Utf8JsonWriter w, ListenerFacts listener)
    {
        w.WriteStartObject("listener");
        w.WriteBoolean("listening", listener.Listening);
        Array(w, "same_port", listener.SamePort, Listening);
        Array(w, "others", listener.Others, Listening);
        Number(w, "accept_queue", listener.AcceptQueue);
        Number(w, "accept_queue_limit", listener.AcceptQueueLimit);
        Number(w, "unread_request_bytes", listener.UnreadRequestBytes);
        Flag(w, "accepted", listener.Accepted);
        Process(w, "accepted_by", listener.AcceptedBy);
        Process(w, "starting", listener.Starting);
        w.WriteEndObject();
    }

    private static void Listening(Utf8JsonWriter w, ListenerSeen listener)
    {
        Text(w, "address", listener.Address);
        Process(w, "process", listener.Process);
        if (listener.Likeness is { } likeness) w.WriteString("likeness", ContractNames.Of(likeness));
        Number(w, "shared_by", listener.SharedBy);
    }

    private static void Process(Utf8JsonWriter w, string name, ProcessFacts? process)
    {
        if (process is null) return;
        w.WritePropertyName(name);
        ProcessValue(w, process);
    }

    private static void ProcessValue(Utf8JsonWriter w, ProcessFacts process)
    {
        w.WriteStartObject();
        w.WriteNumber("pid", process.Pid);
        Text(w, "name", process.Name);
        Text(w, "command_line", process.CommandLine);
        if (process.StartedAt is { } started) w.WriteString("started_at", Stamp(started));
        if (process.State is { } state) w.WriteString("state", HostileText.Line(state.ToString(), 8));
        Text(w, "cgroup", process.Cgroup);
        Text(w, "unit", process.Unit);
        Text(w, "container", process.Container);
        w.WriteEndObject();
    }

    private static void Death(Utf8JsonWriter w, DeathFacts death)
    {
        w.WriteStartObject("death");
        if (death.At is { } at) w.WriteString("at", Stamp(at));
        Number(w, "pid", death.Pid);
        Text(w, "process_name", death.ProcessName);
        w.WriteBoolean("oom_killed", death.OomKilled);
        if (death.InGroup) w.WriteBoolean("in_group", true);
        Number(w, "memory_limit", death.MemoryLimit);
        Number(w, "exit_code", death.ExitCode);
        Number(w, "signal", death.Signal);
        Number(w, "restarts", death.Restarts);
        Text(w, "source", death.Source);
        Text(w, "detail", death.Detail);
        Texts(w, "also_seen", death.AlsoSeen);
        Texts(w, "last_log_lines", death.LastLogLines);
        w.WriteEndObject();
    }

    private static void Workers(Utf8JsonWriter w, WorkerFacts workers)
    {
        w.WriteStartObject("workers");
        w.WriteStartArray("ended");
        foreach (var pid in workers.Ended.Take(MaxItems)) w.WriteNumberValue(pid);
        w.WriteEndArray();
        w.WriteStartArray("started");
        foreach (var process in workers.Started.Take(MaxItems)) ProcessValue(w, process);
        w.WriteEndArray();
        w.WriteEndObject();
    }

    private static void Service(Utf8JsonWriter w, ServiceFacts service)
    {
        w.WriteStartObject("service");
        w.WriteBoolean("connected", service.Connected);
        Number(w, "connect_errno", service.ConnectErrno);
        w.WriteBoolean("connect_timed_out", service.ConnectTimedOut);
        AttemptJson.Milliseconds(w, "connect_ms", service.ConnectMs);
        if (!service.Banner.IsEmpty) w.WriteString("banner", Convert.ToHexStringLower(service.Banner.Span[..Math.Min(64, service.Banner.Length)]));
        Flag(w, "speaks_tls", service.SpeaksTls);
        if (service.Certificate is { } c)
        {
            w.WriteStartObject("certificate");
            Text(w, "subject", c.Subject);
            Text(w, "issuer", c.Issuer);
            Texts(w, "names", c.Names);
            w.WriteString("not_before", Stamp(c.NotBefore));
            w.WriteString("not_after", Stamp(c.NotAfter));
            w.WriteEndObject();
        }

        Texts(w, "alpn", service.Alpn);
        Flag(w, "speaks_http1", service.SpeaksHttp1);
        Number(w, "http_status", service.HttpStatus);
        Flag(w, "speaks_h2c", service.SpeaksH2c);
        Text(w, "name", service.Name);
        Text(w, "http_server", service.HttpServer);
        Flag(w, "closed_on_http", service.ClosedOnHttp);
        if (service.AsksForTls) w.WriteBoolean("asks_for_tls", true);
        if (service.Silent) w.WriteBoolean("silent", true);
        w.WriteEndObject();
    }

    private static void Path(Utf8JsonWriter w, PathFacts path)
    {
        w.WriteStartObject("path");
        Text(w, "route", path.Route);
        w.WriteBoolean("no_route", path.NoRoute);
        Text(w, "neighbour", path.Neighbour);
        Flag(w, "pinged", path.Pinged);
        if (path.Icmp is { } icmp)
        {
            w.WriteStartObject("icmp");
            w.WriteNumber("type", icmp.Type);
            w.WriteNumber("code", icmp.Code);
            Text(w, "name", icmp.Name);
            Text(w, "sender", icmp.Sender);
            w.WriteString("from", ContractNames.Of(icmp.From));
            w.WriteEndObject();
        }

        Text(w, "last_hop", path.LastHop);
        Flag(w, "host_alive", path.HostAlive);
        Flag(w, "other_port_answers", path.OtherPortAnswers);
        Number(w, "route_errno", path.RouteErrno);
        if (path.Local) w.WriteBoolean("local", true);
        Text(w, "source", path.Source);
        Text(w, "next_hop", path.NextHop);
        Text(w, "next_hop_neighbour", path.NextHopNeighbour);
        Array(w, "hops", path.Hops, static (w, hop) =>
        {
            w.WriteNumber("distance", hop.Distance);
            Text(w, "address", hop.Address);
            Text(w, "protocol", hop.Protocol);
        });
        Number(w, "refused_at_hops", path.RefusedAtHops);
        Number(w, "host_at_hops", path.HostAtHops);
        Flag(w, "own_filter_drops", path.OwnFilterDrops);
        Text(w, "own_filter_evidence", path.OwnFilterEvidence);
        w.WriteEndObject();
    }

    private static void Name(Utf8JsonWriter w, NameAnswerFacts name)
    {
        Text(w, "server", name.Server);
        Text(w, "type", name.Type);
        w.WriteString("outcome", ContractNames.Of(name.Outcome));
        Texts(w, "addresses", name.Addresses);
        Text(w, "asked", name.Asked);
        Text(w, "alias", name.Alias);
        Number(w, "ttl_s", name.TtlSeconds);
        Text(w, "detail", name.Detail);
        AttemptJson.Milliseconds(w, "duration_ms", name.DurationMs);
    }

    private static void Limits(Utf8JsonWriter w, LocalLimitFacts limits)
    {
        w.WriteStartObject("limits");
        Number(w, "open_files", limits.OpenFiles);
        Number(w, "open_file_limit", limits.OpenFileLimit);
        Number(w, "ports_in_use", limits.PortsInUse);
        Number(w, "port_range", limits.PortRange);
        Number(w, "conntrack_count", limits.ConntrackCount);
        Number(w, "conntrack_limit", limits.ConntrackLimit);
        Number(w, "listen_overflows", limits.ListenOverflows);
        w.WriteEndObject();
    }

    private static void Array<T>(Utf8JsonWriter w, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        if (items.Count == 0) return;
        w.WriteStartArray(name);
        foreach (var item in items.Take(MaxItems))
        {
            w.WriteStartObject();
            write(w, item);
            w.WriteEndObject();
        }

        w.WriteEndArray();
    }

    private static void Texts(Utf8JsonWriter w, string name, IReadOnlyList<string> texts)
    {
        if (texts.Count == 0) return;
        w.WriteStartArray(name);
        foreach (var text in texts.Take(MaxItems)) w.WriteStringValue(HostileText.Line(text, MaxWord));
        w.WriteEndArray();
    }

    private static void Text(Utf8JsonWriter w, string name, string? text)
    {
        if (text is not null) w.WriteString(name, HostileText.Line(text, MaxText));
    }

    private static void Number(Utf8JsonWriter w, string name, long? number)
    {
        if (number is { } value) w.WriteNumber(name, value);
    }

    private static void Flag(Utf8JsonWriter w, string name, bool? flag)
    {
        if (flag is { } value) w.WriteBoolean(name, value);
    }

    private static string Stamp(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
