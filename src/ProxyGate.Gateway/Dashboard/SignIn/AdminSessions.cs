using System.Buffers.Text;
using System.Security.Cryptography;

namespace ProxyGate.Gateway.Dashboard.SignIn;

/// <summary>
/// Who is signed in. A session is 256 random bits in a cookie, and here only their digest: it ends when it is old, when one signs out, and
/// when the gateway restarts. Bounded; the oldest goes first.
/// </summary>
internal sealed class AdminSessions(TimeProvider clock)
{
    public const int Most = 1000;

    private readonly Lock _sync = new();
    private readonly Dictionary<string, AdminSession> _sessions = [];

    /// <returns>What goes into the cookie.</returns>
    public string Begin(string user, string stamp, TimeSpan lifetime)
    {
        var now = clock.GetUtcNow();
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        lock (_sync)
        {
            if (_sessions.Count >= Most)
            {
                foreach (var old in _sessions.Where(s => s.Value.Ends <= now).Select(s => s.Key).ToArray()) _sessions.Remove(old);
                if (_sessions.Count >= Most) _sessions.Remove(_sessions.MinBy(s => s.Value.Ends).Key);
            }

            _sessions[KeyOf(token)] = new AdminSession(user, stamp, now + lifetime);
        }

        return token;
    }

    public AdminSession? Find(string? token)
    {
        if (string.IsNullOrEmpty(token) || token.Length > 100) return null;
        lock (_sync) return _sessions.TryGetValue(KeyOf(token), out var session) && session.Ends > clock.GetUtcNow() ? session : null;
    }

    public void End(string? token)
    {
        if (string.IsNullOrEmpty(token) || token.Length > 100) return;
        lock (_sync) _sessions.Remove(KeyOf(token));
    }

    private static string KeyOf(string token) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token)));
}

/// <param name="User">Who.</param>
/// <param name="Stamp">What it was signed in with: a changed password ends the sessions of the one before.</param>
/// <param name="Ends">When it is over.</param>
internal sealed record AdminSession(string User, string Stamp, DateTimeOffset Ends);
