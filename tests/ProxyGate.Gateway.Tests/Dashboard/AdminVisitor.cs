using System.Net;

namespace ProxyGate.Gateway.Tests.Dashboard;

/// <summary>Asks the admin listener as a browser would: keeps cookies, names its own origin, and goes where it is sent only when told to.</summary>
internal sealed class AdminVisitor(AdminHarness gateway) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });

    public Dictionary<string, string> Cookies { get; } = [];

    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Admin, path)));

    public Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] form)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Admin, path)) { Content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value))) };
        request.Headers.Add("Origin", gateway.Admin.GetLeftPart(UriPartial.Authority));
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        return SendAsync(request);
    }

    public Task<HttpResponseMessage> SignInAsync(string name, string password) => PostAsync("/sign-in", ("name", name), ("password", password), ("to", "/incidents?open=true"));

    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        if (Cookies.Count > 0) request.Headers.Add("Cookie", string.Join("; ", Cookies.Select(c => $"{c.Key}={c.Value}")));
        var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
        {
            var pair = cookie.Split(';')[0].Split('=', 2);
            if (pair[1].Length == 0) Cookies.Remove(pair[0]);
            else Cookies[pair[0]] = pair[1];
        }

        return answer;
    }

    public async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var answer = await GetAsync(path);
        return answer.StatusCode;
    }

    public void Dispose() => _client.Dispose();
}
