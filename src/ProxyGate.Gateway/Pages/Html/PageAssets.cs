using System.Text;

namespace ProxyGate.Gateway.Pages.Html;

/// <summary>The pictures that both pages share.</summary>
internal static class PageAssets
{
    public static readonly byte[] Tick = Icon("M3 8.6l3.4 3.4L13 5");

    public static readonly byte[] Cross = Icon("M4 4l8 8M12 4l-8 8");

    public static readonly byte[] Dash = Icon("M4 8h8");

    private static byte[] Icon(string path) => Encoding.UTF8.GetBytes($"<span class=\"dot\"><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"{path}\"/></svg></span>");
}
