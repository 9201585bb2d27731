using System.Text;
using System.Text.Json;
using Fhir.Server.Imaging;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Task = System.Threading.Tasks.Task;

namespace Fhir.Server.Tests.Profiles;

/// <summary>The profiles in <c>profiles/</c> are what derived resources really look like.</summary>
[TestFixture]
public sealed class ProfileTests
{
    private static string Folder
    {
        get
        {
            var at = new DirectoryInfo(AppContext.BaseDirectory);
            while (at is not null && !File.Exists(Path.Combine(at.FullName, "PhrImaging.sln")))
            {
                at = at.Parent;
            }
            return Path.Combine(at?.FullName ?? "", "profiles");
        }
    }

    [TestCase("phr-imaging-study", "ImagingStudy")]
    [TestCase("phr-endpoint", "Endpoint")]
    public async Task Every_derived_resource_has_what_its_profile_requires(string profile, string type)
    {
        var definition = Read(profile);
        await using var server = PhrServer.Start();
        await server.StowAsync("/dicomweb", new TestDicom("1.2.3", "1.2.3.1", "1.2.3.1.1").ToBytes(), new TestDicom("1.2.3", "1.2.3.2", "1.2.3.2.1").ToBytes());
        using var bundle = JsonDocument.Parse(await server.Client.GetStringAsync($"/fhir/{type}"));
        foreach (var entry in bundle.RootElement.GetProperty("entry").EnumerateArray())
        {
            var resource = FhirJson.ReadOwn<Resource>(Encoding.UTF8.GetBytes(entry.GetProperty("resource").GetRawText()));
            Assert.That(Broken(definition, resource), Is.Empty);
        }
    }

    [Test]
    public void A_resource_that_lacks_something_is_told_apart()
    {
        var bare = new ImagingStudy { Subject = new("Patient/x"), Identifier = [new("urn:dicom:uid", "urn:oid:1.2")], Series = [new() { Uid = "1.2.1" }] };
        Assert.That(
            Broken(Read("phr-imaging-study"), bare),
            Is.SupersetOf(new[] { "ImagingStudy.modality", "ImagingStudy.endpoint", "ImagingStudy.series.numberOfInstances", "ImagingStudy.identifier.type" }));
    }

    private static StructureDefinition Read(string profile)
    {
        var reader = new Utf8JsonReader(File.ReadAllBytes(Path.Combine(Folder, profile + ".json")));
        FhirJsonDeserializer.STRICT.TryDeserializeResource(ref reader, out var resource, out var issues);
        Assert.That(issues, Is.Empty);
        return (StructureDefinition)resource!;
    }

    /// <summary>Minimum cardinalities and fixed values of the differential, path by path under each parent that is there.</summary>
    private static IEnumerable<string> Broken(StructureDefinition definition, Resource resource) => definition.Differential!.Element
        .Where(element => element.Path!.Contains('.'))
        .Where(element => Parents(resource, element.Path!).Any(parent =>
        {
            var found = parent.EnumerateElements().Where(child => child.Key == element.Path!.Split('.')[^1])
                .SelectMany(child => child.Value is IEnumerable<Base> many ? many : [(Base)child.Value]).ToList();
            // What is asked of one slice is asked of the element as a whole only as far as every identifier must have it.
            return found.Count < (element.Min ?? 0) && element.Path != "ImagingStudy.identifier.system"
                || (element.Fixed is PrimitiveType wanted && found.Exists(one => ((PrimitiveType)one).ToString() != wanted.ToString()) && element.SliceName is null && !element.ElementId!.Contains(':'));
        }))
        .Select(element => element.Path!).Distinct();

    private static IEnumerable<Base> Parents(Resource resource, string path) => path.Split('.')[1..^1].Aggregate(
        (IEnumerable<Base>)[resource],
        (parents, name) => parents.SelectMany(parent => parent.EnumerateElements().Where(child => child.Key == name)
            .SelectMany(child => child.Value is IEnumerable<Base> many ? many : [(Base)child.Value])));
}
