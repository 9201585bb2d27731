using System.IO.Compression;
using System.Text;
using CsCheck;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Tests.Dicom;

/// <summary>PS3.10 §7, PS3.5 §7 and Annex A.</summary>
public sealed class Part10Tests
{
    private static readonly byte[] Delimiter = [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];

    [Test]
    public void What_is_written_is_read_again() => Made.Datasets().Sample(
        made =>
        {
            var dataset = made.AsInstance();
            Made.AssertSame(dataset, dataset.Bytes().Read(new DicomReadOptions { BulkThreshold = 1 << 20 }).Dataset);
        },
        iter: 300);

    [Test]
    public void Implicit_vr_comes_back_through_the_dictionary()
    {
        var dataset = Made.Image().AddNumbers(DicomTag.PixelRepresentation, DicomVr.US, 1)
            .AddNumbers(DicomTag.SmallestImagePixelValue, DicomVr.SS, -5)
            .AddSequence(DicomTag.ProcedureCodeSequence, new DicomDataset().Add(DicomTag.CodeValue, "A"), new DicomDataset());
        Made.AssertSame(dataset, dataset.Bytes(DicomTransferSyntax.ImplicitLittleEndian).Read().Dataset);
    }

    [Test]
    public void Writing_twice_gives_the_same_bytes()
    {
        var once = Made.Image().Bytes();
        Assert.That(Made.Image().Bytes(), Is.EqualTo(once));
    }

    [Test]
    public void A_value_too_long_for_16_bits_goes_as_un_and_comes_back_as_it_was()
    {
        var dataset = Made.Image().Add(DicomTag.ImageComments, new string('x', 70_000));
        var read = dataset.Bytes().Read().Dataset;
        Assert.That(read.Find(DicomTag.ImageComments)!.Vr, Is.EqualTo(DicomVr.LT));
        Assert.That(read.GetString(DicomTag.ImageComments), Has.Length.EqualTo(70_000));
    }

    [Test]
    public void Big_values_stay_where_they_are_and_can_be_fetched()
    {
        var pixels = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        var bytes = Made.Image().AddBytes(DicomTag.PixelData, DicomVr.OW, pixels).AddBytes(DicomTag.EncapsulatedDocument, DicomVr.OB, new byte[5000]).Bytes();
        var file = bytes.Read();
        Assert.That(file.Dataset.Find(DicomTag.EncapsulatedDocument)!.Bulk!.Value.Length, Is.EqualTo(5000));
        Assert.That(file.PixelData!.NativeFrameLength, Is.EqualTo(32));
        Assert.That(bytes.AsSpan((int)file.PixelData.Offset, 32).ToArray(), Is.EqualTo(pixels));
        Assert.That(file.Load(file.Dataset.Find(DicomTag.PixelData)!, new MemoryStream(bytes)).Value.ToArray(), Is.EqualTo(pixels));

        using var copy = new MemoryStream();
        Assert.That(Part10Writer.Write(copy, file.Dataset, file.TransferSyntax, new MemoryStream(bytes)).IsSuccess);
        Assert.That(copy.ToArray(), Is.EqualTo(bytes));
        Assert.That(Part10Writer.Write(Stream.Null, file.Dataset, file.TransferSyntax).IsSuccess, Is.False);
    }

    [Test]
    public void The_beginning_of_a_file_tells_where_its_data_set_begins()
    {
        var bytes = Made.Image().Bytes();
        var offset = bytes.Read().DataSetOffset;
        Assert.That(Part10Reader.DataSetOffset(bytes), Is.EqualTo(offset));
        Assert.That(Part10Reader.DataSetOffset(bytes.AsSpan(0, (int)offset + 4)), Is.EqualTo(offset));
        for (var length = 0; length < offset + 4; length++)
        {
            Assert.That(Part10Reader.DataSetOffset(bytes.AsSpan(0, length)), Is.Null);
        }

        Assert.That(Part10Reader.LooksLikeDicom(bytes));
        Assert.That(Part10Reader.LooksLikeDicom("%PDF-1.7 and so on"u8), Is.False);
        Assert.That(Part10Reader.LooksLikeDicom(new byte[512]), Is.False);
    }

    [Test]
    public void A_deflated_data_set_is_inflated_within_a_limit()
    {
        var bytes = Made.Image().AddBytes(DicomTag.PixelData, DicomVr.OW, new byte[32]).Bytes();
        var offset = (int)bytes.Read().DataSetOffset;
        var deflated = With(bytes, offset, DicomTransferSyntax.Deflated, Deflate(bytes[offset..]));
        var file = deflated.Read();
        Assert.That(file.IsDeflated);
        Assert.That(file.Dataset.Find(DicomTag.PixelData)!.Value.Length, Is.EqualTo(32));
        Assert.That(file.Inflated.Slice((int)file.PixelData!.Offset, (int)file.PixelData.Length).ToArray(), Is.EqualTo(new byte[32]));

        var bomb = With(bytes, offset, DicomTransferSyntax.Deflated, Deflate(new byte[10_000_000]));
        var outcome = Part10Reader.Read(new MemoryStream(bomb), new DicomReadOptions { InflatedLimit = 1 << 20 });
        Assert.That(outcome.Problem!.Kind, Is.EqualTo(ProblemKind.TooLarge));
    }

