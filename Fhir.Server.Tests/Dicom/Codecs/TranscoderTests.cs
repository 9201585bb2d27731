using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Dicom.Codecs.Transcoding;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Tests.Dicom.Codecs;

/// <summary>Files in other transfer syntaxes: the same pixels, and data sets that say what is true of them.</summary>
public sealed class TranscoderTests
{
    private const string Htj2k = CodecSyntaxes.HtJpeg2000LosslessRpcl;
    private const string Native = DicomTransferSyntax.ExplicitLittleEndian;

    private static readonly string[] Targets =
        [Htj2k, CodecSyntaxes.Rle, CodecSyntaxes.DeflatedFrame, CodecSyntaxes.JpegLossless, CodecSyntaxes.JpegLsLossless, CodecSyntaxes.Jpeg2000Lossless];

    [OneTimeSetUp]
    public void NeedCodecs() => TestCodecs.RequireOrSkip();

    [Test]
    public async Task There_and_back_again_is_the_same_file([ValueSource(nameof(Targets))] string target)
    {
        var file = Image(TestCodecs.Grey(33, 47), frames: 3).Bytes();
        var there = await WriteAsync(file, target);
        var read = there.Read();
        Assert.That((read.TransferSyntax, read.PixelData!.Frames!.Count), Is.EqualTo((target, 3)));
        Assert.That(read.Warnings, Is.Empty);
        Assert.That(await WriteAsync(there, Native), Is.EqualTo(file));
    }

    [Test]
    public async Task The_basic_offset_table_tells_where_frames_begin()
    {
        var table = (await WriteAsync(Image(TestCodecs.Grey(33, 47), frames: 3).Bytes(), Htj2k)).Read().Dataset.Find(DicomTag.PixelData)!.Fragments!.OffsetTable;
        Assert.That(table.Length, Is.EqualTo(12));
        Assert.That(BitConverter.ToInt32(table.Span[4..]), Is.GreaterThan(8));
    }

    [Test]
    public async Task Colours_are_told_as_they_are_in_the_codestream_and_after_it()
    {
        var there = await WriteAsync(Image(TestCodecs.Colour(20, 31, isPlanar: true)).Bytes(), Htj2k);
        var back = (await WriteAsync(there, Native)).Read();
        Assert.That(there.Read().Dataset.GetString(DicomTag.PhotometricInterpretation), Is.EqualTo("YBR_RCT"));
        Assert.That((back.Dataset.GetString(DicomTag.PhotometricInterpretation), back.Dataset.GetInt32(DicomTag.PlanarConfiguration)), Is.EqualTo(("RGB", 0)));
    }

    [Test]
    public async Task The_length_of_a_native_file_is_known_before()
    {
        var there = await WriteAsync(Image(TestCodecs.Grey(5, 5, 8, 8), frames: 3).Bytes(), CodecSyntaxes.Rle);
        using var stream = new MemoryStream(there);
        var prepared = (await new Transcoder(TestCodecs.All).PrepareAsync(Part10Reader.Read(stream).Value, stream, Native, default)).Value;
        using var target = new MemoryStream();
        Assert.That((await prepared.WriteAsync(target, default)).Problem, Is.Null);
        Assert.That(target.Length, Is.EqualTo(prepared.Length));
    }

    [Test]
    public async Task Single_bits_keep_together_across_frames()
    {
        var layout = new PixelLayout(3, 5, 1, 1, 1, 0, false, false, "MONOCHROME2");
        var frames = Enumerable.Range(0, 3).Select(i => SampleShapes.PackBits([.. Enumerable.Range(0, 15).Select(bit => (byte)((bit * (i + 3)) % 2))])).ToList();
        var encapsulated = new List<ReadOnlyMemory<byte>>();
        foreach (var frame in frames)
        {
            encapsulated.Add((await TestCodecs.All.EncodeAsync(CodecSyntaxes.DeflatedFrame, frame, layout, default)).Value.Codestream);
        }

        var native = await WriteAsync(Image(layout, 3, withPixels: false).AddEncapsulated(encapsulated).Bytes(CodecSyntaxes.DeflatedFrame), Native);
        Assert.That(native.Read().PixelData!.Length, Is.EqualTo(6));
        using var again = new MemoryStream(await WriteAsync(native, CodecSyntaxes.DeflatedFrame));
        var source = FrameSource.Of(Part10Reader.Read(again).Value, again).Value;
        for (var i = 0; i < 3; i++)
        {
            Assert.That((await new FrameDecoder(TestCodecs.All).DecodeAsync(source, i, default)).Value.Bytes.ToArray(), Is.EqualTo(frames[i]));
        }
    }

