using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;

namespace ProxyGate.Diagnostics.Tests.Explanation;

public class HostileValueTests
{
    public static TheoryData<string> Samples => [.. ExampleFailures.Names];

    [Theory, MemberData(nameof(Samples))]
    public void Hostile_values_stay_inside_their_word_of_a_command(string name)
    {
        var facts = HostileFacts.Poison(ExampleFailures.All[name]);
        var diagnosis = Explainer.Explain(facts, HostileFacts.Verdict(name, facts));
        AssertValid(diagnosis);
        Assert.All(diagnosis.Evidence, line => Assert.DoesNotContain('\n', line));
        Assert.DoesNotContain('\n', diagnosis.Sentence);
        Assert.DoesNotContain('\n', diagnosis.NginxMessage);
        Assert.DoesNotContain('\u202e', diagnosis.Sentence + string.Concat(diagnosis.Evidence));
    }

    [Theory]
    [InlineData("app.internal:8080", "app.internal:8080")]
    [InlineData("", "''")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("-rf", "'-rf'")]
    [InlineData("a b;c", "'a b;c'")]
    [InlineData("a\nb", @"'a\x0Ab'")]
    public void A_word_is_quoted_where_the_shell_would_read_something_into_it(string value, string expected) => Assert.Equal(expected, Shell.Word(value));

    [Fact]
    public void A_path_that_could_change_something_is_not_asked_again()
    {
        var facts = ExampleFailures.All["response_timeout"];
        var post = facts with { Request = facts.Request with { Method = "POST", Path = "/pay" } };
        var diagnosis = Explainer.Explain(post, Classifier.Classify(post));
        Assert.All(diagnosis.Checks.Concat(diagnosis.Hints.SelectMany(h => h.Try)).Where(l => l.StartsWith("curl", StringComparison.Ordinal)), l => Assert.DoesNotContain("/pay", l));
    }

    private static void AssertValid(Diagnosis diagnosis)
    {
        var lines = diagnosis.Hints.SelectMany(h => h.Try.Concat(h.Fix)).Concat(diagnosis.Checks).ToArray();
        Assert.All(lines, l => Assert.False(l.Any(char.IsControl), l));
        var (code, errors) = ShellRun.Check(lines);
        Assert.True(code == 0, errors);
    }

    [Fact]
    public void Any_facts_get_words()
    {
        foreach (var end in Enum.GetValues<AttemptEnd>())
        {
            foreach (var error in new SocketError?[] { null, SocketError.ConnectionRefused, SocketError.Fault })
            {
                var facts = new FailureFacts(new RequestFacts { Method = "" }, [new AttemptFacts { Number = 1, Destination = "", DestinationUrl = "", End = end, SocketError = error, DurationMs = double.NaN }]);
                var diagnosis = Explainer.Explain(facts, Classifier.Classify(facts));
                Assert.NotEmpty(diagnosis.Sentence);
                Assert.Equal(7, diagnosis.Chain.Count);
            }
        }
    }
}
