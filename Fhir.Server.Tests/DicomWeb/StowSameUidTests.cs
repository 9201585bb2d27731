using System.Net;
using Fhir.Server.Access;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>The same SOP Instance UID again: judged by data set, contributor and trust, whoever sends it.</summary>
[TestFixture]
public sealed class StowSameUidTests
{
    private const string Base = "/dicomweb/patients/u1";
    private readonly FreshUids uids = new("1.2.276.14");
    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/u1", """{"resourceType":"Patient","id":"u1"}""");
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [Test]
    public async Task A_person_a_site_and_the_command_line_each_have_their_copy_and_the_site_is_served()
    {
        var dicom = uids.Dicom();
        using var person = server.As(Reach.Of([new("u1")]));
        var (first, second, third) = (dicom.ToBytes(), (dicom with { Fill = 8 }).ToBytes(), (dicom with { Fill = 9 }).ToBytes());
        await AssertStoreAsync(person, first, 200, null, null);
        await AssertServedAsync(dicom, first);
        await AssertStoreAsync(server.Client, second, 200, null, null);
        await AssertServedAsync(dicom, second);
        await AssertStoreAsync(server.Client, third, 409, 0x0111, null);
        await AssertStoreAsync(person, third, 409, 0x0111, null);
        await AssertStoreAsync(person, first, 200, null, null);
        await AssertStoreAsync(person, second, 200, null, null);
        using var command = new HttpClient { BaseAddress = server.Client.BaseAddress };
        command.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Operator {OperatorKey.ReadFrom(server.Folder + "-keys")}");
        await AssertStoreAsync(command, third, 202, null, 0xB000);
        await AssertStoreAsync(command, (dicom with { Fill = 10 }).ToBytes(), 409, 0x0111, null);
        await AssertServedAsync(dicom, second);
    }

    [Test]
    public async Task The_same_picture_in_another_transfer_syntax_is_another_data_set()
    {
        var dicom = uids.Dicom();
        await AssertStoreAsync(server.Client, dicom.ToBytes(), 200, null, null);
        foreach (var syntax in new[] { DicomTransferSyntax.ImplicitLittleEndian, DicomTransferSyntax.Deflated, "1.2.840.10008.1.2.5" })
        {
            using var file = new MemoryStream();
            var data = WebTalk.ReadWhole(dicom.ToBytes());
            if (syntax.EndsWith(".5", StringComparison.Ordinal))
            {
                // One segment of literal runs. PS3.5 §G.3
                data.AddEncapsulated([new byte[] { 1, 0, 0, 0, 64, 0, 0, 0 }.Concat(new byte[56]).Append((byte)63).Concat(Enumerable.Repeat((byte)7, 64)).Append((byte)0x80).ToArray()]);
            }
            Assert.That(Part10Writer.Write(file, data, syntax).Problem, Is.Null);
            await AssertStoreAsync(server.Client, file.ToArray(), 409, 0x0111, null);
        }
        await AssertServedAsync(dicom, dicom.ToBytes());
    }

    [Test]
    public async Task The_same_UID_in_two_records_is_two_instances()
    {
        await server.PutAsync("/fhir/Patient/u2", """{"resourceType":"Patient","id":"u2"}""");
        var dicom = uids.Dicom();
        await AssertStoreAsync(server.Client, dicom.ToBytes(), 200, null, null);
        var other = await server.StowAsync("/dicomweb/patients/u2", (dicom with { Fill = 8 }).ToBytes());
        Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await AssertServedAsync(dicom, dicom.ToBytes());
    }

    [Test]
    public async Task Eight_senders_of_eight_slices_each_and_then_one_by_one_make_one_study()
    {
        var dicom = uids.Dicom();
        byte[] Slice(int i) => (dicom with { Sop = $"{dicom.Sop}.{i}", InstanceNumber = i }).ToBytes();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(sender => server.StowAsync(Base, Enumerable.Range(1, 8).Select(i => Slice((sender * 8) + i)))));
        Assert.That(answers.Select(answer => answer.StatusCode), Is.All.EqualTo(HttpStatusCode.OK));
        for (var i = 65; i <= 80; i++)
        {
            Assert.That((await server.StowAsync(Base, Slice(i))).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
        var study = (await server.Client.JsonAsync($"{Base}/studies?StudyInstanceUID={dicom.Study}"))[0];
        Assert.That((study.Value("00201206"), study.Value("00201208")), Is.EqualTo(("1", "80")));
        var numbers = (await server.Client.JsonAsync($"{Base}/studies/{dicom.Study}/series/{dicom.Series}/metadata")).EnumerateArray().Select(one => one.Value("00200013"));
        Assert.That(numbers, Is.EqualTo(Enumerable.Range(1, 80).Select(i => $"{i}")));
    }

    private static async Task AssertStoreAsync(HttpClient client, byte[] file, int status, int? failure, int? warning)
    {
        using var content = PhrServer.Multipart(file);
        using var answer = await client.PostAsync($"{Base}/studies", content);
        var json = await answer.JsonAsync();
        Assert.That((int)answer.StatusCode, Is.EqualTo(status), json.ToString());
        Assert.That(json.Failures(), Is.EqualTo(failure is null ? [] : new[] { $"{failure}" }));
        Assert.That(json.Items("00081199").Select(item => item.Value("00081196")), Is.EqualTo(failure is not null ? [] : new[] { warning is null ? null : $"{warning}" }));
    }

    private async Task AssertServedAsync(TestDicom dicom, byte[] file)
    {
        using var back = await server.Client.GetAsync($"{Base}/studies/{dicom.Study}/series/{dicom.Series}/instances/{dicom.Sop}", "application/dicom");
        Assert.That(await back.Content.ReadAsByteArrayAsync(), Is.EqualTo(file));
    }
}
