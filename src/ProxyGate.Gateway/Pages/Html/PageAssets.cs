using System.Security.Cryptography;
using System.Text;

namespace ProxyGate.Gateway.Pages.Html;

/// <summary>The style and script of both pages. The policy names them by hash, so nothing else on the page can run or dress it.</summary>
internal static class PageAssets
{
    private const string StyleText = """
        :root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--ink:#1a1f26;--soft:#56606c;--line:#d8dee5;--code:#f0f2f5;--bad:#b3261e;--badbg:#fdecea;--ok:#1a7a48;--okbg:#e6f4ec;--accent:#1f5fbf}
        @media(prefers-color-scheme:dark){:root{--bg:#0f1318;--card:#181d24;--ink:#e7ebf0;--soft:#a3adb9;--line:#303843;--code:#11161c;--bad:#ff8f84;--badbg:#3a1a18;--ok:#6bd7a0;--okbg:#12301f;--accent:#8fbcff}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;-webkit-text-size-adjust:100%}
        main{max-width:66rem;margin:0 auto;padding:1.5rem 1.25rem 3rem}
        h1{font-size:1.55rem;line-height:1.35;font-weight:650;margin:.6rem 0 .8rem;overflow-wrap:anywhere;text-wrap:pretty}
        h2{font-size:1.05rem;margin:0 0 .7rem}h3{font-size:1rem;margin:0;font-weight:600;overflow-wrap:anywhere}
        p{margin:0 0 .7rem;overflow-wrap:anywhere}
        code,pre,kbd{font:.86em/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        code{overflow-wrap:anywhere}
        pre{margin:.5rem 0 0;padding:.75rem .9rem;background:var(--code);border:1px solid var(--line);border-radius:8px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
        pre .c{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--ink)}
        .top{display:flex;flex-wrap:wrap;gap:.35rem .9rem;align-items:baseline;color:var(--soft);font-size:.92rem}
        .top b{color:var(--ink)}.code{color:var(--bad);background:var(--badbg);border-radius:6px;padding:.05rem .5rem;font-weight:600}
        .open{color:var(--soft);max-width:60rem}.open b{color:var(--ink)}
        section,.box{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.1rem 1.25rem;margin:1rem 0 0}
        .chain{list-style:none;margin:1.3rem 0 0;padding:1.2rem .4rem 1rem;display:grid;grid-template-columns:repeat(7,minmax(0,1fr));background:var(--card);border:1px solid var(--line);border-radius:12px}
        .chain li{position:relative;text-align:center;padding:0 .35rem;font-size:.85rem;color:var(--soft);overflow-wrap:anywhere}
        .chain li:before{content:"";position:absolute;top:15px;left:-50%;width:100%;border-top:2px solid var(--ok)}
        .chain li:first-child:before{display:none}
        .chain b{display:block;color:var(--ink);margin-top:.3rem;font-size:.92rem}.chain small{display:block;font-size:.82rem;line-height:1.4}
        .dot{position:relative;z-index:1;display:inline-grid;place-items:center;width:32px;height:32px;border-radius:50%;background:var(--okbg);color:var(--ok);border:2px solid var(--ok)}
        .dot svg{width:16px;height:16px;fill:none;stroke:currentColor;stroke-width:2.4;stroke-linecap:round;stroke-linejoin:round}
        .bad .dot{background:var(--bad);border-color:var(--bad);color:var(--card)}.chain .bad b,.bad .t{color:var(--bad)}
        .chain .bad:before{border-color:var(--bad);border-top-style:dashed}
        .skip .dot,.no .dot{background:var(--card);border-color:var(--line);color:var(--soft)}
        .chain .no:before{border-color:var(--line);border-top-style:dotted}.chain .no b{color:var(--soft);font-weight:500}
        .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.8rem 1.5rem;margin:0}.facts dt,.ev dt{color:var(--soft);font-size:.88rem}.facts dd,.ev dd{margin:0;overflow-wrap:anywhere}.facts .wide{grid-column:1/-1}
        .ev{display:grid;grid-template-columns:12.5rem minmax(0,1fr);gap:.3rem 1rem;margin:0;font-size:.93rem}
        .hint+.hint{border-top:1px solid var(--line);margin-top:1.1rem;padding-top:1.1rem}
        .tag{display:inline-block;font-size:.78rem;font-weight:600;border:1px solid currentColor;border-radius:99px;padding:0 .55rem;margin-right:.45rem;color:var(--accent);vertical-align:.1em}
        .because{margin:.4rem 0 0;padding-left:1.2rem;color:var(--soft);font-size:.93rem;overflow-wrap:anywhere}
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;padding:.35rem .8rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}th{font-weight:600;color:var(--soft);white-space:nowrap}tr:last-child td{border:0}
        summary{cursor:pointer;font-weight:600}summary:focus-visible,button:focus-visible,pre:focus-visible,.scroll:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
        button{font:inherit;font-size:.85rem;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:7px;padding:.25rem .7rem;min-height:2rem;margin-top:.5rem;cursor:pointer}
        .foot{color:var(--soft);font-size:.88rem;margin-top:1.4rem}
        .vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        .pub{max-width:38rem;padding-top:12vh}.pub h1{font-size:1.75rem}.pub .box{padding:1.6rem 1.6rem 1.3rem}
        .trip{list-style:none;display:flex;margin:0 0 1.5rem;padding:0}.trip li{flex:1;position:relative;text-align:center;font-size:.92rem}
        .trip li:before{content:"";position:absolute;top:15px;left:-50%;width:100%;border-top:2px solid var(--ok)}.trip li:first-child:before{display:none}.trip .bad:before{border-color:var(--bad);border-top-style:dashed}.trip .no:before{border-color:var(--line);border-top-style:dotted}
        .trip span{display:block}.trip .dot{display:inline-grid}.meta{color:var(--soft);font-size:.9rem;border-top:1px solid var(--line);padding-top:.9rem;margin:1.2rem 0 0}
        @media(max-width:46rem){main{padding:1rem .9rem 2rem}h1{font-size:1.3rem}.pub h1{font-size:1.4rem}.pub{padding-top:4vh}section,.box{padding:1rem}
        .chain{display:block;padding:1rem}.chain li{text-align:left;padding:0 0 .9rem 3rem;min-height:46px}.chain li:last-child{padding-bottom:0}.chain li:before{top:-14px;left:15px;width:0;height:100%;border-top:0;border-left:2px solid var(--ok)}.chain .bad:before{border-left:2px dashed var(--bad);border-top:0}.chain .no:before{border-left:2px dotted var(--line);border-top:0}
        .chain .dot{position:absolute;left:0;top:0}.chain b,.chain small{display:inline;margin-right:.5rem}.chain small.d{display:block}.ev{display:block}.ev dd{margin-bottom:.5rem}}
        @media print{body{background:#fff}button{display:none}}
        """;

