using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.Peers;

/// <summary>The requests OHIF 3 sends, header by header, from a page of another origin; and what it reads in the answers.</summary>
[TestFixture]
public sealed class OhifTests
{
    private const string Origin = "http://localhost:3000";
    private const string Study = "1.2.276.30.1";
    private const string Series = Study + ".1";
    private const string Sop = Series + ".1";
    private const string Compressed = Series + ".2";
    private const string Report = Study + ".2.1";
    private const string List = "limit=101&offset=0&fuzzymatching=false&includefield=00081030%2C00080060%2C00080090%2C00100030";
    private const string AnySyntax = "multipart/related; type=application/octet-stream; transfer-syntax=*";

    private PhrServer server = null!;
    private string webBase = "";
    private byte[] codestream = [];

    [OneTimeSetUp]
    public async Task Open()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/oh", """{"resourceType":"Patient","id":"oh"}""");
        webBase = server.Address + "/dicomweb/patients/oh";
        var native = new TestDicom(Study, Series, Sop)
        {
            Modality = "CT", Frames = 3, Rows = 16, Columns = 16, PatientName = "Ünal^Ayşe",
            Further = data => data.Add(DicomTag.StudyDescription, "Thorax").Add(DicomTag.SeriesDescription, "Axial").Add(DicomTag.ReferringPhysicianName, "Who^Doctor")
                .Add(DicomTag.SeriesDate, "20260203").Add(DicomTag.SeriesTime, "101112"),
        };
        var codec = server.Services.GetRequiredService<IFrameCodec>();
        var encoded = await codec.EncodeAsync(CodecSyntaxes.Rle, new byte[256], new PixelLayout(16, 16, 1, 8, 8, 7, false, false, "MONOCHROME2"), default);
        codestream = encoded.Value.Codestream.ToArray();
        var compressed = native with
        {
            Sop = Compressed, Frames = 1, InstanceNumber = 2, Syntax = CodecSyntaxes.Rle,
            Further = data => { native.Further(data); data.Remove(DicomTag.PixelData); data.AddEncapsulated([codestream]); },
        };
        var report = (native with { Series = Study + ".2", Sop = Report, Modality = "DOC", SeriesNumber = 2 })
            .WithPdf(Encoding.ASCII.GetBytes("%PDF-1.4" + new string(' ', 3000) + "%%EOF\n"));
        using var stored = await server.StowAsync("/dicomweb/patients/oh", native.ToBytes(), compressed.ToBytes(), report.ToBytes());
        Assert.That(stored.StatusCode, Is.EqualTo(HttpStatusCode.OK), await stored.Content.ReadAsStringAsync());
    }

    [OneTimeTearDown]
    public async Task Close() => await server.DisposeAsync();

    [TestCase("GET", "authorization,accept")]
    [TestCase("GET", "accept")]
    [TestCase("GET", "range,authorization")]
    [TestCase("POST", "authorization,content-type")]
    public async Task The_browser_asks_before_without_a_token_and_may(string method, string headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, $"{webBase}/studies?{List}");
        request.Headers.Add("Origin", Origin);
        request.Headers.Add("Access-Control-Request-Method", method);
        request.Headers.Add("Access-Control-Request-Headers", headers);
        using var answer = await server.Client.SendAsync(request);
        Assert.That((int)answer.StatusCode, Is.InRange(200, 204));
        Assert.That(Header(answer, "Access-Control-Allow-Origin"), Is.EqualTo(Origin).Or.EqualTo("*"));
        var allowed = Header(answer, "Access-Control-Allow-Headers")!.ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries);
        Assert.That(headers.Split(','), Is.SubsetOf(allowed));
        Assert.That(answer.Headers.Contains("Access-Control-Allow-Credentials"), Is.False);
    }

    [TestCase(List, true)]
    [TestCase("PatientName=*NAL*&" + List, true)]
    [TestCase("PatientName=*nobody*&" + List, false)]
    [TestCase("00100020=*P-*&" + List, true)]
    [TestCase("AccessionNumber=*CC*&" + List, true)]
    [TestCase("StudyDescription=*hora*&" + List, true)]
    [TestCase("ModalitiesInStudy=CT&" + List, true)]
    [TestCase("ModalitiesInStudy=MR%2CCT&" + List, true)]
    [TestCase("StudyDate=20260101-20261231&" + List, true)]
    [TestCase("StudyDate=20270101-&" + List, false)]
    [TestCase("StudyInstanceUID=" + Study + "%5C1.2.3&" + List, true)]
    [TestCase("StudyInstanceUID=1.2.3%2C" + Study + "&" + List, true)]
    public async Task The_study_list_is_found_and_says_what_the_list_shows(string query, bool isFound)
    {
        var rows = await JsonAsync($"/studies?{query}");
        Assert.That(rows.GetArrayLength(), Is.EqualTo(isFound ? 1 : 0));
        if (isFound)
        {
            var row = rows[0];
            Assert.That(Text(row, "0020000D"), Is.EqualTo(Study));
            Assert.That(row.GetProperty("00100010").GetProperty("Value")[0].GetProperty("Alphabetic").GetString(), Is.EqualTo("Ünal^Ayşe"));
            Assert.That(row.GetProperty("00080061").GetProperty("Value").EnumerateArray().Select(one => one.GetString()), Is.EquivalentTo(new[] { "CT", "DOC" }));
            Assert.That(row.GetProperty("00201208").GetProperty("Value")[0].GetInt32(), Is.EqualTo(3));
            Assert.That((Text(row, "00081030"), Text(row, "00080020"), Text(row, "00100030")), Is.EqualTo(("Thorax", "20260203", "19700101")));
            Assert.That(row.TryGetProperty("00080090", out _));
        }
    }

    [Test]
    public async Task The_series_list_says_what_the_study_browser_shows()
    {
        var rows = await JsonAsync($"/studies/{Study}/series?includefield=00080021%2C00080031%2C0008103E%2C00200011");
        var row = rows.EnumerateArray().Single(one => Text(one, "00080060") == "CT");
        Assert.That((Text(row, "0020000D"), Text(row, "0020000E"), Text(row, "0008103E"), Text(row, "00080021"), Text(row, "00080031")),
            Is.EqualTo((Study, Series, "Axial", "20260203", "101112")));
        Assert.That(row.GetProperty("00201209").GetProperty("Value")[0].GetInt32(), Is.EqualTo(2));
        Assert.That(row.GetProperty("00200011").GetProperty("Value")[0].GetInt32(), Is.EqualTo(1));
    }

    [Test]
    public async Task Metadata_lead_back_to_where_the_browser_asked()
    {
        var datasets = await JsonAsync($"/studies/{Study}/series/{Series}/metadata", "application/dicom+json");
        Assert.That(datasets.GetArrayLength(), Is.EqualTo(2));
        Assert.That(datasets[0].GetProperty("7FE00010").GetProperty("BulkDataURI").GetString(), Does.StartWith(webBase + "/"));
    }

    [TestCase(AnySyntax)]
    [TestCase("multipart/related; type=\"application/octet-stream\"; transfer-syntax=*")]
    public async Task Frames_come_as_stored_and_their_part_says_how(string accept)
    {
        var (native, nativeType) = await PartAsync($"/studies/{Study}/series/{Series}/instances/{Sop}/frames/2", accept);
        Assert.That(native, Has.Length.EqualTo(256).And.All.EqualTo((byte)7));
        Assert.That(nativeType, Does.Contain("transfer-syntax=" + DicomTransferSyntax.ExplicitLittleEndian));
        var (stored, storedType) = await PartAsync($"/studies/{Study}/series/{Series}/instances/{Compressed}/frames/1", accept);
        Assert.That(stored.AsSpan(0, codestream.Length).ToArray(), Is.EqualTo(codestream));
        Assert.That(storedType, Does.Contain("transfer-syntax=" + CodecSyntaxes.Rle));
    }

    [Test]
    public async Task A_thumbnail_comes_as_JPEG_by_each_way_it_is_asked_for([Values("/thumbnail?viewport=256%2C256", "/rendered?viewport=256%2C256", "/thumbnail?accept=image/jpeg")] string path)
    {
        using var answer = await SendAsync($"/studies/{Study}/series/{Series}/instances/{Sop}{path}", path.Contains("accept", StringComparison.Ordinal) ? "*/*" : "image/jpeg");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("image/jpeg"));
        Assert.That((await answer.Content.ReadAsByteArrayAsync())[..3], Is.EqualTo(new byte[] { 0xFF, 0xD8, 0xFF }));
    }

    [Test]
    public async Task A_whole_instance_comes_for_segmentations()
    {
        var (bytes, type) = await PartAsync($"/studies/{Study}/series/{Series}/instances/{Sop}", "multipart/related; type=\"application/dicom\"");
        Assert.That(Encoding.ASCII.GetString(bytes, 128, 4), Is.EqualTo("DICM"));
        Assert.That(type, Does.StartWith("application/dicom"));
    }

    [Test]
    public async Task A_PDF_opens_by_its_bulk_data_address()
    {
        var datasets = await JsonAsync($"/studies/{Study}/series/{Study}.2/metadata", "application/dicom+json");
        var address = datasets[0].GetProperty("00420011").GetProperty("BulkDataURI").GetString()!;
        var (bytes, type) = await PartAsync(
            address, "multipart/related; type=\"application/pdf\", multipart/related; type=\"application/octet-stream\"");
        Assert.That(type, Does.StartWith("application/pdf"));
        Assert.That(Encoding.ASCII.GetString(bytes), Does.StartWith("%PDF-1.4").And.EndsWith("%%EOF\n"));
        using var alone = await SendAsync(address, "application/pdf");
        Assert.That(alone.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/pdf"));
        Assert.That(await alone.Content.ReadAsByteArrayAsync(), Is.EqualTo(bytes));
    }

    [Test]
    public async Task What_is_refused_can_be_read_by_the_page_too()
    {
        using var answer = await SendAsync("/studies/1.2.3/metadata", "application/dicom+json");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task The_page_may_read_what_it_needs_of_the_head()
    {
        using var answer = await SendAsync($"/studies/{Study}/series/{Series}/metadata", "application/dicom+json");
        var exposed = Header(answer, "Access-Control-Expose-Headers")!.ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries);
        Assert.That(new[] { "content-length", "content-range", "etag", "warning" }, Is.SubsetOf(exposed));
    }

    private async Task<HttpResponseMessage> SendAsync(string address, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address.StartsWith('/') ? webBase + address : address);
        request.Headers.Add("Origin", Origin);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        var answer = await server.Client.SendAsync(request);
        Assert.That(Header(answer, "Access-Control-Allow-Origin"), Is.EqualTo(Origin).Or.EqualTo("*"), "A page could not read this.");
        return answer;
    }

    private async Task<JsonElement> JsonAsync(string address, string accept = "application/json, application/dicom+json, */*")
    {
        using var answer = await SendAsync(address, accept);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>The only part of a multipart answer, and its Content-Type.</summary>
    private async Task<(byte[] Bytes, string Type)> PartAsync(string address, string accept)
    {
        using var answer = await SendAsync(address, accept);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), Encoding.Latin1.GetString(bytes));
        var type = answer.Content.Headers.ContentType!;
        Assert.That(type.MediaType, Is.EqualTo("multipart/related"));
        var boundary = type.Parameters.Single(one => one.Name == "boundary").Value!.Trim('"');
        var text = Encoding.Latin1.GetString(bytes);
        var head = text[..text.IndexOf("\r\n\r\n", StringComparison.Ordinal)];
        var from = head.Length + 4;
        var to = text.IndexOf("\r\n--" + boundary + "--", StringComparison.Ordinal);
        var told = head.Split("\r\n").Single(line => line.StartsWith("Content-Type:", StringComparison.OrdinalIgnoreCase))["Content-Type:".Length..].Trim();
        return (bytes[from..to], told.Replace("\"", "", StringComparison.Ordinal));
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    private static string? Text(JsonElement row, string tag) => row.GetProperty(tag).GetProperty("Value")[0].GetString();
}
