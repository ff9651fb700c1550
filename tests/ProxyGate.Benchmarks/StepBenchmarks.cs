using System.Buffers;
using System.Text.Json;
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

/// <summary>Where the time of an answer goes, step by step.</summary>
[MemoryDiagnoser]
public class StepBenchmarks
{
    private static readonly Microsoft.AspNetCore.Http.HttpRequest s_request = new Microsoft.AspNetCore.Http.DefaultHttpContext { Request = { Method = "GET" } }.Request;
    private static readonly ProxyGate.Gateway.Configuration.PageSettings s_pages = new();
    private readonly ArrayBufferWriter<byte> _line = new(16 * 1024);
    private FailureFacts _facts = null!;
    private Failure _failure = null!;
    private FailureEvent _event = null!;

    [Params(CauseId.ConnectRefused, CauseId.UpstreamClosedWithoutResponse)]
    public string Cause { get; set; } = "";

    [GlobalSetup]
    public void Prepare()
    {
        _facts = ExampleFailures.All[Cause];
        _failure = Classifier.Classify(_facts);
        _event = Outage.Event(Cause);
    }

    [Benchmark]
    public Failure Classify() => Classifier.Classify(_facts);

    [Benchmark(Baseline = true)]
    public Diagnosis Explain() => Explainer.Explain(_facts, _failure, Outage.Context);

    [Benchmark]
    public int PublicHtml() => PublicPage.Write(PublicView.Of(s_request, _event, s_pages)).Length;

    [Benchmark]
    public int OperatorHtml() => Written(buffer => OperatorPage.Write(buffer, _event));

    [Benchmark]
    public int OperatorJson() => Written(buffer => ProblemAnswer.Write(buffer, _event));

    [Benchmark]
    public int OperatorText() => Written(buffer => TextAnswer.Write(buffer, _event));

    [Benchmark]
    public int OperatorMarkdown() => Written(buffer => MarkdownAnswer.Write(buffer, _event));

    [Benchmark]
    public int ProxyStatus() => ProxyStatusField.Of(_event, Audience.Operator).Length;

    [Benchmark]
    public int EventLine()
    {
        _line.ResetWrittenCount();
        using var writer = new Utf8JsonWriter(_line);
        FailureEventJson.Write(writer, _event);
        writer.Flush();
        return _line.WrittenCount;
    }

    private static int Written(Action<AnswerBuffer> write)
    {
        using var buffer = new AnswerBuffer();
        write(buffer);
        return buffer.Length;
    }
}
