using System.Security.Cryptography;
using System.Text;

namespace ProxyGate.Gateway.Pages.Operator;

/// <summary>Style and script of the operator's page. The policy names them by hash, so nothing else on the page can run or dress it.</summary>
internal static class OperatorAssets
{
    private const string StyleText = """
        :root{color-scheme:light dark;--bg:#fafbfc;--card:#fff;--ink:#14181f;--soft:#545d69;--line:#dfe3e8;--code:#f3f5f8;--bad:#b42318;--badbg:#fdeceb;--ok:#157347;--okbg:#e7f5ee;--accent:#1d5fc4;--accbg:#eaf1fc;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        @media(prefers-color-scheme:dark){:root{--bg:#0e1116;--card:#161b22;--ink:#e6eaef;--soft:#a2acb8;--line:#2d343e;--code:#0f1319;--bad:#ff8a80;--badbg:#3a1816;--ok:#62d39a;--okbg:#10301f;--accent:#8dbaff;--accbg:#13233d}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;-webkit-text-size-adjust:100%;overflow-wrap:anywhere}
        header,main,footer{max-width:60rem;margin:0 auto;padding:0 1.5rem}
        header{display:flex;flex-wrap:wrap;gap:.3rem .9rem;align-items:center;padding-top:1.4rem;color:var(--soft);font-size:.88rem}
        header b{color:var(--ink)}header>code{color:var(--bad);background:var(--badbg);border-radius:6px;padding:.1rem .55rem;font-weight:600}header button{margin-left:auto}
        h1{font-size:1.5rem;line-height:1.35;font-weight:650;letter-spacing:-.01em;margin:1.4rem 0 1rem;text-wrap:pretty}
        h2{font-size:1.1rem;font-weight:650;margin:0 0 .3rem}h3{font-size:1.02rem;line-height:1.5;margin:0;font-weight:600}
        p{margin:.3rem 0 .7rem}ul{margin:.3rem 0 .6rem;padding-left:1.25rem}li{margin:.15rem 0}
        code,pre{font:.86em/1.6 var(--mono)}
        .note{color:var(--soft);font-size:.93rem}
        .lead{margin:0;display:grid;gap:.7rem}.lead div{display:grid;grid-template-columns:10rem minmax(0,1fr);gap:.1rem 1rem}.lead dt{color:var(--soft)}.lead dd{margin:0}.lead b{font-weight:600}
        section{margin:2.4rem 0 0}
        .chain{list-style:none;margin:1.4rem 0 0;padding:1.1rem .5rem .9rem;display:grid;grid-template-columns:repeat(7,minmax(0,1fr));background:var(--card);border:1px solid var(--line);border-radius:14px}
        .chain li{position:relative;text-align:center;padding:0 .3rem;margin:0;font-size:.84rem;color:var(--soft)}
        .chain li:before{content:"";position:absolute;top:14px;left:-50%;width:100%;border-top:2px solid var(--ok)}.chain li:first-child:before{display:none}
        .chain b{display:block;color:var(--ink);margin-top:.35rem;font-size:.9rem}.chain small{display:block;font-size:.8rem;line-height:1.4}.chain .t{color:var(--ink)}
        .dot{position:relative;z-index:1;display:inline-grid;place-items:center;width:30px;height:30px;border-radius:50%;background:var(--okbg);color:var(--ok);border:2px solid var(--ok);vertical-align:top}
        .dot svg{width:15px;height:15px;fill:none;stroke:currentColor;stroke-width:2.4;stroke-linecap:round;stroke-linejoin:round}
        .bad .dot{background:var(--bad);border-color:var(--bad);color:var(--card)}.chain .bad b,.chain .bad small{color:var(--bad)}.chain .bad:before{border-top-style:dashed;border-color:var(--bad)}
        .skip .dot,.no .dot{background:var(--card);border-color:var(--line);color:var(--soft)}.chain .no:before{border-top-style:dotted;border-color:var(--line)}.chain .no b{color:var(--soft);font-weight:400}
        .hint{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.1rem 1.3rem 1.2rem;margin:.8rem 0 0}.hint.top{border-left:5px solid var(--accent)}
        .tag{display:inline-block;font-size:.78rem;font-weight:600;border-radius:99px;padding:0 .6rem;margin-right:.35rem;background:var(--accbg);color:var(--accent)}.tag.sure{background:var(--okbg);color:var(--ok)}.tag.maybe{background:none;border:1px solid var(--line);color:var(--soft)}
        .lab{color:var(--soft);font-size:.88rem;margin:.6rem 0 0}.hint ul{color:var(--soft);font-size:.94rem;margin-top:.1rem}
        figure{margin:.9rem 0 0;border:1px solid var(--line);border-radius:10px;background:var(--code);overflow:hidden}
        figcaption{display:flex;gap:.2rem .6rem;align-items:center;min-height:2.6rem;padding:.3rem .5rem .3rem .9rem;border-bottom:1px solid var(--line);font-size:.88rem;color:var(--soft)}figcaption b{color:var(--ink);font-weight:600;white-space:nowrap}figcaption span{line-height:1.3}figcaption button{margin-left:auto}
        .fix{border-color:var(--accent)}.fix figcaption{background:var(--accbg);border-color:var(--accent)}
        pre{margin:0;padding:.75rem .9rem;white-space:pre-wrap}pre .c{font:.94rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--soft)}pre :not(:first-child).c{display:inline-block;margin-top:.45rem}
        button{font:inherit;font-size:.85rem;white-space:nowrap;flex:none;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.2rem .8rem;min-height:2rem;cursor:pointer}button:hover{border-color:var(--accent)}
        details{border-top:1px solid var(--line)}details:last-of-type{border-bottom:1px solid var(--line)}summary{cursor:pointer;padding:.6rem 0;font-weight:550}summary:focus-visible,button:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}.in{padding:0 0 1.1rem 1rem}
        .facts{display:grid;grid-template-columns:12rem minmax(0,1fr);gap:.35rem 1rem;margin:.5rem 0 .8rem;font-size:.94rem}.facts dt{color:var(--soft)}.facts dd{margin:0}.facts span{color:var(--soft)}
        table{border-collapse:collapse;width:100%;font-size:.9rem;margin:.4rem 0 0}th,td{text-align:left;padding:.4rem .9rem .4rem 0;border-bottom:1px solid var(--line);vertical-align:top}th{font-weight:500;color:var(--soft)}td:last-child,th:last-child{padding-right:0}
        footer{color:var(--soft);font-size:.88rem;margin-top:2.6rem;padding-bottom:2.5rem}
        .vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap;margin:0}
        @media(max-width:46rem){header,main,footer{padding-left:1rem;padding-right:1rem}header{padding-top:1rem}h1{font-size:1.3rem;margin:1.2rem 0 1rem}section{margin-top:2rem}
        .lead div,.facts{grid-template-columns:minmax(0,1fr)}.facts{gap:0}.facts dd{margin-bottom:.55rem}
        .chain{display:block;padding:1rem}.chain li{text-align:left;padding:.15rem 0 .8rem 2.8rem;min-height:44px}.chain li:last-child{padding-bottom:0;min-height:30px}.chain li:before{display:none}.chain li:not(:last-child):after{content:"";position:absolute;top:30px;bottom:-.15rem;left:14px;border-left:2px solid var(--ok)}.chain li:has(+.bad):after{border-left:2px dashed var(--bad)}.chain li:has(+.no):after{border-left:2px dotted var(--line)}
        .chain .dot{position:absolute;left:0;top:0}.chain b,.chain small.t{display:inline;margin-right:.5rem}.hint{padding:1rem}
        thead{display:none}tr{display:block;border-bottom:1px solid var(--line);padding:.5rem 0}td{display:grid;grid-template-columns:7rem minmax(0,1fr);gap:.8rem;border:0;padding:.1rem 0}td:before{content:attr(data-l);color:var(--soft)}.in{padding-left:0}}
        @media print{button{display:none}body{background:#fff}}
        """;

