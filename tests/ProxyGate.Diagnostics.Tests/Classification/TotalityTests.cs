using System.Net.Sockets;
using FsCheck;
using FsCheck.Fluent;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Diagnostics.Tests.Classification;

public sealed class TotalityTests
{
    private static readonly Party[] Upstream = [Party.UpstreamProcess, Party.UpstreamApp, Party.NextGateway];

    /// <summary>FsCheck's own numbers stay near nought; seeds must not.</summary>
    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, int.MaxValue).ToArbitrary();

    /// <summary>Where an attempt may stand when the platform's own words are all there is.</summary>
    private static readonly AttemptFacts[] Places =
    [
        new() { Number = 1, Destination = "a", DestinationUrl = "http://a", End = AttemptEnd.Unknown },
        new() { Number = 1, Destination = "a", DestinationUrl = "https://a", End = AttemptEnd.Unknown, RequestNumber = 1, BytesSent = 9, RequestComplete = true, Tls = new TlsFacts { Completed = true } },
        new() { Number = 1, Destination = "a", DestinationUrl = "http://a", End = AttemptEnd.Unknown, RequestNumber = 2, Reused = true, BytesReceived = 60, UpstreamStatus = 200, Body = new BodyFacts() },
    ];

    [Fact]
    public void Every_combination_of_errors_ends_and_defects_has_a_cause_of_the_catalogue()
    {
        var http = Enum.GetValues<HttpRequestError>().Cast<HttpRequestError?>().Append(null).ToArray();
        var socket = Enum.GetValues<SocketError>().Cast<SocketError?>().Append(null).ToArray();
        var request = new RequestFacts { Method = "GET" };
        var known = CauseCatalogue.All.ToHashSet();
        var combinations =
            from socketError in socket
            from end in Enum.GetValues<AttemptEnd>()
            from defect in Enum.GetValues<HeadDefect>()
            from phase in Enum.GetValues<TimeoutPhase>()
            select (socketError, end, defect, phase);
        Parallel.ForEach(http, httpError =>
        {
            var turn = (int)(httpError ?? 0);
            foreach (var (socketError, end, defect, phase) in combinations)
            {
                var attempt = Places[turn++ % Places.Length] with { End = end, HttpError = httpError, SocketError = socketError, HeadDefect = defect, TimedOut = phase };
                var failure = Classifier.Classify(new FailureFacts(request, [attempt]));
                if (!known.Contains(failure.Cause)) Assert.Fail($"{end} {httpError} {socketError} {defect} {phase}: {failure.Cause.Id}");
            }
        });
    }

    [Fact]
    public void What_a_client_did_is_never_laid_at_an_upstream()
    {
        var request = new RequestFacts { Method = "GET" };
        var combinations =
            from fault in Enum.GetValues<ClientFault>()
            where fault != ClientFault.None
            from tunnel in Enum.GetValues<TunnelEnd>()
            from decision in Enum.GetValues<GatewayDecision>()
            from end in Enum.GetValues<AttemptEnd>()
            from place in Places
            select (fault, tunnel, decision, place with { End = end, SocketError = SocketError.ConnectionReset });
        foreach (var (fault, tunnel, decision, attempt) in combinations)
        {
            var failure = Classifier.Classify(new FailureFacts(request with { ClientFault = fault, TunnelEnd = tunnel, Decision = decision }, [attempt]));
            Assert.Equal((Party.Client, RetryAdvice.No), (failure.Party, failure.Retry));
        }
    }

    [Fact]
    public void An_end_the_recorder_names_is_never_unclassified()
    {
        var request = new RequestFacts { Method = "GET" };
        foreach (var end in Enum.GetValues<AttemptEnd>().Except([AttemptEnd.Unknown, AttemptEnd.Answered, AttemptEnd.ConnectFailed]))
        {
            Assert.All(Places, place => Assert.NotEqual(CauseId.Unclassified, Classifier.Classify(new FailureFacts(request, [place with { End = end }])).Cause.Id));
        }
    }

    [Fact]
    public void Whatever_the_facts_there_is_one_verdict_and_always_the_same() =>
        Prop.ForAll(Seeds, seed =>
        {
            var first = Classifier.Classify(new RandomFacts(seed).Next());
            var again = Classifier.Classify(new RandomFacts(seed).Next());
            return GoldenCase.Line(first) == GoldenCase.Line(again)
                && first.AttemptCauses.SequenceEqual(again.AttemptCauses)
                && CauseCatalogue.All.Contains(first.Cause)
                && first.AttemptCauses.All(c => c is null || CauseCatalogue.All.Contains(c));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void Whatever_the_facts_a_retry_is_only_advised_where_nothing_was_answered() =>
        Prop.ForAll(Seeds, seed =>
        {
            var facts = new RandomFacts(seed).Next();
            var failure = Classifier.Classify(facts);
            return failure.Retry == RetryAdvice.No
                || facts is { Request: { ClientFault: ClientFault.None, ResponseStarted: false }, Attempts: [.., { End: not AttemptEnd.Answered }] };
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void Whatever_the_facts_the_client_party_is_only_blamed_for_what_the_client_did() =>
        Prop.ForAll(Seeds, seed =>
        {
            var facts = new RandomFacts(seed).Next();
            var failure = Classifier.Classify(facts);
            var did = facts.Request.ClientFault != ClientFault.None
                || facts.Request.TunnelEnd == TunnelEnd.ClientBroke
                || facts.Request.Decision is GatewayDecision.RateLimited or GatewayDecision.DeniedByPolicy
                || facts.Attempts.Any(a => a.End == AttemptEnd.ClientGone);
            return facts.Request.ClientFault != ClientFault.None
                ? !Upstream.Contains(failure.Party)
                : did || failure.Party != Party.Client;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
}
