namespace ProxyGate.Gateway.Pages.Stencils;

/// <summary>
/// The bytes of an answer with holes where one failure of an outage differs from the next. It is cut from an answer that was written with marks for
/// values, so that there is one place only that knows how an answer is written.
/// </summary>
internal sealed class Stencil
{
    private readonly byte[] _bytes;
    private readonly Hole[] _holes;

    private Stencil(byte[] bytes, Hole[] holes) => (_bytes, _holes) = (bytes, holes);

    /// <summary>How long an answer is without what goes into the holes.</summary>
    public int Length => _bytes.Length;

    public static Stencil Cut(ReadOnlySpan<byte> written, IReadOnlyList<Mark> marks)
    {
        var bytes = new byte[written.Length];
        var length = 0;
        var holes = new List<Hole>();
        while (true)
        {
            var (at, mark) = First(written, marks);
            var before = mark is null ? written : written[..at];
            before.CopyTo(bytes.AsSpan(length));
            length += before.Length;
            if (mark is null) return new Stencil(bytes[..length], [.. holes]);
            holes.Add(new Hole(length, mark.Value));
            written = written[(at + mark.Bytes.Length)..];
        }
    }

    public void Fill<TValues>(AnswerBuffer buffer, in TValues values) where TValues : IStencilValues
    {
        var from = 0;
        foreach (var hole in _holes)
        {
            buffer.Raw(_bytes.AsSpan(from, hole.At - from));
            values.Write(hole.Value, buffer);
            from = hole.At;
        }

        buffer.Raw(_bytes.AsSpan(from));
    }

    /// <summary>The first mark there is; of two at one place the longer.</summary>
    private static (int At, Mark? Mark) First(ReadOnlySpan<byte> written, IReadOnlyList<Mark> marks)
    {
        var (first, found) = (int.MaxValue, (Mark?)null);
        foreach (var mark in marks)
        {
            var at = written.IndexOf(mark.Bytes);
            if (at < 0 || at > first || (at == first && found!.Bytes.Length >= mark.Bytes.Length)) continue;
            (first, found) = (at, mark);
        }

        return (first, found);
    }

    private readonly record struct Hole(int At, StencilValue Value);
}

/// <summary>What an answer is written with in the place of a value.</summary>
internal sealed record Mark(StencilValue Value, byte[] Bytes);

/// <summary>What differs.</summary>
internal enum StencilValue
{
    Id,
    /// <summary>The time to the second, as people read it.</summary>
    Moment,
    /// <summary>The time to the second, as a browser reads it.</summary>
    Instant,
    /// <summary>The time, as JSON has it.</summary>
    Time,
    Path,
    Trace,
    /// <summary>The time until the next trial, as JSON has it.</summary>
    Retry,
    /// <summary>Since when and how often, in the form of the answer.</summary>
    Context,
    /// <summary>The same as Markdown within a page.</summary>
    ContextToHandOn,
}

/// <summary>The values of one failure. Each is written as harmless as the answer's own writer would write it.</summary>
internal interface IStencilValues
{
    void Write(StencilValue value, AnswerBuffer buffer);
}
