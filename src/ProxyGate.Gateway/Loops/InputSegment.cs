using System.Buffers;

namespace ProxyGate.Gateway.Loops;

/// <summary>A piece of memory and the bytes read into it, behind those of the segment before.</summary>
internal sealed class InputSegment : ReadOnlySequenceSegment<byte>
{
    private IMemoryOwner<byte>? _owner;
    private Memory<byte> _memory;

    public int End { get; private set; }

    public Memory<byte> Room => _memory[End..];

    public InputSegment? Following => (InputSegment?)Next;

    /// <summary>Where a byte of it stands among all that were read since memory was last taken.</summary>
    public long At(int index) => RunningIndex + index;

    public void Begin(IMemoryOwner<byte> owner, InputSegment? last)
    {
        (_owner, _memory) = (owner, owner.Memory);
        if (last is null) return;
        RunningIndex = last.At(last.End);
        last.Next = this;
    }

    public void Add(int count) => Memory = _memory[..(End += count)];

    /// <summary>Gives the memory back; it can begin again.</summary>
    public void Release()
    {
        _owner!.Dispose();
        (_owner, _memory, Memory, Next, RunningIndex, End) = (null, default, default, null, 0, 0);
    }
}
