using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
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
using ProxyGate.Gateway.Pages.Stencils;

namespace ProxyGate.Gateway.Tests.Pages;

/// <summary>
/// In an outage answers are written once and then filled in. Whatever comes, and however often, each must be byte for byte what is written for it alone.
/// </summary>
public class StencilTests
{
    private static readonly string?[] s_accepts = [null, "text/html", "application/problem+json", "text/markdown"];

    public static TheoryData<string> Samples => PageHarness.Samples;

    [Theory, MemberData(nameof(Samples))]
    public async Task Every_answer_is_the_same_bytes_the_first_time_and_ever_after(string sample)
    {
        var pages = New();
        foreach (var accept in s_accepts)
        {
            foreach (var (near, method, language) in new[] { (true, "GET", "en"), (false, "GET", "en"), (false, "POST", "de") })
            {
                for (var i = 0; i < 4; i++) await AssertSameAsync(pages, Nth(sample, i), near, accept, method, language);
            }
        }
    }

    [Fact]
    public async Task An_own_page_is_the_same_bytes_too()
    {
        var text = "<!doctype html><html lang=\"{{language}}\"><title>{{title}}</title><p>{{sentence}} {{advice}} {{id}} {{time}} {{status}} {{retry_after}} {{contact}} {{message}}</p>{{return}}</html>";
        var mistakes = new List<ConfigMistake>();
        var page = new PageTemplateReader("page.html", "key", mistakes).Read(Encoding.UTF8.GetBytes(text));
        Assert.Empty(mistakes);
        var settings = new PageSettings { Contact = "help@shop.example", Message = "We are <moving>.", Templates = [new PageTemplateSettings { File = page! }] };
        var pages = New(settings);
        for (var i = 0; i < 6; i++)
        {
            await AssertSameAsync(pages, Circuit("/", i, 400 * i), near: false, "text/html", settings: settings);
            await AssertSameAsync(pages, Circuit("/", i, 400 * i), near: false, null, settings: settings);
        }
    }

