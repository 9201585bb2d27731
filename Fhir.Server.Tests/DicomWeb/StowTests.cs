using System.Net;
using System.Text;
using Fhir.Server.Access;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>STOW-RS. https://dicom.nema.org/medical/dicom/current/output/html/part18.html#sect_10.5</summary>
[TestFixture]
public sealed class StowTests
{
    private const string Base = "/dicomweb/patients/p1";
    private const string Related = "multipart/related; type=\"application/dicom\"; boundary=b1";
    private readonly FreshUids uids = new("1.2.276.1");
    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/p1", """{"resourceType":"Patient","id":"p1"}""");
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [TestCase("multipart/related; type=\"application/dicom\"; boundary=b1", "b1")]
    [TestCase("multipart/related; type=application/dicom; boundary=b1", "b1")]
    [TestCase("multipart/related; boundary=b1; type=application/dicom", "b1")]
    [TestCase("multipart/related;boundary=\"b1\";type=\"application/dicom\"", "b1")]
    [TestCase("multipart/related; boundary=b1", "b1")]
    [TestCase("Multipart/Related; TYPE=\"Application/DICOM\"; BOUNDARY=b1", "b1")]
    [TestCase("multipart/related; type=\"application/dicom\"; boundary=\"a=1:2'()+_,-./?\"", "a=1:2'()+_,-./?")]
    [TestCase("multipart/related; type=\"application/dicom\"; boundary=\"a b;c\"; start=\"<1>\"", "a b;c")]
    [TestCase("multipart/related; type=\"application/dicom\"; boundary = b1", "b1")]
    [TestCase("multipart/related; type=\"application/dicom\"; boundary=0c6d7b52-6a5a-4a55-9d4a-0123456789ab-0c6d7b52-6a5a-4a55-9d4a-0123456789ab", "0c6d7b52-6a5a-4a55-9d4a-0123456789ab-0c6d7b52-6a5a-4a55-9d4a-0123456789ab")]
    public async Task A_multipart_is_understood_however_its_type_is_written(string type, string boundary)
    {
        var dicom = uids.Dicom();
        var answer = await server.Client.PostAsync(
            Base + "/studies", type, WebTalk.Join($"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n", dicom.ToBytes(), $"\r\n--{boundary}--\r\n"));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        await AssertStoredAsync(dicom);
    }

    [TestCase("", "--b1\r\nContent-Type: application/dicom\r\n\r\n", "\r\n--b1--")]
    [TestCase("\r\n", "--b1\r\nContent-Type: application/dicom\r\n\r\n", "\r\n--b1--")]
    [TestCase("This is a preamble\r\nof two lines.\r\n", "--b1\r\nContent-Type: application/dicom\r\n\r\n", "\r\n--b1--\r\n")]
    [TestCase("", "--b1\r\nContent-Type: application/dicom\r\n\r\n", "\r\n--b1--\r\nAn epilogue.\r\n--b1\r\n")]
    [TestCase("", "--b1\r\n\r\n", "\r\n--b1--\r\n")]
    [TestCase("", "--b1  \t\r\nContent-Type: application/dicom\r\n\r\n", "\r\n--b1--  \r\n")]
    [TestCase("", "--b1\r\ncontent-type:application/dicom;transfer-syntax=1.2.840.10008.1.2.1\r\nContent-Location: urn:x\r\nContent-Length: 1\r\nMIME-Version: 1.0\r\n\r\n", "\r\n--b1--\r\n")]
    public async Task A_multipart_is_understood_however_its_parts_are_set(string before, string head, string after)
    {
        var dicom = uids.Dicom();
        var answer = await server.Client.PostAsync(Base + "/studies", Related, WebTalk.Join(before, head, dicom.ToBytes(), after));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        await AssertStoredAsync(dicom);
    }

    [Test]
    public async Task Bytes_that_look_like_the_boundary_are_part_of_the_instance_when_no_line_begins_with_them()
    {
        var dicom = uids.Dicom() with { Further = data => data.AddBytes(DicomTag.PixelData, DicomVr.OB, Encoding.ASCII.GetBytes("--b1--\n--b1\r\n-b1\r\n--b\r\r\n--c1 -")) };
        var answer = await server.Client.PostAsync(
            Base + "/studies", Related, WebTalk.Join("--b1\r\nContent-Type: application/dicom\r\n\r\n", dicom.ToBytes(), "\r\n--b1--\r\n"));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await AssertStoredAsync(dicom);
    }

    [Test]
    public async Task One_instance_may_come_alone_as_application_dicom()
    {
        var dicom = uids.Dicom();
        var answer = await server.Client.PostAsync(Base + "/studies", "application/dicom", dicom.ToBytes());
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await AssertStoredAsync(dicom);
    }

    [Test]
    public async Task The_answer_names_what_was_stored_and_where_it_is()
    {
        var one = uids.Dicom();
        var two = one with { Sop = one.Sop + "2" };
        var answer = await server.StowAsync(Base, one.ToBytes(), two.ToBytes());
        var json = await answer.JsonAsync();
        Assert.That(json.EnumerateObject().Select(tag => tag.Name), Is.EqualTo(new[] { "00081190", "00081199" }));
        Assert.That(json.Value("00081190"), Is.EqualTo($"{server.Address}{Base}/studies/{one.Study}"));
        foreach (var (item, dicom) in json.Items("00081199").Zip([one, two]))
        {
            Assert.That(item.EnumerateObject().Select(tag => tag.Name), Is.EqualTo(new[] { "00081150", "00081155", "00081190" }));
            Assert.That(item.Value("00081150"), Is.EqualTo("1.2.840.10008.5.1.4.1.1.7"));
            Assert.That(item.Value("00081155"), Is.EqualTo(dicom.Sop));
            var back = await server.Client.GetAsync(item.Value("00081190")!, "application/dicom");
            Assert.That(await back.Content.ReadAsByteArrayAsync(), Is.EqualTo(dicom.ToBytes()));
        }
    }

    [TestCase("multipart/related; type=\"application/dicom\"", 415)]
    [TestCase("multipart/related; type=\"application/dicom\"; boundary=", 415)]
    [TestCase("multipart/related; type=\"application/dicom+json\"; boundary=b1", 415)]
    [TestCase("multipart/form-data; boundary=b1", 415)]
    [TestCase("application/octet-stream", 415)]
    [TestCase("application/dicom+json", 415)]
    [TestCase(null, 415)]
    [TestCase("garbage", 415)]
    public async Task Another_content_type_is_415_and_nothing_is_stored(string? type, int status)
    {
        var dicom = uids.Dicom();
        var answer = await server.Client.PostAsync(
            Base + "/studies", type, WebTalk.Join("--b1\r\nContent-Type: application/dicom\r\n\r\n", dicom.ToBytes(), "\r\n--b1--\r\n"));
        Assert.That((int)answer.StatusCode, Is.EqualTo(status));
        await AssertCountAsync(dicom.Study, 0);
    }

    [Test]
    public async Task A_part_of_another_type_is_415_and_what_came_before_it_is_said_to_be_stored()
    {
        var dicom = uids.Dicom();
        var answer = await server.Client.PostAsync(Base + "/studies", Related, WebTalk.Join(
            "--b1\r\nContent-Type: application/dicom\r\n\r\n", dicom.ToBytes(), "\r\n--b1\r\nContent-Type: application/dicom+json\r\n\r\n[]\r\n--b1--\r\n"));
        Assert.That((int)answer.StatusCode, Is.EqualTo(415));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("1 instance"));
        await AssertCountAsync(dicom.Study, 1);
    }

    [TestCase("application/dicom+json", 200)]
    [TestCase("application/json", 200)]
    [TestCase("application/dicom+xml, application/dicom+json;q=0.5", 200)]
    [TestCase("application/*", 200)]
    [TestCase("*/*", 200)]
    [TestCase("", 200)]
    [TestCase("application/dicom+xml", 200)]
    [TestCase("multipart/related; type=\"application/dicom+xml\"", 200)]
    [TestCase("text/html", 406)]
    [TestCase("application/dicom+json;q=0", 406)]
    public async Task What_the_sender_accepts_is_asked_before_anything_is_stored(string accept, int status)
    {
        var dicom = uids.Dicom();
        var answer = await server.Client.PostAsync(Base + "/studies", "application/dicom", dicom.ToBytes(), ("Accept", accept));
        Assert.That((int)answer.StatusCode, Is.EqualTo(status));
        await AssertCountAsync(dicom.Study, status == 200 ? 1 : 0);
    }

    [TestCase("")]
    [TestCase("--b1--\r\n")]
    [TestCase("--b1\r\n")]
    [TestCase("no boundary anywhere")]
    [TestCase("--b2\r\nContent-Type: application/dicom\r\n\r\nDICM\r\n--b2--\r\n")]
    [TestCase("--b1\r\nContent-Type: application/dicom\r\n\r\nshort")]
    [TestCase("--b1\r\nno colon here\r\n\r\nx\r\n--b1--\r\n")]
    [TestCase("--b1\nContent-Type: application/dicom\n\nx\n--b1--\n")]
    public async Task A_body_that_is_no_multipart_is_400(string body)
    {
        var answer = await server.Client.PostAsync(Base + "/studies", Related, Encoding.Latin1.GetBytes(body));
        Assert.That((int)answer.StatusCode, Is.EqualTo(400), await answer.Content.ReadAsStringAsync());
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/plain"));
    }

    [Test]
    public async Task A_part_with_a_thousand_headers_or_a_huge_one_is_400()
    {
        var dicom = uids.Dicom();
        var many = string.Concat(Enumerable.Range(0, 1000).Select(i => $"X-{i}: y\r\n"));
        foreach (var headers in new[] { many, $"X: {new string('y', 100_000)}\r\n" })
        {
            var answer = await server.Client.PostAsync(Base + "/studies", Related, WebTalk.Join($"--b1\r\n{headers}\r\n", dicom.ToBytes(), "\r\n--b1--\r\n"));
            Assert.That((int)answer.StatusCode, Is.EqualTo(400));
        }
        await AssertCountAsync(dicom.Study, 0);
    }

    [Test]
    public async Task An_empty_single_part_stores_nothing()
    {
        var answer = await server.Client.PostAsync(Base + "/studies", "application/dicom", []);
        Assert.That((int)answer.StatusCode, Is.EqualTo(400).Or.EqualTo(409));
    }

    [Test]
    public async Task Of_a_multipart_that_is_cut_off_the_whole_parts_are_kept_and_the_sender_is_told([Values(0.1, 0.5, 0.99)] double where)
    {
        var one = uids.Dicom();
        var two = one with { Sop = one.Sop + "2", Rows = 100, Columns = 100 };
        var second = two.ToBytes();
        var body = WebTalk.Join(
            "--b1\r\nContent-Type: application/dicom\r\n\r\n", one.ToBytes(), "\r\n--b1\r\nContent-Type: application/dicom\r\n\r\n",
            second[..(int)(second.Length * where)]);
        var answer = await server.Client.PostAsync(Base + "/studies", Related, body);
        Assert.That((int)answer.StatusCode, Is.EqualTo(400));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("1 instance"));
        await AssertCountAsync(one.Study, 1);
    }

    [Test]
    public async Task Two_good_ones_and_bad_ones_are_202_with_a_reason_for_each_bad_one()
    {
        var one = uids.Dicom();
        var two = one with { Sop = one.Sop + "2" };
        var noSeries = one with { Sop = one.Sop + "3", Series = "not a uid" };
        var noStudy = (one with { Sop = one.Sop + "4", Further = data => data.Remove(DicomTag.StudyInstanceUID) }).ToBytes();
        var answer = await server.StowAsync(Base, one.ToBytes(), Encoding.ASCII.GetBytes(new string('x', 5000)), noSeries.ToBytes(), two.ToBytes(), noStudy, []);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        var json = await answer.JsonAsync();
        Assert.That(json.Items("00081199"), Has.Length.EqualTo(2));
        Assert.That(json.Failures(), Is.EqualTo(new[] { $"{0xC000}", $"{0xA900}", $"{0xA900}", $"{0xC000}" }));
        Assert.That(json.Items("00081198")[1].Value("00081155"), Is.EqualTo(noSeries.Sop));
        Assert.That(json.EnumerateObject().Select(tag => tag.Name), Is.Ordered.Using<string>(StringComparer.Ordinal));
        foreach (var item in json.Items("00081198"))
        {
            Assert.That(item.EnumerateObject().Select(tag => tag.Name), Is.Ordered.Using<string>(StringComparer.Ordinal), "PS3.18 §F.2.2");
        }
        await AssertCountAsync(one.Study, 2);
    }

    [Test]
    public async Task All_bad_is_409_with_the_same_answer()
    {
        var answer = await server.StowAsync(Base, Encoding.ASCII.GetBytes(new string('x', 500)), (uids.Dicom() with { Series = "1.02" }).ToBytes());
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        var json = await answer.JsonAsync();
        Assert.That(json.Items("00081199"), Is.Empty);
        Assert.That(json.Failures(), Is.EqualTo(new[] { $"{0xC000}", $"{0xA900}" }));
    }

    [Test]
    public async Task An_instance_of_another_study_than_the_address_names_fails()
    {
        var (mine, other) = (uids.Dicom(), uids.Dicom());
        var mixed = await server.Client.PostAsync($"{Base}/studies/{mine.Study}", PhrServer.Multipart(mine.ToBytes(), other.ToBytes()));
        Assert.That(mixed.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        var json = await mixed.JsonAsync();
        Assert.That(json.Failures(), Is.EqualTo(new[] { $"{0xA901}" }));
        Assert.That(json.Items("00081198")[0].Value("00081155"), Is.EqualTo(other.Sop));
        await AssertCountAsync(other.Study, 0);

        var all = await server.Client.PostAsync($"{Base}/studies/{mine.Study}", PhrServer.Multipart(other.ToBytes()));
        Assert.That(all.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        var malformed = await server.Client.PostAsync($"{Base}/studies/1.2.x", PhrServer.Multipart(other.ToBytes()));
        Assert.That(malformed.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task The_same_instance_again_is_200_and_stored_once_whatever_its_file_meta_say()
    {
        var dicom = uids.Dicom();
        var first = dicom.ToBytes();
        var again = (byte[])first.Clone();
        again[0] ^= 0xFF;
        Assert.That(Header(await server.StowAsync(Base, first)), Is.EqualTo("0"));
        var second = await server.StowAsync(Base, again, first);
        Assert.That(second.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(Header(second), Is.EqualTo("2"));
        Assert.That((await second.JsonAsync()).Items("00081199"), Has.Length.EqualTo(2));
        await AssertStoredAsync(dicom);
    }

    [Test]
    public async Task The_same_instance_twice_in_one_request_is_stored_once()
    {
        var dicom = uids.Dicom();
        var answer = await server.StowAsync(Base, dicom.ToBytes(), dicom.ToBytes());
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(Header(answer), Is.EqualTo("1"));
        await AssertStoredAsync(dicom);
    }

    [Test]
    public async Task Another_data_set_under_the_same_UID_from_the_same_sender_is_refused_with_0111()
    {
        var dicom = uids.Dicom();
        await server.StowAsync(Base, dicom.ToBytes());
        var answer = await server.StowAsync(Base, (dicom with { Fill = 8 }).ToBytes());
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        var json = await answer.JsonAsync();
        Assert.That(json.Failures(), Is.EqualTo(new[] { $"{0x0111}" }));
        Assert.That(json.Items("00081198")[0].Value("00081155"), Is.EqualTo(dicom.Sop));
        await AssertStoredAsync(dicom);
    }

    [Test]
    public async Task Of_two_data_sets_under_one_UID_in_one_request_the_first_is_stored_and_the_second_refused()
    {
        var dicom = uids.Dicom();
        var answer = await server.StowAsync(Base, dicom.ToBytes(), (dicom with { Fill = 8 }).ToBytes());
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That((await answer.JsonAsync()).Failures(), Is.EqualTo(new[] { $"{0x0111}" }));
        await AssertStoredAsync(dicom);
    }

    [Test]
    public async Task Eight_senders_of_the_same_instance_at_once_store_it_once()
    {
        var dicom = uids.Dicom();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.StowAsync(Base, dicom.ToBytes())));
        Assert.That(answers.Select(answer => answer.StatusCode), Is.All.EqualTo(HttpStatusCode.OK));
        Assert.That(answers.Count(answer => Header(answer) == "0"), Is.EqualTo(1));
        await AssertStoredAsync(dicom);
    }

    [Test]
    public async Task A_copy_from_the_command_line_is_kept_beside_the_sites_own_and_warned_about()
    {
        var dicom = uids.Dicom();
        await server.StowAsync(Base, dicom.ToBytes());
        var key = OperatorKey.ReadFrom(server.Folder + "-keys");
        var copy = (dicom with { Fill = 9 }).ToBytes();
        var answer = await server.Client.PostAsync($"{Base}/studies", "application/dicom", copy, ("Authorization", $"Operator {key}"));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        var json = await answer.JsonAsync();
        Assert.That(json.Failures(), Is.Empty);
        Assert.That(json.Items("00081199").Single().Value("00081196"), Is.EqualTo($"{0xB000}"));
        await AssertStoredAsync(dicom);
    }

    [Test]
    public async Task A_site_copy_after_the_command_lines_own_is_served_from_then_on()
    {
        var dicom = uids.Dicom();
        var key = OperatorKey.ReadFrom(server.Folder + "-keys");
        await server.Client.PostAsync($"{Base}/studies", "application/dicom", (dicom with { Fill = 9, Modality = "MR" }).ToBytes(), ("Authorization", $"Operator {key}"));
        var answer = await server.StowAsync(Base, dicom.ToBytes());
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await AssertStoredAsync(dicom);
        var study = (await server.Client.JsonAsync($"{Base}/studies?StudyInstanceUID={dicom.Study}"))[0];
        Assert.That(study.Values("00080061"), Is.EqualTo(new[] { "CT" }));
    }

    [Test]
    public async Task An_unknown_record_is_404_and_stores_nothing([Values("nobody-knows", "nobody", "shared", "a%20b", "%2e%2e%2fp1")] string record)
    {
        var dicom = uids.Dicom();
        using var client = new HttpClient { BaseAddress = server.Client.BaseAddress };
        var answer = await client.PostAsync(new Uri($"{server.Address}/dicomweb/patients/{record}/studies", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }), PhrServer.Multipart(dicom.ToBytes()));
        Assert.That((int)answer.StatusCode, Is.EqualTo(404), await answer.Content.ReadAsStringAsync());
        Assert.That((await server.Client.JsonAsync($"/dicomweb/studies?StudyInstanceUID={dicom.Study}")).GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task A_caller_without_the_record_gets_404_and_one_who_may_only_read_403()
    {
        await server.PutAsync("/fhir/Patient/p2", """{"resourceType":"Patient","id":"p2"}""");
        var dicom = uids.Dicom();
        using var other = server.As(Reach.Of([new("p2")]));
        using var reader = server.As(Reach.Of([new("p1")]), mayWrite: false);
        using var part = server.As(Reach.Of([new("p1", [new(dicom.Study)])]));
        Assert.That((int)(await other.PostAsync($"{Base}/studies", PhrServer.Multipart(dicom.ToBytes()))).StatusCode, Is.EqualTo(404));
        Assert.That((int)(await reader.PostAsync($"{Base}/studies", PhrServer.Multipart(dicom.ToBytes()))).StatusCode, Is.EqualTo(403));
        Assert.That((int)(await part.PostAsync($"{Base}/studies", PhrServer.Multipart(dicom.ToBytes()))).StatusCode, Is.EqualTo(403));
        await AssertCountAsync(dicom.Study, 0);
        using var own = server.As(Reach.Of([new("p1")]));
        Assert.That((int)(await own.PostAsync($"{Base}/studies", PhrServer.Multipart(dicom.ToBytes()))).StatusCode, Is.EqualTo(200));
    }

    [Test]
    public async Task Two_hundred_and_fifty_instances_in_one_request_are_all_stored()
    {
        var dicom = uids.Dicom();
        var files = Enumerable.Range(1, 250).Select(i => (dicom with { Sop = $"{dicom.Sop}.{i}", InstanceNumber = i }).ToBytes()).ToList();
        var answer = await server.StowAsync(Base, files);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await answer.JsonAsync()).Items("00081199").Select(item => item.Value("00081155")), Is.EqualTo(Enumerable.Range(1, 250).Select(i => $"{dicom.Sop}.{i}")));
        await AssertCountAsync(dicom.Study, 250);
    }

    private static string Header(HttpResponseMessage answer) => answer.Headers.GetValues("Phr-Already-There").Single();

    private async Task AssertCountAsync(string study, int instances) =>
        Assert.That((await server.Client.JsonAsync($"{Base}/studies/{study}/instances")).GetArrayLength(), Is.EqualTo(instances));

    private async Task AssertStoredAsync(TestDicom dicom)
    {
        await AssertCountAsync(dicom.Study, 1);
        var back = await server.Client.GetAsync($"{Base}/studies/{dicom.Study}/series/{dicom.Series}/instances/{dicom.Sop}", "application/dicom");
        Assert.That(await back.Content.ReadAsByteArrayAsync(), Is.EqualTo(dicom.ToBytes()));
    }
}
