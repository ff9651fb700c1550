namespace ProxyGate.Gateway.EventLog.Writing;

/// <summary>Standard output, unbuffered, written around <see cref="Console.Out"/>, whose lock a blocked terminal would hold.</summary>
internal sealed class ConsoleTarget : ILineTarget
{
    private readonly Stream _stream = Console.OpenStandardOutput();

    public string Name => "standard output";

    public void Write(ReadOnlySpan<byte> lines, ref int written)
    {
        // In pieces, so that what a closed pipe took is not told twice.
        while (!lines.IsEmpty)
        {
            var end = lines.IndexOf((byte)'\n') + 1;
            _stream.Write(lines[..end]);
            written += end;
            lines = lines[end..];
        }
    }

    public void Dispose() => _stream.Dispose();
}
