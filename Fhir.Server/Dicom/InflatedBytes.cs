using System.Buffers;

namespace Fhir.Server.Dicom;

/// <summary>An inflated data set: whatever holds a piece of its memory holds the lease of it too.</summary>
internal sealed class InflatedBytes(byte[] bytes, InflationLease lease) : MemoryManager<byte>
{
    /// <summary>All of it.</summary>
    public byte[] Whole => bytes;

    /// <summary>Gives the lease back when nobody will use the bytes.</summary>
    public void LetGo() => lease.Dispose();

    public override Span<byte> GetSpan() => bytes;

    public override MemoryHandle Pin(int elementIndex = 0) => bytes.AsMemory(elementIndex).Pin();

    public override void Unpin()
    {
    }

    protected override bool TryGetArray(out ArraySegment<byte> segment)
    {
        segment = bytes;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            LetGo();
        }
    }
}
