using BenchmarkDotNet.Attributes;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Gateway.Pages;
using ProxyGate.Gateway.Pages.Html;

namespace ProxyGate.Benchmarks;

/// <summary>
/// What one failed request costs under an outage: from its facts to the whole answer. The goal is under 50 µs for each form, so that one core
/// answers 10,000 failing requests a second with room to spare.
/// </summary>
[MemoryDiagnoser]
public class AnswerBenchmarks
{
    private FailureFacts _facts = null!;

    [Params(CauseId.ConnectRefused, CauseId.UpstreamClosedWithoutResponse)]
    public string Cause { get; set; } = "";

    [GlobalSetup]
    public void Prepare() => _facts = ExampleFailures.All[Cause];

    [Benchmark(Baseline = true)]
    public int PublicPageAnswer() => PublicPage.Write(Described(), safeToRepeat: true).Length;

    [Benchmark]
    public int PublicJsonAnswer() => ProblemAnswer.Write(Described(), Audience.Public).Length;

    [Benchmark]
    public int PublicTextAnswer() => TextAnswer.Write(Described(), Audience.Public).Length;

    [Benchmark]
    public int OperatorPageAnswer() => OperatorPage.Write(Described()).Length;

    [Benchmark]
    public int OperatorJsonAnswer() => ProblemAnswer.Write(Described(), Audience.Operator).Length;

    [Benchmark]
    public int OperatorTextAnswer() => TextAnswer.Write(Described(), Audience.Operator).Length;

    private FailureEvent Described()
    {
        var failure = Classifier.Classify(_facts);
        return Outage.Event(_facts, failure, Explainer.Explain(_facts, failure, Outage.Context));
    }
}
