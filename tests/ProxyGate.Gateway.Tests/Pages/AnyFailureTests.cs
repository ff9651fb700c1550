using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Xunit;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Diagnostics.Explanation.Guides;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Gateway.Pages;
using ProxyGate.Gateway.Pages.Operator;

namespace ProxyGate.Gateway.Tests.Pages;

/// <summary>The page is what is left when all else fails: whatever the facts and words, it is written, is whole and has an end.</summary>
public partial class AnyFailureTests
{
    private const int LargestPage = 1024 * 1024;
    private static readonly string[] Names = [.. ExampleFailures.Names];

    [Property(MaxTest = 120)]
    public void Any_failure_has_an_answer_in_every_form(int which, NonNull<string> text, double number, byte[]? bytes, byte many)
    {
        // Long enough, now and then, to meet every limit.
        var odd = many > 200 ? string.Concat(Enumerable.Repeat(text.Get + "</pre>\n`<b>", 300)) : text.Get;
        var failure = Odd(Names[(int)((uint)which % Names.Length)], odd, number, bytes ?? [], many);
        var html = Written(buffer => OperatorPage.Write(buffer, failure));
        Assert.InRange(html.Length, 1, LargestPage);
        AssertWhole(html);
        var markdown = Written(buffer => MarkdownAnswer.Write(buffer, failure));
        Assert.InRange(markdown.Length, 1, LargestPage);
        Assert.DoesNotMatch(@"[\x00-\x09\x0b-\x1f\x7f]", markdown);
        Assert.DoesNotMatch(@"[\x00-\x09\x0b-\x1f\x7f]", Written(buffer => TextAnswer.Write(buffer, failure)));
        using var problem = JsonDocument.Parse(Written(buffer => ProblemAnswer.Write(buffer, failure)));
        Assert.Equal(failure.Id, problem.RootElement.GetProperty("id").GetString());
        Assert.Matches("^[ -~]*$", ProxyStatusField.Of(failure, Audience.Operator));
    }

    private static void AssertWhole(string html)
    {
        var body = html[html.IndexOf("<body>", StringComparison.Ordinal)..html.IndexOf("<script>", StringComparison.Ordinal)];
        var open = new Stack<string>();
        foreach (Match tag in Element().Matches(body))
        {
            if (tag.Groups[2].Value == "path") continue;
            if (tag.Groups[1].Value == "/") Assert.Equal(open.Pop(), tag.Groups[2].Value);
            else open.Push(tag.Groups[2].Value);
        }

        Assert.Equal(["body"], open);
        Assert.DoesNotContain("<b>x", body);
        Assert.EndsWith("</body></html>\n", html);
        Assert.DoesNotMatch(@"[\x00-\x09\x0b-\x1f\x7f]", body);
    }

    private static FailureEvent Odd(string name, string odd, double number, byte[] bytes, int many)
    {
        var example = ExampleFailures.All[name];
        var facts = example with
        {
            Request = example.Request with { Path = "/" + odd, Host = odd, Method = odd, Route = odd, DecisionDetail = odd, DurationMs = number },
            Attempts = [.. example.Attempts.Select(a => a with { Destination = odd, DestinationUrl = "http://" + odd, FirstBytes = bytes, Message = odd, DefectDetail = odd, DurationMs = number, SendMs = number, FirstByteMs = number, BytesSent = many - 128 })],
        };
        var failure = PageHarness.Event(facts);
        var lines = Enumerable.Repeat(odd, many).ToArray();
        var hint = new Hint("odd_hint", (Confidence)(many % 3), odd, lines, lines) { Fix = lines };
        return failure with
        {
            Attempts = [.. Enumerable.Range(0, many).SelectMany(_ => failure.Attempts)],
            TraceId = odd,
            Incident = odd,
            Diagnosis = failure.Diagnosis with
            {
                Hints = [.. failure.Diagnosis.Hints, .. Enumerable.Repeat(hint, many)],
                Checks = lines,
                Possibilities = [.. Enumerable.Repeat(new Possibility(odd, odd, odd, lines, lines), many)],
                Equivalents = [.. Enumerable.Repeat(new Equivalent(odd, odd, odd), many)],
                Context = FullFailure.Context with { RouteMatch = odd, RouteSource = odd, DestinationSource = odd, Paths = lines, OtherFailingRoutes = lines, Neighbours = [.. lines.Select(l => new NeighbourState(l, null, l))] },
                ContextLines = lines,
                Investigation = FullFailure.Look with { At = many % 2 == 0 ? DateTimeOffset.MinValue : DateTimeOffset.MaxValue, DurationMs = number, Address = odd, NotSeen = [.. lines.Select(l => new BlindSpot(l, l))] },
                Findings = lines,
            },
        };
    }

    private static string Written(Action<AnswerBuffer> write)
    {
        using var buffer = new AnswerBuffer(64);
        write(buffer);
        return Encoding.UTF8.GetString(buffer.Written.Span);
    }

    [GeneratedRegex("<(/?)([a-z][a-z0-9]*)")]
    private static partial Regex Element();
}
