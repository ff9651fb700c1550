using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Diagnostics.Tests.Classification;

/// <summary>Facts as no recorder would ever write them: every field drawn on its own, from a seed.</summary>
internal sealed class RandomFacts(int seed)
{
    private static readonly string[] Protocols = ["http/1.1", "h2", "h2c", "", "gopher"];
    private static readonly string[] Texts = ["", "nginx", "Kestrel", "1.1 varnish", "edge; error=dns_error", "\0\r\n<script>", "ätsumi"];
    private static readonly string[] Addresses = ["", "127.0.0.1:5000", "[::1]:5000", "/run/app.sock", "not an address", "::1", "999.1.1.1:70000"];

    private readonly Random _random = new(seed);

    public FailureFacts Next()
    {
        var request = new RequestFacts
        {
            Method = Text(),
            Decision = Rarely() ? Any<GatewayDecision>() : GatewayDecision.None,
            ClientFault = Rarely() ? Any<ClientFault>() : ClientFault.None,
            ClientFaultStatus = Maybe(() => _random.Next(-1, 700)),
            RequestBytes = Number(),
            WantsUpgrade = Coin(),
            TunnelEnd = Rarely() ? Any<TunnelEnd>() : TunnelEnd.None,
            ResponseStarted = Coin(),
            GatewayFault = Rarely() ? Text() : null,
        };
        return new FailureFacts(request, [.. Enumerable.Range(1, _random.Next(0, 4)).Select(Attempt)]);
    }

    private AttemptFacts Attempt(int number) => new()
    {
        Number = number,
        Destination = Coin() ? "app-1" : "app-2",
        DestinationUrl = Text(),
        UsesTls = Coin(),
        IsUnixSocket = Coin(),
        Address = Coin() ? Pick(Addresses) : null,
        Protocol = Pick(Protocols),
        Dns = Coin() ? new DnsFacts { Host = Text(), Addresses = [.. Many(Addresses)], Error = Maybe(Any<SocketError>), TimedOut = Rarely() } : null,
        AddressesTried = [.. Enumerable.Range(0, _random.Next(0, 4)).Select(_ => new AddressTry
        {
            Address = Pick(Addresses),
            Connected = Rarely(),
            TimedOut = Coin(),
            Abandoned = Rarely(),
            Error = Maybe(Any<SocketError>),
            Errno = Maybe(() => _random.Next(-1, 140)),
        })],
        Tls = Coin() ? Tls() : null,
        Reused = Coin(),
        RequestNumber = _random.Next(0, 4),
        BytesSent = Number(),
        BodyBytesSent = Number(),
        RequestComplete = Coin(),
        BytesReceived = Number(),
        FirstBytes = Bytes(),
        UpstreamStatus = Maybe(() => _random.Next(-1, 1100)),
        UpstreamIdentity = Coin() ? new UpstreamIdentity { Server = Text(), Via = Text(), ProxyStatus = Text() } : null,
        Body = Coin() ? new BodyFacts { ContentLength = Maybe(() => (int)Number()), Chunked = Coin() } : null,
        Http2 = Coin() ? Http2() : null,
        Tcp = Coin() ? new TcpFacts { State = Text(), Retransmits = _random.Next(0, 3), RequestBytesAcked = Number(), RequestBytesOnWire = Number() } : null,
        End = Any<AttemptEnd>(),
        HeadDefect = Any<HeadDefect>(),
        TimedOut = Any<TimeoutPhase>(),
        SocketError = Maybe(Any<SocketError>),
        Errno = Maybe(() => _random.Next(-1, 140)),
        HttpError = Maybe(Any<HttpRequestError>),
        Message = Text(),
        DurationMs = Coin() ? double.NaN : _random.NextDouble() * 90000,
    };

    private TlsFacts Tls() => new()
    {
        AlertReceived = Maybe(() => _random.Next(-1, 300)),
        ClientCertificateRequested = Coin(),
        ClientCertificateSent = Coin(),
        PeerIsNotTls = Rarely(),
        Completed = Coin(),
        Problems = [.. Enumerable.Range(0, _random.Next(0, 3)).Select(_ => Any<CertificateProblem>())],
    };

    private Http2Facts Http2() => new()
    {
        SettingsReceived = Coin(),
        ErrorCode = Maybe(() => _random.Next(-1, 20)),
        FromPeer = Coin(),
        GoAway = Coin(),
        GoAwayCode = Maybe(() => _random.Next(0, 20)),
        NotProcessed = Coin(),
        PeerIsNotHttp2 = Rarely(),
    };

    private bool Coin() => _random.Next(2) == 0;

    private bool Rarely() => _random.Next(6) == 0;

    private long Number() => _random.Next(4) switch { 0 => 0, 1 => _random.Next(1, 64), 2 => _random.NextInt64(), _ => -1 };

    private string Text() => Pick(Texts);

    private T Pick<T>(T[] from) => from[_random.Next(from.Length)];

    private IEnumerable<T> Many<T>(T[] from) => Enumerable.Range(0, _random.Next(0, 3)).Select(_ => Pick(from));

    private T? Maybe<T>(Func<T> make)
        where T : struct => Coin() ? make() : null;

    private T Any<T>()
        where T : struct, Enum => Pick(Enum.GetValues<T>());

    private byte[] Bytes()
    {
        var bytes = new byte[_random.Next(0, 65)];
        _random.NextBytes(bytes);
        if (Coin()) "HTTP/1.1 100 Continue\r\n\r\n"u8[..Math.Min(bytes.Length, 25)].CopyTo(bytes);
        return bytes;
    }
}
