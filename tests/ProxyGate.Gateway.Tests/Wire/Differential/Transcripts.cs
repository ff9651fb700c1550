using System.Runtime.CompilerServices;

namespace ProxyGate.Gateway.Tests.Wire.Differential;

/// <summary>What real servers were asked and answered, as <c>Recorded/record.py</c> wrote it down.</summary>
internal static class Transcripts
{
    /// <summary>What the harness frames and names itself.</summary>
    private static readonly string[] OwnFields = ["Host", "Content-Length", "Transfer-Encoding"];

    public static IEnumerable<Exchange> Read([CallerFilePath] string here = "")
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Path.GetDirectoryName(here)!, "Recorded"), "*.txt").Order(StringComparer.Ordinal))
        {
            var lines = File.ReadAllLines(file).Where(l => l.Length > 0).ToArray();
            for (var at = 0; at + 2 < lines.Length; at += 3)
            {
                var request = StrictReader.ReadRequest(Bytes.Unescape(lines[at]["request ".Length..]));
                yield return new Exchange
                {
                    Name = $"{Path.GetFileNameWithoutExtension(file)}-{at / 3 + 1}",
                    Method = request.Method,
                    Target = request.Target,
                    Version = request.IsHttp10 ? "HTTP/1.0" : "HTTP/1.1",
                    Fields = [.. request.Fields.Where(f => !OwnFields.Contains(f.Name, StringComparer.OrdinalIgnoreCase)).Select(f => f with { Value = " " + f.Value })],
                    BodyKind = request.Framing switch { Framing.Chunked => BodyKind.Chunked, Framing.Length => BodyKind.Length, _ => BodyKind.None },
                    Body = request.Body,
                    Parts = request.Body.Length == 0 ? [] : [request.Body.Length],
                    Play = new Play { Pieces = [Bytes.Unescape(lines[at + 1]["answer ".Length..])], End = lines[at + 2] == "open" ? AppEnd.KeepOpen : AppEnd.Close },
                };
            }
        }
    }
}
