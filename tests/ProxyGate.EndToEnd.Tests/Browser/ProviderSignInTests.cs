using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Gateway.Tests.Dashboard;
using ProxyGate.Simulation;

namespace ProxyGate.EndToEnd.Tests.Browser;

/// <summary>Signing in by a provider of OpenID Connect, with a real browser and the built program.</summary>
[Collection(OneBrowser.Name)]
public sealed class ProviderSignInTests(BrowserStand browser) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Who_the_provider_knows_and_the_configuration_lets_in_sees_the_dashboard_and_others_do_not()
    {
        await using var provider = await OidcProvider.StartAsync();
        await using var gateway = await StartAsync(provider);
        await using (var context = await browser.OpenAsync(gateway.Admin))
        {
            var page = await context.NewPageAsync();
            await SignInAsync(page);
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Routes and destinations");
            await Assertions.Expect(page.GetByText("anna@example.org")).ToBeVisibleAsync();
        }

        provider.Claims["email"] = "mallory@example.org";
        await using var stranger = await browser.OpenAsync(gateway.Admin);
        var outside = await stranger.NewPageAsync();
        await SignInAsync(outside);
        await Assertions.Expect(outside).ToHaveURLAsync(new Regex("/sign-in\\?failed=oidc"));
        Assert.Equal(401, await outside.EvaluateAsync<int>("fetch('/api/config').then(r=>r.status)"));
        Assert.Empty(gateway.Troubles);
    }

    private static async Task SignInAsync(IPage page)
    {
        await page.GotoAsync("/routes");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with" }).ClickAsync();
    }

    private Task<GatewayProcess> StartAsync(OidcProvider provider)
    {
        var config = new FaultGatewayConfig { ListenAt = ["http://127.0.0.1:0"], AdminAt = "http://127.0.0.1:0", EventsFile = _folder.PathOf("logs/events.jsonl") };
        var json = JsonNode.Parse(config.ToString())!;
        json["ProxyGate"]!["Admin"]!["Oidc"] = new JsonObject
        {
            ["Authority"] = provider.Authority,
            ["ClientId"] = OidcProvider.ClientId,
            ["ClientSecret"] = OidcProvider.ClientSecret,
            ["Allowed"] = new JsonArray("anna@example.org"),
        };
        return GatewayProcess.StartAsync(["run", "--config", _folder.Write("proxygate.json", json.ToJsonString())], _folder.Path);
    }
}
