using System.Net;
using System.Net.Security;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Investigation.Probing.Services;

/// <summary>Asks the configured health endpoint once: a plain GET without anything of a client, and no redirect is followed.</summary>
internal sealed class HealthLook(EndPoint target, Uri configured, string? serverName, TimeProvider clock)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    public async Task<HealthFacts> LookAsync(string path, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var request = HttpGreeting.IsPlainPath(path) ? HttpGreeting.Get(path, configured.IsDefaultPort ? configured.IdnHost : configured.Authority) : default;
        var (status, failure) = request.IsEmpty ? (null, "the path has characters that do not belong into a request") : await AskAsync(request, cancellationToken);
        return new HealthFacts(path, status, failure, clock.GetElapsedTime(started).TotalMilliseconds);
    }

    private async Task<(int? Status, string? Failure)> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        await using var conversation = await Conversation.OpenAsync(target, Limit, CancellationToken.None, cancellationToken);
        if (conversation is null) return (null, "no connection");
        Stream stream = conversation.Stream;
        SslStream? secure = null;
        if (configured.Scheme == Uri.UriSchemeHttps)
        {
            (var facts, secure) = await TlsGreeting.HandshakeAsync(conversation, serverName, [SslApplicationProtocol.Http11], clock);
            cancellationToken.ThrowIfCancellationRequested();
            if (secure is null) return (null, facts.PeerIsNotTls ? "the answer to the TLS greeting was no TLS" : "the TLS handshake failed");
            stream = secure;
        }

        await using (secure)
        {
            var heard = await conversation.SayAsync(stream, request, HttpGreeting.Complete);
            cancellationToken.ThrowIfCancellationRequested();
            if (HttpGreeting.Read(heard) is { } head) return (head.Status, null);
            if (Http2Greeting.Speaks(heard) || Http2Greeting.Refuses(heard)) return (null, "it speaks HTTP/2 only");
            return (null, heard.Length > 0 ? "the answer was no HTTP" : conversation.Ended ? "the connection ended without an answer" : "no answer within 1 s");
        }
    }
}
