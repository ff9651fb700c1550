using System.Runtime.CompilerServices;
using System.Text.Json;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation.Hints;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Commands;

/// <summary><c>proxygate explain</c> as a person runs it, and as a script does.</summary>
public sealed class ExplainCommandTests
{
    private static readonly string s_folder = Path.GetTempPath();

    [Fact]
    public async Task Without_a_name_every_cause_is_listed_by_stage_and_with_hints_every_root_cause()
    {
        var (code, causes, error) = await RunAsync();
        Assert.Equal((0, ""), (code, error));
        Assert.All(CauseCatalogue.All, c => Assert.Matches($@"(?m)^  {c.Id} +[A-Z]", causes));
        Assert.Matches("(?m)^connect: making the connection$", causes);

        (code, var hints, error) = await RunAsync("--hints");
        Assert.Equal((0, ""), (code, error));
        Assert.All(HintGuides.All, h => Assert.Matches($@"(?m)^  {h.Id} +", hints));
    }

    /// <summary>Set PROXYGATE_APPROVE=1 to write the file anew; then read every changed line.</summary>
    [Fact]
    public async Task The_pages_of_all_causes_are_as_approved()
    {
        var (code, manual, error) = await RunAsync("--all");
        Assert.Equal((0, ""), (code, error));
        // The pages of the root causes repeat what stands on those of the causes.
        manual = manual[..manual.IndexOf("\n" + HintGuides.All[0].Id + ": ", StringComparison.Ordinal)];
        var file = Path.Combine(Path.GetDirectoryName(Here())!, "Approved", "explain.txt");
        if (Environment.GetEnvironmentVariable("PROXYGATE_APPROVE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, manual, TestContext.Current.CancellationToken);
        }

        Assert.True(File.Exists(file), $"{file} is missing: run once with PROXYGATE_APPROVE=1 and read it.");
        Assert.Equal(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), manual);
    }

    [Fact]
    public async Task A_page_in_a_pipe_has_no_colour_and_only_commands_and_codes_run_over_the_width()
    {
        var (_, page, _) = await RunAsync("--all");
        Assert.DoesNotContain(page, c => char.IsControl(c) && c != '\n');
        var prose = page.Split('\n').Where(l => l.Length > 100 && !l.StartsWith("     ", StringComparison.Ordinal) && !l.StartsWith("    -", StringComparison.Ordinal));
        Assert.DoesNotContain(prose, l => l.TrimStart().Contains(". ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("upstream_closed_without_response", "upstream prematurely closed connection")]
    [InlineData("upstream_closed_without_response", "H13")]
    [InlineData("connect_refused", "UF,URX")]
    [InlineData("connect_refused", "SC--")]
    [InlineData("connect_timeout", "522")]
    [InlineData("connect_refused", "ECONNREFUSED")]
    [InlineData("upstream_closed_without_response", "socket", "hang", "up")]
    [InlineData("connect_refused", "[error] 12#12: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.1")]
    public async Task Another_programs_message_shows_what_it_can_mean_and_the_page_of_the_first(string cause, params string[] text)
    {
        var (code, page, error) = await RunAsync(text);
        Assert.Equal((0, ""), (code, error));
        Assert.Matches($"(?m)^{cause}: [A-Z]", page);
        Assert.Contains("What usually stands behind it", page, StringComparison.Ordinal);
        Assert.Matches("can mean, the most usual first:|^[a-z_]+: ", page);
    }

    [Fact]
    public async Task A_root_cause_has_a_page_too()
    {
        var (code, page, error) = await RunAsync("keepalive_race");
        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith("keepalive_race: ", page, StringComparison.Ordinal);
        Assert.Contains("stale_connection", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_lists_its_causes_and_claims_none()
    {
        var (code, page, _) = await RunAsync("504");
        Assert.Equal(0, code);
        Assert.Contains("response_timeout", page, StringComparison.Ordinal);
        Assert.Contains("A status alone does not tell which", page, StringComparison.Ordinal);
        Assert.DoesNotContain("What usually stands behind it", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_with_one_cause_shows_its_page()
    {
        var (code, page, _) = await RunAsync("413");
        Assert.Equal(0, code);
        Assert.StartsWith("client_request_too_large: ", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("conect_refused", "Did you mean connect_refused")]
    [InlineData("k7mq-3f9x", "proxygate events --id k7mq-3f9x")]
    [InlineData("qqqq zzzz", "proxygate explain lists all causes")]
    public async Task What_is_not_known_ends_with_1_and_a_way_on(string text, string says)
    {
        var (code, output, error) = await RunAsync(text);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--hints", "connect_refused")]
    [InlineData("--all", "connect_refused")]
    [InlineData("--all", "--json")]
    [InlineData("--nonsense")]
    [InlineData("")]
    [InlineData("---")]
    public async Task Wrong_usage_ends_with_2(params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("See proxygate explain --help.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_lists_everything_or_answers_a_search_with_the_best_page_whole()
    {
        var list = await JsonAsync(0);
        Assert.Equal(CauseCatalogue.All.Select(c => c.Id), list.GetProperty("causes").EnumerateArray().Select(c => c.GetProperty("id").GetString()));
        Assert.Equal(HintGuides.All.Count, list.GetProperty("hints").GetArrayLength());

        var found = await JsonAsync(0, "H13");
        Assert.Equal("proxygate.explain/1", found.GetProperty("schema").GetString());
        Assert.Equal("upstream_closed_without_response", found.GetProperty("matches")[0].GetProperty("id").GetString());
        var cause = found.GetProperty("cause");
        Assert.Equal((502, "head", "upstream_process"), (cause.GetProperty("status").GetInt32(), cause.GetProperty("stage").GetString(), cause.GetProperty("party").GetString()));
        Assert.Contains(cause.GetProperty("equivalents").EnumerateArray(), e => e.GetProperty("system").GetString() == "nginx");
        Assert.NotEmpty(cause.GetProperty("root_causes")[0].GetProperty("tell_apart").GetString()!);
        Assert.Equal(JsonValueKind.Null, found.GetProperty("hint").ValueKind);

        var hint = await JsonAsync(0, "wrong_port");
        Assert.Equal("wrong_port", hint.GetProperty("hint").GetProperty("id").GetString());

        var nothing = await JsonAsync(1, "conect_refused");
        Assert.Equal(0, nothing.GetProperty("matches").GetArrayLength());
        Assert.Equal("connect_refused", nothing.GetProperty("nearest")[0].GetString());
    }

    [Fact]
    public async Task What_is_pasted_does_nothing_to_the_terminal()
    {
        const string Evil = "connection refused \u001b[2J\u001b]0;owned\u0007 \u202e \nforged line";
        var (code, page, error) = await RunAsync(Evil);
        Assert.Equal(0, code);
        Assert.DoesNotContain(page + error, c => (char.IsControl(c) && c != '\n') || c == '\u202e');
        Assert.DoesNotContain("\nforged", page, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> JsonAsync(int code, params string[] arguments)
    {
        var run = await RunAsync(["--json", .. arguments]);
        Assert.Equal(code, run.Code);
        using var document = JsonDocument.Parse(run.Output);
        return document.RootElement.Clone();
    }

    private static Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        Programs.RunAsync(GatewayProcess.Program, ["explain", .. arguments], s_folder);

    private static string Here([CallerFilePath] string file = "") => file;
}
