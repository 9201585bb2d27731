using System.Text;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>What real files do although PS3.5 §7 says otherwise.</summary>
public sealed class OddFilesTests
{
    private static readonly byte[] Last = Raw.Explicit(0x0010, 0x0020, "LO", "42");

    [TestCase("??")]
    [TestCase("\0\0")]
    [TestCase("lo")]
    [TestCase("ZZ")]
    public void An_element_with_a_senseless_representation_is_read_by_the_dictionary(string letters)
    {
        // Unknown upper-case letters announce 32 bits of length, PS3.5 §7.1.2; the others have 16 here.
        byte[] odd = letters == "ZZ"
            ? [0x10, 0, 0x10, 0, (byte)'Z', (byte)'Z', 0, 0, 4, 0, 0, 0, .. "Doe "u8]
            : [0x10, 0, 0x10, 0, (byte)letters[0], (byte)letters[1], 4, 0, .. "Doe "u8];
        var file = Raw.File(odd, Last);
        Assert.That(file.Dataset.GetString(DicomTag.PatientName), Is.EqualTo("Doe"));
        Assert.That(file.Dataset.GetString(DicomTag.PatientID), Is.EqualTo("42"));
        Assert.That(file.Warnings, Is.Not.Empty);
    }

    [Test]
    public void A_wrong_representation_in_the_first_element_does_not_make_the_file_implicit()
    {
        var file = Raw.File(Raw.Explicit(0x0008, 0x0005, "SH", ""), Raw.Explicit(0x0008, 0x103E, "LO", new string('x', 30_000)), Last);
        Assert.That(file.TransferSyntax, Is.EqualTo(DicomTransferSyntax.ExplicitLittleEndian));
        Assert.That(file.Dataset.GetString(DicomTag.PatientID), Is.EqualTo("42"));
    }

    [Test]
    public void Un_is_read_as_what_the_standard_says_it_is()
    {
        var file = Raw.File([0x10, 0, 0x10, 0, (byte)'U', (byte)'N', 0, 0, 4, 0, 0, 0, .. "Doe "u8], Last);
        Assert.That(file.Dataset.Find(DicomTag.PatientName)!.Vr, Is.EqualTo(DicomVr.PN));
    }

    [Test]
    public void Elements_out_of_order_are_put_in_order_and_the_first_of_two_is_kept()
    {
        var file = Raw.File(Last, Raw.Explicit(0x0008, 0x0060, "CS", "CT"), Raw.Explicit(0x0010, 0x0020, "LO", "43"));
        Assert.That(file.Dataset.GetString(DicomTag.PatientID), Is.EqualTo("42"));
        Assert.That(file.Dataset.Elements.Select(e => e.Tag), Is.Ordered);
        Assert.That(file.Warnings, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_file_full_of_elements_out_of_order_is_refused()
    {
        var parts = Enumerable.Range(1, 3000).Select(i => Raw.Explicit(0x0011, (ushort)(0xFFFF - i), "LO", "")).ToArray();
        using var stream = new MemoryStream(Raw.Bytes(parts));
        Assert.That(Part10Reader.Read(stream).Problem!.Text, Does.Contain("order"));
    }

    [Test]
    public void Zeros_at_the_end_are_left_alone_but_half_an_element_is_not()
    {
        Assert.That(Raw.File(Last, new byte[100]).Warnings, Has.Count.EqualTo(1));
        using var cut = new MemoryStream(Raw.Bytes(Last, [0x20, 0, 0x0D, 0, (byte)'U']));
        Assert.That(Part10Reader.Read(cut).IsSuccess, Is.False);
    }

    [Test]
    public void A_sequence_that_is_none_is_kept_as_bytes()
    {
        var file = Raw.File([8, 0, 0x32, 0x10, (byte)'S', (byte)'Q', 0, 0, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8], Last);
        Assert.That(file.Dataset.Find(DicomTag.ProcedureCodeSequence)!.Vr, Is.EqualTo(DicomVr.UN));
    }

    [Test]
    public void Implicit_items_within_an_explicit_file_are_read()
    {
        byte[] element = [8, 0, 0, 1, 2, 0, 0, 0, (byte)'A', (byte)' '];
        byte[] item = [0xFE, 0xFF, 0, 0xE0, (byte)element.Length, 0, 0, 0, .. element];
        var file = Raw.File([8, 0, 0x32, 0x10, (byte)'S', (byte)'Q', 0, 0, (byte)item.Length, 0, 0, 0, .. item], Last);
        Assert.That(file.Dataset.Items(DicomTag.ProcedureCodeSequence)[0].GetString(DicomTag.CodeValue), Is.EqualTo("A"));
    }

    [Test]
    public void A_warning_never_repeats_a_value()
    {
        var file = Raw.File(Raw.Explicit(0x0008, 0x0005, "CS", "SECRET_SET"), Raw.Explicit(0x0010, 0x0010, "PN", "Doe^J\u00F6rg"), Last);
        Assert.That(file.Warnings, Is.Not.Empty.And.None.Contains("SECRET").And.None.Contains("Doe"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_length_that_lies_allocates_nothing(bool isBulk)
    {
        byte[] lie = [0x42, 0, 0x11, 0, .. Encoding.ASCII.GetBytes(isBulk ? "OB" : "UT"), 0, 0, 0xF0, 0xFF, 0xFF, 0x7F, 1, 2];
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var stream = new MemoryStream(Raw.Bytes(lie));
        Assert.That(Part10Reader.Read(stream).IsSuccess, Is.False);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(2_000_000));
    }
}
