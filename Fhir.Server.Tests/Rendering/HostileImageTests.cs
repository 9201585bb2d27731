using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Formats;

namespace Fhir.Server.Tests.Rendering;

/// <summary>Headers, tables and states that were tampered with: a picture or a problem, nothing else. PHR_LONG=1 tries 100,000.</summary>
public sealed class HostileImageTests
{
    private const int Short = 3_000;
    private const int Long = 100_000;

    [Test]
    public void Whatever_a_header_says_there_is_a_picture_or_a_problem()
    {
        var tries = Environment.GetEnvironmentVariable("PHR_LONG") == "1" ? Long : Short;
        var pictures = 0;
        for (var seed = 0; seed < tries; seed++)
        {
            var random = new Random(seed);
            try
            {
                pictures += Try(random) ? 1 : 0;
            }
            catch (Exception fault) when (fault is not AssertionException)
            {
                Assert.Fail($"Seed {seed}: {fault}");
            }
        }

        Assert.That(pictures, Is.GreaterThan(tries / 10), "Most are not refused at the door.");
    }

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
            var vr = random.Next(4) == 0 ? (DicomVr[])[DicomVr.UN, DicomVr.DS, DicomVr.US, DicomVr.SS, DicomVr.FL, DicomVr.OW] is var some ? some[random.Next(some.Length)] : element.Vr : element.Vr;
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
