using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Diagnostics.Tests.Classification;

/// <summary>Every combination of the numbers a failure can carry, sensible or not: the classifier must have a word for each.</summary>
public sealed class ExhaustiveTests
{
    private static readonly HttpRequestError?[] s_httpErrors = [null, .. Enum.GetValues<HttpRequestError>().Cast<HttpRequestError?>()];
    private static readonly SocketError?[] s_socketErrors = [null, .. Enum.GetValues<SocketError>().Cast<SocketError?>()];
    private static readonly AttemptEnd[] s_ends = Enum.GetValues<AttemptEnd>();
    private static readonly HeadDefect[] s_defects = Enum.GetValues<HeadDefect>();
    private static readonly TimeoutPhase[] s_phases = Enum.GetValues<TimeoutPhase>();
    private static readonly ClientFault[] s_faults = Enum.GetValues<ClientFault>();

    /// <summary>The part of an attempt that says how far it had come.</summary>
    private static readonly AttemptFacts[] s_progress = [.. Progress()];

    [Fact]
    public void Every_combination_of_errors_and_ends_has_a_cause()
    {
        foreach (var end in s_ends)
        {
            foreach (var progress in s_progress)
            {
                foreach (var socket in s_socketErrors)
                {
                    foreach (var http in s_httpErrors)
                    {
                        Check(progress with { End = end, SocketError = socket, HttpError = http, AddressesTried = Tries(socket) }, ClientFault.None);
                    }
                }
            }
        }
    }

    [Fact]
    public void Every_defect_and_every_limit_has_a_cause_wherever_it_is_met()
    {
        foreach (var progress in s_progress)
        {
            foreach (var defect in s_defects)
            {
                foreach (var bytes in FirstBytesOfAllKinds())
                {
                    Check(progress with { End = AttemptEnd.HeadRefused, HeadDefect = defect, FirstBytes = bytes }, ClientFault.None);
                }
            }

            foreach (var phase in s_phases)
            {
                foreach (var unix in new[] { false, true })
                {
                    Check(progress with { End = AttemptEnd.TimedOut, TimedOut = phase, IsUnixSocket = unix }, ClientFault.None);
                }
            }
        }
    }

    [Fact]
    public void Every_alert_and_every_http2_code_has_a_cause()
    {
        foreach (var progress in s_progress)
        {
            for (var alert = 0; alert < 256; alert++)
            {
                var tls = new TlsFacts { AlertReceived = alert };
                foreach (var end in new[] { AttemptEnd.TlsFailed, AttemptEnd.PeerClosed, AttemptEnd.Unknown }) Check(progress with { End = end, Tls = tls }, ClientFault.None);
            }

            for (var code = -1; code < 20; code++)
            {
                for (var flags = 0; flags < 16; flags++)
                {
                    var http2 = new Http2Facts
                    {
                        ErrorCode = code < 0 ? null : code,
                        FromPeer = (flags & 1) != 0,
                        GoAway = (flags & 2) != 0,
                        GoAwayCode = (flags & 2) != 0 ? code : null,
                        SettingsReceived = (flags & 4) != 0,
                        PeerIsNotHttp2 = (flags & 8) != 0,
                    };
                    foreach (var end in new[] { AttemptEnd.Http2Error, AttemptEnd.PeerClosed, AttemptEnd.PeerReset }) Check(progress with { End = end, Http2 = http2 }, ClientFault.None);
                }
            }
        }
    }

    [Fact]
    public void No_fault_of_the_clients_blames_an_upstream_however_the_attempt_ended()
    {
        foreach (var fault in s_faults.Where(f => f != ClientFault.None))
        {
            foreach (var end in s_ends)
            {
                foreach (var progress in s_progress)
                {
                    foreach (var socket in s_socketErrors) Check(progress with { End = end, SocketError = socket, UpstreamStatus = 503 }, fault);
                }
            }
        }
    }

