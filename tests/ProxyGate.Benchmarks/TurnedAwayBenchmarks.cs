using BenchmarkDotNet.Attributes;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Pages;
using ProxyGate.Gateway.Pages.Operator;
using ProxyGate.Gateway.Pages.Public;

namespace ProxyGate.Benchmarks;

/// <summary>
/// What the answer of an open circuit costs, from its facts to its bytes and fields: written for each request by itself, and filled into a stencil
/// as the gateway does it from the third on.
/// </summary>
[MemoryDiagnoser]
public class TurnedAwayBenchmarks
{
    private static readonly Microsoft.AspNetCore.Http.HttpRequest s_request = new Microsoft.AspNetCore.Http.DefaultHttpContext { Request = { Method = "GET" } }.Request;
    private static readonly PageSettings s_pages = new();
    private readonly FailureContext _context = ExampleContexts.Of(CauseId.CircuitOpen)!;
    private readonly OperatorAnswers _operators = new();
    private readonly PublicAnswers _public = new(new Fixed());
    private readonly Microsoft.AspNetCore.Http.HttpContext _http = new Microsoft.AspNetCore.Http.DefaultHttpContext { Request = { Method = "GET" } };
    private AnswerFormat _format;
    private int _next;

    [Params("Text", "Html", "ProblemJson", "Markdown")]
    public string Format { get; set; } = "";

    [GlobalSetup]
    public void Prepare()
    {
        _format = Enum.Parse<AnswerFormat>(Format);
        for (var i = 0; i < 3; i++) _ = (OperatorFilled(), PublicFilled());
        if (_operators.Find(_format, Described()) is null) throw new InvalidOperationException("There is no stencil.");
    }

    [Benchmark(Baseline = true)]
    public int OperatorWritten()
    {
        var failure = Described();
        using var buffer = new AnswerBuffer();
        OperatorAnswers.Write(buffer, _format, failure);
        return buffer.Length + ProxyStatusField.Of(failure, Audience.Operator).Length;
    }

    [Benchmark]
    public int OperatorFilled()
    {
        var failure = Described();
        var stencil = _operators.Find(_format, failure);
        if (stencil is null) return 0;
        using var buffer = new AnswerBuffer(stencil.Length);
        stencil.Fill(buffer, failure);
        return buffer.Length + stencil.ProxyStatus.Length;
    }

    [Benchmark]
    public int PublicWritten()
    {
        var view = PublicView.Of(s_request, Described(), s_pages);
        return _format == AnswerFormat.Html ? PublicPage.Write(view).Length : PublicForms.Write(_format, view).Length;
    }

    [Benchmark]
    public int PublicFilled()
    {
        using var buffer = new AnswerBuffer();
        _public.Write(_http, _format, Described(), buffer);
        return buffer.Length;
    }

    /// <summary>Each with a path and a count of its own.</summary>
    private FailureEvent Described()
    {
        var n = _next = (_next + 1) & 0xff;
        var example = ExampleFailures.All[CauseId.CircuitOpen].Request;
        var facts = new FailureFacts(example with { Path = $"/item/{n}", OpenCircuit = example.OpenCircuit! with { RetryInMs = 1.5 * n } }, []);
        var failure = Classifier.Classify(facts);
        return Outage.Event(facts, failure, Explainer.Explain(facts, failure, _context with { Count = 1000 + n }));
    }

    private sealed class Fixed : IGatewaySettingsSource
    {
        public GatewaySettings Current { get; } = new();

        public event Action<GatewaySettings>? Changed
        {
            add { }
            remove { }
        }
    }
}
