using System.IO.Compression;
using System.Text;
using CsCheck;
using Fhir.Server.Imaging;

namespace Fhir.Server.Tests.Imaging;

/// <summary>Pieces of metadata strung together are one gzip member, whatever the pieces and the base are. RFC 1951, RFC 1952</summary>
[TestFixture]
public sealed class MetadataPiecesTests
{
    private static readonly Gen<ReadOnlyMemory<byte>> Text = Gen.OneOf(
        Gen.Byte.Array[0, 40], Gen.Byte.Array[0, 5000], Gen.Byte[97, 99].Array[0, 20_000], Gen.Int[0, 70_000].Select(length => new byte[length]))
        .Select(bytes => (ReadOnlyMemory<byte>)bytes);

    private static readonly Gen<byte[]> Base = Gen.OneOf(Gen.Byte.Array[0, 60], Gen.Const(new byte[65_535]), Gen.Const(new byte[65_536]), Gen.Const(new byte[140_001]));

    [Test]
    public void Random_pieces_and_bases_inflate_to_the_plain_text_and_the_stream_is_one_member() =>
        Gen.Select(Text.Array[1, 6].Array[0, 5], Base).Sample(
            (instances, webBase) =>
            {
                var expected = Plain(instances, webBase);
                var pieces = instances.Select(texts => MetadataPieces.FromBytes(MetadataPieces.Of(texts).ToBytes())).ToList();
                using var packed = new MemoryStream();
                MetadataWriter.WriteGzipAsync(pieces.ToAsyncEnumerable(), webBase, packed, default).AsTask().Wait();
                using var plain = new MemoryStream();
                MetadataWriter.WritePlainAsync(pieces.ToAsyncEnumerable(), webBase, plain, default).AsTask().Wait();
                Assert.That(plain.ToArray().AsSpan().SequenceEqual(expected));

                // Every byte of the stream belongs to the member: the text ends exactly where the trailer begins.
                packed.Position = 0;
                using var reader = new GZipStream(packed, CompressionMode.Decompress);
                using var unpacked = new MemoryStream();
                reader.CopyTo(unpacked);
                Assert.That(unpacked.ToArray().AsSpan().SequenceEqual(expected));
                Assert.That(BitConverter.ToUInt32(packed.ToArray().AsSpan()[^4..]), Is.EqualTo((uint)expected.Length));
                Assert.That(BitConverter.ToUInt32(packed.ToArray().AsSpan()[^8..]), Is.EqualTo(System.IO.Hashing.Crc32.HashToUInt32(expected)));
            },
            iter: 150);

    [Test]
    public void A_broken_checksum_or_a_lost_byte_is_noticed_by_the_reader()
    {
        var pieces = MetadataPieces.Of(["{\"a\":\""u8.ToArray(), "/x\"}"u8.ToArray()]);
        using var packed = new MemoryStream();
        MetadataWriter.WriteGzipAsync(new[] { pieces }.ToAsyncEnumerable(), "http://h"u8.ToArray(), packed, default).AsTask().Wait();
        var bytes = packed.ToArray();
        Assert.That(Inflate(bytes), Is.EqualTo("[{\"a\":\"http://h/x\"}]"));
        bytes[^8] ^= 1;
        Assert.That(() => Inflate(bytes), Throws.InstanceOf<InvalidDataException>());
    }

    [Test]
    public void No_instance_at_all_is_an_empty_list()
    {
        using var packed = new MemoryStream();
        MetadataWriter.WriteGzipAsync(AsyncEnumerable.Empty<MetadataPieces>(), "http://h"u8.ToArray(), packed, default).AsTask().Wait();
        Assert.That(Inflate(packed.ToArray()), Is.EqualTo("[]"));
    }

    [Test]
    public void Pieces_of_another_version_are_refused_and_not_guessed_at()
    {
        var bytes = MetadataPieces.Of(["x"u8.ToArray()]).ToBytes();
        bytes[0] = 2;
        Assert.That(() => MetadataPieces.FromBytes(bytes), Throws.InstanceOf<InvalidDataException>());
        Assert.That(() => MetadataPieces.FromBytes(Array.Empty<byte>()), Throws.InstanceOf<InvalidDataException>());
    }

    private static string Inflate(byte[] packed)
    {
        using var reader = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var text = new StreamReader(reader, Encoding.UTF8);
        return text.ReadToEnd();
    }

    private static byte[] Plain(ReadOnlyMemory<byte>[][] instances, byte[] webBase)
    {
        using var plain = new MemoryStream();
        plain.WriteByte((byte)'[');
        for (var i = 0; i < instances.Length; i++)
        {
            if (i > 0)
            {
                plain.WriteByte((byte)',');
            }
            for (var j = 0; j < instances[i].Length; j++)
            {
                if (j > 0)
                {
                    plain.Write(webBase);
                }
                plain.Write(instances[i][j].Span);
            }
        }
        plain.WriteByte((byte)']');
        return plain.ToArray();
    }
}
