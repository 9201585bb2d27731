namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// How a blob lies in its file: a header of 16 bytes, then the content to the end of the file.
/// <code>
/// 0..3   "PHRB"
/// 4      version, 1
/// 5      flags; bit 0: sealed (not written yet, and refused)
/// 6..15  zeros
/// </code>
/// The header holds no length: a blob gets its name only after all its bytes are durable, so the file's length is right.
/// <para>
/// <b>Where sealing will fit.</b> With bit 0 set, bytes 6..9 number the version of the record's key (the key itself is wrapped by
/// the master key and lies with the record, so that destroying it erases the blob), and the content is cut into chunks of
/// 64 KiB. Each is kept as its AES-GCM ciphertext and a tag of 16 bytes, so chunk <c>n</c> begins at
/// <c>16 + n × (65,536 + 16)</c> and a range of content needs only the chunks <c>offset / 65,536</c> to <c>(end − 1) / 65,536</c>.
/// The key is used with a derived key per blob (HKDF over the blob's name), the nonce is the chunk's number, and the associated data
/// are the header, the number and whether it is the last chunk: chunks cannot be swapped between blobs, reordered or cut off.
/// The content's length follows from the file's. Offsets in <see cref="IBlobStore"/> stay those of the content.
/// </para>
/// </summary>
internal static class BlobFormat
{
    /// <summary>Bytes before the content.</summary>
    public const int HeaderLength = 16;

    /// <summary>The only version there is.</summary>
    public const byte Version = 1;

    /// <summary>The flag of a sealed blob.</summary>
    public const byte Sealed = 1;

    private static ReadOnlySpan<byte> Magic => "PHRB"u8;

    /// <summary>Writes the header of a blob that is not sealed.</summary>
    public static void WriteHeader(Span<byte> header)
    {
        header[..HeaderLength].Clear();
        Magic.CopyTo(header);
        header[Magic.Length] = Version;
    }

    /// <summary>Throws <see cref="InvalidDataException"/> unless this server can read what follows the header.</summary>
    public static void Check(ReadOnlySpan<byte> header, BlobName name)
    {
        if (header.Length < HeaderLength || !header.StartsWith(Magic))
        {
            throw new InvalidDataException($"Blob {name} does not begin like a blob.");
        }
        if (header[4] != Version)
        {
            throw new InvalidDataException($"Blob {name} has format version {header[4]}; this server reads version {Version}.");
        }
        if ((header[5] & Sealed) != 0)
        {
            throw new InvalidDataException($"Blob {name} is sealed (format version {Version}); this server cannot open sealed blobs.");
        }
        if (header[5..HeaderLength].ContainsAnyExcept((byte)0))
        {
            throw new InvalidDataException($"Blob {name} uses parts of format version {Version} that this server does not know.");
        }
    }
}
