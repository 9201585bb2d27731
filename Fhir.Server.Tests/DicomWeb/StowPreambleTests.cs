using System.Net;
using System.Text;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>The 128 bytes before the prefix never carry a program or a page to whoever retrieves an instance. PS3.10 §7.5</summary>
[TestFixture]
public sealed class StowPreambleTests
{
    private const string Base = "/dicomweb/patients/m1";
    private readonly FreshUids uids = new("1.2.276.12");
    private PhrServer server = null!;

    private static IEnumerable<TestCaseData> Dangerous() => new (string Name, byte[] Head)[]
    {
        ("a Windows program", [.. "MZ\x90\0"u8, .. new byte[56], 0x80, 0, 0, 0]),
        ("an ELF program", "\x7FELF\x02\x01\x01"u8.ToArray()),
        ("a script", "#!/bin/sh\necho owned\n"u8.ToArray()),
        ("a page", "<html><script>alert(1)</script>"u8.ToArray()),
        ("an archive", "PK\x03\x04"u8.ToArray()),
        ("anything else", [.. Enumerable.Range(1, 128).Select(i => (byte)i)]),
        ("a TIFF whose directory is in the preamble", [.. "II*\0"u8, 8, 0, 0, 0]),
        ("a TIFF whose directory is at an odd place", [.. "II*\0"u8, 0x85, 1, 0, 0]),
        ("a TIFF with a script behind its header", [.. "II*\0"u8, 0, 1, 0, 0, .. "<script>alert(1)</script>"u8]),
        ("a TIFF of the wrong byte order", [.. "MM*\0"u8, 0, 0, 1, 0]),
    }.Select(one => new TestCaseData(one.Head).SetArgDisplayNames(one.Name));

    private static IEnumerable<TestCaseData> Harmless() => new (string Name, byte[] Head)[]
    {
        ("zeros", []),
        ("a TIFF", [.. "II*\0"u8, 0, 4, 0, 0]),
        ("a TIFF, high byte first", [.. "MM\0*"u8, 0, 0, 4, 0]),
        ("a BigTIFF", [.. "II+\0"u8, 8, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0]),
    }.Select(one => new TestCaseData(one.Head).SetArgDisplayNames(one.Name));

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/m1", """{"resourceType":"Patient","id":"m1"}""");
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [TestCaseSource(nameof(Dangerous))]
    public async Task A_preamble_that_may_be_something_is_zeros_when_it_comes_back_and_everything_else_is_as_it_was(byte[] head)
    {
        var (dicom, sent) = await StoreAsync(head);
        var back = await BackAsync(dicom);
        Assert.That(back[..128], Is.All.Zero);
        Assert.That(back[128..], Is.EqualTo(sent[128..]));
    }

    [TestCaseSource(nameof(Harmless))]
    public async Task A_preamble_of_a_harmless_TIFF_stays(byte[] head)
    {
        var (dicom, sent) = await StoreAsync(head);
        Assert.That(await BackAsync(dicom), Is.EqualTo(sent));
    }

    [Test]
    public async Task A_file_with_a_preamble_and_no_prefix_is_defused_too()
    {
        var dicom = uids.Dicom();
        var whole = dicom.ToBytes();
        byte[] sent = [.. "MZ"u8, .. new byte[126], .. whole.AsSpan(132)];
        var answer = await server.StowAsync(Base, sent);
        Assert.That((int)answer.StatusCode, Is.EqualTo(200).Or.EqualTo(202), await answer.Content.ReadAsStringAsync());
        var back = await BackAsync(dicom);
        Assert.That(back[..128], Is.All.Zero);
        Assert.That(back[128..], Is.EqualTo(sent[128..]));
    }

    [Test]
    public async Task The_preamble_and_the_file_meta_do_not_make_another_instance()
    {
        var (dicom, sent) = await StoreAsync(Encoding.ASCII.GetBytes("MZ"));
        sent.AsSpan(0, 128).Fill(0x41);
        var name = sent.AsSpan().IndexOf("PHRIMAGING"u8);
        "OTHERMAKER"u8.CopyTo(sent.AsSpan(name));
        var again = await server.StowAsync(Base, sent);
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(again.Headers.GetValues("Phr-Already-There"), Is.EqualTo(new[] { "1" }));
        Assert.That(Encoding.Latin1.GetString(await BackAsync(dicom)), Does.Contain("PHRIMAGING"), "The first stays.");
    }

    private async Task<(TestDicom Dicom, byte[] Sent)> StoreAsync(byte[] head)
    {
        var dicom = uids.Dicom();
        var sent = dicom.ToBytes();
        head.CopyTo(sent, 0);
        var answer = await server.StowAsync(Base, sent);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        return (dicom, sent);
    }

    private async Task<byte[]> BackAsync(TestDicom dicom)
    {
        using var back = await server.Client.GetAsync($"{Base}/studies/{dicom.Study}/series/{dicom.Series}/instances/{dicom.Sop}", "application/dicom");
        return await back.Content.ReadAsByteArrayAsync();
    }
}
