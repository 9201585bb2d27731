using System.Buffers.Binary;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>PS3.5 §8 and §A.4, PS3.3 §C.7.6.3.</summary>
public sealed class FrameTests
{
    private const string Jpeg = "1.2.840.10008.1.2.4.50";
    private static readonly byte[] Start = [0xFF, 0xD8, 0xFF, 0xE0];

    [Test]
    public void Native_frames_lie_one_after_the_other()
    {
        var pixels = Made.Image(3).AddBytes(DicomTag.PixelData, DicomVr.OW, new byte[96]).Bytes().Read().PixelData!;
        Assert.That(pixels.Frames!.Count, Is.EqualTo(3));
        Assert.That(pixels.Frames[2].Ranges, Is.EqualTo(new[] { new BulkValue(pixels.Offset + 64, 32) }));
    }

    [Test]
    public void Frames_of_single_bits_may_begin_within_a_byte()
    {
        var file = Made.Image(3, bits: 1, rows: 3, columns: 4).AddBytes(DicomTag.PixelData, DicomVr.OB, new byte[6]).Bytes().Read();
        var second = file.PixelData!.Frames![1];
        Assert.That((second.Ranges[0].Offset - file.PixelData.Offset, second.Length, second.BitOffset, second.BitLength), Is.EqualTo((1L, 2L, 4, 12L)));
        Assert.That(file.PixelData.NativeFrameLength, Is.Null);
        Assert.That(file.Warnings, Has.Some.Contains("within bytes"));
    }

    [Test]
    public void Half_the_colour_makes_two_thirds_of_the_bytes()
    {
        var image = Made.Image(1, bits: 8).AddNumbers(DicomTag.SamplesPerPixel, DicomVr.US, 3).Add(DicomTag.PhotometricInterpretation, "YBR_FULL_422");
        Assert.That(image.AddBytes(DicomTag.PixelData, DicomVr.OB, new byte[32]).Bytes().Read().PixelData!.NativeFrameLength, Is.EqualTo(32));
    }

    [Test]
    public void A_basic_offset_table_tells_frames_of_several_fragments()
    {
        // Fragments of 4 bytes take 12 with their headers: the second frame begins after two of them.
        var pixels = Read(2, [0, 0, 0, 0, 24, 0, 0, 0], new byte[4], new byte[4], new byte[4]);
        Assert.That((pixels.Frames![0].Ranges.Count, pixels.Frames[1].Ranges.Count), Is.EqualTo((2, 1)));
    }

    [Test]
    public void A_table_tells_the_number_of_frames_when_the_header_does_not()
    {
        var image = Made.Image().Add(Fragments([0, 0, 0, 0, 12, 0, 0, 0], new byte[4], new byte[4]));
        image.Remove(DicomTag.NumberOfFrames);
        Assert.That(image.Bytes(Jpeg).Read().PixelData!.Frames!.Count, Is.EqualTo(2));
    }

    [Test]
    public void Without_a_table_one_frame_is_all_and_as_many_fragments_as_frames_are_one_each()
    {
        Assert.That(Read(1, [], new byte[4], new byte[4]).Frames![0].Ranges, Has.Count.EqualTo(2));
        Assert.That(Read(2, [], new byte[4], new byte[4]).Frames!.Count, Is.EqualTo(2));
    }

    [Test]
    public void Without_a_table_frames_begin_where_codestreams_begin()
    {
        var pixels = Read(2, [], Start, new byte[4], new byte[4], Start);
        Assert.That(pixels.Frames![0].Ranges, Has.Count.EqualTo(3));
        Assert.That(Read(2, [], new byte[4], new byte[4], new byte[4]).Frames, Is.Null);
    }

    [Test]
    public void A_wrong_table_is_not_believed()
    {
        Assert.That(Read(2, [0, 0, 0, 0, 5, 0, 0, 0], new byte[4], new byte[4]).Frames!.Count, Is.EqualTo(2));
        Assert.That(Read(2, [0, 0, 0, 0, 5, 0, 0, 0], new byte[4], new byte[4], new byte[4]).Frames, Is.Null);
    }

    [Test]
    public void An_extended_table_gives_true_lengths()
    {
        var offsets = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(offsets.AsSpan(8), 12);
        var image = Made.Image(2).AddBytes(DicomTag.ExtendedOffsetTable, DicomVr.OV, offsets)
            .AddBytes(DicomTag.ExtendedOffsetTableLengths, DicomVr.OV, new byte[] { 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0 })
            .Add(Fragments([], new byte[4], new byte[4]));
        Assert.That(image.Bytes(Jpeg).Read().PixelData!.Frames![0].Length, Is.EqualTo(3));
    }

    [Test]
    public void A_table_comes_back_from_its_bytes()
    {
        foreach (var table in new[]
        {
            Read(2, [0, 0, 0, 0, 24, 0, 0, 0], new byte[4], new byte[4], new byte[4]).Frames!,
            Made.Image(3, bits: 1, rows: 3, columns: 4).AddBytes(DicomTag.PixelData, DicomVr.OB, new byte[6]).Bytes().Read().PixelData!.Frames!,
        })
        {
            var bytes = table.ToBytes();
            var again = FrameTable.FromBytes(bytes).Value;
            Assert.That(bytes[0], Is.EqualTo(1));
            Assert.That((again.Count, again.IsEncapsulated), Is.EqualTo((table.Count, table.IsEncapsulated)));
            for (var i = 0; i < table.Count; i++)
            {
                Assert.That(again[i].Ranges, Is.EqualTo(table[i].Ranges));
                Assert.That((again[i].BitOffset, again[i].BitLength), Is.EqualTo((table[i].BitOffset, table[i].BitLength)));
            }

            Assert.That(FrameTable.FromBytes([2, .. bytes[1..]]).IsSuccess, Is.False);
            Assert.That(FrameTable.FromBytes(bytes.AsSpan(0, bytes.Length - 1)).IsSuccess, Is.False);
        }
    }

    private static PixelDataLocation Read(int frames, byte[] table, params ReadOnlySpan<byte[]> fragments) =>
        Made.Image(frames).Add(Fragments(table, fragments)).Bytes(Jpeg).Read().PixelData!;

    private static DicomElement Fragments(byte[] table, params ReadOnlySpan<byte[]> fragments)
    {
        var values = new List<ReadOnlyMemory<byte>>();
        foreach (var fragment in fragments)
        {
            values.Add(fragment);
        }

        return new DicomElement(DicomTag.PixelData, DicomVr.OB, new DicomFragments(table, [], values));
    }
}
