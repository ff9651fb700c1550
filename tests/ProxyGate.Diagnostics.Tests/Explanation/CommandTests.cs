using System.Text.RegularExpressions;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Diagnostics.Explanation.Hints;
using ProxyGate.Diagnostics.Explanation.Hints.Remedies;

namespace ProxyGate.Diagnostics.Tests.Explanation;

/// <summary>Every command that is ever shown: it is shell, it has the real values, and it changes nothing unless the step before says so.</summary>
public partial class CommandTests
{
    /// <summary>Lists as they are shown, with the part they come from.</summary>
    private static readonly (string From, bool MayChange, IReadOnlyList<string> Lines)[] Lists = [.. OfExamples(f => f), .. OfRemedies(f => f)];

    [Fact]
    public void Every_command_is_valid_shell()
    {
        var all = Lists.SelectMany(l => l.Lines).Distinct().ToArray();
        Assert.All(all, l => Assert.False(l.Length == 0 || l.Any(char.IsControl), l));
        var (code, errors) = ShellRun.Check(all);
        Assert.True(code == 0, errors);
    }

    [Fact]
    public void A_command_changes_something_only_behind_a_step_that_says_what()
    {
        // Each distinct line once, with whether it is always announced.
        var announced = Lists.SelectMany(l => l.Lines.Select((line, i) => (Line: line, l.From, IsAnnounced: i > 0 && Announces(l.Lines[i - 1]))))
            .Where(l => l.Line[0] != '#').GroupBy(l => l.Line).Select(g => (Line: g.Key, g.First().From, IsAnnounced: g.All(l => l.IsAnnounced))).ToArray();
        var words = ShellRun.Words([.. announced.Select(a => a.Line)]);
        var objections = announced.SelectMany((a, i) => words[i].Select(Harmless.Objection).Append(Harmless.Writes(a.Line) ? a.Line : null)
            .OfType<string>().Where(_ => !a.IsAnnounced).Select(o => $"{a.From}: {o}")).ToArray();
        Assert.Empty(objections);
        Assert.All(announced.Where((_, i) => !words[i].Any()), a => Assert.Fail($"{a.From}: bash ran nothing for {a.Line}"));
    }

    [Fact]
    public void A_step_that_announces_a_change_stands_before_a_command_that_changes_something()
    {
        var pairs = Lists.SelectMany(l => l.Lines.Select((line, i) => (line, Next: i + 1 < l.Lines.Count ? l.Lines[i + 1] : "", l.From))).Where(p => Announces(p.line)).Distinct().ToArray();
        Assert.NotEmpty(pairs);
        Assert.All(pairs, p => Assert.False(p.Next.Length == 0 || p.Next[0] == '#', $"{p.From}: {p.line}"));
        var words = ShellRun.Words([.. pairs.Select(p => p.Next)]);
        Assert.All(pairs.Select((p, i) => (p.Next, Harm: words[i].Any(w => Harmless.Objection(w) is not null) || Harmless.Writes(p.Next))), p => Assert.True(p.Harm, p.Next));
    }

    [Fact]
    public void What_confirms_changes_nothing() =>
        Assert.All(Lists.Where(l => !l.MayChange), l => Assert.DoesNotContain(l.Lines, Announces));

    [Fact]
    public void What_a_person_must_put_in_is_named_in_the_step_before()
    {
        foreach (var (from, _, lines) in Lists)
        {
            var step = "";
            foreach (var line in lines)
            {
                if (line[0] == '#') step = line;
                else Assert.All(PutIn().Matches(line), m => Assert.True(step.Contains(m.Value, StringComparison.Ordinal), $"{from}: nobody says what {m.Value} is in: {line}"));
            }
        }
    }

    [Fact]
    public void The_commands_of_a_failed_attempt_have_its_values()
    {
        foreach (var name in ExampleFailures.Names)
        {
            var failure = ExampleFailures.Verdict(name);
            if (failure.Attempt is not { } a || failure.Party == Party.Client) continue;
            var lines = OfDiagnosis(name, f => f).SelectMany(l => l.Lines).Where(l => l[0] != '#').ToArray();
            var place = Destination.Parse(a.DestinationUrl);
            string[] values = place.SocketPath is { } path ? [path] : [place.Host, a.AddressesTried is [var tried, ..] ? tried.Address.Split(':')[0] : place.Host];
            Assert.True(lines.Any(l => values.Any(v => l.Contains(v, StringComparison.Ordinal))) || !NeedsPlace(name), $"{name}: {string.Join("; ", lines)}");
        }
    }

