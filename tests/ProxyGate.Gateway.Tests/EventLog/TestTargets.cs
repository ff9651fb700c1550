using System.Text;
using ProxyGate.Gateway.EventLog.Writing;

namespace ProxyGate.Gateway.Tests.EventLog;

/// <summary>Keeps what is written; blocks or fails when told to.</summary>
internal sealed class TestTarget : ILineTarget
{
    private readonly Lock _sync = new();
    private readonly StringBuilder _text = new();
    private readonly ManualResetEventSlim _open = new(true);

    public string Name => "test target";

    /// <summary>Thrown by every write while set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Writes that have begun.</summary>
    public int Writes { get; private set; }

    public string[] Lines
    {
        get
        {
            lock (_sync) return _text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    public void Block() => _open.Reset();

    public void Unblock() => _open.Set();

    public void Write(ReadOnlySpan<byte> lines, ref int written)
    {
        Writes++;
        _open.Wait();
        if (Failure is { } failure) throw failure;
        lock (_sync) _text.Append(Encoding.UTF8.GetString(lines));
        written += lines.Length;
    }

    public void Dispose() => _open.Set();
}