    [Test]
    public async Task What_the_target_does_not_carry_is_not_acceptable()
    {
        var bits = Image(new PixelLayout(8, 8, 1, 1, 1, 0, false, false, "MONOCHROME2"));
        var words = Image(TestCodecs.Grey(4, 4), withPixels: false).AddNumbers(DicomTag.BitsAllocated, DicomVr.US, 32).AddBytes(DicomTag.PixelData, DicomVr.OW, new byte[64]);
        var floats = Image(TestCodecs.Grey(4, 4), withPixels: false).AddNumbers(DicomTag.BitsAllocated, DicomVr.US, 32).AddBytes(DicomTag.FloatPixelData, DicomVr.OF, new byte[64]);
        foreach (var image in new[] { bits, words, floats, Image(TestCodecs.Colour(4, 4, 16)), Image(TestCodecs.Grey(4, 4), withPixels: false) })
        {
            using var stream = new MemoryStream(image.Bytes());
            var prepared = await new Transcoder(TestCodecs.All).PrepareAsync(Part10Reader.Read(stream).Value, stream, Htj2k, default);
            Assert.That(prepared.Problem?.Kind, Is.EqualTo(ProblemKind.NotAcceptable));
        }
    }

    [Test]
    public async Task Chroma_that_was_lost_already_may_be_rounded_and_other_may_not()
    {
        var image = Image(TestCodecs.Colour(20, 30, interpretation: "YBR_FULL"));
        using var untouched = new MemoryStream(image.Bytes());
        var refused = await new Transcoder(TestCodecs.All).PrepareAsync(Part10Reader.Read(untouched).Value, untouched, Htj2k, default);
        Assert.That(refused.Problem?.Kind, Is.EqualTo(ProblemKind.NotAcceptable));
        var lossy = (await WriteAsync(image.Add(DicomTag.LossyImageCompression, "01").Bytes(), Htj2k)).Read();
        Assert.That(lossy.Dataset.GetString(DicomTag.PhotometricInterpretation), Is.EqualTo("YBR_RCT"));
        Assert.That(lossy.Dataset.GetString(DicomTag.LossyImageCompression), Is.EqualTo("01"));
    }

    [Test]
    public async Task More_frames_than_wait_in_memory_get_their_table_where_the_target_can_seek_and_else_an_empty_one([Values] bool canSeek)
    {
        // Noise in eight bits does not get smaller: 40 frames are more than wait.
        var layout = TestCodecs.Grey(1024, 1024, 8, 8);
        var frame = new byte[layout.FrameLength];
        new Random(5).NextBytes(frame);
        var file = Image(layout, 40, withPixels: false).AddBytes(DicomTag.PixelData, DicomVr.OB, Enumerable.Repeat(frame, 40).SelectMany(one => one).ToArray()).Bytes();
        using var stream = new MemoryStream(file);
        var prepared = (await new Transcoder(TestCodecs.All).PrepareAsync(Part10Reader.Read(stream).Value, stream, CodecSyntaxes.Rle, default)).Value;
        using var whole = new MemoryStream();
        using Stream target = canSeek ? whole : new OneWay(whole);
        Assert.That((await prepared.WriteAsync(target, default)).Problem, Is.Null);
        var read = whole.ToArray().Read();
        Assert.That((read.PixelData!.Frames!.Count, read.Dataset.Find(DicomTag.PixelData)!.Fragments!.OffsetTable.Length), Is.EqualTo((40, canSeek ? 160 : 0)));
        Assert.That(read.Warnings, Is.Empty);
    }

