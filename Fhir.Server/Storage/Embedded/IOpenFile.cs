namespace Fhir.Server.Storage.Embedded;

/// <summary>A file open in an <see cref="IFileLayer"/>. It has no position: every call says where.</summary>
internal interface IOpenFile : IDisposable
{
    /// <summary>Bytes in the file.</summary>
    long Length { get; }

    /// <summary>Reads at an offset; fewer bytes than asked, or none, only at the end.</summary>
    int Read(long offset, Span<byte> into);

    /// <summary>Writes all bytes at an offset.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Says when the file was written, in place of the disk's own clock.</summary>
    void SetLastWrite(DateTimeOffset moment);

    /// <summary>Makes the content durable. Blocks until the disk has it.</summary>
    void Sync();
}
