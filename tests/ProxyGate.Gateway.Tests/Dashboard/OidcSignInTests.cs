using System.Net;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Tests.EventLog;

namespace ProxyGate.Gateway.Tests.Dashboard;

/// <summary>Signing in by a provider, against one that runs beside the test.</summary>
public sealed class OidcSignInTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_the_provider_signs_in_and_the_configuration_lets_in_sees_the_dashboard()
    {
        await using var provider = await OidcProvider.StartAsync();
        var console = new TestTarget();
        await using var gateway = await AdminHarness.StartAsync(console, admin: Admin(provider, "anna@example.org"));
        using var visitor = new AdminVisitor(gateway);
        using var form = await visitor.GetAsync("/sign-in?to=/routes");
        Assert.Contains("Sign in with 127.0.0.1", await form.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);

        using var landed = await SignInAsync(visitor, "/sign-in/provider?to=%2Froutes");

        Assert.True(landed.Headers.Location!.ToString() == "/routes", string.Join('\n', console.Lines));
        using var page = await visitor.GetAsync("/routes");
        Assert.Contains("anna@example.org", await page.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await visitor.StatusAsync("/api/config"));
    }

    [Theory]
    [InlineData("mallory@example.org", true, false)]
    [InlineData("anna@example.org", false, false)]
    [InlineData("ANNA@example.org", true, true)]
    public async Task Others_and_addresses_that_are_not_confirmed_stay_outside(string email, bool verified, bool letIn)
    {
        await using var provider = await OidcProvider.StartAsync();
        (provider.Claims["email"], provider.Claims["email_verified"]) = (email, verified);
        await using var gateway = await AdminHarness.StartAsync(admin: Admin(provider, "anna@example.org"));
        using var visitor = new AdminVisitor(gateway);
        using var landed = await SignInAsync(visitor, "/sign-in/provider");
        Assert.Equal(letIn ? "/" : "/sign-in?failed=oidc", landed.Headers.Location!.ToString());
        Assert.Equal(letIn ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, await visitor.StatusAsync("/api/config"));
    }

    [Fact]
    public async Task A_refusal_an_answer_nobody_asked_for_and_a_silent_provider_end_at_the_form()
    {
        await using var provider = await OidcProvider.StartAsync();
        await using var gateway = await AdminHarness.StartAsync(admin: Admin(provider));
        using var visitor = new AdminVisitor(gateway);
        provider.Refuses = true;
        using (var refused = await SignInAsync(visitor, "/sign-in/provider")) Assert.Equal("/sign-in?failed=oidc", refused.Headers.Location!.ToString());

        // Another browser's answer: its state was never ours.
        using var stranger = new AdminVisitor(gateway);
        using (var forged = await stranger.GetAsync("/sign-in/oidc?code=abc&state=made-up")) Assert.Equal("/sign-in?failed=oidc", forged.Headers.Location!.ToString());
        using (var bare = await stranger.GetAsync("/sign-in/oidc")) Assert.Equal("/sign-in?failed=oidc", bare.Headers.Location!.ToString());

        await using var lonely = await AdminHarness.StartAsync(admin: new AdminSettings { Oidc = new OidcSettings { Authority = "http://127.0.0.1:9", ClientId = "x" } });
        using var other = new AdminVisitor(lonely);
        using var silent = await other.GetAsync("/sign-in/provider");
        Assert.Equal("/sign-in?failed=oidc", silent.Headers.Location!.ToString());
        using var said = await other.GetAsync("/sign-in?failed=oidc");
        Assert.Contains("did not sign you in", await said.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    private static AdminSettings Admin(OidcProvider provider, params string[] allowed) => new()
    {
        Oidc = new OidcSettings { Authority = provider.Authority, ClientId = OidcProvider.ClientId, ClientSecret = OidcProvider.ClientSecret, Allowed = allowed },
    };

    /// <summary>To the provider and back, as a browser goes.</summary>
    private static async Task<HttpResponseMessage> SignInAsync(AdminVisitor visitor, string path)
    {
        using var start = await visitor.GetAsync(path);
        Assert.Equal(HttpStatusCode.Redirect, start.StatusCode);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
        using var sent = await client.GetAsync(start.Headers.Location, Stop);
        Assert.Equal(HttpStatusCode.Redirect, sent.StatusCode);
        return await visitor.GetAsync(sent.Headers.Location!.PathAndQuery);
    }
}
