using System.Runtime.InteropServices;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Colour;
using Fhir.Server.Rendering.Formats;
using Fhir.Server.Rendering.Grey;

namespace Fhir.Server.Tests.Rendering;

/// <summary>Headers, tables and states that were tampered with: a picture or a problem, nothing else. PHR_LONG=1 tries 100,000.</summary>
public sealed class HostileImageTests
{
    private const int Short = 3_000;
    private const int Long = 100_000;

    /// <summary>A picture of the most pixels there may be, in colour, before and after scaling, and as much again.</summary>
    private const long Memory = 2L * 2 * 3 * RenderOptions.PixelLimit;

    [Test]
    public void Whatever_a_header_says_there_is_a_picture_or_a_problem()
    {
        var tries = Environment.GetEnvironmentVariable("PHR_LONG") == "1" ? Long : Short;
        var pictures = 0;
        for (var seed = 0; seed < tries; seed++)
        {
            var number = seed;
            try
            {
                pictures += Bounded.Retried(() => Try(new Random(number)), Memory, $"Seed {number}") ? 1 : 0;
            }
            catch (Exception fault) when (fault is not AssertionException)
            {
                Assert.Fail($"Seed {seed}: {fault}");
            }
        }

        Assert.That(pictures, Is.GreaterThan(tries / 10), "Most are not refused at the door.");
    }

    [Test]
    public void A_shutter_that_names_its_shape_over_and_over_is_drawn_once()
    {
        var image = Painted.Image().Add(RenderingTags.ShutterShape, DicomVr.CS, [.. Enumerable.Repeat("POLYGONAL", 20_000)])
            .AddNumbers(RenderingTags.VerticesOfPolygonalShutter, DicomVr.IS, Corners(2_000));
        Assert.That(Bounded.Run(() => image.Refusal(Painted.Bytes(Painted.Layout(1_000, 8, bits: 8), new byte[8_000]))), Is.Null);
    }

    [TestCase(4_097, 2)]
    [TestCase(4_096, 10_000)]
    public void A_shutter_of_too_many_corners_is_refused(int corners, int rows)
    {
        var image = Painted.Image().Add(RenderingTags.ShutterShape, DicomVr.CS, "POLYGONAL").AddNumbers(RenderingTags.VerticesOfPolygonalShutter, DicomVr.IS, Corners(corners));
        var problem = Bounded.Run(() => image.Refusal(Painted.Bytes(Painted.Layout(rows, 1, bits: 8), new byte[rows])));
        Assert.That(problem?.Kind, Is.EqualTo(ProblemKind.TooCostly));
    }

    [Test]
    public void Of_a_bitmap_shutter_only_what_lies_over_the_image_is_looked_at()
    {
        var image = MarkTests.Overlay(Painted.Image(), 65_535, 65_535, [1, 1], [1, 0])
            .Add(RenderingTags.ShutterShape, DicomVr.CS, "BITMAP").AddNumbers(RenderingTags.ShutterOverlayGroup, DicomVr.US, 0x6000);
        var frame = Painted.Bytes(Painted.Layout(65_535, 1, bits: 8), [.. Enumerable.Repeat((byte)9, 65_535)]);
        Assert.That(Bounded.Run(() => image.Render(frame, new RenderOptions { ShowsOverlays = false }))[..2], Is.EqualTo([0, 9]));
    }

    [TestCase(0, TestName = "Values_of_no_length_repeated_without_end_end")]
    [TestCase(1, TestName = "Lines_of_no_length_repeated_without_end_end")]
    public void Segments_of_no_length_end(int kind)
    {
        var lines = Enumerable.Repeat(new ushort[] { (ushort)kind, 0, 5 }[..(2 + kind)], 65_535).SelectMany(one => one);
        var repeats = Enumerable.Repeat(new ushort[] { 2, 65_535, 6, 0 }, 65_535).SelectMany(one => one);
        ushort[] segments = [0, 1, 7, .. lines, .. repeats];
        Assert.That(Bounded.Run(() => SegmentedTable.Expand(MemoryMarshal.AsBytes(segments.AsSpan()), 16, 65_536)), Is.Null);
    }

