using System.Net.Sockets;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Diagnostics.Tests.Classification;

/// <summary>Facts nobody thought of: several attempts, contradictions, missing parts.</summary>
public sealed class ClassifierPropertyTests
{
    [Property(MaxTest = 1000, Arbitrary = [typeof(AnyFacts)])]
    public bool Any_facts_have_a_verdict_of_the_catalogue(FailureFacts facts)
    {
        var failure = Classifier.Classify(facts);
        return CauseCatalogue.TryGet(failure.Cause.Id, out var cause)
            && ReferenceEquals(cause, failure.Cause)
            && failure.Status is >= 100 and <= 599
            && failure.AttemptCauses.Count == facts.Attempts.Count
            && (failure.Attempt is null || facts.Attempts.Contains(failure.Attempt));
    }

    [Property(MaxTest = 1000, Arbitrary = [typeof(AnyFacts)])]
    public bool The_same_facts_have_the_same_verdict(FailureFacts facts) => Same(Classifier.Classify(facts), Classifier.Classify(facts));

    [Property(MaxTest = 800, Arbitrary = [typeof(AnyFacts)])]
    public bool The_clients_doing_never_blames_an_upstream(FailureFacts facts)
    {
        var failure = Classifier.Classify(facts);
        if (facts.Request.ClientFault == ClientFault.None) return true;
        // What has begun cannot be taken back: then, as always in a tunnel, the status is the one that was sent.
        return failure is { Party: Party.Client, Retry: RetryAdvice.No } && (failure.Status is >= 400 and < 500 || facts.Request.ResponseStarted || facts.Request.TunnelEnd == TunnelEnd.ClientBroke);
    }

    [Property(MaxTest = 800, Arbitrary = [typeof(AnyFacts)])]
    public bool A_request_whose_answer_has_begun_is_never_to_be_sent_again(FailureFacts facts) =>
        !facts.Request.ResponseStarted || Classifier.Classify(facts).Retry == RetryAdvice.No;

    private static bool Same(Failure first, Failure second) =>
        (first.Cause, first.Stage, first.Party, first.Status, first.Retry, first.Confidence) == (second.Cause, second.Stage, second.Party, second.Status, second.Retry, second.Confidence)
        && ReferenceEquals(first.Attempt, second.Attempt)
        && first.AttemptCauses.SequenceEqual(second.AttemptCauses);
}

/// <summary>Random requests with up to three random attempts.</summary>
public static class AnyFacts
{
    public static Arbitrary<FailureFacts> FailureFacts() => Arb.From(
        from request in Request()
        from count in Gen.Choose(0, 3)
        from attempts in Attempt().ArrayOf(count)
        select new FailureFacts(request, attempts));

    private static Gen<RequestFacts> Request() =>
        from fault in Rarely(Any<ClientFault>(), ClientFault.None)
        from decision in Rarely(Any<GatewayDecision>(), GatewayDecision.None)
        from tunnel in Rarely(Any<TunnelEnd>(), TunnelEnd.None)
        from started in Flag()
        from status in Gen.Elements<int?>(null, 400, 408, 413, 414, 431, 500, 0)
        from bytes in Gen.Choose(0, 2)
        select new RequestFacts
        {
            Method = "GET",
            ClientFault = fault,
            Decision = decision,
            TunnelEnd = tunnel,
            ResponseStarted = started,
            ClientFaultStatus = status,
            RequestBytes = bytes,
        };

    private static Gen<AttemptFacts> Attempt() =>
        from end in Any<AttemptEnd>()
        from progress in Progress()
        from defect in Any<HeadDefect>()
        from phase in Any<TimeoutPhase>()
        from socket in OrNone(Any<SocketError>())
        from http in OrNone(Any<HttpRequestError>())
        from dns in Rarely(Dns(), null)
        from tries in Try().ListOf()
        from tls in Rarely(Tls(), null)
        from http2 in Rarely(Http2(), null)
        from first in Gen.OneOf(Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(), Gen.Elements("HTTP/1.1 200", "SSH-2.0-", "+OK", "H").Select(System.Text.Encoding.ASCII.GetBytes))
        from unix in Flag()
        from message in Gen.Elements<string?>(null, "", "error:0A000102:SSL routines::unsupported protocol", "\r\n\0")
        select progress with
        {
            End = end,
            HeadDefect = defect,
            TimedOut = phase,
            SocketError = socket,
            HttpError = http,
            Dns = dns,
            AddressesTried = [.. tries],
            Tls = tls,
            Http2 = http2,
            FirstBytes = first,
            IsUnixSocket = unix,
            Message = message,
        };

