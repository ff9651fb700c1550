using System.Text;

namespace ProxyGate.Investigation.Probing.Services;

/// <summary>
/// Services that say nothing unasked and close without a word on another protocol: each has a question of its own that changes nothing and
/// that it answers before anybody has signed in. They are asked only when TLS and HTTP brought no answer.
/// </summary>
/// <param name="Name">The service.</param>
/// <param name="Question">What is sent.</param>
/// <param name="Recognizes">Whether an answer is this service's.</param>
internal sealed record ShyService(string Name, ReadOnlyMemory<byte> Question, Func<byte[], bool> Recognizes)
{
    public static IReadOnlyList<ShyService> All { get; } =
    [
        // SSLRequest: "may we speak TLS?" is answered with one letter.
        new("PostgreSQL", (byte[])[0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F], heard => heard is [(byte)'S' or (byte)'N'] or [(byte)'E', 0, 0, ..]),
        // FCGI_GET_VALUES, a management record: "how many connections do you take?"
        new("FastCGI", (byte[])[1, 9, 0, 0, 0, 16, 0, 0, 14, 0, .. "FCGI_MAX_CONNS"u8], heard => heard is [1, 10 or 11, ..]),
        // OP_MSG with the command hello, which every driver sends first.
        new("MongoDB", MongoHello(), heard => heard.Length >= 16 && heard.AsSpan(12, 4).SequenceEqual((byte[])[0xDD, 7, 0, 0])),
    ];

    private static byte[] MongoHello()
    {
        byte[] document = [0x10, .. "hello\0"u8, 1, 0, 0, 0, 0x02, .. "$db\0"u8, 6, 0, 0, 0, .. Encoding.ASCII.GetBytes("admin\0"), 0];
        byte[] body = [0, 0, 0, 0, 0, (byte)(document.Length + 4), 0, 0, 0, .. document];
        return [(byte)(body.Length + 16), 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xDD, 7, 0, 0, .. body];
    }
}
