using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Tests.Dicom.Codecs;

/// <summary>PS3.3 §C.7.6.3, as data sets have it and as they do not.</summary>
public sealed class LayoutTests
{
    [Test]
    public void What_is_missing_is_taken_to_be_as_usual()
    {
        var layout = PixelLayout.Of(Made.Image(bits: 16, rows: 3, columns: 5)).Value;
        Assert.That(layout, Is.EqualTo(new PixelLayout(3, 5, 1, 16, 16, 15, false, false, "MONOCHROME2")));
    }

    [TestCase(20, 19, 16, 15, TestName = "More_bits_stored_than_allocated_are_as_many_as_allocated")]
    [TestCase(12, 3, 12, 11, TestName = "A_high_bit_below_the_bits_stored_is_theirs")]
    [TestCase(12, 15, 12, 15, TestName = "A_high_bit_above_the_bits_stored_is_kept")]
    public void Nonsense_is_mended(int stored, int high, int expectedStored, int expectedHigh)
    {
        var image = Made.Image().AddNumbers(DicomTag.BitsStored, DicomVr.US, stored).AddNumbers(DicomTag.HighBit, DicomVr.US, high);
        var layout = PixelLayout.Of(image).Value;
        Assert.That((layout.BitsStored, layout.HighBit), Is.EqualTo((expectedStored, expectedHigh)));
    }

    [Test]
    public void Colours_make_three_samples_and_three_samples_make_colours()
    {
        var image = Made.Image(bits: 8).Add(DicomTag.PhotometricInterpretation, "rgb ");
        image.Remove(DicomTag.SamplesPerPixel);
        Assert.That(PixelLayout.Of(image).Value.SamplesPerPixel, Is.EqualTo(3));
        image = Made.Image(bits: 8).AddNumbers(DicomTag.SamplesPerPixel, DicomVr.US, 3);
        Assert.That(PixelLayout.Of(image).Value.PhotometricInterpretation, Is.EqualTo("RGB"));
    }

    [TestCase(0, 4, 8, 1, ProblemKind.Invalid)]
    [TestCase(4, 70000, 8, 1, ProblemKind.Invalid)]
    [TestCase(4, 4, 12, 1, ProblemKind.NotAcceptable)]
    [TestCase(4, 4, 8, 2, ProblemKind.Invalid)]
    public void What_no_guess_mends_is_refused(int rows, int columns, int bits, int samples, ProblemKind kind)
    {
        var image = Made.Image(bits: bits).AddNumbers(DicomTag.Rows, DicomVr.UL, rows).AddNumbers(DicomTag.Columns, DicomVr.UL, columns)
            .AddNumbers(DicomTag.SamplesPerPixel, DicomVr.US, samples);
        Assert.That(PixelLayout.Of(image).Problem?.Kind, Is.EqualTo(kind));
    }

    [Test]
    public async Task Eight_bits_in_words_of_a_big_endian_file_are_turned_also_where_a_frame_begins_within_one()
    {
        // Two frames of three pixels; a word holds the last of the first and the first of the second.
        var source = new FrameSource(
            new MemoryStream([9, 2, 1, 4, 3, 6, 5]), DicomTransferSyntax.ExplicitBigEndian, TestCodecs.Grey(1, 3, 8, 8),
            FrameTable.Native(1, 6, 24, 2), 2, 1);
        var decoder = new FrameDecoder(TestCodecs.All);
        Assert.That((await decoder.DecodeAsync(source, 0, default)).Value.Bytes.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That((await decoder.DecodeAsync(source, 1, default)).Value.Bytes.ToArray(), Is.EqualTo(new byte[] { 4, 5, 6 }));
        Assert.That((await decoder.DecodeAsync(source, 2, default)).Problem?.Kind, Is.EqualTo(ProblemKind.NotFound));
    }

    [Test]
    public async Task Colours_without_a_number_of_samples_are_three_wherever_frames_are_found()
    {
        var image = Made.Image(2, bits: 8, rows: 1, columns: 2).Add(DicomTag.PhotometricInterpretation, "RGB");
        image.Remove(DicomTag.SamplesPerPixel);
        using var stream = new MemoryStream(image.AddBytes(DicomTag.PixelData, DicomVr.OB, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }).Bytes());
        var source = FrameSource.Of(Part10Reader.Read(stream).Value, stream).Value;
        var second = (await new FrameDecoder(TestCodecs.All).DecodeAsync(source, 1, default)).Value;
        Assert.That((second.Bytes.ToArray(), second.IsDamaged), Is.EqualTo((new byte[] { 7, 8, 9, 10, 11, 12 }, false)));
    }

    [Test]
    public async Task A_frame_of_another_length_than_its_layout_says_does_not_get_out()
    {
        var source = new FrameSource(
            new MemoryStream(new byte[4]), CodecSyntaxes.Rle, TestCodecs.Grey(2, 3, 8, 8), FrameTable.Encapsulated([new BulkValue(0, 4)], [0]), 1, 0);
        Assert.That((await new FrameDecoder(new ShortCodec()).DecodeAsync(source, 0, default)).Problem?.Kind, Is.EqualTo(ProblemKind.Invalid));
    }

    [Test]
    public async Task A_frame_that_is_cut_off_is_filled_up_and_flagged()
    {
        var source = new FrameSource(new MemoryStream([1, 2, 3, 4]), DicomTransferSyntax.ExplicitLittleEndian, TestCodecs.Grey(2, 3, 8, 8), FrameTable.Native(0, 4, 48, 1), 1, 0);
        var frame = (await new FrameDecoder(TestCodecs.All).DecodeAsync(source, 0, default)).Value;
        Assert.That((frame.Bytes.ToArray(), frame.IsDamaged), Is.EqualTo((new byte[] { 1, 2, 3, 4, 0, 0 }, true)));
    }

    /// <summary>Gives a byte less than there should be.</summary>
    private sealed class ShortCodec : IFrameCodec
    {
        public bool CanDecode(string transferSyntaxUid) => true;

        public bool CanEncode(string transferSyntaxUid) => false;

        public ValueTask<Outcome<DecodedFrame>> DecodeAsync(string transferSyntaxUid, ReadOnlyMemory<byte> codestream, PixelLayout layout, CancellationToken cancellationToken) =>
            ValueTask.FromResult<Outcome<DecodedFrame>>(new DecodedFrame(new byte[layout.FrameLength - 1], layout));

        public ValueTask<Outcome<EncodedFrame>> EncodeAsync(string transferSyntaxUid, ReadOnlyMemory<byte> frame, PixelLayout layout, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
