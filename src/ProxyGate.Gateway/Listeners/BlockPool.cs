using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace ProxyGate.Gateway.Listeners;

/// <summary>
/// The server's buffers in blocks of 16 KiB instead of 4: an upload of that size is then one read and one write instead of four of each. An idle
/// connection holds none.
/// </summary>
internal sealed class BlockPool : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int BlockLength = 16 * 1024;

    /// <summary>How many blocks each processor keeps for its next requests: 4 MiB.</summary>
    private const int MostKept = 256;

    private readonly Shelf[] _shelves = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(static _ => new Shelf())];

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    public override int MaxBufferSize => BlockLength;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockLength);
        return Here.Take() ?? TakeElsewhere() ?? new Block(this);
    }

    /// <summary>A block is often given back on another processor than it was taken on.</summary>
    private Block? TakeElsewhere()
    {
        foreach (var shelf in _shelves)
        {
            if (shelf.Take() is { } block) return block;
        }

        return null;
    }

    /// <summary>Keeps none of those that nobody has: what a busy time needed is more than a quiet one does.</summary>
    public void Trim()
    {
        foreach (var shelf in _shelves) shelf.Clear();
    }

    /// <summary>The last block given back is the first given out again: it may still be in the processor's cache.</summary>
    private Shelf Here => _shelves[Thread.GetCurrentProcessorId() % _shelves.Length];

    protected override void Dispose(bool disposing)
    {
        // Shared by all listeners, for as long as the process runs.
    }

    private sealed class Shelf
    {
        private readonly Lock _lock = new();
        private readonly Block[] _blocks = new Block[MostKept];
        private int _count;

        public Block? Take()
        {
            lock (_lock)
            {
                if (_count == 0) return null;
                var block = _blocks[--_count];
                block.IsOut = true;
                return block;
            }
        }

        public void Clear()
        {
            lock (_lock)
            {
                Array.Clear(_blocks);
                _count = 0;
            }
        }

        public void Put(Block block)
        {
            lock (_lock)
            {
                if (_count < MostKept) _blocks[_count++] = block;
            }
        }
    }

    private sealed class Block(BlockPool pool) : IMemoryOwner<byte>
    {
        // Pinned for good: the kernel reads and writes it.
        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(BlockLength, pinned: true);
        private int _isOut = 1;

        public bool IsOut
        {
            set => Volatile.Write(ref _isOut, value ? 1 : 0);
        }

        public Memory<byte> Memory => _bytes;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOut, 0) == 1) pool.Here.Put(this);
        }
    }
}
