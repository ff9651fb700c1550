using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ProxyGate.Gateway.Tests.Wire.Differential;

/// <summary>Changes of protocol: WebSockets that are spoken through, and those that the app refuses or answers wrongly.</summary>
internal static class Tunnels
{
    public static Exchange Make(Dice dice)
    {
        var key = Convert.ToBase64String(dice.Blob(16));
        var webSocket = !dice.OneIn(4);
        var right = webSocket ? $"Sec-WebSocket-Accept: {Accept(key)}\r\n" : "";
        var protocol = webSocket ? "websocket" : "chat";
        var refused = dice.OneIn(4);
        var answer = refused
            ? "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nno"
            : $"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n{right}X-Thing: yes\r\n\r\n";
        return new Exchange
        {
            Name = dice.Seed.ToString(CultureInfo.InvariantCulture),
            Method = "GET",
            Target = "/ws",
            Fields =
            [
                new StrictField("Connection", " Upgrade"), new StrictField("Upgrade", " " + protocol),
                .. webSocket ? (StrictField[])[new StrictField("Sec-WebSocket-Version", " 13"), new StrictField("Sec-WebSocket-Key", " " + key)] : [],
            ],
            // Masked text frames as a client sends them, and the Close that ends the conversation.
            Tunnel = refused || !webSocket ? [] : [.. Enumerable.Range(0, dice.Between(1, 3)).SelectMany(_ => Frame(dice, 1, dice.Blob(dice.Between(0, 100)))), .. Frame(dice, 8, [3, 232])],
            Play = new Play { Pieces = [Bytes.Of(answer)], Echoes = !refused, End = refused ? AppEnd.KeepOpen : AppEnd.Close },
        };
    }

    private static byte[] Frame(Dice dice, int opcode, byte[] payload)
    {
        var mask = dice.Blob(4);
        return [(byte)(0x80 | opcode), (byte)(0x80 | payload.Length), .. mask, .. payload.Select((b, i) => (byte)(b ^ mask[i % 4]))];
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "RFC 6455 section 4.2.2 names SHA-1; it protects nothing here.")]
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
}
