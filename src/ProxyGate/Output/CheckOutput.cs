using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Examining;

namespace ProxyGate.Output;

/// <summary>How <c>proxygate check</c> says what it found.</summary>
internal static class CheckOutput
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteText(TextWriter output, TextWriter error, string file, ConfigResult result)
    {
        if (!result.IsValid)
        {
            WriteMistakes(error, result);
            return;
        }

        var settings = result.Settings!;
        output.WriteLine($"{file} is valid.");
        output.WriteLine("  listens on  " + string.Join(", ", settings.Listen));
        output.WriteLine("  admin       " + (settings.Admin.Listen ?? "none"));
        output.WriteLine($"  routes      {List(result.Routes.Select(r => r.RouteId))}");
        foreach (var cluster in result.Clusters)
            output.WriteLine($"  cluster     {cluster.ClusterId}: {List((cluster.Destinations ?? new Dictionary<string, Yarp.ReverseProxy.Configuration.DestinationConfig>()).Values.Select(d => UnixDestinations.Display(d.Address)))}");
        foreach (var warning in result.Warnings)
            output.WriteLine(Plain(warning.ToString()));
    }

    public static void WriteMistakes(TextWriter error, ConfigResult result)
    {
        foreach (var mistake in result.Mistakes)
            error.WriteLine(Plain(mistake.ToString()));
        error.WriteLine(GatewayStart.Count(result.Errors.Count()));
    }

    /// <param name="output">Where it goes.</param>
    /// <param name="file">As it was named.</param>
    /// <param name="result">What was read.</param>
    /// <param name="deep">A look at all destinations; absent when none was taken. It adds <c>healthy</c>, <c>exit</c>, <c>verdict</c> and <c>destinations</c>.</param>
    public static void WriteJson(TextWriter output, string file, ConfigResult result, IReadOnlyList<Examination>? deep = null)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Indented))
        {
            json.WriteStartObject();
            json.WriteString("file", file);
            json.WriteBoolean("valid", result.IsValid);
            if (result.Unreadable is { } unreadable)
                json.WriteString("unreadable", unreadable);
            json.WriteStartArray("mistakes");
            foreach (var mistake in result.Mistakes)
                Write(json, mistake);
            json.WriteEndArray();
            if (result.Settings is { } settings)
            {
                Write(json, "listen", settings.Listen);
                json.WriteString("admin", settings.Admin.Listen);
                Write(json, "routes", result.Routes.Select(r => r.RouteId));
                json.WriteStartObject("clusters");
                foreach (var cluster in result.Clusters)
                    Write(json, cluster.ClusterId, cluster.Destinations?.Values.Select(d => UnixDestinations.Display(d.Address)) ?? []);
                json.WriteEndObject();
            }

            if (deep is not null)
                DiagnoseJson.WriteSummary(json, deep);
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(bytes.ToArray()));
    }

    private static void Write(Utf8JsonWriter json, ConfigMistake mistake)
    {
        json.WriteStartObject();
        json.WriteString("severity", mistake.IsWarning ? "warning" : "error");
        json.WriteString("file", mistake.File);
        if (mistake.Line > 0)
        {
            json.WriteNumber("line", mistake.Line);
            json.WriteNumber("column", mistake.Column);
        }

        json.WriteString("key", mistake.Key);
        json.WriteString("message", mistake.Message);
        if (mistake.Suggestion is not null)
            json.WriteString("suggestion", mistake.Suggestion);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static string List(IEnumerable<string> items) => string.Join(", ", items) is { Length: > 0 } text ? text : "none";

    /// <summary>A mistake is one line, whatever the file says.</summary>
    private static string Plain(string text) => new([.. text.Select(c => char.IsControl(c) ? ' ' : c)]);
}
