namespace Fhir.Server.Tests.Peers;

/// <summary>The library under OHIF and Slim, unmodified, against this server: infra/peers/dicomweb-client.</summary>
[TestFixture]
public sealed class DicomwebClientTests
{
    [Test]
    public async Task Dicomweb_client_stores_searches_and_retrieves_without_special_cases()
    {
        var folder = NodePeer.FolderOrSkip("dicomweb-client", "node_modules/dicomweb-client");
        NodePeer.ProgramOrSkip("node");
        await using var server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/d1", """{"resourceType":"Patient","id":"d1"}""");
        var files = Directory.CreateTempSubdirectory("phr-peer-");
        try
        {
            foreach (var (webBase, study) in new[] { ("/dicomweb/patients/d1", "1.2.276.10.1"), ("/dicomweb", "1.2.276.10.2") })
            {
                var dicom = new TestDicom(study, study + ".1", study + ".1.1") { Frames = 2, Rows = 40, Columns = 40 };
                var other = dicom with { Sop = dicom.Sop + "2", InstanceNumber = 2 };
                foreach (var one in new[] { dicom, other })
                {
                    await File.WriteAllBytesAsync(Path.Combine(files.CreateSubdirectory(study).FullName, one.Sop + ".dcm"), one.ToBytes());
                }
                var seen = await NodePeer.RunAsync(folder, "journey.mjs", server.Address + webBase, Path.Combine(files.FullName, study));
                Assert.That(seen.GetProperty("stored").GetInt32(), Is.EqualTo(2));
                Assert.That(seen.GetProperty("studies").EnumerateArray().Select(one => one.GetString()), Is.EqualTo(new[] { dicom.Study }));
                Assert.That(seen.GetProperty("series").EnumerateArray().Select(one => one.GetString()), Is.EqualTo(new[] { dicom.Series }));
                Assert.That(seen.GetProperty("instances").EnumerateArray().Select(one => one.GetString()), Is.EqualTo(new[] { dicom.Sop, other.Sop }));
                Assert.That(seen.GetProperty("metadata").GetInt32(), Is.EqualTo(2));
                Assert.That(seen.GetProperty("instanceMetadata").GetString(), Is.EqualTo(dicom.Sop));
                Assert.That(seen.GetProperty("instanceEqual").GetBoolean());
                Assert.That(seen.GetProperty("studyParts").GetInt32(), Is.EqualTo(2));
                Assert.That(seen.GetProperty("frames").EnumerateArray().Select(one => one.GetInt32()), Is.EqualTo(new[] { 1600, 1600 }));
                Assert.That(seen.GetProperty("frameSyntax").GetString(), Is.EqualTo("1.2.840.10008.1.2.1"));
                Assert.That(seen.GetProperty("bulkdata").GetInt32(), Is.EqualTo(3200));
                Assert.That(seen.GetProperty("unknown").GetInt32(), Is.EqualTo(404));
            }
        }
        finally
        {
            files.Delete(recursive: true);
        }
    }
}