    [Fact]
    public void Hostile_values_stay_whole_inside_one_word_of_a_command()
    {
        var lines = OfExamples(HostileFacts.Poison).Concat(OfRemedies(HostileFacts.Poison)).SelectMany(l => l.Lines).Distinct().ToArray();
        var (code, errors) = ShellRun.Check(lines);
        Assert.True(code == 0, errors);
        var shown = HostileText.Line(HostileFacts.Evil, 200);
        var path = string.Join('/', ("/" + HostileFacts.Evil).Split('/').Select(Uri.EscapeDataString));
        var words = ShellRun.Words(lines).SelectMany(g => g).ToArray();
        Assert.Contains(words, w => w.Any(x => x.Contains(shown, StringComparison.Ordinal)));
        Assert.All(words.SelectMany(w => w), word =>
        {
            var rest = word.Replace(shown, "", StringComparison.Ordinal).Replace(path, "", StringComparison.Ordinal);
            // A word that was cut for its length has the beginning of the path in it, escaped.
            Assert.True(!rest.Contains(HostileFacts.Canary, StringComparison.Ordinal) || rest.Contains("%3Btouch%20", StringComparison.Ordinal), word);
        });
        Assert.All(words, w => Assert.DoesNotContain("touch", w[0], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("-rf")]
    [InlineData("--output=/etc/passwd")]
    public void A_value_that_looks_like_an_option_is_not_taken_for_one(string name)
    {
        var facts = ExampleFailures.Failed(new RequestFacts { Method = "GET", Path = "/" }, ExampleFailures.Dialled(ExampleFailures.Tried(name, 1, System.Net.Sockets.SocketError.ConnectionRefused, 111)) with { DestinationUrl = $"http://{name}:80", Dns = new DnsFacts { Host = name } });
        var lines = RemedyTable.Ids.SelectMany(id => Confirm(id, facts).Concat(Fix(id, facts))).Distinct().ToArray();
        Assert.All(ShellRun.Words(lines).SelectMany(g => g), w =>
        {
            var at = Array.IndexOf(w, name);
            Assert.True(at < 0 || w.Take(at).Contains("--") || w[at - 1] is "-e" or "-servername", string.Join(' ', w));
        });
    }

    private static bool Announces(string line) => line.StartsWith("# This ", StringComparison.Ordinal) && line.EndsWith(':');

    /// <summary>Causes whose commands ask this machine only: its limits, its own files.</summary>
    private static bool NeedsPlace(string name) => name.Split('.')[0] is not ("gateway_fds_exhausted" or "upgrade_idle_timeout" or "upgrade_broken" or "proxy_loop" or "unexpected_upgrade");

    private static IEnumerable<(string From, bool MayChange, IReadOnlyList<string> Lines)> OfExamples(Func<FailureFacts, FailureFacts> with) =>
        ExampleFailures.Names.SelectMany(n => OfDiagnosis(n, with));

    private static IEnumerable<(string From, bool MayChange, IReadOnlyList<string> Lines)> OfDiagnosis(string name, Func<FailureFacts, FailureFacts> with)
    {
        var facts = with(ExampleFailures.All[name]);
        var d = Explainer.Explain(facts, HostileFacts.Verdict(name, facts), SomeContext.Failing);
        yield return (name, false, d.Checks);
        foreach (var hint in d.Hints)
        {
            yield return ($"{name} {hint.Id}", false, hint.Try);
            yield return ($"{name} {hint.Id}", true, hint.Fix);
        }

        foreach (var possibility in d.Possibilities)
        {
            yield return ($"{name} {possibility.Id}", false, possibility.Confirm);
            yield return ($"{name} {possibility.Id}", true, possibility.Fix);
        }
    }

    /// <summary>Every root cause's commands for places of each kind, also where no rule gives it yet.</summary>
    private static IEnumerable<(string From, bool MayChange, IReadOnlyList<string> Lines)> OfRemedies(Func<FailureFacts, FailureFacts> with)
    {
        string[] places = ["connect_refused", "connect_refused.remote", "socket_missing", "tls_cert_name_mismatch", "route_not_found", "response_timeout", "listen_backlog_full"];
        foreach (var place in places)
        {
            var facts = with(ExampleFailures.All[place]);
            foreach (var id in RemedyTable.Ids)
            {
                yield return ($"{id} at {place}", false, Confirm(id, facts));
                yield return ($"{id} at {place}", true, Fix(id, facts));
            }
        }
    }

    private static string[] Confirm(string id, FailureFacts facts) => [.. RemedyTable.Of(id).Confirm(new Seen(facts, Verdict(facts), SomeContext.Failing))];

    private static string[] Fix(string id, FailureFacts facts) => [.. RemedyTable.Of(id).Fix(new Seen(facts, Verdict(facts), SomeContext.Failing))];

    private static Failure Verdict(FailureFacts facts) => Classifier.Classify(facts);

    [GeneratedRegex(@"(?<![A-Z_])(APP|NETWORK|GATEWAY|CERTIFICATE)(?![A-Z_])")]
    private static partial Regex PutIn();
}
