using Fhir.Server.Dicom;
using Fhir.Server.Tests.Dicom;

namespace Fhir.Server.Tests.Discs;

/// <summary>A folder that stands for a disc, gone at the end of the test.</summary>
internal sealed class DiscFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("import-disc-").FullName;

    /// <summary>The data set of a small instance.</summary>
    public static DicomDataset Instance(string uid, string patient = "42", string name = "Doe^Jane", string birthDate = "19800102") => new DicomDataset()
        .Add(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.7")
        .Add(DicomTag.SOPInstanceUID, uid)
        .Add(DicomTag.PatientName, name)
        .Add(DicomTag.PatientID, patient)
        .Add(DicomTag.PatientBirthDate, birthDate)
        .Add(DicomTag.PatientSex, "F")
        .Add(DicomTag.StudyInstanceUID, "1.2.3.1")
        .Add(DicomTag.SeriesInstanceUID, "1.2.3.2");

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public string Add(string name, byte[] content)
    {
        var path = At(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public string Add(string name, DicomDataset dataset) => Add(name, dataset.Bytes());

    /// <summary>Instances 1.2.3.3.1, 1.2.3.3.2, … in files IM001, IM002, …</summary>
    public DiscFolder With(int instances)
    {
        for (var i = 1; i <= instances; i++)
        {
            Add($"IM{i:000}", Instance($"1.2.3.3.{i}"));
        }
        return this;
    }

    /// <summary>An instance with so many bytes of pixels, none of which takes room on the disk.</summary>
    public string AddSparse(string name, string uid, int pixels)
    {
        var path = Add(name, Instance(uid));
        using var file = File.Open(path, FileMode.Append);
        byte[] header = [0xE0, 0x7F, 0x10, 0, (byte)'O', (byte)'B', 0, 0, .. BitConverter.GetBytes(pixels)];
        file.Write(header);
        file.SetLength(file.Length + pixels);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
