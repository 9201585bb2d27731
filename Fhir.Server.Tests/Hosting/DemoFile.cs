using System.Buffers.Binary;
using Fhir.Server.Dicom;
using Fhir.Server.Hosting.Demo;
using Fhir.Server.Tests.Dicom;

namespace Fhir.Server.Tests.Hosting;

/// <summary>The demo, made once for all tests and read again as anybody would.</summary>
internal sealed record DemoFile(DemoPatient Patient, DemoInstance Instance, DicomFile File, byte[] Pixels)
{
    private static readonly Lazy<IReadOnlyList<DemoFile>> Made = new(() =>
        [.. DemoStudies.All().SelectMany(patient => patient.Instances.Select(instance => Of(patient, instance)))]);

    public static IReadOnlyList<DemoFile> All => Made.Value;

    public static IReadOnlyList<DemoFile> Ct { get; } = [.. All.Where(file => file.Dataset.GetString(DicomTag.Modality) == "CT")];

    public static IReadOnlyList<DemoFile> Dx { get; } = [.. All.Where(file => file.Dataset.GetString(DicomTag.Modality) == "DX")];

    public DicomDataset Dataset => File.Dataset;

    public string? this[string keyword] => DicomTag.TryParse(keyword, out var tag) ? Dataset.GetString(tag) : throw new ArgumentException(keyword);

    /// <summary>The stored values, sign and all.</summary>
    public IEnumerable<int> Stored => Enumerable.Range(0, Pixels.Length / 2).Select(StoredAt);

    /// <summary>The CT number at a place of the patient in mm, by what the header says and nothing else. PS3.3 §C.7.6.2.1.1</summary>
    public double HounsfieldAt(double x, double y)
    {
        var origin = Dataset.GetDoubles(DicomTag.ImagePositionPatient);
        var spacing = Dataset.GetDoubles(DicomTag.PixelSpacing);
        var (column, row) = ((int)Math.Round((x - origin[0]) / spacing[1]), (int)Math.Round((y - origin[1]) / spacing[0]));
        var stored = StoredAt((row * Dataset.GetInt32(DicomTag.Columns)!.Value) + column);
        return (stored * Dataset.GetDouble(DicomTag.RescaleSlope)!.Value) + Dataset.GetDouble(DicomTag.RescaleIntercept)!.Value;
    }

    /// <summary>The mean around a place, over 5 × 5 pixels of 1 mm, so that noise does not decide.</summary>
    public double MeanAt(double x, double y) =>
        Enumerable.Range(-2, 5).SelectMany(i => Enumerable.Range(-2, 5).Select(j => HounsfieldAt(x + i, y + j))).Average();

    private static DemoFile Of(DemoPatient patient, DemoInstance instance)
    {
        var bytes = instance.ToPart10();
        var file = bytes.Read();
        return new DemoFile(patient, instance, file, bytes.AsSpan((int)file.PixelData!.Offset, (int)file.PixelData.Length).ToArray());
    }

    private int StoredAt(int pixel) => Dataset.GetInt32(DicomTag.PixelRepresentation) == 1
        ? BinaryPrimitives.ReadInt16LittleEndian(Pixels.AsSpan(pixel * 2)) : BinaryPrimitives.ReadUInt16LittleEndian(Pixels.AsSpan(pixel * 2));
}
