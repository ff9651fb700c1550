using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Explanation.Findings;

/// <summary>What a look saw, as plain sentences, the most telling first: the end of the app, who listens, what speaks, the way, the names, the limits, what changed.</summary>
internal static class FindingLines
{
    private const int MostListeners = 4;
    private const int MostLogLines = 5;

    public static IReadOnlyList<string> Of(Look look) =>
    [
        .. End(look), .. Listening(look), .. Queue(look), .. Speaks(look), .. Way(look), .. Names(look), .. Health(look), .. Limits(look), .. Changes(look), .. Neighbours(look),
    ];

    public static string Looked(Look look, DateTimeOffset? failedAt)
    {
        var took = $"in {Amounts.Time(look.Facts.DurationMs)}";
        if (failedAt is not { } at) return $"Looked at {Amounts.Moment(look.Facts.At)}, {took}.";
        var before = (at - look.Facts.At).TotalMilliseconds;
        return before >= 0 ? $"Looked {Amounts.Time(before)} before this failure, {took}." : $"Looked {Amounts.Time(-before)} after this failure, {took}.";
    }

    public static IReadOnlyList<string> NotSeen(Look look) => [.. look.Facts.NotSeen.Select(b => $"Not seen: {Seen.Short(b.What)}, because {Seen.Short(b.Why)}.")];

    /// <summary>E.g. <c>no such name (NXDOMAIN)</c>, <c>10.0.0.5</c>.</summary>
    public static string Outcome(NameAnswerFacts name) => name.Outcome switch
    {
        NameOutcome.Answered => string.Join(", ", name.Addresses.Take(8).Select(Seen.Short)),
        NameOutcome.NoData => "the name exists but has no such address",
        NameOutcome.NxDomain => "no such name (NXDOMAIN)",
        NameOutcome.ServFail => "trouble of its own (SERVFAIL)",
        NameOutcome.Refused => "it refuses to answer (REFUSED)",
        NameOutcome.TimedOut => $"no answer within {Amounts.Time(name.DurationMs)}",
        NameOutcome.Unreachable => "no name server answers there",
        _ => "an answer that cannot be read",
    };

    private static IEnumerable<string> End(Look look)
    {
        foreach (var line in Workers(look)) yield return line;
        if (look.Death is not { } death) yield break;
        var when = death.At is { } at ? $", {look.Ago(at)} before the look" : "";
        yield return $"{look.Dead} {Deaths.How(death)}{when} (from {Seen.Short(death.Source)}).";
        if (death.Restarts is > 0 and { } restarts) yield return $"It was restarted {Amounts.Count(restarts, "time", "times")}.";
        foreach (var also in death.AlsoSeen.Take(4)) yield return $"Also seen: {Seen.Short(also)}.";
        foreach (var line in death.LastLogLines.TakeLast(MostLogLines)) yield return $"Its log: {Seen.Short(line)}";
    }

    private static IEnumerable<string> Workers(Look look)
    {
        if (look.Facts.Workers is { Ended.Count: > 0 } workers)
            yield return $"{Look.Who(look.Facts.Process)} runs on, but {Amounts.Count(workers.Ended.Count, "process of it", "processes of it")} ended ({string.Join(", ", workers.Ended.Take(4))}){(workers.Started is [var next, ..] ? $", and it started {Look.Who(next)}" : "")}.";
        if (look.Facts.Log is { } log && look.Death is null or { LastLogLines.Count: 0 })
        {
            foreach (var line in log.Lines.TakeLast(MostLogLines)) yield return $"Its log ({Seen.Short(log.File)}): {Seen.Short(line)}";
        }
    }

    private static IEnumerable<string> Listening(Look look)
    {
        if (look.Listener is not { } listener) yield break;
        var before = look.Facts.ProcessBefore;
        if (listener.Listening)
        {
            var age = look.Facts.Process?.StartedAt is { } started ? $", started {look.Ago(started)} before" : "";
            var state = look.Facts.Process?.State is { } letter && StateInWords(letter) is { } words ? $", {words}" : "";
            yield return $"{Look.Who(look.Facts.Process)} listens at {look.Where}{age}{state}.";
            if (look.Replaced) yield return $"While all was well it was another process: {Look.Who(before)}.";
        }
        else
        {
            yield return $"Nothing listens at {look.Where}{(before is null ? "" : $"; while all was well, {Look.Who(before)} did")}.";
            if (listener.Starting is { } starting) yield return $"{Look.Who(starting)} is starting{(starting.StartedAt is { } began ? $", since {look.Ago(began)}" : "")}, and does not listen yet.";
            foreach (var other in listener.SamePort.Take(MostListeners)) yield return $"{Look.Who(other.Process)} listens on the same port at {Seen.Short(other.Address)}.";
            // Where the app is known to have ended, a stranger on another port is no news.
            foreach (var other in look.Candidates.Where(c => look.Death is null || c.Likeness != ListenerLikeness.OnlyCandidate).Take(MostListeners)) yield return $"{Look.Who(other.Process)} listens at {Seen.Short(other.Address)}.";
        }
    }

