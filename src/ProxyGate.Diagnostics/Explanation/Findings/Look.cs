using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Explanation.Findings;

/// <summary>A failure together with what a look after it saw, in the form the rules and sentences need.</summary>
internal sealed class Look(Seen seen, InvestigationFacts facts, FailureContext? context)
{
    public Seen Seen => seen;

    public InvestigationFacts Facts => facts;

    /// <summary>Whether the destination has worked as it is configured, since the gateway started.</summary>
    public bool HasWorked => context?.LastSuccess is not null || facts.ProcessBefore is not null;

    public string Cause => seen.Failure.Cause.Id;

    public AttemptFacts? Attempt => seen.Attempt;

    public ListenerFacts? Listener => facts.Listener;

    public DeathFacts? Death => facts.Death;

    public PathFacts? Path => facts.Path;

    public ServiceFacts? Service => facts.Service;

    public bool UsesTls => seen.Attempt?.UsesTls == true;

    /// <summary>The address looked at, e.g. <c>127.0.0.1:5000</c>.</summary>
    public string Where { get; } = Seen.Short(facts.Address);

    public IPEndPoint? EndPoint { get; } = IPEndPoint.TryParse(facts.Address, out var endPoint) ? endPoint : null;

    public string Ip => EndPoint?.Address.ToString() ?? seen.Ip;

    public int Port => EndPoint?.Port ?? seen.Destination.Port;

    public string PortText => Port.ToString(CultureInfo.InvariantCulture);

    public string DestinationName => Seen.Short(facts.Destination);

    public bool IsLoopback => EndPoint is { } e && IPAddress.IsLoopback(e.Address);

    /// <summary>Nothing listens where the attempt went, as this machine's kernel says.</summary>
    public bool NobodyListens => facts.Listener is { Listening: false };

    /// <summary>The listener is another process than the one remembered from healthy times.</summary>
    public bool Replaced => Refinements.IsReplaced(facts);

    /// <summary>It is another process of the same app.</summary>
    public bool Restarted => Refinements.IsRestarted(facts);

    /// <summary>And it was restarted when this very failure happened.</summary>
    public bool RestartedInTime => Refinements.IsRestartedInTime(facts, seen.Failure, FailedAt);

    /// <summary>When the failure that is explained happened.</summary>
    public DateTimeOffset FailedAt => context?.Now ?? facts.At;

    /// <summary>The look was made for an earlier failure: what it saw of a request, it saw of that one's.</summary>
    public bool IsOfEarlier => facts.At < FailedAt;

    /// <summary>Whether the end that was seen is in time with this very failure.</summary>
    public bool DiedInTime => Refinements.InWindow(facts, seen.Failure, FailedAt);

    /// <summary>The request that was looked into, e.g. <c>The request</c>, or <c>An earlier request (12 s before)</c>.</summary>
    public string Request => IsOfEarlier ? $"An earlier request ({Amounts.Time((FailedAt - facts.At).TotalMilliseconds)} before)" : "The request";

    /// <summary>The process remembered from healthy times listens there no more, and nothing took its place.</summary>
    public bool Gone => facts is { ProcessBefore: not null, Process: null } && NobodyListens;

    /// <summary>Other listeners of which one may be the one meant, the likeliest first.</summary>
    public IReadOnlyList<ListenerSeen> Candidates => facts.Listener?.Others ?? [];

    public static AddressFamily FamilyOf(ListenerSeen listener) => IPEndPoint.TryParse(listener.Address, out var e) ? e.AddressFamily : AddressFamily.Unspecified;

    public static bool IsOnLoopback(ListenerSeen listener) => IPEndPoint.TryParse(listener.Address, out var e) && IPAddress.IsLoopback(e.Address);

    /// <summary>E.g. <c>node (process 4711)</c>.</summary>
    public static string Who(ProcessFacts? process) => process is null
        ? "a program"
        : Amounts.Invariant($"{Seen.Short(process.Name)} (process {process.Pid})");

    /// <summary>How long before the look something was, e.g. <c>1.2 s</c>.</summary>
    public string Ago(DateTimeOffset moment) => (facts.At - moment) switch
    {
        { TotalHours: >= 48 and var hours } => Amounts.Invariant($"{hours / 24:0} days"),
        { TotalMinutes: >= 120 and var minutes } => Amounts.Invariant($"{minutes / 60:0} h"),
        var span => Amounts.Time(Math.Max(0, span.TotalMilliseconds)),
    };

    /// <summary>The process that ended, by its name and number as far as they are known.</summary>
    public string Dead => Death is null ? Who(facts.ProcessBefore)
        : Death.ProcessName is { } name
            ? Death.Pid is { } pid ? Amounts.Invariant($"{Seen.Short(name)} (process {pid})") : Seen.Short(name)
            : Death.InGroup ? "A process in the app's control group" : facts.ProcessBefore is { } before ? Who(before) : "the app's process";
}
