using System.Net;
using System.Net.Sockets;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Investigation.Probing.Names;

/// <summary>Looks a name up as this machine does, and says how long the answer may be kept, which the system's own resolver does not tell.</summary>
public sealed class NameQuery(TimeProvider clock)
{
    /// <summary>For answers that name no time: the hosts file, and sources that only the system knows.</summary>
    private static readonly TimeSpan Untold = TimeSpan.FromSeconds(30);

    /// <summary>For tests; the files of this machine, read anew each time, unless given.</summary>
    internal ResolverSettings? Settings { get; init; }

    public async Task<NameFound> AskAsync(string name, TimeSpan limit, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var seen = await new NameLook(Settings ?? ResolverSettings.OfThisMachine(), clock).LookAsync(name, limit, cancellationToken);
        if (seen.Addresses.Count > 0)
        {
            var seconds = seen.Answers.Where(a => a is { Outcome: NameOutcome.Answered, TtlSeconds: not null }).Select(a => a.TtlSeconds!.Value).DefaultIfEmpty((int)Untold.TotalSeconds).Min();
            return Found([.. seen.Addresses.Distinct()], TimeSpan.FromSeconds(seconds), null);
        }

        // The system may know sources that were not asked (mDNS, LDAP); only when it knows no address either is the name without one.
        var system = Dns.GetHostAddressesAsync(name, CancellationToken.None);
        try
        {
            return Found([.. (await system.WaitAsync(limit, clock, cancellationToken)).Distinct()], Untold, null);
        }
        catch (SocketException e)
        {
            return Found([], Untold, e.SocketErrorCode);
        }
        catch (TimeoutException)
        {
            _ = system.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return Found([], Untold, SocketError.TimedOut);
        }
        catch (ArgumentException)
        {
            // No name that could exist.
            return Found([], Untold, SocketError.HostNotFound);
        }

        NameFound Found(IReadOnlyList<IPAddress> addresses, TimeSpan keep, SocketError? error) => new(
            addresses, keep, addresses.Count == 0 ? error ?? SocketError.NoData : null, clock.GetElapsedTime(started).TotalMilliseconds);
    }
}

/// <summary>What a look-up gave.</summary>
/// <param name="Addresses">Empty when it failed.</param>
/// <param name="Keep">How long the answer may be kept.</param>
/// <param name="Error">Why there is no address.</param>
/// <param name="Milliseconds">How long it took.</param>
public sealed record NameFound(IReadOnlyList<IPAddress> Addresses, TimeSpan Keep, SocketError? Error, double Milliseconds);
