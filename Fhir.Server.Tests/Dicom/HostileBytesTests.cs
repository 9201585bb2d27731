using CsCheck;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>Nothing may be thrown, and everything must end soon, whatever the bytes.</summary>
public sealed class HostileBytesTests
{
    private static readonly string[] Syntaxes = [DicomTransferSyntax.ExplicitLittleEndian, DicomTransferSyntax.ImplicitLittleEndian];

    [Test]
    public void A_file_cut_anywhere_never_throws([ValueSource(nameof(Syntaxes))] string syntax)
    {
        var bytes = Rich().Bytes(syntax);
        for (var length = 0; length < bytes.Length; length++)
        {
            Try(bytes[..length]);
        }
    }

    [Test]
    public void A_file_with_bytes_changed_never_throws([ValueSource(nameof(Syntaxes))] string syntax)
    {
        var bytes = Rich().Bytes(syntax);
        Gen.Select(Gen.Int[128, bytes.Length - 1], Gen.Byte).Array[1, 6].Sample(
            changes =>
            {
                var copy = bytes.ToArray();
                foreach (var (at, value) in changes)
                {
                    copy[at] = value;
                }

                Try(copy);
            },
            iter: 5000);
    }

    [Test]
    public void Encapsulated_files_cut_or_changed_never_throw()
    {
        var bytes = Made.Image(3).AddEncapsulated([new byte[] { 0xFF, 0xD8, 0xFF, 0xE0 }, new byte[10], new byte[7]]).Bytes("1.2.840.10008.1.2.4.70");
        for (var length = 0; length < bytes.Length; length++)
        {
            Try(bytes[..length]);
            var copy = bytes.ToArray();
            copy[length] ^= 0xFF;
            Try(copy);
        }
    }

    [Test]
    public void Random_bytes_never_throw() => Gen.Byte.Array[0, 600].Sample(
        bytes =>
        {
            Try(bytes);
            Try([.. new byte[128], .. "DICM"u8, .. bytes]);
            FrameTable.FromBytes(bytes);
            DicomCharacterSet.Parse("ISO 2022 IR 13\\ISO 2022 IR 87\\ISO 2022 IR 149"u8).DecodeValues(DicomVr.PN, bytes);
        },
        iter: 3000);

    [Test]
    public void Real_files_with_bytes_changed_never_throw()
    {
        Corpus.RequireOrSkip();
        var random = new Random(20);
        foreach (var file in Corpus.Files())
        {
            var bytes = File.ReadAllBytes(file.FullPath);
            for (var round = 0; round < 20; round++)
            {
                var copy = bytes.ToArray();
                for (var change = 0; change < 4; change++)
                {
                    copy[random.Next(Math.Min(copy.Length, 4000))] = (byte)random.Next(256);
                }

                Try(copy[..random.Next(copy.Length / 2, copy.Length)]);
            }
        }
    }

    [Test]
    public void Many_elements_of_the_file_meta_in_the_data_set_are_left_out_in_one_pass()
    {
        var content = new byte[8 * 130_000];
        for (var i = 0; i < 130_000; i++)
        {
            Raw.Implicit((ushort)(i < 65_000 ? 0 : 2), (ushort)((i % 65_000) + 1), []).CopyTo(content, i * 8);
        }

        content = [.. Raw.Meta(DicomTransferSyntax.ImplicitLittleEndian), .. content, .. Raw.Implicit(0x0010, 0x0020, [(byte)'1', 0x20])];
        using var stream = new MemoryStream(content);
        Assert.That(Part10Reader.Read(stream).Value.Dataset, Has.Count.EqualTo(1));
        Patience.Within("Elements of the file meta took long.", () => Read(content));
    }

    private static DicomDataset Rich() => Made.Image(2).AddBytes(DicomTag.PixelData, DicomVr.OW, new byte[64])
        .AddSequence(DicomTag.ProcedureCodeSequence, new DicomDataset().Add(DicomTag.CodeValue, "A").AddSequence(DicomTag.ContentSequence, new DicomDataset()))
        .AddNumbers(DicomTag.WindowCenter, DicomVr.DS, 1, 2.5).Add(new DicomTag(0x00090010), DicomVr.LO, "ACME").AddBytes(new DicomTag(0x00091001), DicomVr.UN, new byte[2000]);

    private static void Try(byte[] bytes) => Patience.Within("Spoiled bytes took long.", () => Read(bytes));

    private static void Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        var outcome = Part10Reader.Read(stream, new DicomReadOptions { InflatedLimit = 64 << 20 });
        if (outcome.IsSuccess)
        {
            DicomJson.Write(outcome.Value.Dataset).ToArray("http://x");
            FrameTable.FromBytes(outcome.Value.PixelData?.Frames?.ToBytes() ?? []);
        }

        Part10Reader.DataSetOffset(bytes);
    }
}