    [Fact]
    public void Every_decision_of_the_gateway_has_its_own_cause()
    {
        var causes = new HashSet<string>();

        // A session's lost destination is a way of having none in use; the words tell the two apart.
        foreach (var decision in Enum.GetValues<GatewayDecision>().Where(d => d is not (GatewayDecision.None or GatewayDecision.BoundDestinationLost)))
        {
            var failure = Classifier.Classify(new FailureFacts(new RequestFacts { Method = "GET", Decision = decision }, []));
            Assert.True(causes.Add(failure.Cause.Id), $"{decision}: {failure.Cause.Id}");
            Assert.NotEqual(CauseId.Unclassified, failure.Cause.Id);
        }
    }

    [Fact]
    public void No_end_that_the_recorder_knows_is_left_unclassified()
    {
        foreach (var end in s_ends.Except([AttemptEnd.Unknown, AttemptEnd.Answered]))
        {
            foreach (var progress in s_progress)
            {
                var facts = progress with { End = end, TimedOut = TimeoutPhase.FirstByte, AddressesTried = Tries(SocketError.ConnectionRefused) };
                Assert.NotEqual(CauseId.Unclassified, Classify(facts, ClientFault.None).Cause.Id);
            }
        }
    }

    internal static void Check(AttemptFacts attempt, ClientFault fault)
    {
        var failure = Classify(attempt, fault);
        if (!CauseCatalogue.TryGet(failure.Cause.Id, out _)) Assert.Fail($"{failure.Cause.Id} is not in the catalogue: {attempt}");
        if (failure.Status is < 100 or > 599) Assert.Fail($"status {failure.Status}: {attempt}");
        if (!Enum.IsDefined(failure.Stage) || !Enum.IsDefined(failure.Party)) Assert.Fail($"{failure.Stage}, {failure.Party}: {attempt}");
        if (fault == ClientFault.None) return;
        if (failure.Party != Party.Client || failure.Retry != RetryAdvice.No || failure.Status is < 400 or > 499) Assert.Fail($"{fault} became {failure}");
        if (attempt.End == AttemptEnd.ClientGone && failure.AttemptCauses[0]!.Party != Party.Client) Assert.Fail($"{fault}: the attempt became {failure.AttemptCauses[0]}");
    }

    private static Failure Classify(AttemptFacts attempt, ClientFault fault) =>
        Classifier.Classify(new FailureFacts(new RequestFacts { Method = "GET", ClientFault = fault }, [attempt]));

    private static AddressTry[] Tries(SocketError? error) => error is null ? [] : [new AddressTry { Address = "10.0.0.5:5000", Error = error }];

    private static IEnumerable<AttemptFacts> Progress()
    {
        foreach (var number in new[] { 0, 1, 2 })
        {
            foreach (var received in new[] { 0L, 1L })
            {
                foreach (var complete in new[] { false, true })
                {
                    foreach (var body in new[] { null, new BodyFacts { ContentLength = 10 } })
                    {
                        yield return new AttemptFacts
                        {
                            Number = 1,
                            Destination = "d",
                            DestinationUrl = "http://10.0.0.5:5000",
                            RequestNumber = number,
                            BytesReceived = received,
                            FirstBytes = received == 0 ? [] : [(byte)'H'],
                            BytesSent = complete ? 100 : 0,
                            RequestComplete = complete,
                            Body = body,
                            End = AttemptEnd.Unknown,
                        };
                    }
                }
            }
        }
    }

    private static byte[][] FirstBytesOfAllKinds() =>
        [[], [0x15, 3, 1, 0, 2, 2, 22], [0x16, 3, 3, 0, 1], [0, 0, 0, 4, 0, 0, 0, 0, 0], [0, 0, 8, 7, 0, 0, 0, 0, 0, 0], [.. "HTTP/1.1 200"u8], [.. "SSH-2.0-x"u8], [0xFF]];
}
