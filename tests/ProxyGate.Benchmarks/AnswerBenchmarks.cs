using BenchmarkDotNet.Attributes;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Gateway.Pages;
using ProxyGate.Gateway.Pages.Operator;
using ProxyGate.Gateway.Pages.Public;

namespace ProxyGate.Benchmarks;

/// <summary>
/// What one failed request costs under an outage: from its facts to the whole answer. The goal is under 50 µs for each form, so that one core
/// answers 10,000 failing requests a second with room to spare.
/// </summary>
[MemoryDiagnoser]
public class AnswerBenchmarks
{
    private static readonly Microsoft.AspNetCore.Http.HttpRequest s_request = new Microsoft.AspNetCore.Http.DefaultHttpContext { Request = { Method = "GET" } }.Request;
    private static readonly ProxyGate.Gateway.Configuration.PageSettings s_pages = new();
    private FailureFacts _facts = null!;

    [Params(CauseId.ConnectRefused, CauseId.UpstreamClosedWithoutResponse)]
    public string Cause { get; set; } = "";

    [GlobalSetup]
    public void Prepare() => _facts = ExampleFailures.All[Cause];

    [Benchmark(Baseline = true)]
    public int PublicPageAnswer() => PublicPage.Write(PublicView.Of(s_request, Described(), s_pages)).Length;

    [Benchmark]
    public int PublicJsonAnswer() => PublicForms.Write(AnswerFormat.ProblemJson, PublicView.Of(s_request, Described(), s_pages)).Length;

    [Benchmark]
    public int PublicTextAnswer() => PublicForms.Write(AnswerFormat.Text, PublicView.Of(s_request, Described(), s_pages)).Length;

    [Benchmark]
    public int OperatorPageAnswer() => Written(buffer => OperatorPage.Write(buffer, Described()));

    [Benchmark]
    public int OperatorJsonAnswer() => Written(buffer => ProblemAnswer.Write(buffer, Described()));

    [Benchmark]
    public int OperatorTextAnswer() => Written(buffer => TextAnswer.Write(buffer, Described()));

    private static int Written(Action<AnswerBuffer> write)
    {
        using var buffer = new AnswerBuffer();
        write(buffer);
        return buffer.Length;
    }

    private FailureEvent Described()
    {
        var failure = Classifier.Classify(_facts);
        return Outage.Event(_facts, failure, Explainer.Explain(_facts, failure, Outage.Context));
    }
}
