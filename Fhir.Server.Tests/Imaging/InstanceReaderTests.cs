using System.Text;
using Fhir.Server.Dicom;
using Fhir.Server.Imaging;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Imaging;

/// <summary>What a row may be told of a file that says too much of itself.</summary>
[TestFixture]
public sealed class InstanceReaderTests
{
    private static readonly TestDicom Dicom = new("1.2.276.17.1", "1.2.276.17.1.1", "1.2.276.17.1.1.1");

    [TestCase("1.2.840\r\nX:y 8.1.2.1")]
    [TestCase("1.2.840.10008.1\u00012.1\0")]
    [TestCase("not at all a UID !!!")]
    public void A_transfer_syntax_that_is_no_UID_is_refused(string syntax)
    {
        Assert.That(Read(WithSyntax(syntax), out var refusal), Is.Null);
        Assert.That(refusal!.Reason, Is.EqualTo(InstanceReader.CannotUnderstand));
        Assert.That(refusal.SopInstanceUid, Is.EqualTo(Dicom.Sop));
        Assert.That(refusal.Problem.Text, Does.Contain("(0002,0010)"));
    }

    [TestCase("1.2.840.10008.1.2.1\0")]
    [TestCase("1.2.840.10008.1.2.1 ")]
    public void What_fills_up_a_UID_is_not_part_of_it(string syntax) =>
        Assert.That(Read(WithSyntax(syntax), out _)?.TransferSyntaxUid, Is.EqualTo(DicomTransferSyntax.ExplicitLittleEndian));

    [Test]
    public void Frames_that_cannot_be_told_apart_are_none_however_many_the_header_says([Values(2, 2_000_000_000)] int said)
    {
        ReadOnlyMemory<byte> fragment = new byte[] { 1, 2, 3, 4 };
        var file = (Dicom with
        {
            Syntax = "1.2.840.10008.1.2.4.90",
            Further = data => data.AddNumbers(DicomTag.NumberOfFrames, DicomVr.IS, said)
                .Add(new DicomElement(DicomTag.PixelData, DicomVr.OB, new DicomFragments(default, [], [fragment, fragment, fragment]))),
        }).ToBytes();
        Assert.That(Read(file, out _)!.Frames, Is.Zero);
    }

    [Test]
    public void Native_frames_are_no_more_than_there_are_bytes_and_never_more_than_a_million()
    {
        var few = (Dicom with { Further = data => data.AddNumbers(DicomTag.NumberOfFrames, DicomVr.IS, 2_000_000_000) }).ToBytes();
        Assert.That(Read(few, out _)!.Frames, Is.EqualTo(1));
        var bits = (Dicom with
        {
            Further = data => data.AddNumbers(DicomTag.NumberOfFrames, DicomVr.IS, 2_000_000_000).AddNumbers(DicomTag.Rows, DicomVr.US, 1)
                .AddNumbers(DicomTag.Columns, DicomVr.US, 1).AddNumbers(DicomTag.BitsAllocated, DicomVr.US, 1).AddBytes(DicomTag.PixelData, DicomVr.OB, new byte[300_000]),
        }).ToBytes();
        Assert.That(Read(bits, out _)!.Frames, Is.EqualTo(1_000_000));
    }

    private static InstanceDescription? Read(byte[] file, out InstanceRefusal? refusal)
    {
        using var stream = new MemoryStream(file);
        return InstanceReader.Read(stream, out refusal);
    }

    private static byte[] WithSyntax(string syntax)
    {
        var file = Dicom.ToBytes();
        var at = file.AsSpan().IndexOf("1.2.840.10008.1.2.1\0"u8);
        Assert.That(syntax, Has.Length.EqualTo(20));
        Encoding.Latin1.GetBytes(syntax).CopyTo(file, at);
        return file;
    }
}
