using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace ProxyGate.EndToEnd.Tests.Browser;

/// <summary>A page with an ear on its console, its errors, what its policy refused and what it asked the gateway.</summary>
internal sealed class WatchedPage
{
    private const string NoticeViolations = "window.refused=[];document.addEventListener('securitypolicyviolation',e=>window.refused.push(e.violatedDirective+' '+e.blockedURI+' '+e.sample))";

    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<string> _asked = new();

    private WatchedPage(IPage page)
    {
        Page = page;
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.Console += (_, message) =>
        {
            // That the answer is an error is what the page is about.
            if (message.Type is "error" or "warning" && !message.Text.StartsWith("Failed to load resource: the server responded with a status of", StringComparison.Ordinal)) _complaints.Enqueue(message.Text);
        };
        page.Request += (_, request) => _asked.Enqueue(request.Method);
    }

    public IPage Page { get; }

    /// <summary>What the page was opened with.</summary>
    public IResponse Answer { get; private set; } = null!;

    public int Heads => _asked.Count(method => method == "HEAD");

    public int Gets => _asked.Count(method => method == "GET");

    public static async Task<WatchedPage> OpenAsync(IBrowserContext context, string path)
    {
        var page = new WatchedPage(await context.NewPageAsync());
        await page.Page.AddInitScriptAsync(NoticeViolations);
        page.Answer = (await page.Page.GotoAsync(path))!;
        return page;
    }

    /// <summary>Nothing was refused by the policy, nothing thrown, nothing complained of, and nothing hostile ran.</summary>
    public async Task AssertQuietAsync()
    {
        Assert.Empty(_complaints);
        Assert.Equal("", await Page.EvaluateAsync<string>("(window.refused||[]).join('\\n')"));
        Assert.Null(await Page.EvaluateAsync<object?>("window.ran"));
    }

    /// <summary>Every violation axe finds, with the elements; empty when there is none.</summary>
    public async Task<string> AxeAsync()
    {
        await Page.EvaluateAsync(BrowserStand.Axe + ";undefined");
        return await Page.EvaluateAsync<string>(
            "async()=>{const r=await axe.run(document,{resultTypes:['violations','passes']});if(r.passes.length<10)return 'axe looked at nothing';return r.violations.map(v=>v.id+': '+v.help+'\\n'+v.nodes.map(n=>'  '+n.html.slice(0,160)+'\\n  '+(n.failureSummary||'').replace(/\\s+/g,' ').slice(0,220)).join('\\n')).join('\\n')}");
    }

    /// <summary>What is wider than the window; empty when there is no scrolling sideways.</summary>
    public Task<string> TooWideAsync() => Page.EvaluateAsync<string>(
        """
        ()=>{const e=document.documentElement;if(e.scrollWidth<=e.clientWidth)return '';
        return e.scrollWidth+' > '+e.clientWidth+': '+[...document.querySelectorAll('body *')].filter(x=>x.getBoundingClientRect().right>e.clientWidth+1).slice(0,5).map(x=>x.outerHTML.slice(0,120)).join('\n')}
        """);
}