    /// <summary>Buttons that copy, made here so that there are none where they could not work.</summary>
    private const string ScriptText = """
        (function(){'use strict';var d=document,said=d.getElementById('said');
        function tell(b,t,w){b.textContent=w;said.textContent=w;setTimeout(function(){b.textContent=t;said.textContent=''},2500)}
        function pick(e){var r=d.createRange(),s=getSelection();r.selectNodeContents(e);s.removeAllRanges();s.addRange(r)}
        function old(p){var a=d.createElement('textarea'),ok=false;a.value=p.textContent;d.body.appendChild(a);a.select();try{ok=d.execCommand('copy')}catch(e){}a.remove();return ok}
        function copy(p,b,t){function no(){if(old(p))tell(b,t,'Copied');else{pick(p);tell(b,t,'Press Ctrl+C')}b.focus()}
        if(navigator.clipboard&&isSecureContext)navigator.clipboard.writeText(p.textContent).then(function(){tell(b,t,'Copied')},no);else no()}
        function add(to,p,t,l){var b=d.createElement('button');b.type='button';b.textContent=t;b.setAttribute('aria-label',l);b.addEventListener('click',function(){copy(p,b,t)});to.appendChild(b)}
        d.querySelectorAll('figure').forEach(function(f){add(f.firstChild,f.lastChild,'Copy','Copy: '+f.firstChild.firstChild.textContent)});
        add(d.querySelector('header'),d.getElementById('md'),'Copy as Markdown','Copy as Markdown')})();
        """;

    /// <summary>The style alone, for others who show parts of the page.</summary>
    public static string StyleSheet => StyleText;

    /// <summary>The style element, whole.</summary>
    public static readonly byte[] Style = Encoding.UTF8.GetBytes($"<style>{StyleText}</style>");

    public static readonly byte[] Script = Encoding.UTF8.GetBytes($"<script>{ScriptText}</script>");

    /// <summary>The value of Content-Security-Policy.</summary>
    public static readonly string SecurityPolicy =
        $"default-src 'none'; style-src '{Hash(StyleText)}'; script-src '{Hash(ScriptText)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
