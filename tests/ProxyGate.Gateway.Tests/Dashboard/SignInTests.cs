using System.Net;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Tests.Dashboard;

public sealed class SignInTests
{
    private const string Right = "correct horse battery staple";

    private static readonly AdminSettings s_admin = new() { Users = [new AdminUser { Name = "anna", PasswordHash = PasswordHash.Of(Right).ToString() }], MetricsToken = "0123456789abcdef" };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everybody_signs_in_once_there_are_credentials_and_probes_need_not()
    {
        await using var gateway = await AdminHarness.StartAsync(admin: s_admin);
        using var visitor = new AdminVisitor(gateway);
        foreach (var path in new[] { "/", "/incidents", "/incidents/x", "/failures", "/failures/x", "/routes", "/causes", "/causes/connect_refused" })
        {
            using var answer = await visitor.GetAsync(path);
            Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
            Assert.StartsWith("/sign-in", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        }

        foreach (var path in new[] { "/api/overview", "/api/incidents", "/api/incidents/x", "/api/failures", "/api/failures/x", "/api/routes", "/api/causes", "/api/config", "/api/stream", "/api/openapi.json" })
            Assert.Equal(HttpStatusCode.Unauthorized, await visitor.StatusAsync(path));
        foreach (var path in new[] { "/healthz", "/readyz", "/sign-in", "/icon.svg" }) Assert.Equal(HttpStatusCode.OK, await visitor.StatusAsync(path));
        using var looked = await visitor.PostAsync("/incidents/x/look");
        Assert.Equal(HttpStatusCode.Unauthorized, looked.StatusCode);
    }

    [Fact]
    public async Task The_right_password_opens_everything_until_one_signs_out()
    {
        await using var gateway = await AdminHarness.StartAsync(admin: s_admin);
        using var visitor = new AdminVisitor(gateway);
        using var signed = await visitor.SignInAsync("Anna", Right);

        Assert.Equal(HttpStatusCode.SeeOther, signed.StatusCode);
        Assert.Equal("/incidents?open=true", signed.Headers.Location!.ToString());
        var cookie = signed.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("expires", cookie, StringComparison.OrdinalIgnoreCase);
        using var page = await visitor.GetAsync("/");
        Assert.Contains("Sign out", await page.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await visitor.StatusAsync("/api/failures"));

        var kept = visitor.Cookies.Single();
        using var signedOut = await visitor.PostAsync("/sign-out");
        Assert.Equal("/sign-in", signedOut.Headers.Location!.ToString());
        Assert.Empty(visitor.Cookies);

        // A copy of the cookie is worth nothing any more.
        visitor.Cookies.Add(kept.Key, kept.Value);
        Assert.Equal(HttpStatusCode.Unauthorized, await visitor.StatusAsync("/api/failures"));
    }

    [Theory]
    [InlineData("anna", "wrong")]
    [InlineData("nobody", Right)]
    [InlineData("anna", "")]
    [InlineData("", "")]
    public async Task A_wrong_name_or_password_says_the_same(string name, string password)
    {
        await using var gateway = await AdminHarness.StartAsync(admin: s_admin);
        using var visitor = new AdminVisitor(gateway);
        using var answer = await visitor.SignInAsync(name, password);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("Name or password is wrong.", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Empty(visitor.Cookies);
    }

    [Fact]
    public async Task Guessing_is_stopped_even_for_the_right_password()
    {
        await using var gateway = await AdminHarness.StartAsync(admin: s_admin);
        using var visitor = new AdminVisitor(gateway);
        for (var i = 0; i < 5; i++)
        {
            using var wrong = await visitor.SignInAsync("anna", $"guess {i}");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using var refused = await visitor.SignInAsync("anna", Right);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 30);
        Assert.Empty(visitor.Cookies);
    }

    [Fact]
    public async Task Who_is_taken_out_of_the_configuration_or_gets_another_password_is_signed_out()
    {
        await using var gateway = await AdminHarness.StartAsync(admin: s_admin);
        using var visitor = new AdminVisitor(gateway);
        (await visitor.SignInAsync("anna", Right)).Dispose();
        Assert.Equal(HttpStatusCode.OK, await visitor.StatusAsync("/api/config"));

        gateway.Change(s_admin with { Users = [s_admin.Users[0] with { PasswordHash = PasswordHash.Of("another").ToString() }] });
        Assert.Equal(HttpStatusCode.Unauthorized, await visitor.StatusAsync("/api/config"));

        gateway.Change(s_admin);
        Assert.Equal(HttpStatusCode.OK, await visitor.StatusAsync("/api/config"));
        gateway.Change(s_admin with { Users = [new AdminUser { Name = "bert", PasswordHash = s_admin.Users[0].PasswordHash }] });
        Assert.Equal(HttpStatusCode.Unauthorized, await visitor.StatusAsync("/api/config"));
    }

    [Fact]
    public async Task Metrics_are_for_this_machine_and_for_who_has_the_token()
    {
        await using var gateway = await AdminHarness.StartAsync(admin: s_admin);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway, ("X-Forwarded-For", "203.0.113.9")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway, ("X-Forwarded-For", "203.0.113.9"), ("Authorization", "Bearer 0123456789abcdee")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway, ("X-Forwarded-For", "203.0.113.9"), ("Authorization", "Bearer 0123456789abcdef")));
    }

