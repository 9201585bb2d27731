using CsCheck;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>Data sets made by hand, and at random.</summary>
internal static class Made
{
    public const string Study = "1.2.3.1", Series = "1.2.3.2", Instance = "1.2.3.3";

    private static readonly DicomVr[] TextVrs = [DicomVr.LO, DicomVr.SH, DicomVr.PN, DicomVr.UT, DicomVr.CS, DicomVr.UC, DicomVr.ST];
    private static readonly DicomVr[] NumberVrs = [DicomVr.US, DicomVr.SS, DicomVr.UL, DicomVr.SL, DicomVr.FL, DicomVr.FD, DicomVr.UV, DicomVr.SV];
    private static readonly DicomVr[] ByteVrs = [DicomVr.OB, DicomVr.OW, DicomVr.UN, DicomVr.OD, DicomVr.OL];

    /// <summary>A small image header without pixels.</summary>
    public static DicomDataset Image(int frames = 1, int bits = 16, int rows = 4, int columns = 4) => new DicomDataset()
        .Add(DicomTag.SpecificCharacterSet, DicomVr.CS, "ISO_IR 192")
        .Add(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.7")
        .Add(DicomTag.SOPInstanceUID, Instance)
        .Add(DicomTag.PatientName, "Müller^Jörg")
        .Add(DicomTag.PatientID, "42")
        .Add(DicomTag.StudyInstanceUID, Study)
        .Add(DicomTag.SeriesInstanceUID, Series)
        .AddNumbers(DicomTag.SamplesPerPixel, DicomVr.US, 1)
        .Add(DicomTag.PhotometricInterpretation, "MONOCHROME2")
        .AddNumbers(DicomTag.NumberOfFrames, DicomVr.IS, frames)
        .AddNumbers(DicomTag.Rows, DicomVr.US, rows)
        .AddNumbers(DicomTag.Columns, DicomVr.US, columns)
        .AddNumbers(DicomTag.BitsAllocated, DicomVr.US, bits);

    public static byte[] Bytes(this DicomDataset dataset, string syntax = DicomTransferSyntax.ExplicitLittleEndian)
    {
        using var target = new MemoryStream();
        var outcome = Part10Writer.Write(target, dataset, syntax);
        Assert.That(outcome.Problem, Is.Null);
        return target.ToArray();
    }

    public static DicomFile Read(this byte[] file, DicomReadOptions? options = null)
    {
        using var stream = new MemoryStream(file);
        var outcome = Part10Reader.Read(stream, options);
        Assert.That(outcome.Problem, Is.Null);
        return outcome.Value;
    }

    /// <summary>Random data sets with sequences in them; private tags come without meaning, as UN.</summary>
    public static Gen<DicomDataset> Datasets(int depth = 3)
    {
        var element = Element(depth);
        return element.Array[0, 12].Select(elements =>
        {
            var dataset = new DicomDataset();
            foreach (var one in elements)
            {
                dataset.Add(one);
            }

            return dataset;
        });
    }

    /// <summary>The same elements, and what makes them a file.</summary>
    public static DicomDataset AsInstance(this DicomDataset dataset) => dataset
        .Add(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.7").Add(DicomTag.SOPInstanceUID, Instance);

    public static void AssertSame(DicomDataset expected, DicomDataset actual)
    {
        Assert.That(actual.Elements.Select(e => (e.Tag, e.Vr)), Is.EqualTo(expected.Elements.Select(e => (e.Tag, e.Vr))));
        foreach (var (left, right) in expected.Elements.Zip(actual.Elements))
        {
            Assert.That(right.Value.Span.SequenceEqual(left.Value.Span), left.ToString());
            Assert.That(right.Items?.Count, Is.EqualTo(left.Items?.Count));
            for (var i = 0; i < left.Items?.Count; i++)
            {
                AssertSame(left.Items[i], right.Items![i]);
            }
        }
    }

    private static Gen<DicomElement> Element(int depth)
    {
        var tag = Gen.Select(Gen.UShort[0x0009, 0x5001], Gen.UShort[0x1000, 0xFFFF], (g, e) => new DicomTag((ushort)(g | 1), e));
        var text = Gen.Select(tag, Of(TextVrs), Gen.String[Gen.Char[' ', '~'], 0, 40], (t, v, s) => One(t, d => d.Add(t, v, s)));
        var number = Gen.Select(tag, Of(NumberVrs), Gen.Byte.Array[0, 5], (t, v, n) =>
            One(t, d => d.AddNumbers(t, v, [.. n.Select(b => (double)b)])));
        var bytes = Gen.Select(tag, Of(ByteVrs), Gen.Byte.Array[0, 2000], (t, v, b) => One(t, d => d.AddBytes(t, v, b)));
        var flat = Gen.OneOf(text, number, bytes);
        if (depth == 0)
        {
            return flat;
        }

        var sequence = Gen.Select(tag, Datasets(depth - 1).Array[0, 3], (t, items) => new DicomElement(t, items));
        return Gen.OneOf(flat, flat, flat, flat, sequence);
    }

    private static Gen<DicomVr> Of(DicomVr[] vrs) => Gen.Int[0, vrs.Length - 1].Select(i => vrs[i]);

    private static DicomElement One(DicomTag tag, Func<DicomDataset, DicomDataset> add) => add(new DicomDataset()).Find(tag)!;
}