    [Fact]
    public void An_open_circuit_is_told_in_the_same_bytes_whatever_is_asked_for() =>
        Prop.ForAll(Hostile().Three().ToArbitrary(), paths =>
        {
            var pages = New();
            foreach (var accept in s_accepts)
            {
                // What a stencil is cut for comes twice; then what is asked for.
                for (var i = 0; i < 2; i++) Answer(pages, Circuit("/plain", i, 300), near: true, accept);
                foreach (var path in new[] { paths.Item1, paths.Item2, paths.Item3 }) AssertSameAsync(pages, Circuit(path, path.Length, 17.25 * path.Length), near: true, accept).GetAwaiter().GetResult();
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [Fact]
    public void A_plain_path_is_filled_in_and_a_strange_one_written_by_itself()
    {
        foreach (var format in new[] { AnswerFormat.Text, AnswerFormat.Html, AnswerFormat.ProblemJson, AnswerFormat.Markdown })
        {
            var answers = new OperatorAnswers();
            Assert.Null(answers.Find(format, Circuit("/", 0, 300)));
            Assert.NotNull(answers.Find(format, Circuit("/basket", 1, 300)));
            Assert.NotNull(answers.Find(format, Circuit("/a/b_c-d.html", 2, 999)));
            foreach (var strange in new[] { "/<b>", "/a b", "/\u202e", "/ö", "/_a", "/a_", "/a'b", "/" + new string('a', 80), "" }) Assert.Null(answers.Find(format, Circuit(strange, 3, 300)));
        }
    }

    [Fact]
    public void Another_state_of_things_has_a_stencil_of_its_own()
    {
        var answers = new OperatorAnswers();
        var first = Circuit("/", 0, 300);
        answers.Find(AnswerFormat.Text, first);
        var stencil = answers.Find(AnswerFormat.Text, first);
        var context = first.Diagnosis.Context!;
        Assert.Same(stencil, answers.Find(AnswerFormat.Text, Circuit("/other", 9, 700)));
        Assert.Null(answers.Find(AnswerFormat.Text, Circuit("/", 0, 1200)));
        Assert.Null(answers.Find(AnswerFormat.Text, Told(first, context with { Before = [.. context.Before] })));
        Assert.Null(answers.Find(AnswerFormat.Text, Told(first, context with { Now = context.Now.AddDays(1) })));
        Assert.Null(answers.Find(AnswerFormat.Text, first with { Incident = "inc-9x2m-c4ta" }));
        Assert.Null(answers.Find(AnswerFormat.Html, first));
    }

    [Fact]
    public void However_many_states_there_are_a_bounded_number_is_kept()
    {
        var stencils = new Stencils<int, string>(8);
        for (var i = 0; i < 1000; i++)
        {
            Assert.Null(stencils.Find(i, i, static _ => "cut too early"));
            Assert.Equal("cut", stencils.Find(i, i, static _ => "cut"));
            Assert.InRange(stencils.Count, 1, 8);
        }
    }

    [Fact]
    public void Marks_are_found_wherever_they_stand_and_the_longer_of_two_first()
    {
        Mark[] marks = [new(StencilValue.Id, "ID"u8.ToArray()), new(StencilValue.Path, "IDENT"u8.ToArray())];
        foreach (var (written, filled) in new[] { ("", ""), ("ID", "<Id>"), ("aIDENTID", "a<Path><Id>"), ("IDxID", "<Id>x<Id>"), ("plain", "plain") })
        {
            using var buffer = new AnswerBuffer(16);
            Stencil.Cut(Encoding.UTF8.GetBytes(written), marks).Fill(buffer, new Named());
            Assert.Equal(filled, Encoding.UTF8.GetString(buffer.Written.Span));
        }
    }

    private readonly struct Named : IStencilValues
    {
        public void Write(StencilValue value, AnswerBuffer buffer) => buffer.Utf8($"<{value}>");
    }

    private static Gen<string> Hostile() => Gen.OneOf(
        Gen.Elements("/", "/basket", "/a_b", "/_a_", "//", "/../etc", "/<script>alert(1)</script>", "/\"'`&|;$(x)", "/a\r\nb", "/\u202egnp", "/%2e%2e", "/ü/ö", "/*bold*", "/[x](y)", "/" + new string('x', 79), "/" + new string('x', 80), "/" + new string('<', 3000), "no-slash", "", "/\ud800", "/idq7w3k9vz0x8", "/{{id}}"),
        Gen.ArrayOf(Gen.Elements("/._-aZ09<>&\"'`\\ \t\n%?#*[]()~|$\u202e\u00fc\ud83d".ToCharArray())).Select(c => "/" + new string(c)));

    private static async Task AssertSameAsync(FailurePages pages, FailureEvent failure, bool near, string? accept, string method = "GET", string? language = null, PageSettings? settings = null)
    {
        if (failure.Status == 499) return;
        var (body, headers) = await WriteAsync(pages, failure, near, accept, method, language);
        var (alone, theirs) = await WriteAsync(New(settings), failure, near, accept, method, language);
        Assert.Equal(alone, body);
        Assert.Equal(theirs, headers);
    }

    private static void Answer(FailurePages pages, FailureEvent failure, bool near, string? accept) => WriteAsync(pages, failure, near, accept, "GET", null).GetAwaiter().GetResult();

    private static async Task<(string Body, string Headers)> WriteAsync(FailurePages pages, FailureEvent failure, bool near, string? accept, string method, string? language)
    {
        var context = PageHarness.Context(near ? System.Net.IPAddress.Loopback : PageHarness.Stranger);
        context.Request.Method = method;
        if (accept is not null) context.Request.Headers.Accept = accept;
        if (language is not null) context.Request.Headers.AcceptLanguage = language;
        var body = new MemoryStream();
        context.Response.Body = body;
        await pages.WriteAsync(context, failure);
        return (Encoding.UTF8.GetString(body.ToArray()), string.Join('\n', context.Response.Headers.Select(h => $"{h.Key}: {h.Value}")));
    }

    private static FailurePages New(PageSettings? pages = null)
    {
        var settings = new PageHarness.Settings(new GatewaySettings { Pages = pages ?? new PageSettings() });
        return new FailurePages(new AudiencePolicy(settings), new PublicAnswers(settings), new OperatorAnswers());
    }

    /// <summary>The n-th of an outage: another id, time, trace and count.</summary>
    private static FailureEvent Nth(string sample, int n) => Numbered(PageHarness.Event(sample), n);

    private static FailureEvent Circuit(string path, int n, double retryInMs)
    {
        var example = ExampleFailures.All[CauseId.CircuitOpen].Request;
        var facts = new FailureFacts(example with { Path = path, DurationMs = n, OpenCircuit = example.OpenCircuit! with { RetryInMs = retryInMs } }, []);
        var context = s_known with { Now = PageHarness.Now.AddMilliseconds(n * 1234.567), Count = 41 + n, Paths = [path, "/other"] };
        return Numbered(PageHarness.Event(facts), n) with { Time = context.Now, Diagnosis = Explainer.Explain(facts, Classifier.Classify(facts), context) };
    }

    /// <summary>One state of things: in the gateway it is one object as long as nothing changes.</summary>
    private static readonly FailureContext s_known = ExampleContexts.Of(CauseId.CircuitOpen)!;

    private static FailureEvent Told(FailureEvent failure, FailureContext context) =>
        failure with { Diagnosis = Explainer.Explain(new FailureFacts(failure.Request, []), failure.Diagnosis.Failure, context) };

    private static FailureEvent Numbered(FailureEvent failure, int n) => failure with
    {
        Id = $"k7mq-3f{n % 10}x",
        Time = PageHarness.Now.AddMilliseconds(n * 1234.567),
        TraceId = $"4bf92f3577b34da6a3ce929d0e0e{n % 10_000:0000}",
        ClientAddress = $"203.0.113.{n % 250}",
        Occurrences = n + 1,
    };
}
