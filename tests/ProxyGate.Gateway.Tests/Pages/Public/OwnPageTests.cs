using System.Text;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Gateway.Configuration;
using static ProxyGate.Gateway.Tests.Pages.PageHarness;

namespace ProxyGate.Gateway.Tests.Pages.Public;

public class OwnPageTests
{
    private const string Browser = "text/html";

    [Fact]
    public async Task Every_placeholder_is_filled_and_every_value_escaped()
    {
        var all = string.Join('|', PageTemplate.Names.Keys.Where(n => n != "return").Select(n => $"{n}={{{{ {n} }}}}"));
        var pages = Pages(Template($"<p>{all}</p>")) with { Message = "<b>&\"'", Contact = "<script>alert(1)</script>" };
        var body = (await AnswerAsync(Event(CauseId.ConnectRefused), near: false, Browser, pages: pages, language: "de")).Body;
        Assert.Equal(
            "<p>id=k7mq-3f9x|status=502|time=2026-11-24 03:00:00 UTC|title=Diese Website ist gerade gestört|sentence=Ihre Anfrage ist angekommen, aber diese Website konnte sie nicht beantworten. "
            + "An Ihrer Verbindung liegt es nicht: Die Störung ist auf der Seite dieser Website.|advice=Bitte versuchen Sie es in ein paar Minuten noch einmal.|message=&lt;b&gt;&amp;&quot;&#39;|"
            + "contact=&lt;script&gt;alert(1)&lt;/script&gt;|retry_after=10|language=de</p>",
            body);
    }

    [Fact]
    public async Task Only_the_public_html_page_is_replaced()
    {
        var pages = Pages(Template("OWN {{id}}"));
        Assert.Equal("OWN k7mq-3f9x", (await AnswerAsync(Event(CauseId.ConnectRefused), near: false, Browser, pages: pages)).Body);
        Assert.DoesNotContain("OWN", (await AnswerAsync(Event(CauseId.ConnectRefused), near: true, Browser, pages: pages)).Body);
        foreach (var accept in new[] { null, "text/markdown", "application/json" })
            Assert.DoesNotContain("OWN", (await AnswerAsync(Event(CauseId.ConnectRefused), near: false, accept, pages: pages)).Body);
    }

    [Theory]
    [InlineData(CauseId.ConnectRefused, "cause+route+502+de", "de")]
    [InlineData(CauseId.ConnectRefused, "cause", "en")]
    [InlineData(CauseId.ConnectReset, "route+502", "en")]
    [InlineData(CauseId.ConnectTimeout, "route", "en")]
    [InlineData(CauseId.RouteNotFound, "404", "en")]
    [InlineData(CauseId.GatewayInternalError, "route", "en")]
    [InlineData(CauseId.ClientRequestMalformed, "4xx", "en")]
    [InlineData(CauseId.ClientRequestMalformed, "4xx+de", "de")]
    public async Task The_most_exact_page_wins_whatever_their_order(string cause, string expected, string language)
    {
        var route = Event(CauseId.ConnectRefused).Request.Route!;
        PageTemplateSettings[] templates =
        [
            Template("any"), Template("5xx") with { Status = new(500, true) }, Template("4xx") with { Status = new(400, true) }, Template("404") with { Status = new(404, false) },
            Template("502") with { Status = new(502, false) }, Template("route") with { Route = route.ToUpperInvariant() }, Template("route+502") with { Route = route, Status = new(502, false) },
            Template("cause") with { Cause = CauseId.ConnectRefused }, Template("4xx+de") with { Status = new(400, true), Language = "de" },
            Template("cause+route+502+de") with { Cause = CauseId.ConnectRefused, Route = route, Status = new(502, false), Language = "de" },
        ];
        foreach (var order in new[] { templates, [.. templates.Reverse()] })
            Assert.Equal(expected, (await AnswerAsync(Event(cause), near: false, Browser, pages: Pages(order), language: language)).Body);
    }

    [Fact]
    public async Task Its_own_styles_and_images_are_let_through_and_nothing_else()
    {
        var page = "<style>\r\nb{color:red}\r\n</style><style>i{}</style><b>{{title}}</b>";
        var answer = await AnswerAsync(Event(CauseId.ConnectRefused), near: false, Browser, pages: Pages(Template(page)));
        Assert.Equal(
            $"default-src 'none'; style-src '{PageTemplate.Hash("\nb{color:red}\n")}' '{PageTemplate.Hash("i{}")}'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            answer.Headers.ContentSecurityPolicy);
    }

    [Fact]
    public async Task It_returns_by_itself_where_it_asks_to_and_that_can_be_done()
    {
        var pages = Pages(Template("<body>{{return}}</body>"));
        var get = await AnswerAsync(Event(CauseId.ConnectRefused), near: false, Browser, pages: pages);
        Assert.Contains("proxygate-return", get.Body);
        Assert.Contains($"script-src 'sha256-{PublicPageTests.HashOf(get.Body, "script")}'; connect-src 'self'", get.Headers.ContentSecurityPolicy.ToString());
        Assert.Contains("<body><p>You were sending something.", (await AnswerAsync(Event(CauseId.ConnectRefused), near: false, Browser, "POST", pages: pages)).Body);
        Assert.Equal("<body></body>", (await AnswerAsync(Event(CauseId.RouteNotFound), near: false, Browser, pages: pages)).Body);
    }

    [Theory]
    [InlineData("{{id}}", null, null)]
    [InlineData("{{language}}", null, "de")]
    [InlineData("{{id}}", "de", "de")]
    public async Task The_language_is_stated_only_where_it_is_known(string text, string? language, string? stated)
    {
        var answer = await AnswerAsync(Event(CauseId.ConnectRefused), near: false, Browser, pages: Pages(Template(text) with { Language = language }), language: "de");
        Assert.Equal(stated, (string?)answer.Headers.ContentLanguage);
        Assert.Equal("Accept, Accept-Language", answer.Headers.Vary);
    }

    private static PageSettings Pages(params PageTemplateSettings[] templates) => new() { Templates = templates };

    private static PageTemplateSettings Template(string text)
    {
        var mistakes = new List<ConfigMistake>();
        var page = new PageTemplateReader("page.html", "key", mistakes).Read(Encoding.UTF8.GetBytes(text));
        Assert.Empty(mistakes);
        return new PageTemplateSettings { File = page! };
    }
}