    private static IEnumerable<string> Queue(Look look)
    {
        if (look.Listener is not { } listener) yield break;
        if (listener is { AcceptQueue: > 0 and { } waiting, AcceptQueueLimit: { } limit })
        {
            yield return Amounts.Invariant($"{waiting} {(waiting == 1 ? "connection waits" : "connections wait")} to be taken by the app; there is room for {limit}{(waiting > limit ? ": FULL" : "")}.");
        }

        if (listener.Accepted == false) yield return "No process has taken the connection of the request.";
        if (listener.UnreadRequestBytes is > 0 and { } unread) yield return $"{Amounts.Bytes(unread)} of the request lie unread at the app.";
        else if (listener is { UnreadRequestBytes: 0, Accepted: true }) yield return look.Service?.Name is null ? "The app has read the whole request." : "The program there has read the whole request.";
    }

    private static IEnumerable<string> Speaks(Look look)
    {
        if (look.Service is not { } service) yield break;
        if (!service.Connected)
        {
            yield return service.ConnectTimedOut
                ? $"A new connection to {look.Where} got no answer within {Amounts.Time(service.ConnectMs)}."
                : $"A new connection to {look.Where} failed{(service.ConnectErrno is { } errno ? $": {Errnos.Words(errno)} ({Errnos.Symbol(errno)})" : "")}.";
            yield break;
        }

        yield return $"A new connection to {look.Where} was accepted after {Amounts.Time(service.ConnectMs)}.";
        if (service.Name is { } name) yield return $"What answers there is {Seen.Short(name)}.";
        if (!service.Banner.IsEmpty) yield return $"Unasked it says \"{RawBytes.Text(service.Banner.Span, 48)}\".";
        var protocols = new[]
        {
            service.SpeaksTls switch { true => "TLS", _ => null },
            service.SpeaksHttp1 == true ? Amounts.Invariant($"HTTP/1.1{(service.HttpStatus is { } status ? $" (status {status})" : "")}") : null,
            service.SpeaksH2c == true ? "HTTP/2 in clear text" : null,
        }.OfType<string>().ToArray();
        if (protocols.Length > 0) yield return $"It speaks {string.Join(" and ", protocols)}{(service.Alpn.Count > 0 ? $", ALPN {string.Join(", ", service.Alpn.Take(4).Select(Seen.Short))}" : "")}.";
        if (service.AsksForTls) yield return "Asked in plain HTTP, it says that it wants TLS.";
        if (service.Silent) yield return "It accepts connections and says nothing to anything it is asked.";
        if (service.SpeaksTls == false && look.UsesTls) yield return "It does not complete a TLS handshake.";
        if (service.Certificate is { } c) yield return $"Its certificate: {Seen.Short(c.Subject)}, valid to {Amounts.Moment(c.NotAfter)}.";
    }

    private static IEnumerable<string> Way(Look look)
    {
        if (look.Path is not { } path) yield break;
        if (path.Local)
        {
            // The way to oneself is worth a word only where it is barred.
            if (path is { OwnFilterDrops: true, OwnFilterEvidence: { } barred }) yield return $"This machine itself does not let the packets through: {Seen.Short(barred)}.";
            yield break;
        }

        if (path.NoRoute) yield return $"This machine has no route to {look.Ip}.";
        else if (path.Route is { } route) yield return $"The way to {look.Ip}: {Seen.Short(route)}.";
        if (path is { OwnFilterDrops: true, OwnFilterEvidence: { } own }) yield return $"This machine itself does not let the packets out: {Seen.Short(own)}.";
        if (path.Icmp is { } icmp)
        {
            var whose = icmp.From switch { IcmpSender.Own => "this machine itself", IcmpSender.Host => "the app's machine", _ => "a router on the way" };
            yield return $"{Seen.Short(icmp.Sender)} ({whose}) answered our packets with \"{Seen.Short(icmp.Name)}\".";
        }

        if (path.Neighbour is "FAILED" or "INCOMPLETE") yield return $"Nobody on the local network answers for {look.Ip}.";
        if (path.Pinged is { } pinged) yield return pinged ? $"{look.Ip} answers ping." : $"{look.Ip} does not answer ping, which some machines never do.";
        else if (path.HostAlive == true) yield return $"{look.Ip} itself is up: it answered a packet.";
        if (path.OtherPortAnswers == true) yield return $"Another configured port of {look.Ip} answers.";
        if (path.LastHop is { } hop && path.HostAlive != true) yield return $"The last that answers on the way is {Seen.Short(hop)}.";
    }

