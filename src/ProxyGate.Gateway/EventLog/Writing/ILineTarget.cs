namespace ProxyGate.Gateway.EventLog.Writing;

/// <summary>Where a <see cref="LineWriter"/> puts its lines. Called by the writer's own thread only; may block or throw.</summary>
internal interface ILineTarget : IDisposable
{
    /// <summary>For people, e.g. the file's path.</summary>
    string Name { get; }

    /// <summary>
    /// Writes whole lines, each with its line feed, or throws. <paramref name="written"/> counts up as bytes are safely out, so that after
    /// a failure the rest, and only the rest, is tried again.
    /// </summary>
    void Write(ReadOnlySpan<byte> lines, ref int written);
}
