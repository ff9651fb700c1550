using System.Net;
using System.Net.Security;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Investigation.Probing.Services;

/// <summary>Speaks to what accepts connections at an address until it is known what it is: each language on a connection of its own, all at once.</summary>
internal sealed class ServiceLook(EndPoint target, string? serverName, TimeProvider clock)
{
    private static readonly TimeSpan BannerWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan AnswerWait = TimeSpan.FromMilliseconds(900);
    private static readonly TimeSpan ShyWait = TimeSpan.FromMilliseconds(300);

    /// <summary><paramref name="connected"/> is what a connect just before found.</summary>
    public async Task<ServiceFacts> LookAsync(ServiceFacts connected, CancellationToken cancellationToken)
    {
        if (!connected.Connected) return connected;
        var banner = BannerAsync(cancellationToken);
        var tls = TlsAsync(cancellationToken);
        var http = AskAsync(HttpGreeting.NoOperation, HttpGreeting.CompleteWithReason, AnswerWait, cancellationToken);
        var http2 = AskAsync(Http2Greeting.Preface, Http2Greeting.Complete, AnswerWait, cancellationToken);
        await Task.WhenAll(banner, tls, http, http2);

        var (unasked, plain, preface) = (await banner, await http, await http2);
        var secure = await tls;
        var head = HttpGreeting.Read(plain?.Heard);
        var facts = connected with
        {
            Banner = Short(unasked?.Heard),
            SpeaksTls = secure?.IsTls,
            Certificate = secure?.Facts.Certificate,
            Alpn = secure?.Alpn ?? [],
            Tls = secure?.Facts,
            SpeaksHttp1 = plain is null ? null : head is not null,
            HttpStatus = head?.Status,
            HttpServer = head?.Server,
            HttpAnswer = Short(plain?.Heard),
            ClosedOnHttp = plain is null ? null : plain is { Ended: true, Heard.Length: 0 },
            AsksForTls = plain is not null && HttpGreeting.WantsTls(plain.Heard),
            SpeaksH2c = preface is null ? null : Http2Greeting.Speaks(preface.Heard),
            Name = ServiceNames.Of(unasked?.Heard) ?? (head is null ? ServiceNames.Of(plain?.Heard) : null) ?? ServiceNames.Of(secure?.Raw),
        };
        var spoke = !facts.Banner.IsEmpty || facts.SpeaksTls == true || facts.SpeaksHttp1 == true || facts.SpeaksH2c == true || !facts.HttpAnswer.IsEmpty;
        if (spoke) return facts;
        var shy = await ShyAsync(cancellationToken);
        var ended = plain is { Ended: true } || preface is { Ended: true } || secure is { Ended: true } || unasked is { Ended: true };
        return facts with { Name = facts.Name ?? shy, Silent = shy is null && !ended };
    }

    private static ReadOnlyMemory<byte> Short(byte[]? heard) => heard is null ? default : heard.AsMemory(0, Math.Min(heard.Length, FirstBytesStream.Kept));

    private Task<Answer?> BannerAsync(CancellationToken cancellationToken) => AskAsync(default, heard => heard.Length > 0, BannerWait, cancellationToken);

    /// <summary>Absent when the connection was not accepted.</summary>
    private async Task<Answer?> AskAsync(ReadOnlyMemory<byte> question, Func<byte[], bool> complete, TimeSpan limit, CancellationToken cancellationToken)
    {
        await using var conversation = await Conversation.OpenAsync(target, limit, cancellationToken);
        if (conversation is null) return null;
        var heard = await conversation.SayAsync(question, complete);
        cancellationToken.ThrowIfCancellationRequested();
        return new Answer(heard, conversation.Ended);
    }

    private async Task<Secure?> TlsAsync(CancellationToken cancellationToken)
    {
        await using var conversation = await Conversation.OpenAsync(target, AnswerWait, cancellationToken);
        if (conversation is null) return null;
        var (facts, stream) = await TlsGreeting.HandshakeAsync(conversation, serverName, [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11], clock);
        if (stream is not null) await stream.DisposeAsync();
        cancellationToken.ThrowIfCancellationRequested();
        var alpn = facts.Alpn is { } chosen ? new List<string> { chosen } : [];
        // A server names the one it likes best: whether it takes HTTP/1.1 as well is a question of its own.
        if (facts.Alpn == "h2" && await TakesHttp11Async(cancellationToken)) alpn.Add("http/1.1");
        var raw = conversation.Stream.First.ToArray();
        return new Secure(facts, TlsGreeting.IsTls(facts, raw), alpn, raw, conversation.Stream.Ended);
    }

    private async Task<bool> TakesHttp11Async(CancellationToken cancellationToken)
    {
        await using var conversation = await Conversation.OpenAsync(target, ShyWait, cancellationToken);
        if (conversation is null) return false;
        var (facts, stream) = await TlsGreeting.HandshakeAsync(conversation, serverName, [SslApplicationProtocol.Http11], clock);
        if (stream is not null) await stream.DisposeAsync();
        return facts.Alpn == "http/1.1";
    }

    private async Task<string?> ShyAsync(CancellationToken cancellationToken)
    {
        var asked = ShyService.All.Select(async service =>
            await AskAsync(service.Question, heard => heard.Length >= 1, ShyWait, cancellationToken) is { } answer && service.Recognizes(answer.Heard) ? service.Name : null);
        return (await Task.WhenAll(asked)).FirstOrDefault(name => name is not null);
    }

    private sealed record Answer(byte[] Heard, bool Ended);

    private sealed record Secure(TlsFacts Facts, bool IsTls, List<string> Alpn, byte[] Raw, bool Ended);
}