    /// <summary>Buttons that copy, and the public page's return: asks every 2 to 3 seconds for the first minutes, then
    /// every quarter of a minute, only while the page is looked at, for half an hour at most.</summary>
    private const string ScriptText = """
        (function(){'use strict';var d=document;
        function sel(e){var r=d.createRange();r.selectNodeContents(e);var s=getSelection();s.removeAllRanges();s.addRange(r)}
        function copy(p,b){var t=p.textContent;function done(ok){b.textContent=ok?'Copied':'Press Ctrl+C';setTimeout(function(){b.textContent='Copy'},2500)}
        if(navigator.clipboard&&isSecureContext)navigator.clipboard.writeText(t).then(function(){done(true)},function(){sel(p);done(false)});
        else{sel(p);var ok=false;try{ok=d.execCommand('copy')}catch(e){}done(ok)}}
        d.querySelectorAll('pre').forEach(function(p){var b=d.createElement('button');b.type='button';b.textContent='Copy';b.setAttribute('aria-live','polite');b.setAttribute('aria-label','Copy '+(p.getAttribute('aria-label')||'this block'));b.addEventListener('click',function(){copy(p,b)});p.after(b)});
        var w=d.getElementById('wait');if(!w)return;w.hidden=false;var n=0,end=Date.now()+18e5;
        function next(){if(Date.now()<end)setTimeout(ask,(n++<60?2000:15000)+Math.random()*800)}
        function ask(){if(d.hidden){d.addEventListener('visibilitychange',function f(){d.removeEventListener('visibilitychange',f);ask()});return}
        fetch(location.href,{method:'HEAD',cache:'no-store',redirect:'manual',headers:{Accept:'text/html'}}).then(function(r){if(!r.headers.get('ProxyGate-Failure')&&(r.type==='opaqueredirect'||r.status<500))location.reload();else next()},next)}
        next()})();
        """;

    /// <summary>The style element, whole.</summary>
    public static readonly byte[] Style = Encoding.UTF8.GetBytes($"<style>{StyleText}</style>");

    public static readonly byte[] Script = Encoding.UTF8.GetBytes($"<script>{ScriptText}</script>");

    /// <summary>The value of Content-Security-Policy for both pages.</summary>
    public static readonly string SecurityPolicy =
        $"default-src 'none'; style-src '{Hash(StyleText)}'; script-src '{Hash(ScriptText)}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static readonly byte[] Tick = Icon("M3 8.6l3.4 3.4L13 5");

    public static readonly byte[] Cross = Icon("M4 4l8 8M12 4l-8 8");

    public static readonly byte[] Dash = Icon("M4 8h8");

    private static byte[] Icon(string path) => Encoding.UTF8.GetBytes($"<span class=\"dot\"><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"{path}\"/></svg></span>");

    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
