using System.Globalization;
using Fhir.Server.Dicom;

namespace Bench;

/// <summary>Makes DICOM instances as a CT scanner sends them.</summary>
internal static class Instances
{
    public const string Root = "1.2.826.0.1.3680043.10.1338.";

    /// <summary>A slice of 512 × 512 pixels of 16 bits, 525 KB; a smaller side makes a smaller one.</summary>
    public static byte[] Make(string patient, string study, string series, string sop, int number, int side = 512)
    {
        var data = new DicomDataset();
        data.Add(DicomTag.SpecificCharacterSet, "ISO_IR 100");
        data.Add(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.2");
        data.Add(DicomTag.SOPInstanceUID, sop);
        data.Add(DicomTag.StudyDate, DateOf(study));
        data.Add(DicomTag.StudyTime, "101500");
        data.Add(DicomTag.AccessionNumber, "A" + patient);
        data.Add(DicomTag.Modality, "CT");
        data.Add(DicomTag.StudyDescription, "CT thorax with contrast");
        data.Add(DicomTag.SeriesDescription, "Axial 1.0 mm soft tissue");
        data.Add(DicomTag.PatientName, "Bench^" + patient);
        data.Add(DicomTag.PatientID, patient);
        data.Add(DicomTag.PatientBirthDate, "19700101");
        data.Add(DicomTag.PatientSex, "F");
        data.Add(DicomTag.StudyInstanceUID, study);
        data.Add(DicomTag.SeriesInstanceUID, series);
        data.Add(DicomTag.StudyID, "1");
        data.AddNumbers(DicomTag.SeriesNumber, DicomVr.IS, 2);
        data.AddNumbers(DicomTag.InstanceNumber, DicomVr.IS, number);
        data.AddNumbers(DicomTag.SamplesPerPixel, DicomVr.US, 1);
        data.Add(DicomTag.PhotometricInterpretation, "MONOCHROME2");
        data.AddNumbers(DicomTag.Rows, DicomVr.US, side);
        data.AddNumbers(DicomTag.Columns, DicomVr.US, side);
        data.AddNumbers(DicomTag.BitsAllocated, DicomVr.US, 16);
        data.AddNumbers(DicomTag.BitsStored, DicomVr.US, 12);
        data.AddNumbers(DicomTag.HighBit, DicomVr.US, 11);
        data.AddNumbers(DicomTag.PixelRepresentation, DicomVr.US, 0);
        var pixels = new byte[side * side * 2];
        new Random(number).NextBytes(pixels);
        for (var i = 1; i < pixels.Length; i += 2)
        {
            pixels[i] &= 0x0F;
        }
        data.AddBytes(DicomTag.PixelData, DicomVr.OW, pixels);
        using var file = new MemoryStream();
        var written = Part10Writer.Write(file, data, DicomTransferSyntax.ExplicitLittleEndian);
        return written.IsSuccess ? file.ToArray() : throw new InvalidOperationException(written.Problem!.Text);
    }

    /// <summary>A day that follows from the last number of the study's UID.</summary>
    private static string DateOf(string study)
    {
        var number = int.Parse(study.AsSpan(study.LastIndexOf('.') + 1), CultureInfo.InvariantCulture);
        return new DateOnly(2015, 1, 15).AddDays(number * 37 % 3650).ToString("yyyyMMdd", CultureInfo.InvariantCulture);
    }

    /// <summary>Slices of new studies, none of which any server has seen.</summary>
    /// <param name="count">How many.</param>
    /// <param name="perStudy">How many of them make a study.</param>
    public static List<byte[]> MakeNew(int count, int perStudy)
    {
        var root = Root + (DateTime.UtcNow.Ticks % 1_000_000_000_000).ToString(CultureInfo.InvariantCulture);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var study = $"{root}.{i / perStudy}";
            return Make("STOW-1", study, study + ".1", $"{study}.1.{i}", i);
        })];
    }
}
