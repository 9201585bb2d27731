using System.IO.Compression;
using System.Text;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>What stopped one reader or another, each once. PS3.5 §6.2.2, §7 and Annex A, PS3.10 §7.</summary>
public sealed class PitfallTests
{
    private static readonly byte[] Last = Raw.Explicit(0x4000, 0x0010, "LT", "end");
    private static readonly byte[] ImplicitCode = Raw.Implicit(0x0008, 0x0100, "AB"u8.ToArray());
    private static readonly byte[] ExplicitCode = Raw.Explicit(0x0008, 0x0100, "SH", "AB");

    [Test]
    public void Un_without_a_length_is_an_implicit_sequence_also_within_another()
    {
        var inner = Raw.Implicit(0x0009, 0x1002, [.. Raw.Item(ImplicitCode, isOpen: true), .. Raw.SequenceEnd], Raw.Undefined);
        var outer = Raw.Explicit(0x0009, 0x1001, "UN", [.. Raw.Item(inner, isOpen: true), .. Raw.SequenceEnd], Raw.Undefined);
        var item = Read(outer).Dataset.Items(new DicomTag(0x00091001))[0].Items(new DicomTag(0x00091002))[0];
        Assert.That(item.GetString(DicomTag.CodeValue), Is.EqualTo("AB"));
    }

    [Test]
    public void Un_without_a_length_written_explicitly_all_the_same_is_read_with_a_warning()
    {
        var file = Read(Raw.Explicit(0x0009, 0x1001, "UN", [.. Raw.Item(ExplicitCode), .. Raw.SequenceEnd], Raw.Undefined));
        Assert.That(file.Dataset.Items(new DicomTag(0x00091001))[0].GetString(DicomTag.CodeValue), Is.EqualTo("AB"));
        Assert.That(file.Warnings, Has.Some.Contains("should be none"));
    }

