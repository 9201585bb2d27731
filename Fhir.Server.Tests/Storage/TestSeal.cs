using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>A seal with a known key, exact about every field: whoever keeps less of an entry than was sealed is found out.</summary>
public sealed class TestSeal : IAuditSeal
{
    private static readonly byte[] Key = Encoding.UTF8.GetBytes("a key only for tests");

    public string KeyId => "test-1";

    public byte[] Seal(ReadOnlySpan<byte> previous, long sequence, AuditEntry entry)
    {
        using var text = new MemoryStream();
        Write(text, previous);
        Write(text, Number(sequence));
        Write(text, Number(entry.Time.UtcTicks));
        Write(text, Number(entry.Outcome));
        foreach (var field in (string[])[entry.Record.Value, entry.Actor, entry.App, entry.Action, entry.What, entry.Decision, entry.Detail])
        {
            Write(text, Encoding.UTF8.GetBytes(field));
        }
        return HMACSHA256.HashData(Key, text.ToArray());
    }

    /// <summary>Whether rows are numbered from <paramref name="first"/> without gaps and each follows from the one before.</summary>
    public bool Verifies(IReadOnlyList<AuditRow> rows, long first = 1, ReadOnlyMemory<byte> before = default)
    {
        var previous = before;
        foreach (var row in rows)
        {
            if (row.Sequence != first++ || row.KeyId != KeyId || !row.Chain.Span.SequenceEqual(Seal(previous.Span, row.Sequence, row.Entry)))
            {
                return false;
            }
            previous = row.Chain;
        }
        return true;
    }

    private static byte[] Number(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    private static void Write(MemoryStream into, ReadOnlySpan<byte> field)
    {
        into.Write(Number(field.Length));
        into.Write(field);
    }
}