    [Test]
    public void Sequences_of_undefined_length_end_at_their_delimiters_also_in_un()
    {
        byte[] item = [0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF, 8, 0, 0, 1, 2, 0, 0, 0, (byte)'A', (byte)' ', 0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0];
        byte[] unknown = [9, 0, 1, 0x10, (byte)'U', (byte)'N', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, .. item, .. Delimiter];
        var file = Append(new DicomDataset().AsInstance(), unknown).Read();
        Assert.That(file.Dataset.Find(new DicomTag(0x00091001))!.Items![0].GetString(DicomTag.CodeValue), Is.EqualTo("A"));
    }

    [Test]
    public void Cut_pixels_are_kept_with_a_warning_but_a_cut_header_is_refused()
    {
        var bytes = Made.Image().AddBytes(DicomTag.PixelData, DicomVr.OW, new byte[32]).Bytes();
        var cut = bytes[..^10].Read();
        Assert.That(cut.PixelData!.Frames![0].Length, Is.EqualTo(22));
        Assert.That(cut.Warnings, Has.Some.Contains("cut off"));
        using var inHeader = new MemoryStream(bytes[..^46]);
        Assert.That(Part10Reader.Read(inHeader).Problem!.Kind, Is.EqualTo(ProblemKind.Invalid));
    }

    [Test]
    public void Sequences_nested_too_deeply_are_refused()
    {
        var dataset = new DicomDataset();
        for (var i = 0; i < 100; i++)
        {
            dataset = new DicomDataset().AddSequence(DicomTag.ContentSequence, dataset);
        }

        using var stream = new MemoryStream(dataset.AsInstance().Bytes());
        Assert.That(Part10Reader.Read(stream).Problem!.Text, Does.Contain("nested"));
    }

    [Test]
    public void Too_many_elements_are_refused()
    {
        using var stream = new MemoryStream(Made.Image().Bytes());
        Assert.That(Part10Reader.Read(stream, new DicomReadOptions { ElementLimit = 10 }).Problem!.Kind, Is.EqualTo(ProblemKind.TooLarge));
    }

    [Test]
    public void A_file_without_meta_is_read_only_when_its_first_bytes_leave_no_doubt()
    {
        var bytes = Made.Image().Bytes();
        var bare = bytes[(int)bytes.Read().DataSetOffset..];
        Assert.That(bare.Read().TransferSyntax, Is.EqualTo(DicomTransferSyntax.ExplicitLittleEndian));
        using var shifted = new MemoryStream([0x20, .. bare]);
        Assert.That(Part10Reader.Read(shifted).IsSuccess, Is.False);
    }

    [Test]
    public void A_data_set_that_is_not_written_as_declared_is_read_as_it_is()
    {
        var explicitly = Made.Image().Bytes();
        var implicitly = Made.Image().Bytes(DicomTransferSyntax.ImplicitLittleEndian);
        byte[] lying = [.. explicitly[..(int)explicitly.Read().DataSetOffset], .. implicitly[(int)implicitly.Read().DataSetOffset..]];
        var file = lying.Read();
        Assert.That(file.TransferSyntax, Is.EqualTo(DicomTransferSyntax.ImplicitLittleEndian));
        Assert.That(file.Dataset.GetString(DicomTag.PatientID), Is.EqualTo("42"));
        Assert.That(file.Warnings, Is.Not.Empty);
    }

    [Test]
    public void A_stream_may_give_a_byte_at_a_time_or_end_early()
    {
        var bytes = Made.Image().Add(DicomTag.ImageComments, new string('x', 40_000)).AddBytes(DicomTag.PixelData, DicomVr.OW, new byte[32]).Bytes();
        using var slow = new TricklingStream(bytes, bytes.Length);
        Made.AssertSame(bytes.Read().Dataset, Part10Reader.Read(slow).Value.Dataset);
        for (var length = 0; length < 1000; length++)
        {
            using var shrunk = new TricklingStream(bytes[..length], bytes.Length);
            Assert.That(() => Part10Reader.Read(shrunk), Throws.Nothing);
        }
    }

    [Test]
    public void File_meta_within_the_data_set_is_left_out()
    {
        var bytes = Append(new DicomDataset().AsInstance(), [2, 0, 0x10, 0, (byte)'U', (byte)'I', 2, 0, (byte)'1', 0]);
        Assert.That(bytes.Read().Dataset.Contains(DicomTag.TransferSyntaxUID), Is.False);
    }

    [Test]
    public void Reading_can_be_cancelled()
    {
        using var stream = new MemoryStream(Made.Image().Bytes());
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.That(() => Part10Reader.Read(stream, null, source.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    private static byte[] Append(DicomDataset dataset, byte[] tail)
    {
        // The tail belongs behind the instance's UID, in the order of tags.
        return [.. dataset.Bytes(), .. tail];
    }

    private sealed class TricklingStream(byte[] bytes, long length) : MemoryStream(bytes)
    {
        public override long Length => length;

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 1));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 1)]);
    }

    private static byte[] Deflate(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var deflate = new DeflateStream(target, CompressionLevel.Fastest))
        {
            deflate.Write(bytes);
        }

        return target.ToArray();
    }

    private static byte[] With(byte[] file, int offset, string syntax, byte[] body)
    {
        var head = Encoding.Latin1.GetString(file, 0, offset);
        var old = "UI\u0014\0" + DicomTransferSyntax.ExplicitLittleEndian + "\0";
        return [.. Encoding.Latin1.GetBytes(head.Replace(old, "UI\u0016\0" + syntax, StringComparison.Ordinal)), .. body];
    }
}
