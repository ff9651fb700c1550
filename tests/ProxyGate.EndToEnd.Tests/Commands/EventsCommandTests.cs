using System.Diagnostics;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;
using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Tests.Events;

namespace ProxyGate.EndToEnd.Tests.Commands;

/// <summary><c>proxygate events</c> as a person runs it, on logs that are whole, rolled, spoilt or growing.</summary>
public sealed class EventsCommandTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("proxygate-events-");

    private string Log => Path.Combine(_folder.FullName, "logs", "events.jsonl");

    public EventsCommandTests() => Directory.CreateDirectory(Path.GetDirectoryName(Log)!);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Failures_are_readable_lines_with_a_summary_by_cause()
    {
        Write(Log, SomeFailure.Event(), SomeFailure.Event(id: "abcd-1234", cause: CauseId.ResponseTimeout, route: "api"), SomeFailure.Event() with { Occurrences = 40 });

        var (code, output, error) = await RunAsync();

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("2026-03-01 07:03:12Z k7mq-3f9x 502 connect_refused, perhaps wrong_port: GET shop.example/cart -> app1 (127.0.0.1:5000) 1.3 ms", output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^cause +failures +saved +party +routes +last seen$", output);
        Assert.Matches(@"(?m)^connect_refused +41 +0 +upstream_process +shop +2026-03-01 07:03:12Z$", output);
        Assert.Matches(@"(?m)^response_timeout +1 +0 +upstream_app +api ", output);
        Assert.True(output.IndexOf("connect_refused  ", StringComparison.Ordinal) < output.IndexOf("response_timeout  ", StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', output);
    }

    [Fact]
    public async Task Cause_route_and_time_narrow_it_and_json_passes_the_lines_on()
    {
        var now = DateTimeOffset.UtcNow;
        var wanted = SomeFailure.Event(id: "aaaa-0001", route: "api", time: now.AddMinutes(-10));
        Write(Log,
            SomeFailure.Event(id: "aaaa-0002", route: "api", time: now.AddHours(-3)),
            wanted,
            SomeFailure.Event(id: "aaaa-0003", route: "shop", time: now),
            SomeFailure.Event(id: "aaaa-0004", route: "api", cause: CauseId.ResponseTimeout, time: now));

        var (code, output, _) = await RunAsync("--since", "1h", "--route", "api", "--cause", "connect_refused", "--json");

        Assert.Equal((0, FailureEventJson.ToLine(wanted) + "\n"), (code, output));
    }

    [Fact]
    public async Task One_failure_is_shown_whole_with_what_was_found_out_afterwards()
    {
        var (one, other) = (SomeFailure.Event(id: "aaaa-0001"), SomeFailure.Event(id: "aaaa-0002"));
        Write(Log, one, other);
        await File.AppendAllTextAsync(Log, $$"""
            {"schema":"proxygate.finding/1","incident":"{{one.Incident}}","findings":["nothing listens at 127.0.0.1:5000\u001b[2J."],"hints":[{"id":"app_down","confidence":"proved","sentence":"The app is not running.","evidence":["The kernel's list"],"try":["# Look:","ss -ltnp"]}]}
            {"schema":"proxygate.finding/1","incident":"inc-else-0000","findings":["something else"],"hints":[]}

            """, Token);

        var (code, output, error) = await RunAsync("--id", "AAAA0OO1");

        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith("aaaa-0001: connect_refused\n", output, StringComparison.Ordinal);
        Assert.Contains("The machine is there and answered, but it refused the connection", output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^  1\. app1 \(127\.0\.0\.1:5000\)", output);
        Assert.Matches(@"(?m)^  possible: Another port may be meant\. \(wrong_port\)$", output);
        Assert.Contains("proved: The app is not running. (app_down)", output, StringComparison.Ordinal);
        Assert.Contains("      ss -ltnp\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("something else", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);

        (code, output, _) = await RunAsync("--id", "aaaa-0002", "--json");
        Assert.Equal(0, code);
        Assert.StartsWith(FailureEventJson.ToLine(other) + "\n", output, StringComparison.Ordinal);

        (code, output, error) = await RunAsync("--id", "zzzz-9999");
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("no failure zzzz-9999 in this event log", error, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("--id", "not an id")).Code);
        Assert.Equal(2, (await RunAsync("--id", "aaaa-0001", "--follow")).Code);
    }

    [Fact]
    public async Task Rolled_files_come_first_and_what_cannot_be_read_is_counted_and_said()
    {
        Write(Log.Replace(".jsonl", ".1.jsonl", StringComparison.Ordinal), SomeFailure.Event(id: "aaaa-0001"));
        Write(Log, SomeFailure.Event(id: "aaaa-0002"));
        await File.AppendAllTextAsync(Log, "{\"schema\":\"proxygate.fail\nnot json\n{\"schema\":\"proxygate.recovery/1\"}\n{\"schema\":\"proxygate.dropped/1\",\"dropped\":7}\n", Token);

        var (code, output, error) = await RunAsync();

        Assert.Equal(0, code);
        Assert.InRange(output.IndexOf("aaaa-0001", StringComparison.Ordinal), 0, output.IndexOf("aaaa-0002", StringComparison.Ordinal));
        Assert.Equal("7 events are missing here: the gateway could not write them at the time.\n2 lines are not readable as events and were passed over.\n", error);
    }

    [Fact]
    public async Task A_log_that_others_have_written_to_does_nothing_to_the_terminal()
    {
        const string Evil = "\\u001b[2J\\u001b]0;owned\\u0007\\nforged\\u202e";
        await File.WriteAllTextAsync(Log, $$$"""{"schema":"proxygate.failure/1","id":"{{{Evil}}}","cause":"{{{Evil}}}","party":"{{{Evil}}}","route":"{{{Evil}}}","client":{"host":"{{{Evil}}}","path":"{{{Evil}}}"}}""", Token);

        var (code, output, _) = await RunAsync();

        Assert.Equal(0, code);
        Assert.DoesNotContain(output, c => (char.IsControl(c) && c != '\n') || c == '\u202e');
        Assert.DoesNotContain("\nforged", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--cause conect_refused", "(did you mean connect_refused?)")]
    [InlineData("--cause xyz", "\"xyz\" is no cause")]
    [InlineData("--since yesterday", "--since \"yesterday\" is no time")]
    [InlineData("--since 5", "--since \"5\" is no time")]
    [InlineData("--file a --config b", "not both")]
    [InlineData("--folow", "(did you mean --follow?)")]
    [InlineData("--id", "Required argument missing for option: '--id'")]
    [InlineData("--cause connect_refused --since", "Required argument missing for option: '--since'")]
    public async Task Wrong_usage_is_2_and_says_what_is_right(string arguments, string says)
    {
        var (code, output, error) = await RunAsync(arguments.Split(' '));

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_is_not_there_is_3_in_one_line()
    {
        var (code, output, error) = await RunAsync("--file", "nowhere.jsonl");

        Assert.Equal((3, ""), (code, output));
        Assert.Equal("proxygate: nowhere.jsonl does not exist. Name the event log with --file, or the configuration with --config.\n", error);
    }

    [Fact]
    public async Task The_log_of_a_configuration_is_found()
    {
        var config = Path.Combine(_folder.FullName, "proxygate.json");
        await File.WriteAllTextAsync(config, """
            {
              "ReverseProxy": {
                "Routes": { "all": { "ClusterId": "app", "Match": { "Path": "/{**rest}" } } },
                "Clusters": { "app": { "Destinations": { "one": { "Address": "http://127.0.0.1:5000" } } } }
              },
              "ProxyGate": { "Events": { "File": "logs/events.jsonl" } }
            }
            """, Token);
        Write(Log, SomeFailure.Event());

        var (code, output, error) = await RunAsync("--config", config, "--json");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("k7mq-3f9x", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Following_shows_what_comes_and_ends_with_Ctrl_C_and_a_summary()
    {
        Write(Log, SomeFailure.Event(id: "aaaa-0001"));
        using var process = Start("--follow");
        var ended = process.StandardError.ReadToEndAsync(Token);
        Assert.Contains("aaaa-0001", await ReadLineAsync(process), StringComparison.Ordinal);
        File.Move(Log, Log.Replace(".jsonl", ".1.jsonl", StringComparison.Ordinal));
        Write(Log, SomeFailure.Event(id: "aaaa-0002"));
        Assert.Contains("aaaa-0002", await ReadLineAsync(process), StringComparison.Ordinal);

        var (code, rest) = await DiagnoseProgram.InterruptAsync(process);
        Assert.Equal((0, ""), (code, await ended));
        Assert.Matches(@"(?m)^connect_refused +2 ", rest);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static void Write(string file, params FailureEvent[] events) =>
        File.AppendAllText(file, string.Concat(events.Select(e => FailureEventJson.ToLine(e) + "\n")));

    private static async Task<string> ReadLineAsync(Process process) => await process.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(Limit, Token) ?? "";

    private Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(GatewayProcess.Program, ["events", .. arguments])
    {
        WorkingDirectory = _folder.FullName,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var error = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token).WaitAsync(Limit, Token);
        return (process.ExitCode, await output, await error);
    }
}
