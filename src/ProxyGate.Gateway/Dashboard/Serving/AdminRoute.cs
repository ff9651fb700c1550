using Microsoft.AspNetCore.Http;

namespace ProxyGate.Gateway.Dashboard.Serving;

/// <summary>Who may ask for something of the admin listener.</summary>
internal enum AdminAccess
{
    /// <summary>Everybody who reaches the listener: it tells nothing worth hiding, or is needed to sign in.</summary>
    Everyone,
    /// <summary>Also a program that scrapes metrics.</summary>
    Scraper,
    /// <summary>Only who runs the gateway.</summary>
    Operator,
}

/// <summary>One thing the admin listener answers.</summary>
/// <param name="Method">GET (which answers HEAD as well) or POST.</param>
/// <param name="Path">With at most one segment <c>{id}</c>.</param>
/// <param name="Access">Who may ask.</param>
/// <param name="Answer">Given what stood in the place of <c>{id}</c>, or nothing.</param>
internal sealed record AdminRoute(string Method, string Path, AdminAccess Access, Func<HttpContext, string, Task> Answer)
{
    private const string Id = "{id}";

    private readonly int _at = Path.IndexOf(Id, StringComparison.Ordinal);

    public bool Matches(string path, out string id)
    {
        id = "";
        if (_at < 0) return path == Path;
        var after = Path.AsSpan(_at + Id.Length);
        if (path.Length <= Path.Length - Id.Length || !path.AsSpan().StartsWith(Path.AsSpan(0, _at)) || !path.AsSpan().EndsWith(after)) return false;
        id = path[_at..^after.Length];
        return !id.Contains('/', StringComparison.Ordinal);
    }
}
