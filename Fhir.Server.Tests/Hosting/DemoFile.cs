using System.Buffers.Binary;
using Fhir.Server.Dicom;
using Fhir.Server.Hosting.Demo;
using Fhir.Server.Tests.Dicom;

namespace Fhir.Server.Tests.Hosting;

/// <summary>One instance of the demo. Headers are made for all, pixels once and only for those a test looks at.</summary>
internal sealed class DemoFile(DemoPatient patient, DemoInstance instance)
{
    private readonly Lazy<byte[]> bytes = new(instance.ToPart10);
    private readonly Lazy<DicomDataset> header = new(instance.Header);
    private int[]? stored;

    public static IReadOnlyList<DemoFile> All { get; } =
        [.. DemoStudies.All().SelectMany(patient => patient.Instances.Select(instance => new DemoFile(patient, instance)))];

    /// <summary>Those with pixels.</summary>
    public static IReadOnlyList<DemoFile> Images { get; } = [.. All.Where(file => file["Modality"] != "SR")];

    public static DemoFile Report { get; } = All.Single(file => file["Modality"] == "SR");

    public static IReadOnlyList<DemoFile> Ct { get; } = [.. All.Where(file => file["Modality"] == "CT")];

    public static IReadOnlyList<DemoFile> Dx { get; } = [.. All.Where(file => file["Modality"] == "DX")];

    /// <summary>Both series, one after the other.</summary>
    public static IReadOnlyList<DemoFile> Mr { get; } = [.. All.Where(file => file["Modality"] == "MR")];

    public static DemoFile Us { get; } = All.Single(file => file["Modality"] == "US");

    /// <summary>Some slices, both radiographs and the film, for what is slow.</summary>
    public static IEnumerable<DemoFile> Some => [Ct[0], Ct[24], Ct[60], Ct[^1], Mr[0], Mr[^9], .. Dx, Us];

    public DemoPatient Patient => patient;

    public DemoInstance Instance => instance;

    public DicomDataset Dataset => header.Value;

    /// <summary>Written, and read again as anybody would.</summary>
    public DicomFile File => bytes.Value.Read();

    public ReadOnlySpan<byte> Pixels => bytes.Value.AsSpan((int)File.PixelData!.Offset, (int)File.PixelData.Length);

    public string? this[string keyword] => DicomTag.TryParse(keyword, out var tag) ? Dataset.GetString(tag) : throw new ArgumentException(keyword);

    /// <summary>The stored values, sign and all.</summary>
    public int[] Stored => stored ??= ReadStored();

    /// <summary>The file's bytes.</summary>
    public ReadOnlySpan<byte> Bytes => bytes.Value;

    /// <summary>The CT number at a place of the patient in mm.</summary>
    public double HounsfieldAt(double x, double y) =>
        (StoredAt(x, y) * Dataset.GetDouble(DicomTag.RescaleSlope)!.Value) + Dataset.GetDouble(DicomTag.RescaleIntercept)!.Value;

    /// <summary>The stored value at a place of the patient in mm, by what the header says and nothing else. PS3.3 §C.7.6.2.1.1</summary>
    public int StoredAt(double x, double y)
    {
        var origin = Dataset.GetDoubles(DicomTag.ImagePositionPatient);
        var spacing = Dataset.GetDoubles(DicomTag.PixelSpacing);
        var (column, row) = ((int)Math.Round((x - origin[0]) / spacing[1]), (int)Math.Round((y - origin[1]) / spacing[0]));
        return Stored[(row * Dataset.GetInt32(DicomTag.Columns)!.Value) + column];
    }

    /// <summary>The mean CT number around a place, over 5 × 5 pixels of 1 mm, so that noise does not decide.</summary>
    public double MeanAt(double x, double y) => Around(x, y).Average(place => HounsfieldAt(place.X, place.Y));

    /// <summary>The mean stored value there.</summary>
    public double MeanStoredAt(double x, double y) => Around(x, y).Average(place => StoredAt(place.X, place.Y));

    private static IEnumerable<(double X, double Y)> Around(double x, double y) =>
        Enumerable.Range(-2, 5).SelectMany(i => Enumerable.Range(-2, 5).Select(j => (x + i, y + j)));

    private int[] ReadStored()
    {
        if (Dataset.GetInt32(DicomTag.BitsAllocated) == 8)
        {
            return Array.ConvertAll(Pixels.ToArray(), value => (int)value);
        }
        var isSigned = Dataset.GetInt32(DicomTag.PixelRepresentation) == 1;
        var values = new int[Pixels.Length / 2];
        var pixels = Pixels;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = isSigned ? BinaryPrimitives.ReadInt16LittleEndian(pixels[(i * 2)..]) : BinaryPrimitives.ReadUInt16LittleEndian(pixels[(i * 2)..]);
        }
        return values;
    }
}
