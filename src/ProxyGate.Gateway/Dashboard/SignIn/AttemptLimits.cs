using System.Net;
using System.Net.Sockets;

namespace ProxyGate.Gateway.Dashboard.SignIn;

/// <summary>
/// How often one may try a password: few times in a row for each client, and not often for all together, so that neither one machine nor
/// many guess for long. Bounded: when too many clients are remembered, new ones share one allowance.
/// </summary>
internal sealed class AttemptLimits(TimeProvider clock)
{
    public const int EachInARow = 5;
    public const int AllInARow = 50;
    private const int MostClients = 10_000;
    private static readonly TimeSpan EachAgain = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AllAgain = TimeSpan.FromSeconds(1);

    private readonly Lock _sync = new();
    private readonly Dictionary<IPAddress, Bucket> _clients = [];
    private readonly Bucket _all = new(AllInARow, AllAgain);
    private readonly Bucket _strangers = new(EachInARow, EachAgain);

    /// <summary>Takes one attempt; else says after how long there will be one.</summary>
    public bool TryTake(IPAddress? client, out TimeSpan wait)
    {
        var now = clock.GetUtcNow();
        lock (_sync)
        {
            var each = Find(client, now);
            wait = TimeSpan.FromTicks(Math.Max(each.Wait(now).Ticks, _all.Wait(now).Ticks));
            if (wait > TimeSpan.Zero) return false;
            each.Take(now);
            _all.Take(now);
            return true;
        }
    }

    /// <summary>The attempt was right: it does not count.</summary>
    public void GiveBack(IPAddress? client)
    {
        var now = clock.GetUtcNow();
        lock (_sync)
        {
            Find(client, now).GiveBack();
            _all.GiveBack();
        }
    }

    private Bucket Find(IPAddress? client, DateTimeOffset now)
    {
        var key = KeyOf(client);
        if (_clients.TryGetValue(key, out var bucket)) return bucket;
        if (_clients.Count >= MostClients)
        {
            foreach (var full in _clients.Where(c => c.Value.IsFull(now)).Select(c => c.Key).ToArray()) _clients.Remove(full);
            if (_clients.Count >= MostClients) return _strangers;
        }

        return _clients[key] = new Bucket(EachInARow, EachAgain);
    }

    /// <summary>Somebody with an IPv6 network has all of its addresses.</summary>
    private static IPAddress KeyOf(IPAddress? client)
    {
        if (client is null) return IPAddress.None;
        if (client.AddressFamily != AddressFamily.InterNetworkV6) return client;
        var bytes = client.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private sealed class Bucket(int most, TimeSpan again)
    {
        /// <summary>When it will be full again.</summary>
        private DateTimeOffset _full;

        public bool IsFull(DateTimeOffset now) => _full <= now;

        public TimeSpan Wait(DateTimeOffset now)
        {
            var wait = _full - now - (again * (most - 1));
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }

        public void Take(DateTimeOffset now) => _full = (_full > now ? _full : now) + again;

        public void GiveBack() => _full -= again;
    }
}
