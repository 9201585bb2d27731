using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Fhir.Server.Hosting;

/// <summary>
/// Memory of the transport, in blocks large enough for pixels. Kestrel's own of 4 KB take two calls of the system for each 4 KB of an upload;
/// what a store request waited for most was that.
/// </summary>
internal sealed class TransportMemoryFactory : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new TransportMemory();
}

/// <summary>Pinned blocks of one length, given again and again; of those not in use only a bounded number is kept.</summary>
internal sealed class TransportMemory : MemoryPool<byte>
{
    /// <summary>Bytes of a block. A connection that waits for a request holds none.</summary>
    public const int BlockLength = 32 * 1024;

    private const int MostKept = 512;

    private readonly ConcurrentQueue<byte[]> kept = new();
    private int count;

    /// <summary>Blocks kept for the next.</summary>
    public int Kept => kept.Count;

    public override int MaxBufferSize => BlockLength;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockLength);
        if (!kept.TryDequeue(out var bytes))
        {
            return new Block(this, GC.AllocateUninitializedArray<byte>(BlockLength, pinned: true));
        }
        Interlocked.Decrement(ref count);
        return new Block(this, bytes);
    }

    protected override void Dispose(bool disposing) => kept.Clear();

    private void Return(byte[] bytes)
    {
        if (Interlocked.Increment(ref count) > MostKept)
        {
            Interlocked.Decrement(ref count);
            return;
        }
        kept.Enqueue(bytes);
    }

    private sealed class Block(TransportMemory pool, byte[] bytes) : IMemoryOwner<byte>
    {
        private byte[]? held = bytes;

        public Memory<byte> Memory => held ?? throw new ObjectDisposedException(nameof(Block));

        public void Dispose()
        {
            // Given back once, whoever disposes twice: two holders of one block would write into each other.
            if (Interlocked.Exchange(ref held, null) is { } mine)
            {
                pool.Return(mine);
            }
        }
    }
}
