using Fhir.Server.Dicom;

namespace Fhir.Server.Tests;

/// <summary>Small DICOM files made for a test, with everything that identifies and little else.</summary>
public sealed record TestDicom(string Study, string Series, string Sop)
{
    public string PatientId { get; init; } = "P-1";

    public string PatientName { get; init; } = "Doe^Jane";

    public string BirthDate { get; init; } = "19700101";

    public string Sex { get; init; } = "F";

    public string Modality { get; init; } = "CT";

    public string StudyDate { get; init; } = "20260203";

    public int SeriesNumber { get; init; } = 1;

    public int InstanceNumber { get; init; } = 1;

    public int Frames { get; init; } = 1;

    /// <summary>What fills the pixels: another value makes another data set.</summary>
    public byte Fill { get; init; } = 7;

    public int Rows { get; init; } = 8;

    public int Columns { get; init; } = 8;

    /// <summary>The transfer syntax the file says; the pixels must be in it.</summary>
    public string Syntax { get; init; } = DicomTransferSyntax.ExplicitLittleEndian;

    /// <summary>Changes or adds elements before the file is written.</summary>
    public Action<DicomDataset>? Further { get; init; }

    /// <summary>An encapsulated PDF in place of the picture.</summary>
    public TestDicom WithPdf(byte[] pdf) => this with
    {
        Further = data =>
        {
            foreach (var tag in data.Elements.Select(element => element.Tag).Where(tag => tag.Group is 0x0028 or 0x7FE0).ToList())
            {
                data.Remove(tag);
            }
            data.Add(DicomTag.SOPClassUID, SopClasses.EncapsulatedPdf).Add(DicomTag.MIMETypeOfEncapsulatedDocument, "application/pdf")
                .AddNumbers(DicomTag.EncapsulatedDocumentLength, DicomVr.UL, pdf.Length).AddBytes(DicomTag.EncapsulatedDocument, DicomVr.OB, pdf);
        },
    };

    /// <summary>The Part 10 file.</summary>
    public byte[] ToBytes()
    {
        var data = new DicomDataset();
        data.Add(DicomTag.SpecificCharacterSet, "ISO_IR 192");
        data.Add(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.7");
        data.Add(DicomTag.SOPInstanceUID, Sop);
        data.Add(DicomTag.StudyDate, StudyDate);
        data.Add(DicomTag.StudyTime, "093000");
        data.Add(DicomTag.AccessionNumber, "ACC-" + Study[^1]);
        data.Add(DicomTag.Modality, Modality);
        data.Add(DicomTag.StudyDescription, "Study " + Study);
        data.Add(DicomTag.PatientName, PatientName);
        data.Add(DicomTag.PatientID, PatientId);
        data.Add(DicomTag.PatientBirthDate, BirthDate);
        data.Add(DicomTag.PatientSex, Sex);
        data.Add(DicomTag.StudyInstanceUID, Study);
        data.Add(DicomTag.SeriesInstanceUID, Series);
        data.Add(DicomTag.StudyID, "ID1");
        data.AddNumbers(DicomTag.SeriesNumber, DicomVr.IS, SeriesNumber);
        data.AddNumbers(DicomTag.InstanceNumber, DicomVr.IS, InstanceNumber);
        data.AddNumbers(DicomTag.SamplesPerPixel, DicomVr.US, 1);
        data.Add(DicomTag.PhotometricInterpretation, "MONOCHROME2");
        data.AddNumbers(DicomTag.NumberOfFrames, DicomVr.IS, Frames);
        data.AddNumbers(DicomTag.Rows, DicomVr.US, Rows);
        data.AddNumbers(DicomTag.Columns, DicomVr.US, Columns);
        data.AddNumbers(DicomTag.BitsAllocated, DicomVr.US, 8);
        data.AddNumbers(DicomTag.BitsStored, DicomVr.US, 8);
        data.AddNumbers(DicomTag.HighBit, DicomVr.US, 7);
        data.AddNumbers(DicomTag.PixelRepresentation, DicomVr.US, 0);
        var pixels = new byte[Rows * Columns * Frames];
        Array.Fill(pixels, Fill);
        data.AddBytes(DicomTag.PixelData, DicomVr.OB, pixels);
        Further?.Invoke(data);
        using var file = new MemoryStream();
        var written = Part10Writer.Write(file, data, Syntax);
        return written.IsSuccess ? file.ToArray() : throw new InvalidOperationException(written.Problem!.Text);
    }
}
