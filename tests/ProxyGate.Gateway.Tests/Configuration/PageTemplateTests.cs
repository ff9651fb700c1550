using System.Text;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Tests.Configuration;

public sealed class PageTemplateTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("proxygate-pages-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("<p>\n  <b>{{titel}}</b>", ":2:6: ProxyGate:Pages:Templates:0:File: {{titel}} is an unknown placeholder (did you mean {{title}}?)")]
    [InlineData("{{upstream_address}}", ":1:1: ProxyGate:Pages:Templates:0:File: {{upstream_address}} is an unknown placeholder")]
    [InlineData("a {{id", ":1:3: ProxyGate:Pages:Templates:0:File: {{ has no }} in its line (did you mean a placeholder such as {{id}}, or &#123;&#123; for the signs themselves?)")]
    [InlineData("a {{\nid}}", ":1:3: ProxyGate:Pages:Templates:0:File: {{ has no }} in its line (did you mean a placeholder such as {{id}}, or &#123;&#123; for the signs themselves?)")]
    [InlineData("<style>a{{{id}}}</style>", ":1:9: ProxyGate:Pages:Templates:0:File: {{{id}} is an unknown placeholder (did you mean {{id}}?)")]
    [InlineData("<style>a { content: '{{id}}' }</style>", ":1:22: ProxyGate:Pages:Templates:0:File: {{id}} stands inside a style or script, where no value can be put in safely")]
    [InlineData("{{return}}\n\n{{return}}", ":3:1: ProxyGate:Pages:Templates:0:File: {{return}} stands here a second time; once is enough")]
    [InlineData(" \n", ": ProxyGate:Pages:Templates:0:File: is empty")]
    public async Task A_mistake_in_a_page_is_named_with_its_place_in_it(string page, string expected)
    {
        var result = await LoadAsync("""[{ "File": "page.html" }]""", page);
        Assert.Equal(FileOf("page.html") + expected, Assert.Single(result.Errors).ToString());
        Assert.Null(result.Settings);
    }

    [Theory]
    [InlineData("<script>1</script>", ":1:1: ProxyGate:Pages:Templates:0:File: warning: a script does not run on this page")]
    [InlineData("<p\nstyle='x'>", ":1:1: ProxyGate:Pages:Templates:0:File: warning: a style attribute has no effect")]
    [InlineData("<link rel=stylesheet href=/a.css>", ":1:1: ProxyGate:Pages:Templates:0:File: warning: a style sheet of its own file")]
    [InlineData("x <img alt='' src=\"https://a.example/b.png\">", ":1:3: ProxyGate:Pages:Templates:0:File: warning: an image of another site")]
    [InlineData("<form>", ":1:1: ProxyGate:Pages:Templates:0:File: warning: a form cannot be sent")]
    public async Task What_the_policy_keeps_out_is_said_beforehand(string page, string expected)
    {
        var result = await LoadAsync("""[{ "File": "page.html" }]""", page);
        Assert.StartsWith(FileOf("page.html") + expected, Assert.Single(result.Warnings).ToString());
        Assert.NotNull(result.Settings);
    }

    [Fact]
    public async Task A_page_that_is_not_text_missing_a_folder_or_too_large_is_refused()
    {
        _folder.CreateSubdirectory("folder");
        await File.WriteAllBytesAsync(FileOf("bytes.html"), [0xff, 0xfe, 0x00], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(FileOf("large.html"), new string('x', PageTemplateChecks.MaxFileBytes + 1), TestContext.Current.CancellationToken);
        var result = await LoadAsync("""[{ "File": "bytes.html", "Status": 500 }, { "File": "none.html", "Status": 501 }, { "File": "folder", "Status": 502 }, { "File": "large.html", "Status": 503 }]""", "x");
        Assert.Equal(
            [
                $"{FileOf("proxygate.json")}:1:94: ProxyGate:Pages:Templates:1:File: {FileOf("none.html")} does not exist",
                $"{FileOf("proxygate.json")}:1:134: ProxyGate:Pages:Templates:2:File: {FileOf("folder")} is a folder, not a file",
                $"{FileOf("proxygate.json")}:1:171: ProxyGate:Pages:Templates:3:File: {FileOf("large.html")} is larger than 256KiB; every failing request would be sent it",
                $"{FileOf("bytes.html")}: ProxyGate:Pages:Templates:0:File: is not text in UTF-8",
            ],
            result.Errors.Select(e => e.ToString()));
    }

    [Theory]
    [InlineData("""[{ "File": "page.html", "Cause": "conect_refused" }]""", "ProxyGate:Pages:Templates:0:Cause: \"conect_refused\" is no cause the gateway knows (did you mean \"connect_refused\"?)")]
    [InlineData("""[{ "File": "page.html", "Route": "ap" }]""", "ProxyGate:Pages:Templates:0:Route: names the route \"ap\", which ReverseProxy:Routes does not have (did you mean \"app\"?)")]
    [InlineData("""[{ "File": "page.html", "Status": 302 }]""", "ProxyGate:Pages:Templates:0:Status: is \"302\"; it must be a status from 400 to 599 such as 502, or \"4xx\" or \"5xx\" for all of them")]
    [InlineData("""[{ "File": "page.html", "Status": "50x" }]""", "ProxyGate:Pages:Templates:0:Status: is \"50x\"; it must be a status from 400 to 599 such as 502, or \"4xx\" or \"5xx\" for all of them (did you mean \"5xx\"?)")]
    [InlineData("""[{ "File": "page.html", "Language": "dee" }]""", "ProxyGate:Pages:Templates:0:Language: \"dee\" is not known here; it must be one of en, de (did you mean \"de\"?)")]
    [InlineData("""[{ "File": "page.html", "Fiel": "x" }]""", "ProxyGate:Pages:Templates:0:Fiel: is an unknown key (did you mean File?)")]
    [InlineData("""[{ "Status": "5xx" }]""", "ProxyGate:Pages:Templates:0: lacks the key File, the path of an HTML file")]
    [InlineData("""[{ "File": "page.html", "Status": 502 }, { "File": "page.html", "Status": "502" }]""", "ProxyGate:Pages:Templates:1: is for the same failures as ProxyGate:Pages:Templates:0; give one of them another Route, Cause, Status or Language")]
    [InlineData("""[{ "File": "page.html", "Cause": "connect_refused", "Status": 504 }]""", "ProxyGate:Pages:Templates:0:Status: warning: connect_refused is answered with 502, not with 504: this page is never shown")]
    [InlineData("""[{ "File": "page.html", "Cause": "upstream_error_passed_through" }]""", "ProxyGate:Pages:Templates:0:Cause: warning: upstream_error_passed_through is the app's own answer, which is passed on as it is: this page is never shown")]
    [InlineData("""[{ "File": "page.html", "Cause": "client_disconnected" }]""", "ProxyGate:Pages:Templates:0:Cause: warning: client_disconnected means that the visitor has gone: this page is never shown")]
    public async Task A_mistake_in_the_conditions_is_named_with_what_is_near(string templates, string expected) =>
        Assert.EndsWith(expected, Assert.Single((await LoadAsync(templates, "x")).Mistakes).ToString());

    [Theory]
    [InlineData("\"Language\": \"ger\"", "ProxyGate:Pages:Language: \"ger\" is not known here; it must be one of en, de")]
    [InlineData("\"Contact\": \"a\\nb\"", "ProxyGate:Pages:Contact: holds a line break or another control character; it must be one line")]
    public async Task Own_words_fit_into_a_line(string entry, string expected) =>
        Assert.EndsWith(expected, Assert.Single((await ConfigFile.LoadGateAsync($"{{ \"Pages\": {{ {entry} }} }}")).Errors).ToString());

    [Fact]
    public async Task All_of_it_is_taken_over()
    {
        await File.WriteAllTextAsync(FileOf("page.html"), "\ufeff<style>a{}</style>\r\n{{ language }}{{return}}", new UTF8Encoding(false), TestContext.Current.CancellationToken);
        var result = await ConfigLoader.LoadAsync(FileOf("proxygate.json"), Encoding.UTF8.GetBytes(
            "{ " + ConfigFile.Proxy + """, "ProxyGate": { "Pages": { "Language": "DE", "Contact": "help@example.org", "Message": "Hello.", "Templates": [{ "File": "page.html", "Route": "app", "Cause": "connect_refused", "Status": "5XX", "Language": "de" }] } } }"""), []);
        Assert.Empty(result.Mistakes);
        var pages = result.Settings!.Pages;
        Assert.Equal(("de", "help@example.org", "Hello."), (pages.Language, pages.Contact, pages.Message));
        var own = Assert.Single(pages.Templates);
        Assert.Equal(("app", "connect_refused", new StatusPattern(500, true), "de"), (own.Route, own.Cause, own.Status, own.Language));
        Assert.Equal([PagePlaceholder.None, PagePlaceholder.Language, PagePlaceholder.Return], own.File.Parts.Select(p => p.Placeholder));
        Assert.Equal("<style>a{}</style>\n", Encoding.UTF8.GetString(own.File.Parts[0].Text.Span));
        Assert.Equal([PageTemplate.Hash("a{}")], own.File.StyleHashes);
        Assert.True(own.File is { Returns: true, SpeaksLanguages: true });
    }

    private string FileOf(string name) => Path.Combine(_folder.FullName, name);

    private async Task<ConfigResult> LoadAsync(string templates, string page)
    {
        await File.WriteAllTextAsync(FileOf("page.html"), page, TestContext.Current.CancellationToken);
        return await ConfigLoader.LoadAsync(
            FileOf("proxygate.json"), Encoding.UTF8.GetBytes("""{ "ProxyGate": { "Pages": { "Templates": """ + templates + " } },\n" + ConfigFile.Proxy + "}"), []);
    }
}
