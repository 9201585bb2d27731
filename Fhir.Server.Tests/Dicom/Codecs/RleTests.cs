using CsCheck;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Dicom.Codecs.Managed;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Tests.Dicom.Codecs;

/// <summary>PS3.5 Annex G.</summary>
public sealed class RleTests
{
    [Test]
    public void Any_frame_comes_back() => Gen.Select(Gen.Int[1, 20], Gen.Int[1, 300], Gen.Int[0, 5]).SelectMany((rows, columns, kind) =>
    {
        var layout = kind switch
        {
            0 => TestCodecs.Grey(rows, columns, 8, 8),
            1 => TestCodecs.Grey(rows, columns),
            2 => TestCodecs.Colour(rows, columns),
            3 => TestCodecs.Colour(rows, columns, 16),
            4 => TestCodecs.Grey(rows, columns) with { BitsAllocated = 32, BitsStored = 32, HighBit = 31 },
            _ => TestCodecs.Colour(rows, columns, 32),
        };
        return Gen.Byte[0, 2].Array[(int)layout.FrameLength].Select(frame => (layout, frame));
    }).Sample(
        one =>
        {
            var encoded = RleEncoder.Encode(one.frame, one.layout).Value;
            Assert.That(RleDecoder.Decode(encoded.Codestream.Span, one.layout).Value.Bytes.Span.SequenceEqual(one.frame));
        },
        iter: 300);

    [Test]
    public void The_high_byte_comes_first()
    {
        var frame = Decode([2, 64, 66], [0, 0x12, 0, 0x34], TestCodecs.Grey(1, 1, 16, 16));
        Assert.That(frame.Value.Bytes.ToArray(), Is.EqualTo(new byte[] { 0x34, 0x12 }));
    }

    [Test]
    public void A_segment_that_runs_past_the_frame_is_cut_and_one_that_ends_early_is_flagged()
    {
        var layout = TestCodecs.Grey(1, 3, 8, 8);
        var past = Decode([1, 64], [unchecked((byte)-9), 7], layout).Value;
        var early = Decode([1, 64], [1, 5, 6], layout).Value;
        Assert.That((past.Bytes.ToArray(), past.IsDamaged), Is.EqualTo((new byte[] { 7, 7, 7 }, false)));
        Assert.That((early.Bytes.ToArray(), early.IsDamaged), Is.EqualTo((new byte[] { 5, 6, 0 }, true)));
    }

    [Test]
    public void Single_bits_are_read_from_a_byte_each_and_from_eight_in_one()
    {
        var layout = new PixelLayout(2, 8, 1, 1, 1, 0, false, false, "MONOCHROME2");
        var each = Decode([1, 64], [15, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1], layout).Value;
        var packed = Decode([1, 64], [1, 0x01, 0x82], layout).Value;
        Assert.That((each.Bytes.ToArray(), packed.Bytes.ToArray()), Is.EqualTo((new byte[] { 0x01, 0x82 }, new byte[] { 0x01, 0x82 })));
    }

    [Test]
    public void Single_bits_of_a_byte_each_that_end_early_are_flagged()
    {
        var layout = new PixelLayout(4, 8, 1, 1, 1, 0, false, false, "MONOCHROME2");
        var early = Decode([1, 64], [19, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1], layout).Value;
        Assert.That((early.Bytes.ToArray(), early.IsDamaged), Is.EqualTo((new byte[] { 0x01, 0x82, 0x0F, 0 }, true)));
        Assert.That(Decode([1, 64], [3, 1, 2, 3, 4], layout).Value.IsDamaged, Is.False);
        Assert.That(Decode([1, 64], [2, 1, 2, 3], layout).Value.IsDamaged);
    }

    [Test]
    public void Single_bits_of_several_samples_are_refused()
    {
        var layout = new PixelLayout(1, 8, 3, 1, 1, 0, false, false, "RGB");
        Assert.That(Decode([3, 64, 66, 68], [0, 1, 0, 2, 0, 3], layout).Problem?.Kind, Is.EqualTo(ProblemKind.NotAcceptable));
    }

    [TestCase(new[] { 2, 64, 65 }, TestName = "More_segments_than_bytes_of_a_sample_are_refused")]
    [TestCase(new[] { 1, 63 }, TestName = "A_segment_within_the_header_is_refused")]
    [TestCase(new[] { 1, 900 }, TestName = "A_segment_beyond_the_frame_is_refused")]
    public void A_wrong_header_is_refused(int[] header) =>
        Assert.That(Decode(header, [0, 1, 0, 2], TestCodecs.Grey(1, 1, 8, 8)).Problem?.Kind, Is.EqualTo(ProblemKind.Invalid));

    private static Outcome<DecodedFrame> Decode(int[] header, byte[] segments, PixelLayout layout)
    {
        var stream = new byte[64 + segments.Length];
        Buffer.BlockCopy(header, 0, stream, 0, header.Length * 4);
        segments.CopyTo(stream, 64);
        return RleDecoder.Decode(stream, layout);
    }
}
