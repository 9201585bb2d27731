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
    public async Task A_frame_that_is_cut_off_is_filled_up_and_flagged()
    {
        var source = new FrameSource(new MemoryStream([1, 2, 3, 4]), DicomTransferSyntax.ExplicitLittleEndian, TestCodecs.Grey(2, 3, 8, 8), FrameTable.Native(0, 4, 48, 1), 1, 0);
        var frame = (await new FrameDecoder(TestCodecs.All).DecodeAsync(source, 0, default)).Value;
        Assert.That((frame.Bytes.ToArray(), frame.IsDamaged), Is.EqualTo((new byte[] { 1, 2, 3, 4, 0, 0 }, true)));
    }
}
