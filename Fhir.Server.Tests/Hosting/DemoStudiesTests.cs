using Fhir.Server.Dicom;
using Fhir.Server.Hosting.Demo;
using Fhir.Server.Imaging;
using Fhir.Server.Storage;
using Fhir.Server.Tests.Dicom;
using Hl7.Fhir.Model;

namespace Fhir.Server.Tests.Hosting;

/// <summary>What every demo instance keeps: PS3.3 §C.7, PS3.5 §9, PS3.10 §7.</summary>
public sealed class DemoStudiesTests
{
    [Test]
    public void There_are_two_patients_with_a_head_and_a_chest_twice_each_and_a_report() => Assert.That(
        DemoStudies.All().Select(patient => (patient.Id, patient.Instances.Count())),
        Is.EqualTo(new[] { ("demo-ada", HeadScan.Slices + (2 * MrScan.Slices) + 1), ("demo-bruno", 3) }));

    [Test]
    public void Nothing_is_computed_before_it_is_asked_for()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(DemoStudies.All().Sum(patient => patient.Instances.Count()), Is.EqualTo(128));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }

    [TestCase(0)]
    [TestCase(24)]
    [TestCase(60)]
    public void A_slice_is_the_same_to_the_last_byte_when_made_again(int slice)
    {
        var again = DemoStudies.All().First().Instances.ElementAt(slice);
        Assert.That(again.ToPart10().AsSpan().SequenceEqual(DemoFile.Ct[slice].Instance.ToPart10()));
        Assert.That(HeadScan.Slice(slice), Is.EqualTo(DemoFile.Ct[slice].Stored.Select(value => (short)value)));
    }

    [Test]
    public void An_MR_slice_and_a_film_are_the_same_to_the_last_byte_when_made_again()
    {
        var again = MrStudy.Instances(DemoStudies.All().First()).ElementAt(9);
        Assert.That(again.ToPart10().AsSpan().SequenceEqual(DemoFile.Mr[9].Bytes));
        Assert.That(EchoScan.Film().AsSpan().SequenceEqual(DemoFile.Us.Pixels));
    }

    [Test]
    public void A_radiograph_is_the_same_to_the_last_byte_when_made_again() => Assert.That(
        ChestExposure.Take(ChestView.Lateral).AsSpan().SequenceEqual(DemoFile.Dx[1].Stored.Select(value => (ushort)value).ToArray()));

    [Test]
    public void Files_are_read_without_a_warning_and_say_what_their_header_says() => Assert.Multiple(() =>
    {
        foreach (var file in DemoFile.Some)
        {
            var read = file.File;
            Assert.That(read.Warnings, Is.Empty);
            Assert.That(read.Dataset.Elements.Select(e => e.Tag).SkipLast(1), Is.EqualTo(file.Dataset.Elements.Select(e => e.Tag)));
            Assert.That(read.SopInstanceUid, Is.EqualTo(file.Instance.SopInstanceUid));
            Assert.That(read.FileMeta.GetString(DicomTag.MediaStorageSOPInstanceUID), Is.EqualTo(file.Instance.SopInstanceUid));
        }
    });

    [Test]
    public void Identifiers_are_valid_and_those_of_instances_unique()
    {
        var instances = DemoFile.All.Select(file => file["SOPInstanceUID"]!).ToList();
        Assert.That(instances, Is.Unique);
        Assert.That(instances, Is.EqualTo(DemoFile.All.Select(file => file.Instance.SopInstanceUid)));
        Assert.That(DemoFile.All.SelectMany(file => new[] { file["StudyInstanceUID"]!, file["SeriesInstanceUID"]!, file["SOPInstanceUID"]! }),
            Has.All.Matches<string>(uid => DicomUid.IsValid(uid)));
        Assert.That(DemoFile.All.Select(file => file["StudyInstanceUID"]).Distinct().Count(), Is.EqualTo(4));
        Assert.That(DemoFile.All.Select(file => file["SeriesInstanceUID"]).Distinct().Count(), Is.EqualTo(7));
        Assert.That(DemoFile.All.Select(file => file.Instance.FileName), Is.Unique);
    }

    [TestCase("PatientComments")]
    [TestCase("StudyDescription")]
    [TestCase("SeriesDescription")]
    [TestCase("InstitutionName")]
    [TestCase("DeviceSerialNumber")]
    public void Everything_says_that_it_is_synthetic(string keyword) =>
        Assert.That(DemoFile.All.Select(file => file[keyword]), Has.All.Contains("synthetic").IgnoreCase);

    [Test]
    public void Every_image_says_so_itself() =>
        Assert.That(DemoFile.Images.Select(file => file["ImageComments"]), Has.All.Contains("synthetic").IgnoreCase);

    [Test]
    public void The_report_is_of_the_MR_and_made_the_same_again()
    {
        var report = DemoFile.Report;
        Assert.That(report["StudyInstanceUID"], Is.EqualTo(DemoFile.Mr[0]["StudyInstanceUID"]));
        Assert.That((report["StudyDate"], report["StudyTime"]), Is.EqualTo((DemoFile.Mr[0]["StudyDate"], DemoFile.Mr[0]["StudyTime"])));
        Assert.That(DemoStudies.All().First().Instances.Last().ToPart10().AsSpan().SequenceEqual(report.Bytes));
        Assert.That(report.File.Warnings, Is.Empty);
        Assert.That(report.File.PixelData, Is.Null);
        AssertPresent([report], "SpecificCharacterSet InstanceNumber CompletionFlag VerificationFlag ContentDate ContentTime ValueType ContinuityOfContent");
    }

    [Test]
    public void Every_person_named_is_a_demo() => Assert.That(
        DemoFile.All.SelectMany(file => new[] { file["PatientName"], file["ReferringPhysicianName"], file["OperatorsName"] }), Has.All.StartsWith("Demo^"));

    [TestCase("SOPClassUID SOPInstanceUID StudyInstanceUID SeriesInstanceUID Modality SpecificCharacterSet ImageType BurnedInAnnotation")]
    [TestCase("PatientName PatientID PatientBirthDate PatientSex PatientAge StudyDate StudyTime StudyID AccessionNumber ReferringPhysicianName")]
    [TestCase("SeriesNumber InstanceNumber AcquisitionNumber BodyPartExamined ProtocolName Manufacturer ContentDate ContentTime TimezoneOffsetFromUTC")]
    [TestCase("SamplesPerPixel PhotometricInterpretation Rows Columns BitsAllocated BitsStored HighBit PixelRepresentation")]
    [TestCase("WindowCenter WindowWidth WindowCenterWidthExplanation LossyImageCompression")]
    public void Required_attributes_have_a_value(string keywords) => AssertPresent(DemoFile.Images, keywords);

    [TestCase("RescaleIntercept RescaleSlope RescaleType KVP")]
    public void What_x_rays_measured_has_a_scale(string keywords) => AssertPresent(DemoFile.Ct.Concat(DemoFile.Dx), keywords);

    [Test]
    public void Others_read_the_files_without_complaint()
    {
        Dcmtk.RequireOrSkip("dcmdump");
        foreach (var file in DemoFile.Some)
        {
            using var written = Dcmtk.Temporary(file.Bytes);
            var (output, complaint) = Dcmtk.Run("dcmdump", "-q", "+P", "SOPInstanceUID", written.Path);
            Assert.That(complaint, Is.Empty, file.Instance.FileName);
            Assert.That(output, Does.Contain(file.Instance.SopInstanceUid), file.Instance.FileName);
        }
    }

    [Test]
    public void Pixels_fill_the_image_and_keep_to_their_bits() => Assert.Multiple(() =>
    {
        foreach (var file in DemoFile.Some)
        {
            var (rows, columns) = (file.Dataset.GetInt32(DicomTag.Rows)!.Value, file.Dataset.GetInt32(DicomTag.Columns)!.Value);
            var samples = rows * columns * (file.Dataset.GetInt32(DicomTag.NumberOfFrames) ?? 1);
            Assert.That(file.Pixels.Length, Is.EqualTo(samples * file.Dataset.GetInt32(DicomTag.BitsAllocated) / 8), file.Instance.FileName);
            Assert.That(file.Stored.Max(), Is.LessThanOrEqualTo(4095), file.Instance.FileName);
            Assert.That(file.Stored.Min(), Is.GreaterThanOrEqualTo(0), file.Instance.FileName);
        }
    });

    [Test]
    public void The_patient_resource_is_of_the_person_in_the_files_and_marked_as_test() => Assert.Multiple(() =>
    {
        foreach (var file in DemoFile.All)
        {
            var patient = file.Patient.ToFhir();
            var keys = new MatchingKeys
            {
                PatientId = file["PatientID"], PatientName = file["PatientName"], PatientBirthDate = file["PatientBirthDate"], PatientSex = file["PatientSex"],
            };
            Assert.That(patient.Id, Is.EqualTo(file.Patient.Id));
            Assert.That(PatientDemographics.Agrees(patient, keys));
            Assert.That(patient.Meta?.Security.Select(label => label?.Code), Is.EqualTo(new[] { "HTEST" }));
        }
    });

    [Test]
    public void The_age_is_that_on_the_day_of_the_study() => Assert.Multiple(() =>
    {
        foreach (var file in DemoFile.All)
        {
            var (born, day) = (int.Parse(file["PatientBirthDate"]!, null), int.Parse(file["StudyDate"]!, null));
            Assert.That(file["PatientAge"], Is.EqualTo($"{(day - born) / 10000:D3}Y"));
        }
    });

    private static void AssertPresent(IEnumerable<DemoFile> files, string keywords) => Assert.Multiple(() =>
    {
        foreach (var keyword in keywords.Split(' '))
        {
            Assert.That(files.Select(file => file[keyword]), Has.None.Null, keyword);
        }
    });
}