    [Test]
    public async Task Every_compressed_file_becomes_native_with_the_pixels_its_frames_have()
    {
        Corpus.RequireOrSkip();
        var count = 0;
        foreach (var file in Corpus.Files())
        {
            await using var stream = file.Open();
            if (!Part10Reader.Read(stream).TryGet(out var read, out _) || read.PixelData is not { IsEncapsulated: true }
                || !(await new Transcoder(TestCodecs.All).PrepareAsync(read, stream, Native, default)).TryGet(out var prepared, out _))
            {
                continue;
            }

            using var target = new MemoryStream();
            if ((await prepared.WriteAsync(target, default)).Problem is null)
            {
                count++;
                Assert.That(target.Length, Is.EqualTo(prepared.Length), file.Name);
                Assert.That(await FramesAsync(target), Is.EqualTo(await FramesAsync(stream)), file.Name);
            }
        }

        Assert.That(count, Is.GreaterThan(25));
    }

    [Test]
    public async Task A_damaged_frame_is_not_passed_off_as_a_whole_one([Values(Native, Htj2k)] string target, [Values(0, 1)] int damaged)
    {
        var layout = TestCodecs.Grey(20, 30);
        var frames = new List<ReadOnlyMemory<byte>>();
        for (var frame = 0; frame < 2; frame++)
        {
            var whole = (await TestCodecs.All.EncodeAsync(CodecSyntaxes.Rle, TestCodecs.Picture(layout, frame), layout, default)).Value.Codestream;
            frames.Add(frame == damaged ? whole[..(whole.Length / 2 * 2 - 200)] : whole);
        }

        using var stream = new MemoryStream(Image(layout, 2, withPixels: false).AddEncapsulated(frames).Bytes(CodecSyntaxes.Rle));
        var prepared = await new Transcoder(TestCodecs.All).PrepareAsync(Part10Reader.Read(stream).Value, stream, target, default);
        var problem = prepared.IsSuccess ? (await prepared.Value.WriteAsync(Stream.Null, default)).Problem : prepared.Problem;
        Assert.That(problem?.Kind, Is.EqualTo(ProblemKind.Invalid));
        Assert.That(problem!.Text, Does.Contain($"frame {damaged + 1}").IgnoreCase);
    }

    private static async Task<List<string>> FramesAsync(Stream stream)
    {
        var source = FrameSource.Of(Part10Reader.Read(stream).Value, stream).Value;
        var hashes = new List<string>();
        for (var i = 0; i < source.Frames.Count; i++)
        {
            var frame = (await new FrameDecoder(TestCodecs.All).DecodeAsync(source, i, default)).Value;
            hashes.Add(frame.Layout + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(frame.Bytes.Span)));
        }

        return hashes;
    }

    private static async Task<byte[]> WriteAsync(byte[] file, string target)
    {
        using var stream = new MemoryStream(file);
        var prepared = await new Transcoder(TestCodecs.All).PrepareAsync(Part10Reader.Read(stream).Value, stream, target, default);
        Assert.That(prepared.Problem, Is.Null);
        using var written = new MemoryStream();
        Assert.That((await prepared.Value.WriteAsync(written, default)).Problem, Is.Null);
        return written.ToArray();
    }

    private static DicomDataset Image(PixelLayout layout, int frames = 1, bool withPixels = true)
    {
        var image = Made.Image(frames, layout.BitsAllocated, layout.Rows, layout.Columns)
            .AddNumbers(DicomTag.SamplesPerPixel, DicomVr.US, layout.SamplesPerPixel)
            .Add(DicomTag.PhotometricInterpretation, layout.PhotometricInterpretation)
            .AddNumbers(DicomTag.BitsStored, DicomVr.US, layout.BitsStored)
            .AddNumbers(DicomTag.HighBit, DicomVr.US, layout.HighBit)
            .AddNumbers(DicomTag.PixelRepresentation, DicomVr.US, layout.IsSigned ? 1 : 0);
        if (layout.SamplesPerPixel > 1)
        {
            image.AddNumbers(DicomTag.PlanarConfiguration, DicomVr.US, layout.IsPlanar ? 1 : 0);
        }

        var pixels = Enumerable.Range(1, frames).SelectMany(seed => layout.BitsAllocated > 1 ? TestCodecs.Picture(layout, seed) : new byte[layout.FrameLength]).ToArray();
        return withPixels ? image.AddBytes(DicomTag.PixelData, layout.BitsAllocated > 8 ? DicomVr.OW : DicomVr.OB, pixels) : image;
    }

    /// <summary>A stream that only goes on, as that of an answer.</summary>
    private sealed class OneWay(Stream inner) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("An answer must be waited for.");

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);
    }
}
