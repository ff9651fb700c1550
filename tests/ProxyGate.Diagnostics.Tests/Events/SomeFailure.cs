using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Tests.Events;

/// <summary>Failure events for tests: a plain one, one with every fact there is, and one whose every text is hostile.</summary>
internal static class SomeFailure
{
    public static readonly DateTimeOffset Time = new(2026, 3, 1, 7, 3, 12, 345, TimeSpan.Zero);

    public static AttemptFacts Refused { get; } = new()
    {
        Number = 1,
        Destination = "app1",
        DestinationUrl = "http://localhost:5000",
        AddressesTried = [new AddressTry { Address = "127.0.0.1:5000", DurationMs = 0.4, Error = SocketError.ConnectionRefused, Errno = 111 }],
        End = AttemptEnd.ConnectFailed,
        SocketError = SocketError.ConnectionRefused,
        Errno = 111,
        DurationMs = 0.5,
    };

    public static FailureEvent Event(
        string id = "k7mq-3f9x",
        string cause = CauseId.ConnectRefused,
        string route = "shop",
        DateTimeOffset? time = null,
        int? status = null,
        bool saved = false,
        Party? party = null,
        AttemptFacts? attempt = null,
        string host = "shop.example",
        string path = "/cart")
    {
        var row = CauseCatalogue.Get(cause);
        attempt ??= Refused;
        return new FailureEvent
        {
            Time = time ?? Time,
            Id = id,
            Incident = "inc-2b5c-9dkw",
            Request = new RequestFacts { Method = "GET", Host = host, Path = path, Protocol = "HTTP/1.1", Route = route, Cluster = "app", DurationMs = 1.25 },
            Attempts = [attempt],
            Diagnosis = Diagnosis(new Failure(
                row, row.Stage, party ?? row.Party, row.Status, RetryAdvice.SafeForAnyMethod, Confidence.Proved, attempt, [row])),
            Status = status ?? row.Status,
            ClientAddress = "192.0.2.7",
            Saved = saved,
        };
    }

    public static FailureEvent WithEveryFact() => Event(cause: CauseId.TlsCertExpired, attempt: Full("upstream")) with
    {
        TraceId = "0af7651916cd43dd8448eb211c80319c",
        SpanId = "b7ad6b7169203331",
    };

    /// <summary>All that can be known around a failure, with the text wherever one stands.</summary>
    public static FailureContext Context(string text) => new()
    {
        Now = Time,
        FirstSeen = Time.AddMinutes(-4),
        Count = 213,
        Saved = 3,
        Recoveries = 2,
        LastSuccess = Time.AddMinutes(-5),
        GatewayStarted = Time.AddHours(-7),
        RouteSource = text,
        RouteMatch = text,
        DestinationSource = text,
        Paths = [text, "/cart"],
        OtherPathsAnswer = true,
        OtherFailingRoutes = [text, "blog"],
        Neighbours = [new NeighbourState(text, Time.AddSeconds(-1), null), new NeighbourState("app3", null, CauseId.ConnectTimeout)],
    };

    /// <summary>The text stands wherever a client or upstream can put one.</summary>
    public static FailureEvent Hostile(string text) => WithEveryFact() with
    {
        ClientAddress = text,
        Request = new RequestFacts { Method = text, Host = text, Path = text, Protocol = text, Route = "shop", Cluster = "app" },
        Attempts = [Full(text)],
        Diagnosis = WithEveryFact().Diagnosis with
        {
            NginxMessage = text,
            Context = Context(text),
            Hints = [new Hint("wrong_port", Confidence.Likely, text, [text], [text])],
        },
    };

    private static Diagnosis Diagnosis(Failure failure) => new()
    {
        Failure = failure,
        Sentence = "Nothing listens on 127.0.0.1:5000.",
        DoesNotProve = "",
        PublicTitle = failure.Cause.Title,
        PublicSentence = "Try again in a moment.",
        Chain = [new ChainLink("tcp", ChainState.Failed, 0.4, "refused")],
        Evidence = ["127.0.0.1:5000 refused after 0.4 ms"],
        Hints = [new Hint("wrong_port", Confidence.Possible, "Another port may be meant.", ["127.0.0.1:5001 is open"], ["ss -ltn 'sport = :5000'"])],
        NginxMessage = "connect() failed (111: Connection refused) while connecting to upstream, upstream: \"http://127.0.0.1:5000/cart\"",
    };

    private static AttemptFacts Full(string text) => Refused with
    {
        UsesTls = true,
        Address = text,
        Protocol = "h2",
        Reused = true,
        RequestNumber = 3,
        IdleMs = 60_000.1234567,
        ConnectMs = 1.5,
        SendMs = 0.2,
        FirstByteMs = double.NaN,
        BytesSent = 512,
        BodyBytesSent = 100,
        BytesReceived = 64,
        FirstBytes = Encoding.Latin1.GetBytes("SSH-2.0-" + new string('x', 90)),
        UpstreamStatus = 503,
        UpstreamIdentity = new UpstreamIdentity { Server = text, Via = text, ProxyStatus = text },
        Dns = new DnsFacts { Host = text, Addresses = ["127.0.0.1", text], DurationMs = 2, Error = SocketError.TryAgain },
        AddressesTried =
        [
            new AddressTry { Address = text, DurationMs = 1, TimedOut = true },
            new AddressTry { Address = text, DurationMs = 1, Abandoned = true },
            new AddressTry { Address = text, DurationMs = 1, Connected = true },
        ],
        Tls = new TlsFacts
        {
            ServerName = text,
            HandshakeMs = 3,
            Version = "Tls13",
            Cipher = "TLS_AES_128_GCM_SHA256",
            Alpn = "h2",
            AlertReceived = 40,
            Problems = [CertificateProblem.Expired, CertificateProblem.NameMismatch],
            Certificate = new CertificateFacts { Subject = text, Issuer = text, Names = [text], NotBefore = Time, NotAfter = Time, ChainLength = 2 },
        },
        Body = new BodyFacts { ContentLength = 10, BytesReceived = 3 },
        Http2 = new Http2Facts { ErrorCode = 2, GoAway = true, GoAwayCode = 11, GoAwayLastStreamId = 5, GoAwayDebug = text },
        Tcp = new TcpFacts { State = "CLOSE_WAIT" },
        HeadDefect = HeadDefect.FramingConflict,
        DefectDetail = text,
        TimedOut = TimeoutPhase.FirstByte,
        TimeoutMs = 60_000,
        HttpError = HttpRequestError.HttpProtocolError,
        Message = text,
    };
}
