using System.Text;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Pages.Public;

/// <summary>Style and script of the public page. The policy names them by hash, so nothing else on the page can run or dress it.</summary>
internal static class PublicAssets
{
    private const string StyleText = """
        :root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--ink:#1a1f26;--soft:#56606c;--line:#d8dee5;--bad:#b3261e;--ok:#1a7a48;--okbg:#e6f4ec;--accent:#1f5fbf;--on:#fff}
        @media(prefers-color-scheme:dark){:root{--bg:#0f1318;--card:#181d24;--ink:#e7ebf0;--soft:#a3adb9;--line:#303843;--bad:#ff8f84;--ok:#6bd7a0;--okbg:#12301f;--accent:#8fbcff;--on:#10151b}}
        *{box-sizing:border-box}
        body{margin:0;padding:12vh 1rem 2rem;background:var(--bg);color:var(--ink);font:1.0625rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;-webkit-text-size-adjust:100%;overflow-wrap:anywhere}
        main{max-width:38rem;margin:0 auto;background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.9rem 1.9rem 1.5rem}
        h1{font-size:1.65rem;line-height:1.3;margin:0 0 .8rem;text-wrap:balance}p{margin:0 0 .8rem}
        ol{list-style:none;display:flex;margin:0 0 1.7rem;padding:0}
        li{flex:1;min-width:0;position:relative;text-align:center;font-size:.92rem;padding:0 .2rem}
        li:before{content:"";position:absolute;top:15px;left:-50%;width:100%;border-top:2px solid var(--ok)}li:first-child:before{display:none}
        .bad:before{border-color:var(--bad);border-top-style:dashed}.bad span{color:var(--bad);font-weight:600}
        .dot{position:relative;z-index:1;display:inline-grid;place-items:center;width:32px;height:32px;border-radius:50%;background:var(--okbg);color:var(--ok);border:2px solid var(--ok)}
        .dot+span{display:block}.bad .dot{background:var(--bad);border-color:var(--bad);color:var(--card)}
        svg{width:16px;height:16px;fill:none;stroke:currentColor;stroke-width:2.4;stroke-linecap:round;stroke-linejoin:round}
        [role=status]{border-left:3px solid var(--accent);padding-left:.8rem;color:var(--soft)}
        a{color:var(--accent)}.again{display:inline-block;background:var(--accent);color:var(--on);border-radius:9px;padding:.55rem 1.1rem;margin:.3rem 0 .2rem;font-weight:600;text-decoration:none}
        a:focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:9px}
        dl{margin:1.1rem 0 0;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.92rem}
        dl div{display:flex;flex-wrap:wrap;gap:0 .5rem}dd{margin:0;color:var(--ink)}code{font:600 1em ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        .vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        @media(max-width:30rem){body{padding-top:4vh}main{padding:1.3rem 1.1rem}h1{font-size:1.4rem}li{font-size:.85rem}}
        """;

    /// <summary>
    /// Asks with HEAD whether the site is back and loads the page again: every 1.6 to 2 seconds for the first three minutes, then more seldom and as Retry-After
    /// wishes, 350 times at most, only while the page is looked at. A page that answers HEAD but fails again when it is loaded is left alone after five
    /// times, each later than the one before.
    /// </summary>
    private const string ScriptText = """
        (function(){'use strict';var d=document,w=d.getElementById('proxygate-return'),key='proxygate-return',asked=0,past;
        if(!w||!window.fetch||!window.AbortController)return;
        try{past=JSON.parse(sessionStorage.getItem(key)||'{}')}catch(e){return}
        var now=Date.now(),again=past&&past.url===location.href&&Array.isArray(past.at)?past.at.filter(function(t){return now-t<6e5}):[];
        function say(what){var t=w.getAttribute('data-'+what);if(t)w.textContent=t}
        w.hidden=false;if(again.length>=5){say('still');return}
        function next(wish){if(asked>=350){say('stopped');return}
        var s=asked<100?1.6:asked<160?5:15;if(asked>=100)s=Math.max(s,Math.min(wish||0,60));if(!asked&&again.length)s=2<<again.length;
        setTimeout(look,1000*s*(1+.25*Math.random()))}
        function look(){if(!d.hidden)return ask();d.addEventListener('visibilitychange',function f(){if(d.hidden)return;d.removeEventListener('visibilitychange',f);setTimeout(look,600*Math.random())})}
        function ask(){asked++;var stop=new AbortController(),late=setTimeout(function(){stop.abort()},2e4);
        fetch(location.href,{method:'HEAD',cache:'no-store',redirect:'manual',signal:stop.signal,headers:{Accept:'text/html'}}).then(function(r){clearTimeout(late);
        var there=!r.headers.get('ProxyGate-Failure')&&(r.type==='opaqueredirect'||r.status<500||r.status===501);
        if(!there)return next(+r.headers.get('Retry-After'));
        try{sessionStorage.setItem(key,JSON.stringify({url:location.href,at:again.concat(Date.now())}))}catch(e){say('stopped');return}
        location.reload()},function(){clearTimeout(late);next()})}
        next()})();
        """;

    /// <summary>The style element, whole.</summary>
    public static readonly byte[] Style = Encoding.UTF8.GetBytes($"<style>{StyleText}</style>");

    public static readonly byte[] Script = Encoding.UTF8.GetBytes($"<script>{ScriptText}</script>");

    public static readonly string ScriptHash = PageTemplate.Hash(ScriptText);

    public static readonly string SecurityPolicy =
        $"default-src 'none'; style-src '{PageTemplate.Hash(StyleText)}'; script-src '{ScriptHash}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}
