using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;

namespace ProxyGate.Diagnostics.Tests.Explanation;

public class HostileValueTests
{
    private const string Canary = "proxygate-injected";
    private const string Evil = "a';touch proxygate-injected;'$(touch proxygate-injected)`touch proxygate-injected`\ntouch proxygate-injected\n\"&|<>*{a,b}~!\u202e";

    public static TheoryData<string> Samples => [.. ExampleFailures.Names];

    [Theory, MemberData(nameof(Samples))]
    public void Commands_of_every_cause_are_valid_shell(string name) => AssertValid(Explainer.Explain(ExampleFailures.All[name], ExampleFailures.Verdict(name)));

    [Theory, MemberData(nameof(Samples))]
    public void Hostile_values_stay_inside_their_word_of_a_command(string name)
    {
        var facts = Poison(ExampleFailures.All[name]);
        var id = name.Split('.')[0];
        var failure = ExampleFailures.NeedsHostEvidence.Contains(id)
            ? ExampleFailures.Verdict(name) with { Attempt = facts.Attempts[^1] }
            : Classifier.Classify(facts);
        var diagnosis = Explainer.Explain(facts, failure);
        AssertValid(diagnosis);
        Assert.All(diagnosis.Evidence, line => Assert.DoesNotContain('\n', line));
        Assert.DoesNotContain('\n', diagnosis.Sentence);
        Assert.DoesNotContain('\n', diagnosis.NginxMessage);
        Assert.DoesNotContain('\u202e', diagnosis.Sentence + string.Concat(diagnosis.Evidence));
    }

    [Fact]
    public void A_shell_runs_the_commands_with_hostile_values_without_running_the_values()
    {
        // Every program is replaced by one that prints its arguments, so that only the shell itself is at work.
        var lines = ExampleFailures.Names.SelectMany(name =>
        {
            var facts = Poison(ExampleFailures.All[name]);
            var failure = ExampleFailures.NeedsHostEvidence.Contains(name.Split('.')[0])
                ? ExampleFailures.Verdict(name) with { Attempt = facts.Attempts[^1] }
                : Classifier.Classify(facts);
            var d = Explainer.Explain(facts, failure);
            return d.Hints.SelectMany(h => h.Try).Concat(d.Checks);
        }).Distinct().ToArray();
        var folder = Directory.CreateTempSubdirectory("proxygate-shell-");
        try
        {
            var script = "PATH=/nonexistent\ncommand_not_found_handle() { :; }\ntouch() { echo injected; : > " + Canary + "; }\n" + string.Join('\n', lines.Where(l => l[0] != '#')) + "\n";
            var (_, output) = Run("bash", script, folder.FullName, "--norc");
            Assert.DoesNotContain("injected", output);
            Assert.False(File.Exists(Path.Combine(folder.FullName, Canary)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
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
        var lines = diagnosis.Hints.SelectMany(h => h.Try).Concat(diagnosis.Checks).ToArray();
        Assert.All(lines, l => Assert.False(l.Any(char.IsControl), l));
        var (code, output) = Run("bash", string.Join('\n', lines) + "\n", Path.GetTempPath(), "-n");
        Assert.True(code == 0, output);
    }

    private static (int Code, string Output) Run(string program, string input, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(20)), "the shell did not end");
        // What bash says of itself quotes the lines; only what ran is of interest.
        return (process.ExitCode, arguments.Contains("-n") ? errors.Result : output.Result);
    }

    private static FailureFacts Poison(FailureFacts facts) => new(
        facts.Request with
        {
            Path = "/" + Evil,
            Host = Evil,
            Protocol = Evil,
            Method = facts.Request.Method == "GET" ? "GET" : Evil,
            Cluster = Evil,
            Route = Evil,
            DecisionDetail = Evil,
            GatewayFault = facts.Request.GatewayFault is null ? null : Evil,
        },
        [.. facts.Attempts.Select(Poison)]);

    private static AttemptFacts Poison(AttemptFacts a) => a with
    {
        Destination = Evil,
        DestinationUrl = a.IsUnixSocket ? "http://unix:/run/" + Evil : $"{(a.UsesTls ? "https" : "http")}://{Evil}:8080",
        Address = a.IsUnixSocket ? "/run/" + Evil : a.Address is null ? null : Evil,
        Dns = a.Dns is null ? null : a.Dns with { Host = Evil },
        AddressesTried = [.. a.AddressesTried.Select(t => t with { Address = Evil })],
        FirstBytes = a.FirstBytes.Length == 0 ? [] : [.. a.FirstBytes, .. Encoding.UTF8.GetBytes(Evil)],
        DefectDetail = Evil,
        Message = Evil,
        Tls = a.Tls is null ? null : a.Tls with
        {
            ServerName = Evil,
            Alpn = Evil,
            Certificate = a.Tls.Certificate is null ? null : a.Tls.Certificate with { Subject = Evil, Issuer = Evil, Names = [Evil] },
        },
        Http2 = a.Http2 is null ? null : a.Http2 with { GoAwayDebug = Evil },
        UpstreamIdentity = new UpstreamIdentity { Server = Evil, Via = Evil },
    };

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
