using System.Net.Sockets;
using System.Text;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Diagnostics.Explanation.Examples;

/// <summary>One realistic failure for every cause, and some more where a cause has several faces. The key is the cause's id, or the id and what is special.</summary>
public static class ExampleFailures
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 3, 0, 0, TimeSpan.Zero);

    private static readonly RequestFacts Get = new()
    {
        Method = "GET",
        Host = "shop.example",
        Path = "/basket",
        Protocol = "HTTP/1.1",
        Route = "shop",
        Cluster = "app",
        DurationMs = 40,
    };

    private static readonly RequestFacts Post = Get with { Method = "POST", Path = "/upload", RequestBytes = 1_300_000 };

    /// <summary>Connected to the app, request sent, nothing back.</summary>
    private static readonly AttemptFacts Sent = new()
    {
        Number = 1,
        Destination = "app-1",
        DestinationUrl = "http://app:8080",
        Address = "10.0.0.5:8080",
        Dns = new DnsFacts { Host = "app", Addresses = ["10.0.0.5"], DurationMs = 1.2 },
        AddressesTried = [new AddressTry { Address = "10.0.0.5:8080", DurationMs = 0.6, Connected = true }],
        RequestNumber = 1,
        ConnectMs = 0.7,
        SendMs = 0.2,
        DurationMs = 33.1,
        BytesSent = 412,
        RequestComplete = true,
        Tcp = new TcpFacts { State = "CLOSE_WAIT", RequestBytesAcked = 412, RequestBytesOnWire = 412, RttMs = 0.3 },
        End = AttemptEnd.PeerClosed,
    };

    /// <summary>The same, with a connection that still stands: the app has not ended it.</summary>
    private static readonly AttemptFacts Open = Sent with { Tcp = Sent.Tcp! with { State = "ESTABLISHED" } };

    private static readonly CertificateFacts Certificate = new()
    {
        Subject = "CN=app.internal",
        Issuer = "CN=Example Internal CA, O=Example",
        Names = ["app.internal", "api.internal"],
        NotBefore = Now.AddDays(-365),
        NotAfter = Now.AddDays(30),
        ChainLength = 2,
    };

    public static IEnumerable<string> Names => All.Keys;

    public static Failure Verdict(string name)
    {
        var facts = All[name];
        var id = name.Split('.')[0];
        if (!NeedsHostEvidence.Contains(id)) return Classifier.Classify(facts);
        var cause = CauseCatalogue.Get(id);
        return new Failure(cause, cause.Stage, cause.Party, cause.Status, RetryAdvice.IdempotentOnly, Confidence.Proved, facts.Attempts[^1], [cause]);
    }

    /// <summary>Causes the classifier cannot give: they need an investigation, or a transform of the body.</summary>
    public static readonly IReadOnlySet<string> NeedsHostEvidence = new HashSet<string>
    {
        CauseId.UpstreamProcessExited, CauseId.UpstreamOomKilled, CauseId.UpstreamRestarting, CauseId.UpstreamStarting, CauseId.ResponseEncodingInvalid,
    };

    public static readonly IReadOnlyDictionary<string, FailureFacts> All = new Dictionary<string, FailureFacts>
    {
        [CauseId.RouteNotFound] = Decided(GatewayDecision.RouteNotFound) with { Request = Get with { Route = null, Cluster = null, Decision = GatewayDecision.RouteNotFound } },
        [CauseId.NoDestinationsConfigured] = Decided(GatewayDecision.NoDestinationsConfigured, "cluster app, 0 destinations configured"),
        [CauseId.NoHealthyDestination] = Decided(GatewayDecision.NoHealthyDestination, "cluster app, 2 destinations configured") with
        {
            Request = Get with
            {
                Decision = GatewayDecision.NoHealthyDestination,
                DecisionDetail = "cluster app, 2 destinations configured",
                Unhealthy =
                [
                    new("app-1", "http://10.0.0.5:8080", CauseId.ConnectRefused, "10.0.0.5:8080 refused the connection.", 125_000, false, null),
                    new("app-2", "http://10.0.0.6:8080", CauseId.UpstreamErrorPassedThrough, "GET /health was answered with status 503; 2xx is healthy.", 14_000, false, 503),
                ],
            },
        },
        [CauseId.CircuitOpen] = new(Get with
        {
            Decision = GatewayDecision.CircuitOpen,
            OpenCircuit = new OpenCircuitFacts { Destination = "app-1", Cause = CauseId.ConnectRefused, Incident = "inc-7k3m-p2xd", FailureId = "4h8w-n6ty", Since = Now.AddSeconds(-12), RetryInMs = 420 },
        }, []),
        [CauseId.DestinationLimitReached] = Decided(GatewayDecision.DestinationLimitReached, "100 requests under way"),
        [CauseId.GatewayOverloaded] = Decided(GatewayDecision.Overloaded, "10000 requests under way"),
        [CauseId.GatewayDraining] = Decided(GatewayDecision.Draining),
        [CauseId.GatewayConfigInvalid] = Decided(GatewayDecision.ConfigInvalid, "Invalid URI: the port is not a number"),
        [CauseId.DestinationForbidden] = Failed(Get, Dialled(new AddressTry { Address = "169.254.169.254:80" }) with { End = AttemptEnd.AddressForbidden }),
        [CauseId.ProxyLoop] = new(Get with { Decision = GatewayDecision.ProxyLoop }, [Sent with { Address = "127.0.0.1:8080", DestinationUrl = "http://127.0.0.1:8080", Dns = null, AddressesTried = [new AddressTry { Address = "127.0.0.1:8080", Connected = true, DurationMs = 0.1 }] }]),
        [CauseId.AuthServiceFailed] = Decided(GatewayDecision.AuthServiceFailed, "the service answered 500"),
        [CauseId.DeniedByPolicy] = Decided(GatewayDecision.DeniedByPolicy, "the client's address is not in the list"),
        [CauseId.RateLimited] = Decided(GatewayDecision.RateLimited, "100 requests in 10 s"),
        [CauseId.GatewayInternalError] = new(Get with { Decision = GatewayDecision.InternalError, GatewayFault = "System.InvalidOperationException: A transform failed.\n   at Shop.Transforms.Apply()" }, []),
        [CauseId.Unclassified] = Failed(Get, Sent with { End = AttemptEnd.Unknown, Message = "Something nobody has seen before." }),

        [CauseId.ClientDisconnected] = Failed(Get with { ClientFault = ClientFault.Disconnected, DurationMs = 12_400 }, Open with { End = AttemptEnd.ClientGone, DurationMs = 12_398 }),
        [CauseId.ClientBodyFailed] = Failed(Post with { ClientFault = ClientFault.BodyFailed, ClientFaultStatus = 400 }, Open with { End = AttemptEnd.ClientGone, RequestComplete = false, SendMs = null, BytesSent = 1_300_400, BodyBytesSent = 1_300_000 }),
        [CauseId.ClientBodyTimeout] = Failed(Post with { ClientFault = ClientFault.BodyTimedOut, ClientFaultStatus = 408, DurationMs = 61_000 }, Open with { End = AttemptEnd.ClientGone, RequestComplete = false, SendMs = null, DurationMs = 60_990 }),
        [CauseId.ClientReadTimeout] = Failed(Get with { ClientFault = ClientFault.ReadTooSlowly, ResponseStarted = true, DurationMs = 30_004 }, Open with { End = AttemptEnd.TimedOut, TimedOut = TimeoutPhase.Total, TimeoutMs = 30_000, UpstreamStatus = 200, FirstByteMs = 14, BytesReceived = 6_300_250, Body = new BodyFacts { ContentLength = 80_000_000, BytesReceived = 6_300_000, ResponseStarted = true }, DurationMs = 30_001 }),
        [CauseId.ClientRequestMalformed] = new(Get with { ClientFault = ClientFault.RequestMalformed, ClientFaultStatus = 400, Route = null, Cluster = null, DecisionDetail = "Invalid request line" }, []),
        [CauseId.ClientRequestTooLarge] = new(Post with { ClientFault = ClientFault.RequestTooLarge, ClientFaultStatus = 413 }, []),
        [CauseId.ClientRequestTooLarge + ".head"] = new(Get with { ClientFault = ClientFault.RequestTooLarge, ClientFaultStatus = 431, Route = null, Cluster = null }, []),
        [CauseId.ClientHeadTimeout] = new(Get with { ClientFault = ClientFault.HeadTimedOut, ClientFaultStatus = 408, Route = null, Cluster = null }, []),

        [CauseId.DnsNotFound] = Failed(Get, Unresolved(SocketError.HostNotFound, 12.3)),
        [CauseId.DnsFailed] = Failed(Get, Unresolved(SocketError.TryAgain, 48)),
        [CauseId.DnsTimeout] = Failed(Get, Unresolved(null, 2000) with { End = AttemptEnd.TimedOut, TimedOut = TimeoutPhase.Dns, TimeoutMs = 2000 }),
        [CauseId.DnsNoUsableAddress] = Failed(Get, Dialled(Tried("[2001:db8::5]:8080", 0.1, SocketError.NetworkUnreachable, 101)) with { Dns = new DnsFacts { Host = "app", Addresses = ["2001:db8::5"], DurationMs = 1 } }),
        [CauseId.GatewayPortsExhausted] = Failed(Get, Dialled(Tried("10.0.0.5:8080", 0.1, SocketError.AddressNotAvailable, 99))),
        [CauseId.GatewayFdsExhausted] = Failed(Get, Dialled(Tried("10.0.0.5:8080", 0.1, SocketError.TooManyOpenSockets, 24))),
        [CauseId.GatewayConnectDenied] = Failed(Get, Dialled(Tried("10.0.0.5:8080", 0.1, SocketError.AccessDenied, 13))),
        [CauseId.ConnectRefused] = Failed(Get, Local(Tried("127.0.0.1:5000", 0.3, SocketError.ConnectionRefused, 111))),
        [CauseId.ConnectRefused + ".remote"] = Failed(Get, Dialled(Tried("10.0.0.5:8080", 0.4, SocketError.ConnectionRefused, 111))),
        [CauseId.ConnectRefused + ".two_addresses"] = Failed(Get, Local(Tried("[::1]:5000", 0.2, SocketError.ConnectionRefused, 111), Tried("127.0.0.1:5000", 0.2, SocketError.ConnectionRefused, 111)) with { DestinationUrl = "http://localhost:5000", Dns = new DnsFacts { Host = "localhost", Addresses = ["::1", "127.0.0.1"], DurationMs = 0.3 } }),
        [CauseId.ConnectTimeout] = Failed(Get, Dialled(new AddressTry { Address = "10.0.0.5:8080", DurationMs = 3500, TimedOut = true }) with { End = AttemptEnd.ConnectFailed, TimedOut = TimeoutPhase.Connect, TimeoutMs = 3500, DurationMs = 3502 }),
        [CauseId.HostUnreachable] = Failed(Get, Dialled(Tried("10.0.0.5:8080", 3071, SocketError.HostUnreachable, 113))),
        [CauseId.HostUnreachable + ".firewall"] = Failed(Get, Dialled(Tried("10.0.0.5:8080", 0.7, SocketError.HostUnreachable, 113))),
        [CauseId.NetworkUnreachable] = Failed(Get, Dialled(Tried("10.99.0.5:8080", 0.1, SocketError.NetworkUnreachable, 101))),
        [CauseId.ConnectReset] = Failed(Get, Dialled(Tried("10.0.0.5:8080", 0.8, SocketError.ConnectionReset, 104))),
        [CauseId.SocketMissing] = Failed(Get, Socket(SocketError.AddressNotAvailable, 2)),
        [CauseId.SocketPermissionDenied] = Failed(Get, Socket(SocketError.AccessDenied, 13)),
        [CauseId.ListenBacklogFull] = Failed(Get, Socket(SocketError.WouldBlock, 11)),

        [CauseId.TlsToPlainHttpPort] = Failed(Get, Handshake(new TlsFacts { ServerName = "app", PeerIsNotTls = true }) with { FirstBytes = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain"u8.ToArray(), BytesReceived = 103 }),
        [CauseId.PlainHttpToTlsPort] = Failed(Get, Sent with { End = AttemptEnd.HeadRefused, HeadDefect = HeadDefect.NotHttp, FirstBytes = [0x15, 3, 1, 0, 2, 2, 0x46], BytesReceived = 7 }),
        [CauseId.PlainHttpToTlsPort + ".page"] = Failed(Get, Sent with { End = AttemptEnd.HeadRefused, HeadDefect = HeadDefect.PlainHttpToTlsPage, UpstreamStatus = 400, FirstBytes = "HTTP/1.1 400 Bad Request\r\nServer: nginx"u8.ToArray(), BytesReceived = 403 }),
        [CauseId.TlsHandshakeTimeout] = Failed(Get, Handshake(new TlsFacts { ServerName = "app" }) with { End = AttemptEnd.TimedOut, TimedOut = TimeoutPhase.Tls, TimeoutMs = 5000, DurationMs = 5002 }),
        [CauseId.TlsHandshakeClosed] = Failed(Get, Handshake(new TlsFacts { ServerName = "app", HandshakeMs = 2.1 })),
        [CauseId.TlsVersionOrCipherMismatch] = Failed(Get, Handshake(new TlsFacts { ServerName = "app", AlertReceived = 70, HandshakeMs = 2.1 })),
        [CauseId.TlsSniRejected] = Failed(Get, Handshake(new TlsFacts { ServerName = "app", AlertReceived = 112, HandshakeMs = 2.1 })),
        [CauseId.TlsCertExpired] = Failed(Get, Handshake(Bad(CertificateProblem.Expired, Certificate with { NotAfter = Now.AddDays(-3) }))),
        [CauseId.TlsCertNotYetValid] = Failed(Get, Handshake(Bad(CertificateProblem.NotYetValid, Certificate with { NotBefore = Now.AddHours(2) }))),
        [CauseId.TlsCertNameMismatch] = Failed(Get, Handshake(Bad(CertificateProblem.NameMismatch, Certificate))),
        [CauseId.TlsCertNameMismatch + ".self_signed"] = Failed(Get, Handshake(Bad(CertificateProblem.NameMismatch, Certificate with { Issuer = "CN=app.internal", ChainLength = 1 }) with { Problems = [CertificateProblem.SelfSigned, CertificateProblem.NameMismatch] })),
        [CauseId.TlsCertNameMismatch + ".nameless"] = Failed(Get, Handshake(Bad(CertificateProblem.NameMismatch, Certificate with { Subject = "CN=app", Issuer = "CN=app", Names = [], ChainLength = 1 }) with { Problems = [CertificateProblem.SelfSigned, CertificateProblem.NameMismatch] })),
        [CauseId.TlsCertUntrusted] = Failed(Get, Handshake(Bad(CertificateProblem.UnknownIssuer, Certificate))),
        [CauseId.TlsCertUntrusted + ".self_signed"] = Failed(Get, Handshake(Bad(CertificateProblem.SelfSigned, Certificate with { Issuer = "CN=app.internal", ChainLength = 1 }))),
        [CauseId.TlsCertUntrusted + ".missing_intermediate"] = Failed(Get, Handshake(Bad(CertificateProblem.MissingIntermediate, Certificate with { ChainLength = 1 }))),
        [CauseId.TlsCertRevoked] = Failed(Get, Handshake(Bad(CertificateProblem.Revoked, Certificate))),
        [CauseId.TlsClientCertRequired] = Failed(Get, Handshake(new TlsFacts { ServerName = "app", AlertReceived = 116, ClientCertificateRequested = true, HandshakeMs = 4.2 })),
        [CauseId.TlsAlertReceived] = Failed(Get, Handshake(new TlsFacts { ServerName = "app", AlertReceived = 80, HandshakeMs = 4.2 })),
        [CauseId.HttpVersionNotNegotiated] = Failed(Get, Handshake(new TlsFacts { ServerName = "app", Completed = true, Version = "Tls13", Alpn = "http/1.1", HandshakeMs = 4.2 }) with { End = AttemptEnd.VersionNotNegotiated, Protocol = "h2" }),

        [CauseId.RequestSendTimeout] = Failed(Post, Open with { End = AttemptEnd.TimedOut, TimedOut = TimeoutPhase.Send, TimeoutMs = 30_000, RequestComplete = false, SendMs = null, BytesSent = 2_621_440, BodyBytesSent = 2_621_000, DurationMs = 30_120 }),
        [CauseId.RequestSendFailed] = Failed(Post, Sent with { End = AttemptEnd.PeerReset, RequestComplete = false, SendMs = null, BytesSent = 1_049_000, BodyBytesSent = 1_048_576, SocketError = SocketError.ConnectionReset, Errno = 104 }),
        [CauseId.UploadRejectedEarly] = Failed(Post, Sent with { End = AttemptEnd.Answered, UpstreamStatus = 413, RequestComplete = false, SendMs = null, BytesSent = 1_049_000, BodyBytesSent = 1_048_576, BytesReceived = 180, FirstByteMs = 21, FirstBytes = "HTTP/1.1 413 Payload Too Large\r\n"u8.ToArray() }),
        [CauseId.UpstreamClosedWithoutResponse] = Failed(Get, Sent),
        [CauseId.UpstreamClosedWithoutResponse + ".worker_limit"] = Failed(Get with { DurationMs = 30_040 }, Sent with { DurationMs = 30_034 }),
        [CauseId.UpstreamResetWithoutResponse] = Failed(Get, Sent with { End = AttemptEnd.PeerReset, SocketError = SocketError.ConnectionReset, Errno = 104 }),
        [CauseId.StaleConnection] = Failed(Post, Sent with { Reused = true, RequestNumber = 7, IdleMs = 5003, Dns = null, AddressesTried = [], ConnectMs = null, DurationMs = 0.9, Tcp = new TcpFacts { State = "CLOSE", RequestBytesAcked = 0, RequestBytesOnWire = 412, RttMs = 0.3 } }),
        [CauseId.ResponseTimeout] = Failed(Get with { DurationMs = 60_010 }, Open with { End = AttemptEnd.TimedOut, TimedOut = TimeoutPhase.FirstByte, TimeoutMs = 60_000, DurationMs = 60_002 }),
        [CauseId.ResponseTimeout + ".not_received"] = Failed(Get with { DurationMs = 60_010 }, Open with { End = AttemptEnd.TimedOut, TimedOut = TimeoutPhase.FirstByte, TimeoutMs = 60_000, DurationMs = 60_002, Tcp = new TcpFacts { State = "ESTABLISHED", RequestBytesAcked = 0, RequestBytesOnWire = 412, Retransmits = 9, Unacked = 1, RttMs = 0.3 } }),
        [CauseId.ResponseNotHttp] = Failed(Get, Open with { End = AttemptEnd.HeadRefused, HeadDefect = HeadDefect.NotHttp, FirstBytes = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"u8.ToArray(), BytesReceived = 41, FirstByteMs = 3.4 }),
        [CauseId.ResponseNotHttp + ".unknown"] = Failed(Get, Sent with { End = AttemptEnd.HeadRefused, HeadDefect = HeadDefect.NotHttp, FirstBytes = [0, 1, 2, 0xff, (byte)'x'], BytesReceived = 5, FirstByteMs = 3.4 }),
        [CauseId.ResponseHeadIncomplete] = Failed(Get, Sent with { FirstBytes = "HTTP/1.1 200 OK\r\nContent-Ty"u8.ToArray(), BytesReceived = 27, FirstByteMs = 12 }),
        [CauseId.ResponseHeadMalformed] = Failed(Get, Sent with { End = AttemptEnd.HeadRefused, HeadDefect = HeadDefect.FieldNameInvalid, DefectDetail = "X Bad", FirstBytes = "HTTP/1.1 200 OK\r\nX Bad: 1\r\n"u8.ToArray(), BytesReceived = 80, FirstByteMs = 12 }),
        [CauseId.ResponseHeadTooLarge] = Failed(Get, Sent with { End = AttemptEnd.HeadRefused, HeadDefect = HeadDefect.TooLarge, DefectDetail = "more than 65536 bytes", FirstBytes = "HTTP/1.1 200 OK\r\nSet-Cookie: a=b"u8.ToArray(), BytesReceived = 65_600, FirstByteMs = 12 }),
        [CauseId.ResponseFramingConflict] = Failed(Get, Sent with { End = AttemptEnd.HeadRefused, HeadDefect = HeadDefect.FramingConflict, DefectDetail = "Content-Length: 5, Transfer-Encoding: chunked", FirstBytes = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"u8.ToArray(), BytesReceived = 120, FirstByteMs = 12 }),
        [CauseId.ResponseCodingUnknown] = Failed(Get, Sent with { End = AttemptEnd.HeadRefused, HeadDefect = HeadDefect.TransferCodingUnknown, DefectDetail = "gzip, chunked", FirstBytes = "HTTP/1.1 200 OK\r\n"u8.ToArray(), BytesReceived = 120, FirstByteMs = 12 }),
        [CauseId.Http2ProtocolError] = Failed(Get, Sent with { Protocol = "h2c", End = AttemptEnd.Http2Error, BytesReceived = 64, Http2 = new Http2Facts { SettingsReceived = true, ErrorCode = 1, FromPeer = true } }),
        [CauseId.Http2GoawayOrRefused] = Failed(Get, Sent with { Protocol = "h2c", End = AttemptEnd.Http2Error, BytesReceived = 64, Http2 = new Http2Facts { SettingsReceived = true, GoAway = true, GoAwayCode = 11, GoAwayLastStreamId = 0, GoAwayDebug = "too_many_pings", ErrorCode = 11, FromPeer = true, NotProcessed = true } }),
        [CauseId.Http2StreamReset] = Failed(Get, Sent with { Protocol = "h2c", End = AttemptEnd.Http2Error, BytesReceived = 64, Http2 = new Http2Facts { SettingsReceived = true, ErrorCode = 2, FromPeer = true } }),
        [CauseId.HttpVersionMismatch] = Failed(Get, Sent with { End = AttemptEnd.HeadRefused, HeadDefect = HeadDefect.NotHttp, FirstBytes = [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0], BytesReceived = 15 }),
        [CauseId.HttpVersionMismatch + ".http1_server"] = Failed(Get, Sent with { Protocol = "h2c", End = AttemptEnd.Http2Error, FirstBytes = "HTTP/1.1 400 Bad Request\r\n"u8.ToArray(), BytesReceived = 103, Http2 = new Http2Facts { PeerIsNotHttp2 = true } }),

        [CauseId.ResponseBodyTruncated] = Failed(Get with { ResponseStarted = true }, Answering(26_214, 65_536)),
        [CauseId.ResponseBodyReset] = Failed(Get with { ResponseStarted = true }, Answering(26_214, 65_536) with { End = AttemptEnd.PeerReset, SocketError = SocketError.ConnectionReset, Errno = 104 }),
        [CauseId.ResponseBodyStalled] = Failed(Get with { ResponseStarted = true, DurationMs = 61_000 }, Answering(26_214, 65_536) with { End = AttemptEnd.TimedOut, TimedOut = TimeoutPhase.Idle, TimeoutMs = 60_000, DurationMs = 60_990 }),
        [CauseId.ResponseChunkInvalid] = Failed(Get, Answering(4_000, null) with { End = AttemptEnd.ChunkInvalid, DefectDetail = "chunk size \"zz\"" }),
        [CauseId.ResponseEncodingInvalid] = Failed(Get, Answering(4_000, 4_000) with { End = AttemptEnd.Unknown, Message = "The archive entry was compressed using an unsupported method" }),
        [CauseId.ResponseTooLarge] = Failed(Get, Answering(104_857_600, 524_288_000) with { End = AttemptEnd.BodyTooLarge }),
        [CauseId.UpgradeFailed] = Failed(Get with { WantsUpgrade = true, Path = "/live" }, Sent with { End = AttemptEnd.HeadRefused, HeadDefect = HeadDefect.UpgradeAcceptInvalid, DefectDetail = "Sec-WebSocket-Accept missing", FirstBytes = "HTTP/1.1 101 Switching Protocols\r\n"u8.ToArray(), BytesReceived = 90 }),
        [CauseId.UnexpectedUpgrade] = Failed(Get, Sent with { End = AttemptEnd.HeadRefused, HeadDefect = HeadDefect.UnexpectedUpgrade, DefectDetail = "101 to h2c, nothing was asked for", FirstBytes = "HTTP/1.1 101 Switching Protocols\r\n"u8.ToArray(), BytesReceived = 90 }),
        [CauseId.UpgradeIdleTimeout] = Failed(Get with { WantsUpgrade = true, Path = "/live", TunnelEnd = TunnelEnd.Idle, ResponseStarted = true, DurationMs = 75_000 }, Open with { End = AttemptEnd.TimedOut, TimedOut = TimeoutPhase.Idle, TimeoutMs = 60_000, UpstreamStatus = 101, BytesReceived = 4_096, DurationMs = 74_990 }),
        [CauseId.UpgradeBroken] = Failed(Get with { WantsUpgrade = true, Path = "/live", TunnelEnd = TunnelEnd.UpstreamBroke, ResponseStarted = true, DurationMs = 75_000 }, Sent with { End = AttemptEnd.PeerReset, UpstreamStatus = 101, BytesReceived = 4_096, DurationMs = 74_990 }),
        [CauseId.UpgradeBroken + ".by_client"] = Failed(Get with { WantsUpgrade = true, Path = "/live", TunnelEnd = TunnelEnd.ClientBroke, ResponseStarted = true, DurationMs = 75_000 }, Open with { End = AttemptEnd.ClientGone, UpstreamStatus = 101, BytesReceived = 4_096, DurationMs = 74_990 }),
        [CauseId.UpstreamErrorPassedThrough] = Failed(Get, Answering(900, 900) with { End = AttemptEnd.Answered, UpstreamStatus = 500, UpstreamIdentity = new UpstreamIdentity { Server = "Kestrel" } }),
        [CauseId.UpstreamIsAGateway] = Failed(Get, Answering(157, 157) with { End = AttemptEnd.Answered, UpstreamStatus = 502, UpstreamIdentity = new UpstreamIdentity { Server = "nginx/1.22.1" } }),

        [CauseId.UpstreamProcessExited] = Failed(Get, Sent),
        [CauseId.UpstreamOomKilled] = Failed(Get, Sent),
        [CauseId.UpstreamRestarting] = Failed(Get, Dialled(Tried("10.0.0.5:8080", 0.4, SocketError.ConnectionRefused, 111))),
        [CauseId.UpstreamStarting] = Failed(Get, Dialled(Tried("10.0.0.5:8080", 0.4, SocketError.ConnectionRefused, 111))),
    };

    public static FailureFacts Failed(RequestFacts request, params AttemptFacts[] attempts) => new(request, attempts);

    public static FailureFacts Decided(GatewayDecision decision, string? detail = null) => new(Get with { Decision = decision, DecisionDetail = detail }, []);

    public static AddressTry Tried(string address, double ms, SocketError error, int errno) => new() { Address = address, DurationMs = ms, Error = error, Errno = errno };

    public static AttemptFacts Dialled(params AddressTry[] tries) => Sent with
    {
        Address = null,
        AddressesTried = tries,
        RequestNumber = 0,
        BytesSent = 0,
        RequestComplete = false,
        SendMs = null,
        Tcp = null,
        End = AttemptEnd.ConnectFailed,
        SocketError = tries[^1].Error,
        Errno = tries[^1].Errno,
        ConnectMs = null,
        DurationMs = tries[^1].DurationMs + 1.5,
    };

    private static AttemptFacts Local(params AddressTry[] tries) => Dialled(tries) with { DestinationUrl = "http://127.0.0.1:5000", Dns = null };

    private static AttemptFacts Unresolved(SocketError? error, double ms) => Dialled(new AddressTry { Address = "" }) with
    {
        AddressesTried = [],
        End = AttemptEnd.DnsFailed,
        SocketError = error,
        Errno = null,
        DurationMs = ms + 0.2,
        Dns = new DnsFacts { Host = "app", DurationMs = ms, Error = error, TimedOut = error is null },
    };

    private static AttemptFacts Socket(SocketError error, int errno) => Dialled(Tried("/run/app/app.sock", 0.1, error, errno)) with
    {
        DestinationUrl = "http://unix:/run/app/app.sock",
        IsUnixSocket = true,
        Address = "/run/app/app.sock",
        Dns = null,
    };

    public static AttemptFacts Handshake(TlsFacts tls) => Sent with
    {
        DestinationUrl = "https://app:8443",
        Address = "10.0.0.5:8443",
        UsesTls = true,
        Tls = tls,
        RequestNumber = 0,
        BytesSent = 0,
        RequestComplete = false,
        SendMs = null,
        Tcp = null,
        AddressesTried = [new AddressTry { Address = "10.0.0.5:8443", DurationMs = 0.6, Connected = true }],
        End = AttemptEnd.TlsFailed,
        DurationMs = 8.8,
    };

    private static TlsFacts Bad(CertificateProblem problem, CertificateFacts certificate) => new()
    {
        ServerName = "app",
        HandshakeMs = 6.3,
        Version = "Tls13",
        Certificate = certificate,
        Problems = [problem],
    };

    private static AttemptFacts Answering(long got, long? length) => Sent with
    {
        UpstreamStatus = 200,
        FirstByteMs = 18,
        BytesReceived = got + 160,
        DurationMs = 212,
        FirstBytes = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"),
        Body = new BodyFacts { BytesReceived = got, ContentLength = length, Chunked = length is null, ResponseStarted = true },
    };
}