    private static IEnumerable<string> Names(Look look) =>
        look.Facts.Names.Take(8).Select(n => $"Name server {Seen.Short(n.Server)} says for {look.Seen.Name} ({n.Type}): {Outcome(n)}.");

    private static IEnumerable<string> Health(Look look)
    {
        if (look.Facts.Health is not { } health) yield break;
        yield return health.Status is { } status
            ? Amounts.Invariant($"The health check {Seen.Short(health.Path)} answers with status {status} after {Amounts.Time(health.DurationMs)}.")
            : $"The health check {Seen.Short(health.Path)} got no answer{(health.Failure is { } why ? $": {Seen.Short(why)}" : "")}.";
    }

    private static IEnumerable<string> Limits(Look look)
    {
        if (look.Facts.Limits is not { } limits) yield break;
        if (limits is { OpenFiles: { } open, OpenFileLimit: > 0 and { } most } && open > most * 0.8) yield return Amounts.Invariant($"ProxyGate has {open} of {most} files and connections open.");
        if (limits is { PortsInUse: { } used, PortRange: > 0 and { } range } && used > range * 0.8) yield return Amounts.Invariant($"{used} of {range} local ports are in use towards {look.Where}.");
        if (limits is { ConntrackCount: { } count, ConntrackLimit: > 0 and { } places } && count > places * 0.8) yield return Amounts.Invariant($"{count} of {places} places of the connection tracking table are taken.");
        // Of apps elsewhere this machine's count says nothing.
        if (limits.ListenOverflows is > 0 and { } overflows && (look.IsLoopback || look.Path?.Local == true))
            yield return $"{Amounts.Count(overflows, "connection to an app", "connections to apps")} of this machine {(overflows == 1 ? "was" : "were")} turned away by a full waiting line since ProxyGate last looked.";
    }

    private static IEnumerable<string> Changes(Look look) => look.Facts.Changes.Take(6).Select(c =>
        $"{ChangeInWords(c.What)}{(c.What is ChangeKind.DnsAnswerChanged or ChangeKind.CertificateChanged ? " since it last led to a good answer" : $" {look.Ago(c.At)} before the look")}{(c is { Before: { } before, After: { } after } ? $": {Seen.Short(before)} → {Seen.Short(after)}" : c.After is { } only ? $": {Seen.Short(only)}" : "")}.");

    private static IEnumerable<string> Neighbours(Look look) => look.Facts.Neighbours.Take(8).Select(n => n.Failing
        ? $"Destination {Seen.Short(n.Destination)} of the same cluster fails too{(n.Cause is { } cause ? $" ({Seen.Short(cause)})" : "")}."
        : $"Destination {Seen.Short(n.Destination)} of the same cluster is fine.");

    private static string ChangeInWords(ChangeKind kind) => kind switch
    {
        ChangeKind.ConfigReloaded => "ProxyGate's configuration was reloaded",
        ChangeKind.CertificateChanged => "The certificate changed",
        ChangeKind.DnsAnswerChanged => "The answer of the name servers changed",
        ChangeKind.ListenerReplaced => "The listening process was replaced",
        ChangeKind.ContainerRestarted => "The app's container was restarted",
        ChangeKind.UnitRestarted => "The app's service was restarted",
        _ => "ProxyGate was started",
    };

    private static string? StateInWords(char state) => state switch
    {
        'T' or 't' => "but it is stopped (state T)",
        'D' => "waiting for a disk (state D)",
        'Z' => "but it has ended (state Z)",
        _ => null,
    };
}
