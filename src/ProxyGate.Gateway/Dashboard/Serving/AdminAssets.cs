using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Pages.Operator;

namespace ProxyGate.Gateway.Dashboard.Serving;

/// <summary>
/// Style, script and icon of the dashboard: the only files its policy lets in. The style begins with the operator's page's, whose parts
/// the dashboard shows. Their addresses carry a digest, so that browsers keep them until they change.
/// </summary>
internal static class AdminAssets
{
    public const string SecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static readonly byte[] s_style = Encoding.UTF8.GetBytes(OperatorAssets.StyleSheet + "\n" + Read("dashboard.css"));
    private static readonly byte[] s_script = Encoding.UTF8.GetBytes(Read("dashboard.js"));
    private static readonly byte[] s_icon = Encoding.UTF8.GetBytes(Read("icon.svg"));

    public static string StyleAddress { get; } = "/dashboard.css?v=" + Digest(s_style);

    public static string ScriptAddress { get; } = "/dashboard.js?v=" + Digest(s_script);

    public static Task StyleAsync(HttpContext context, string _) => WriteAsync(context, s_style, "text/css; charset=utf-8");

    public static Task ScriptAsync(HttpContext context, string _) => WriteAsync(context, s_script, "text/javascript; charset=utf-8");

    public static Task IconAsync(HttpContext context, string _) => WriteAsync(context, s_icon, "image/svg+xml");

    private static Task WriteAsync(HttpContext context, byte[] content, string type)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = content.Length;
        context.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        return context.Response.Body.WriteAsync(content, context.RequestAborted).AsTask();
    }

    private static string Digest(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8));

    private static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is missing from the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
