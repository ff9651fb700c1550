using System.Runtime.CompilerServices;
using System.Text;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Diagnostics.Explanation.Guides;
using ProxyGate.Diagnostics.Explanation.Hints;
using ProxyGate.Diagnostics.Explanation.Hints.Remedies;

namespace ProxyGate.Diagnostics.Tests.Explanation;

public class HintGuideTests
{
    /// <summary>The ids of the contract: those of the knowledge base, and six more.</summary>
    private static readonly string[] Contract =
    [
        "localhost_in_container", "app_bound_to_loopback", "wrong_port", "not_same_network", "app_down", "app_starting", "app_crashed_on_request", "oom_killed",
        "worker_timeout_kill", "keepalive_race", "worker_pool_full", "slow_request", "headers_too_big", "request_headers_too_big", "localhost_ipv6", "stale_dns",
        "selinux", "scheme_https_to_http", "scheme_http_to_https", "wrong_sni_or_host", "cert_expired_internal", "mtls_missing", "app_protocol_mismatch",
        "h2c_or_grpc", "deploy_without_drain", "firewall_drop", "firewall_reject", "upload_limit", "ephemeral_ports", "fd_limit", "conntrack_full", "health_path",
        "broken_compression", "loop", "self_signed", "missing_intermediate", "no_route", "host_down", "crashed", "restarted",
    ];

    [Fact]
    public void Every_root_cause_of_the_contract_and_of_the_guides_has_a_guide()
    {
        var ids = HintGuides.All.Select(g => g.Id).ToHashSet();
        Assert.Empty(Contract.Except(ids));
        Assert.Empty(CauseGuides.All.SelectMany(g => g.RootCauses).Select(r => r.Hint).Except(ids));
        Assert.Equal(HintGuides.All.Count, ids.Count);
    }

    [Fact]
    public void Every_hint_that_is_given_has_a_guide() =>
        Assert.Empty(ExampleFailures.Names.SelectMany(n => Explainer.Explain(ExampleFailures.All[n], ExampleFailures.Verdict(n)).Hints).Select(h => h.Id).Except(HintGuides.All.Select(g => g.Id)));

    [Fact]
    public void Every_guide_has_commands_and_every_command_a_guide() =>
        Assert.Equal(HintGuides.All.Select(g => g.Id).Order(), RemedyTable.Ids.Order());

    [Fact]
    public void Every_root_cause_can_be_confirmed_and_mended()
    {
        var seen = new Seen(ExampleFailures.All["connect_refused.remote"], ExampleFailures.Verdict("connect_refused.remote"));
        Assert.All(RemedyTable.Ids, id =>
        {
            Assert.NotEmpty(RemedyTable.Of(id).Confirm(seen));
            Assert.NotEmpty(RemedyTable.Of(id).Fix(seen));
        });
    }

    /// <summary>Set PROXYGATE_APPROVE=1 to write the file anew; then read every changed line. An id that is gone from it breaks people's scripts.</summary>
    [Fact]
    public void The_words_of_every_root_cause_are_as_approved()
    {
        var text = new StringBuilder();
        foreach (var guide in HintGuides.All)
        {
            text.Append("## ").Append(guide.Id).Append("\n\n").Append(guide.Title).Append("\n\n").Append(guide.Meaning).Append("\n\n").Append(guide.Evidence).Append("\n\n");
        }

        var file = Path.Combine(Folder(), "ApprovedHints.md");
        if (Environment.GetEnvironmentVariable("PROXYGATE_APPROVE") == "1") File.WriteAllText(file, text.ToString());
        Assert.Equal(File.ReadAllText(file), text.ToString());
    }

    [Fact]
    public void Titles_are_short_and_sentences_end()
    {
        Assert.All(HintGuides.All, g =>
        {
            Assert.InRange(g.Title.Length, 8, 80);
            Assert.False(g.Title.EndsWith('.'), g.Title);
            Assert.EndsWith(".", g.Meaning, StringComparison.Ordinal);
            Assert.EndsWith(".", g.Evidence, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void An_unknown_id_is_not_found()
    {
        Assert.False(HintGuides.TryGet("no_such_hint", out _));
        Assert.Throws<KeyNotFoundException>(() => HintGuides.Get("no_such_hint"));
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