    [Test]
    public void A_known_sequence_in_un_with_a_length_is_read_and_an_unknown_one_kept_as_bytes()
    {
        var file = Read(Raw.Explicit(0x0008, 0x1032, "UN", Raw.Item(ImplicitCode)), Raw.Explicit(0x0009, 0x1001, "UN", Raw.Item(ImplicitCode)));
        Assert.That(file.Dataset.Items(DicomTag.ProcedureCodeSequence)[0].GetString(DicomTag.CodeValue), Is.EqualTo("AB"));
        Assert.That(file.Dataset.Find(new DicomTag(0x00091001))!.Vr, Is.EqualTo(DicomVr.UN));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void A_private_sequence_in_the_wrong_byte_order_is_read_with_a_warning(bool isOpen)
    {
        byte[] element = [0, 8, 1, 0, (byte)'S', (byte)'H', 0, 2, (byte)'A', (byte)'B'];
        byte[] item = [0xFF, 0xFE, 0xE0, 0, 0, 0, 0, (byte)element.Length, .. element];
        byte[] end = [0xFF, 0xFE, 0xE0, 0xDD, 0, 0, 0, 0];
        var file = Read(isOpen ? Raw.Explicit(0x2005, 0x1001, "SQ", [.. item, .. end], Raw.Undefined) : Raw.Explicit(0x2005, 0x1001, "SQ", item));
        Assert.That(file.Dataset.Items(new DicomTag(0x20051001))[0].GetString(DicomTag.CodeValue), Is.EqualTo("AB"));
        Assert.That(file.Warnings, Has.Some.Contains("byte order"));
    }

    [Test]
    public void A_damaged_sequence_counts_once_against_the_limit_of_the_header()
    {
        var broken = Raw.Item([.. Raw.Explicit(0x0009, 0x1002, "UT", new byte[600]), 0x10, 0, 0x20, 0, (byte)'L', (byte)'O', 0xFF, 0x7F]);
        using var stream = new MemoryStream(Raw.Bytes(Raw.Explicit(0x0009, 0x1001, "SQ", broken)));
        Assert.That(Part10Reader.Read(stream, new DicomReadOptions { HeaderLimit = 1_100 }).Problem, Is.Null);
    }

    [Test]
    public void A_damaged_sequence_is_kept_as_bytes_and_what_is_behind_it_is_read()
    {
        var broken = Raw.Item([.. ExplicitCode, 0x10, 0, 0x20, 0, (byte)'L', (byte)'O', 0xFF, 0x7F]);
        var file = Read(Raw.Explicit(0x0009, 0x1001, "SQ", broken));
        Assert.That(file.Dataset.Find(new DicomTag(0x00091001))!.Value.Length, Is.EqualTo(broken.Length));
        Assert.That(file.Warnings, Has.Some.Contains("damaged"));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void An_item_outside_a_sequence_is_left_out(bool isOpen)
    {
        var file = Read(Raw.Item(ExplicitCode, isOpen));
        Assert.That(file.Dataset.Contains(DicomTag.CodeValue), Is.False);
        Assert.That(file.Warnings, Has.Some.Contains("outside"));
    }

    [Test]
    public void Private_tags_have_creators_group_lengths_and_unknown_values()
    {
        var body = Raw.Joined(Raw.Implicit(0x0008, 0x0060, "CT"u8.ToArray()), Raw.Implicit(0x0009, 0, [4, 0, 0, 0]), Raw.Implicit(0x0009, 0x0001, "x "u8.ToArray()),
            Raw.Implicit(0x0009, 0x0010, "ACME"u8.ToArray()), Raw.Implicit(0x0009, 0x1001, "y "u8.ToArray()), Raw.Implicit(0x0009, 0x1101, "z "u8.ToArray()));
        var dataset = ((byte[])[.. Raw.Meta(DicomTransferSyntax.ImplicitLittleEndian), .. body]).Read().Dataset;
        Assert.That(dataset.Elements.Skip(1).Select(e => e.Vr), Is.EqualTo(new[] { DicomVr.UL, DicomVr.UN, DicomVr.LO, DicomVr.UN, DicomVr.UN }));
        Assert.That(dataset.PrivateCreator(new DicomTag(0x00091001)), Is.EqualTo("ACME"));
        Assert.That(dataset.PrivateCreator(new DicomTag(0x00091101)), Is.Null);
        Assert.That(dataset.FindPrivate("ACME", 9, 1), Is.Not.Null);
    }

    [Test]
    public void A_file_begins_in_many_ways()
    {
        var whole = Raw.Bytes(ExplicitCode, Last);
        foreach (var (bytes, isOdd) in new[] { (whole, false), (whole[128..], true), (whole[132..], true), ([.. new byte[128], .. whole[132..]], true) })
        {
            Assert.That(bytes.Read().Dataset.GetString(DicomTag.CodeValue), Is.EqualTo("AB"));
            Assert.That(bytes.Read().Warnings, isOdd ? Has.Count.EqualTo(1) : Is.Empty);
        }
    }

    [Test]
    public void A_wrong_length_of_the_meta_is_no_matter()
    {
        var bytes = Raw.Bytes(ExplicitCode, Last);
        bytes[140] += 40;
        Assert.That(bytes.Read().Dataset.GetString(DicomTag.CodeValue), Is.EqualTo("AB"));
        Assert.That(bytes.Read().Warnings, Has.Some.Contains("not as long"));
    }

    [Test]
    public void A_meta_without_representations_is_read()
    {
        byte[] meta = Raw.Joined(Raw.Implicit(2, 0, [36, 0, 0, 0]), Raw.Implicit(2, 0x10, Encoding.ASCII.GetBytes(DicomTransferSyntax.ExplicitLittleEndian + "\0")),
            Raw.Implicit(2, 0x12, "1.20"u8.ToArray()));
        byte[] bytes = [.. new byte[128], .. "DICM"u8, .. meta, .. ExplicitCode, .. Last];
        Assert.That(bytes.Read().TransferSyntax, Is.EqualTo(DicomTransferSyntax.ExplicitLittleEndian));
        Assert.That(bytes.Read().Dataset.GetString(DicomTag.CodeValue), Is.EqualTo("AB"));
        Assert.That(bytes.Read().Warnings, Has.Some.Contains("without value representations"));
    }

    [Test]
    public void Whether_pixels_are_encapsulated_is_told_from_the_element()
    {
        byte[] fragments = [.. Raw.Item([]), .. Raw.Item([1, 2]), .. Raw.SequenceEnd];
        byte[] implicitly = [.. Raw.Meta("1.2.840.10008.1.2.4.70"), .. Raw.Implicit(0x0008, 0x0060, "CT"u8.ToArray()), .. Raw.Implicit(0x7FE0, 0x10, fragments, Raw.Undefined)];
        Assert.That(implicitly.Read().PixelData!.Frames![0].Length, Is.EqualTo(2));
        var native = Raw.File(ExplicitCode, Raw.Explicit(0x7FE0, 0x10, "OW", fragments, Raw.Undefined));
        Assert.That(native.PixelData!.IsEncapsulated);
        Assert.That(native.Warnings, Has.Some.Contains("not written as the transfer syntax says"));
    }

    [Test]
    public void Fragments_are_followed_by_their_lengths_and_may_lack_an_end()
    {
        byte[] deceiving = [.. Raw.SequenceEnd, 1, 2];
        byte[] pixels = [.. Raw.Item([]), .. Raw.Item(deceiving), .. Raw.Item([3, 4])];
        byte[] bytes = [.. Raw.Meta("1.2.840.10008.1.2.4.70"), .. ExplicitCode, .. Raw.Explicit(0x7FE0, 0x10, "OB", pixels, Raw.Undefined)];
        Assert.That(bytes.Read().PixelData!.Frames![0].Ranges.Select(r => r.Length), Is.EqualTo(new[] { 10L, 2L }));
        Assert.That(bytes.Read().Warnings, Has.Some.Contains("no end"));
        Assert.That(bytes[..^1].Read().Warnings, Has.Some.Contains("cut off"));
    }

    [Test]
    public void Deflated_data_come_raw_or_with_the_header_of_zlib_and_may_be_padded_or_cut()
    {
        byte[] body = [.. ExplicitCode, .. Last];
        var raw = Deflated(body, s => new DeflateStream(s, CompressionLevel.Optimal));
        var zlib = Deflated(body, s => new ZLibStream(s, CompressionLevel.Optimal));
        foreach (var bytes in new byte[][] { raw, [.. raw, 0], zlib, [.. zlib, 0] })
        {
            byte[] file = [.. Raw.Meta(DicomTransferSyntax.Deflated), .. bytes];
            Assert.That(file.Read().Dataset.GetString(DicomTag.CodeValue), Is.EqualTo("AB"));
        }

        using var cut = new MemoryStream([.. Raw.Meta(DicomTransferSyntax.Deflated), .. raw[..^6]]);
        Assert.That(Part10Reader.Read(cut).IsSuccess, Is.False);
    }

    [Test]
    public void High_bytes_first_turns_words_and_tags_but_not_bytes()
    {
        var dataset = new DicomDataset().AddNumbers(DicomTag.Rows, DicomVr.US, 258).AddTags(new DicomTag(0x00209165), DicomTag.PatientID)
            .AddNumbers(new DicomTag(0x00089459), DicomVr.FL, 1.5).AddNumbers(new DicomTag(0x00189073), DicomVr.FD, 2.5).AddBytes(new DicomTag(0x00091001), DicomVr.OB, new byte[] { 1, 2 })
            .AddBytes(new DicomTag(0x00091002), DicomVr.OW, new byte[] { 1, 2 }).AddSequence(DicomTag.ProcedureCodeSequence, new DicomDataset().Add(DicomTag.CodeValue, "AB"));
        var read = BigEndian.Turned(dataset.AsInstance().Bytes().Read()).Read();
        Assert.That(read.Syntax.IsBigEndian);
        Made.AssertSame(dataset, read.Dataset);
    }

    [Test]
    public void Values_are_read_however_they_are_padded_and_spelt()
    {
        var dataset = Read(Raw.Explicit(0x0008, 0x0018, "UI", "1.2\0"), Raw.Explicit(0x0008, 0x0020, "DA", "1997.07.04"),
            Raw.Explicit(0x0008, 0x1155, "UI", "1.2 "), Raw.Explicit(0x0018, 0x0050, "DS", "1,5 "), Raw.Explicit(0x0020, 0x0013, "IS", " 7\0"),
            Raw.Explicit(0x0028, 0x0030, "DS", " 1.0000000000000000001E0\\+2 "), Raw.Explicit(0x0028, 0x1050, "DS", "")).Dataset;
        Assert.That(dataset.GetString(DicomTag.SOPInstanceUID), Is.EqualTo("1.2"));
        Assert.That(dataset.GetString(DicomTag.ReferencedSOPInstanceUID), Is.EqualTo("1.2"));
        Assert.That(dataset.GetString(DicomTag.StudyDate), Is.EqualTo("1997.07.04"));
        Assert.That(dataset.GetDouble(DicomTag.SliceThickness), Is.EqualTo(1.5));
        Assert.That(dataset.GetInt32(DicomTag.InstanceNumber), Is.EqualTo(7));
        Assert.That(dataset.GetDoubles(DicomTag.PixelSpacing), Is.EqualTo(new[] { 1d, 2d }));
        Assert.That(dataset.GetDouble(DicomTag.WindowCenter), Is.Null);
    }

    [Test]
    public void An_odd_length_is_read_and_told()
    {
        var file = Read(Raw.Explicit(0x0008, 0x0060, "CS", "CTX"u8.ToArray()));
        Assert.That(file.Dataset.GetString(DicomTag.Modality), Is.EqualTo("CTX"));
        Assert.That(file.Warnings, Has.Some.Contains("odd"));
    }

    [Test]
    public void Pixels_are_those_of_the_data_set_and_not_of_its_icon()
    {
        byte[] icon = [.. Raw.Explicit(0x0028, 0x0010, "US", [1, 0]), .. Raw.Explicit(0x7FE0, 0x10, "OW", [1, 2])];
        Assert.That(Read(Raw.Explicit(0x0088, 0x0200, "SQ", Raw.Item(icon))).PixelData, Is.Null);
        Assert.That(Raw.File(Last, Raw.Explicit(0x7FE0, 0, "UL", [0, 0, 0, 0])).PixelData, Is.Null);
    }

    [TestCase(0x0008, "OF", 32)]
    [TestCase(0x0009, "OD", 64)]
    public void Float_pixels_are_found(int element, string vr, int bits)
    {
        var image = Made.Image(2, bits: 8).AddBytes(new DicomTag(0x7FE0, (ushort)element), DicomVrTraits.TryParse(vr, out var known) ? known : default, new byte[2 * 16 * bits / 8]);
        Assert.That(image.Bytes().Read().PixelData!.NativeFrameLength, Is.EqualTo(16 * bits / 8));
    }

    private static DicomFile Read(params ReadOnlySpan<byte[]> parts)
    {
        var file = Raw.File([.. parts, Last]);
        Assert.That(file.Dataset.GetString(new DicomTag(0x40000010)), Is.EqualTo("end"));
        return file;
    }

    private static byte[] Deflated(byte[] bytes, Func<Stream, Stream> open)
    {
        using var target = new MemoryStream();
        using (var stream = open(target))
        {
            stream.Write(bytes);
        }

        return target.ToArray();
    }
}
