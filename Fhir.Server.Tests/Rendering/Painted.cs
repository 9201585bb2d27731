using System.Runtime.InteropServices;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Grey;

namespace Fhir.Server.Tests.Rendering;

/// <summary>Small images and what becomes of them.</summary>
internal static class Painted
{
    public const string Uid = "1.2.3.4";

    public static PixelLayout Layout(
        int rows, int columns, int bits = 16, int? stored = null, int? high = null, bool signed = false, string photometric = "MONOCHROME2", int samples = 1, bool planar = false) =>
        new(rows, columns, samples, bits, stored ?? bits, high ?? ((stored ?? bits) - 1), signed, planar, photometric);

    public static DicomDataset Image(string modality = "OT") => new DicomDataset()
        .Add(DicomTag.SOPInstanceUID, Uid).Add(DicomTag.Modality, modality).AddBytes(DicomTag.PixelData, DicomVr.OW, new byte[2]);

    public static DicomDataset Window(this DicomDataset dataset, double center, double width, string? function = null)
    {
        dataset.AddNumbers(DicomTag.WindowCenter, DicomVr.DS, center).AddNumbers(DicomTag.WindowWidth, DicomVr.DS, width);
        return function is null ? dataset : dataset.Add(RenderingTags.VoiLutFunction, DicomVr.CS, function);
    }

    /// <summary>Stored values that are seen as they are: 0 to 255 by a window made for it.</summary>
    public static DicomDataset AsIs(this DicomDataset dataset) => dataset.Window(127.5, 255, "LINEAR_EXACT");

    public static DicomDataset Table(int first, int bits, params ReadOnlySpan<ushort> entries) => new DicomDataset()
        .AddNumbers(DicomTag.LUTDescriptor, first < 0 ? DicomVr.SS : DicomVr.US, entries.Length, first, bits)
        .AddBytes(DicomTag.LUTData, DicomVr.OW, MemoryMarshal.AsBytes(entries).ToArray());

    public static DecodedFrame Words(PixelLayout layout, params ReadOnlySpan<int> values)
    {
        var words = new ushort[values.Length];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = (ushort)values[i];
        }

        return new DecodedFrame(MemoryMarshal.AsBytes(words.AsSpan()).ToArray(), layout);
    }

    /// <summary>A row of words.</summary>
    public static DecodedFrame Words(params ReadOnlySpan<int> values) => Words(Layout(1, values.Length), values);

    public static DecodedFrame Bytes(PixelLayout layout, params ReadOnlySpan<byte> values) => new(values.ToArray(), layout);

    public static DecodedFrame Floats(PixelLayout layout, params ReadOnlySpan<float> values) => new(MemoryMarshal.AsBytes(values).ToArray(), layout);

    /// <summary>A row of one column for each value, rendered.</summary>
    public static byte[] Render(this DicomDataset image, DecodedFrame frame, RenderOptions? options = null, int index = 0)
    {
        using var picture = image.Picture(frame, options, index);
        return picture.Pixels.ToArray();
    }

    public static Picture Picture(this DicomDataset image, DecodedFrame frame, RenderOptions? options = null, int index = 0)
    {
        var renderer = FrameRenderer.Of(image, options ?? RenderOptions.Default);
        Assert.That(renderer.Problem, Is.Null);
        var outcome = renderer.Value.Render(frame, index);
        Assert.That(outcome.Problem, Is.Null);
        return outcome.Value;
    }

    public static Fhir.Server.Outcomes.Problem? Refusal(this DicomDataset image, DecodedFrame frame, RenderOptions? options = null)
    {
        var renderer = FrameRenderer.Of(image, options ?? RenderOptions.Default);
        if (renderer.Problem is not null)
        {
            return renderer.Problem;
        }

        var outcome = renderer.Value.Render(frame, 0);
        if (outcome.IsSuccess)
        {
            outcome.Value.Dispose();
        }

        return outcome.Problem;
    }

    public static double[] Of(this GreyStage stage, params double[] values)
    {
        stage.Apply(values);
        return values;
    }
}