    [Fact]
    public async Task Without_credentials_a_request_through_a_proxy_sees_nothing()
    {
        await using var gateway = await AdminHarness.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Admin, "/api/failures"));
        request.Headers.Add("X-Forwarded-For", "203.0.113.9");
        using var answer = await gateway.Client.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("ProxyGate:Admin:Users", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    public async Task Nobody_elses_page_signs_anybody_in_or_out(string field, string value)
    {
        await using var gateway = await AdminHarness.StartAsync(admin: s_admin);
        foreach (var path in new[] { "/sign-in", "/sign-out" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Admin, path))
            {
                Content = new FormUrlEncodedContent([KeyValuePair.Create("name", "anna"), KeyValuePair.Create("password", Right)]),
            };
            request.Headers.Add(field, value);
            using var answer = await gateway.Client.SendAsync(request, Stop);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.False(answer.Headers.Contains("Set-Cookie"));
        }
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("")]
    public async Task Signing_in_leads_nowhere_else(string to)
    {
        await using var gateway = await AdminHarness.StartAsync(admin: s_admin);
        using var visitor = new AdminVisitor(gateway);
        using var answer = await visitor.PostAsync("/sign-in", ("name", "anna"), ("password", Right), ("to", to));
        Assert.Equal("/", answer.Headers.Location!.ToString());
    }

    [Fact]
    public async Task A_link_elsewhere_asks_once_more_so_that_the_strict_cookie_comes_along()
    {
        await using var gateway = await AdminHarness.StartAsync(admin: s_admin);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Admin, "/incidents?open=true"));
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        request.Headers.Add("Sec-Fetch-Mode", "navigate");
        request.Headers.Add("Sec-Fetch-Dest", "document");
        using var answer = await gateway.Client.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("content=\"0;url=/incidents?open=true\"", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_app_behind_never_gets_the_session()
    {
        await using var gateway = await AdminHarness.StartAsync(admin: s_admin);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Public, "/cookies"));
        request.Headers.Add("Cookie", "a=1; proxygate-admin=secret; b=2; __Host-proxygate-admin=secret");
        using var answer = await gateway.Client.SendAsync(request, Stop);
        Assert.Equal("public a=1; b=2", await answer.Content.ReadAsStringAsync(Stop));
    }

    private static async Task<HttpStatusCode> StatusAsync(AdminHarness gateway, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Admin, "/metrics"));
        foreach (var (name, value) in fields) request.Headers.Add(name, value);
        using var answer = await gateway.Client.SendAsync(request, Stop);
        return answer.StatusCode;
    }
}