    [TestCase("SL", -70_000)]
    [TestCase("SL", 65_537)]
    [TestCase("DS", -1e9)]
    [TestCase("IS", int.MinValue)]
    [TestCase("FL", -3e38)]
    [TestCase("FD", double.MaxValue)]
    public void A_table_of_a_length_that_cannot_be_is_no_table(string vr, double length)
    {
        var representation = ((DicomVr[])[DicomVr.SL, DicomVr.DS, DicomVr.IS, DicomVr.FL, DicomVr.FD]).First(one => one.Code == vr);
        var item = new DicomDataset().AddNumbers(DicomTag.LUTDescriptor, representation, length, 0, 16).AddBytes(DicomTag.LUTData, DicomVr.OW, new byte[8]);
        Assert.That(LookupTable.Read(item, isSigned: false), Is.Null);
        var palette = Painted.Image();
        for (uint i = 0; i < 3; i++)
        {
            palette.AddNumbers(RenderingTags.RedPaletteDescriptor.Plus(i), representation, length, 0, 16)
                .AddBytes((i == 1 ? RenderingTags.SegmentedRedPaletteData : RenderingTags.RedPaletteData).Plus(i), DicomVr.OW, new byte[8]);
        }

        Assert.That(palette.Refusal(Painted.Bytes(Painted.Layout(1, 1, bits: 8, photometric: "PALETTE COLOR"), 0))?.Text, Does.Contain("palette"));
    }

    /// <summary>To and fro, so that every row crosses every edge.</summary>
    private static double[] Corners(int count) => [.. Enumerable.Range(0, count).SelectMany(i => new double[] { i % 2 == 0 ? -9 : 70_000, i % 8 })];

    private static bool Try(Random random)
    {
        var image = Mutated(Templates.Image(random), random);
        var state = random.Next(3) == 0 ? Mutated(Templates.State(random), random) : null;
        var outcome = FrameRenderer.Of(image, Templates.Options(random, state));
        if (!outcome.TryGet(out var renderer, out _))
        {
            return false;
        }

        var layout = Templates.Layout(random);
        var bytes = new byte[Math.Clamp(layout.FrameLength - (random.Next(20) == 0 ? 1 : 0), 0, 1 << 20)];
        random.NextBytes(bytes);
        if (!renderer.Render(new DecodedFrame(bytes, layout), random.Next(4)).TryGet(out var picture, out var problem))
        {
            Assert.That(problem.Text, Is.Not.Empty);
            return false;
        }

        using (picture)
        {
            Assert.That(PictureEncoder.Write(Stream.Null, picture, PictureFormat.Png).IsSuccess);
        }

        return true;
    }

    /// <summary>Some elements get other bytes, other lengths, another representation, or go.</summary>
    private static DicomDataset Mutated(DicomDataset dataset, Random random)
    {
        foreach (var element in dataset.Elements.ToList())
        {
            foreach (var item in element.Items ?? [])
            {
                Mutated(item, random);
            }

            if (random.Next(6) > 0 || element.Items is not null)
            {
                continue;
            }

            var bytes = element.Value.ToArray();
            if (random.Next(3) == 0)
            {
                Array.Resize(ref bytes, random.Next(0, 12));
            }

            random.NextBytes(bytes.AsSpan(random.Next(bytes.Length + 1)));
            var vr = random.Next(4) == 0 ? (DicomVr[])[DicomVr.UN, DicomVr.DS, DicomVr.US, DicomVr.SS, DicomVr.SL, DicomVr.IS, DicomVr.FL, DicomVr.OW] is var some ? some[random.Next(some.Length)] : element.Vr : element.Vr;
            if (element.Tag != DicomTag.SOPInstanceUID)
            {
                dataset.Remove(element.Tag);
            }

            if (random.Next(5) > 0 && element.Tag != DicomTag.SOPInstanceUID)
            {
                dataset.AddBytes(element.Tag, vr, bytes);
            }
        }

        return dataset;
    }
}