    private static Gen<AttemptFacts> Progress() =>
        from number in Gen.Choose(0, 3)
        from sent in Gen.Choose(0, 2)
        from bodySent in Gen.Choose(0, 1)
        from received in Gen.Choose(0, 2)
        from complete in Flag()
        from status in Gen.Elements<int?>(null, 101, 200, 401, 413, 500, 502, 503, 504, 599)
        from body in Rarely(Gen.Constant<BodyFacts?>(new BodyFacts()), null)
        from acked in Gen.Elements<long?>(null, 0, 100)
        from server in Gen.Elements<string?>(null, "", "nginx", "Kestrel", "\0")
        select new AttemptFacts
        {
            Number = 1,
            Destination = "d",
            DestinationUrl = "http://d",
            End = AttemptEnd.Unknown,
            RequestNumber = number,
            BytesSent = sent,
            BodyBytesSent = bodySent,
            BytesReceived = received,
            RequestComplete = complete,
            UpstreamStatus = status,
            Body = body,
            Tcp = acked is { } bytes ? new TcpFacts
            {
                State = "CLOSE",
                RequestBytesAcked = bytes,
                RequestBytesOnWire = 100
            } : null,
            UpstreamIdentity = server is null ? null : new UpstreamIdentity { Server = server },
        };

    private static Gen<DnsFacts?> Dns() =>
        from error in OrNone(Any<SocketError>())
        from late in Flag()
        select (DnsFacts?)new DnsFacts { Host = "d", Error = error, TimedOut = late };

    private static Gen<AddressTry> Try() =>
        from address in Gen.Elements("10.0.0.5:80", "[::1]:80", "/run/app.sock", "", "not an address")
        from error in OrNone(Any<SocketError>())
        from flags in Gen.Choose(0, 7)
        select new AddressTry
        {
            Address = address,
            Error = error,
            TimedOut = (flags & 1) != 0,
            Abandoned = (flags & 2) != 0,
            Connected = (flags & 4) != 0,
        };

    private static Gen<TlsFacts?> Tls() =>
        from alert in OrNone(Gen.Choose(0, 255))
        from flags in Gen.Choose(0, 7)
        from problems in Any<CertificateProblem>().ListOf()
        select (TlsFacts?)new TlsFacts
        {
            AlertReceived = alert,
            PeerIsNotTls = (flags & 1) != 0,
            ClientCertificateRequested = (flags & 2) != 0,
            ClientCertificateSent = (flags & 4) != 0,
            Problems = [.. problems],
        };

    private static Gen<Http2Facts?> Http2() =>
        from code in OrNone(Gen.Choose(0, 20))
        from flags in Gen.Choose(0, 31)
        select (Http2Facts?)new Http2Facts
        {
            ErrorCode = code,
            FromPeer = (flags & 1) != 0,
            GoAway = (flags & 2) != 0,
            NotProcessed = (flags & 4) != 0,
            PeerIsNotHttp2 = (flags & 8) != 0,
            SettingsReceived = (flags & 16) != 0,
        };

    private static Gen<T> Any<T>()
        where T : struct, Enum => Gen.Elements(Enum.GetValues<T>());

    private static Gen<bool> Flag() => Gen.Elements(false, true);

    private static Gen<T?> OrNone<T>(Gen<T> gen)
        where T : struct => Gen.Frequency((1, Gen.Constant<T?>(null)), (1, gen.Select(v => (T?)v)));

    private static Gen<T> Rarely<T>(Gen<T> gen, T otherwise) => Gen.Frequency((2, Gen.Constant(otherwise)), (1, gen));
}
