using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fhir.Server.Access;
using Fhir.Server.Storage;
using Microsoft.Extensions.Configuration;

namespace Fhir.Server.Audit;

/// <summary>
/// HMAC-SHA-256 over the predecessor's chain value, the row's number and every field of the row, each with its length in front. Who can
/// edit rows but has not the key can neither alter, remove nor reorder one without breaking the chain.
/// </summary>
internal sealed class HmacAuditSeal : IAuditSeal
{
    private const int KeyIdLength = 16;

    private readonly byte[] key;

    public HmacAuditSeal(IConfiguration configuration)
        : this(KeyFile.ReadOrCreate(Path.Combine(KeyFolder.Of(configuration), "audit.key")))
    {
    }

    public HmacAuditSeal(byte[] key)
    {
        this.key = key;
        KeyId = Convert.ToHexStringLower(SHA256.HashData(key))[..KeyIdLength];
    }

    public string KeyId { get; }

    public byte[] Seal(ReadOnlySpan<byte> previous, long sequence, AuditEntry entry)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        Append(hmac, previous);
        Append(hmac, sequence.ToString(CultureInfo.InvariantCulture));
        Append(hmac, entry.Record.Value);
        Append(hmac, Microseconds.Of(entry.Time).ToString(CultureInfo.InvariantCulture));
        Append(hmac, entry.Actor);
        Append(hmac, entry.App);
        Append(hmac, entry.Action);
        Append(hmac, entry.What);
        Append(hmac, entry.Outcome.ToString(CultureInfo.InvariantCulture));
        Append(hmac, entry.Decision);
        Append(hmac, entry.Detail);
        return hmac.GetHashAndReset();
    }

    private static void Append(IncrementalHash hmac, string text) => Append(hmac, Encoding.UTF8.GetBytes(text));

    private static void Append(IncrementalHash hmac, ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hmac.AppendData(length);
        hmac.AppendData(bytes);
    }
}
