using System.Text;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>Good inputs for <see cref="FuzzTests"/> to spoil: made ones, and small ones of the corpus where there is one.</summary>
internal static class FuzzSeeds
{
    private const int Small = 24 << 10;

    public static readonly string[] CharacterSets =
    [
        "", "ISO_IR 100", "ISO_IR 13", "ISO_IR 192", "GB18030", "GBK", "ISO_IR 166", "ISO 2022 IR 13\\ISO 2022 IR 87", "\\ISO 2022 IR 87\\ISO 2022 IR 159",
        "\\ISO 2022 IR 149", "\\ISO 2022 IR 58", "ISO 2022 IR 6\\ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 126",
    ];

    public static readonly byte[][] Escapes = [.. new[] { "$B", "(B", "(J", "$(D", "$)C", "$)A", "-A", "-L", ")I", "$@", "" }.Select(e => Encoding.ASCII.GetBytes("\e" + e))];

    public static readonly byte[][] DicomWords =
    [
        [0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF], [0xFE, 0xFF, 0, 0xE0, 8, 0, 0, 0], Raw.ItemEnd, Raw.SequenceEnd, Raw.Explicit(9, 0x1001, "UN", [], Raw.Undefined),
        Raw.Explicit(8, 0x1032, "SQ", [], Raw.Undefined), Raw.Explicit(8, 5, "CS", "ISO 2022 IR 87"), Raw.Explicit(0x7FE0, 0x10, "OB", [], Raw.Undefined),
        Raw.Implicit(8, 0x1032, [], Raw.Undefined), "??"u8.ToArray(), [0, 0, 0xFF, 0xFF, 0xFF, 0x7F],
    ];

    public static readonly byte[][] JsonWords = Words(
        "{", "}", "[", "]", "null", ",", ":", "\"", "\"vr\":\"SQ\",", "\"Value\":[", "\"InlineBinary\":\"", "\"BulkDataURI\":", "\\ud800", "1e999", "-0", "{\"Alphabetic\":",
        "\"00081032\":{\"vr\":\"SQ\",\"Value\":[{");

    public static readonly byte[][] XmlWords = Words(
        "<", ">", "/>", "\"", "&amp;", "&x;", "&#0;", "<!DOCTYPE a>", "<![CDATA[", "]]>", "<!--", "<Value number=\"99999\">", "<Item>", "</Item>", "<PersonName>", "<InlineBinary>",
        "<DicomAttribute tag=\"00081032\" vr=\"SQ\"><Item>", " privateCreator=\"X\"");

    public static IReadOnlyList<byte[]> Files()
    {
        var rich = Rich();
        return
        [
            rich.Bytes(), rich.Bytes(DicomTransferSyntax.ImplicitLittleEndian), BigEndian.Turned(rich.Bytes().Read(new DicomReadOptions { BulkThreshold = 4096 })),
            Delimited(rich), Fragments(), .. OfCorpus(file => !file.TransferSyntax.EndsWith(".99", StringComparison.Ordinal)),
        ];
    }

    public static IReadOnlyList<byte[]> Deflated() => [Rich().Bytes(DicomTransferSyntax.Deflated), .. OfCorpus(file => file.TransferSyntax.EndsWith(".99", StringComparison.Ordinal))];

    public static IReadOnlyList<byte[]> Json() => [.. Models().Select(dataset => DicomJson.Write(dataset).ToArray("http://x"))];

    public static IReadOnlyList<byte[]> Xml() => [.. Models().Select(dataset =>
    {
        using var target = new MemoryStream();
        DicomXml.Write(target, dataset, "http://x");
        return target.ToArray();
    })];

    public static IReadOnlyList<byte[]> Directories()
    {
        var builder = new DicomDirectoryBuilder("FUZZ");
        for (var i = 1; i <= 4; i++)
        {
            builder.Add(DirectoryInstance.Of(i % 2 == 0 ? "A" : "B", i), DicomTransferSyntax.ExplicitLittleEndian, "D", $"F{i}");
        }

        using var target = new MemoryStream();
        builder.Write(target);
        return [target.ToArray(), .. OfCorpus(file => file.Name.Contains("DICOMDIR", StringComparison.Ordinal))];
    }

    public static IReadOnlyList<byte[]> FrameTables() =>
    [
        Fragments().Read().PixelData!.Frames!.ToBytes(), Rich().Bytes().Read().PixelData!.Frames!.ToBytes(),
        Made.Image(3, bits: 1, rows: 3, columns: 4).AddBytes(DicomTag.PixelData, DicomVr.OB, new byte[6]).Bytes().Read().PixelData!.Frames!.ToBytes(),
    ];

    public static IReadOnlyList<byte[]> Texts() => [.. CharacterSets.Select((set, i) =>
        new byte[] { (byte)i }.Concat(new DicomDataset().Add(DicomTag.SpecificCharacterSet, DicomVr.CS, set).Add(DicomTag.PatientName, "Yamada^Tarou=山田^太郎\\Müller\\홍^길동=洪").Find(DicomTag.PatientName)!.Value.ToArray())
            .Concat(Encoding.UTF8.GetBytes("\e$B;3ED\e(B\\\e$)C")).ToArray())];

    private static DicomDataset Rich() => Made.Image(2).AddBytes(DicomTag.PixelData, DicomVr.OW, new byte[64])
        .AddSequence(DicomTag.ProcedureCodeSequence, new DicomDataset().Add(DicomTag.CodeValue, "A").AddSequence(DicomTag.ContentSequence, new DicomDataset(), new DicomDataset().Add(DicomTag.TextValue, "x")))
        .AddNumbers(DicomTag.WindowCenter, DicomVr.DS, 1, 2.5).Add(new DicomTag(0x00090010), DicomVr.LO, "ACME").AddBytes(new DicomTag(0x00091001), DicomVr.UN, new byte[200])
        .AddNumbers(new DicomTag(0x00089459), DicomVr.FL, 1.5, double.NaN).AddTags(new DicomTag(0x00209165), DicomTag.PatientID);

    private static byte[] Delimited(DicomDataset dataset)
    {
        using var target = new MemoryStream();
        Part10Writer.Write(target, dataset, DicomTransferSyntax.ExplicitLittleEndian, new DicomWriteOptions { UndefinedLengths = true, GroupLengths = true });
        return target.ToArray();
    }

    private static byte[] Fragments() =>
        Made.Image(3).AddEncapsulated([new byte[] { 0xFF, 0xD8, 0xFF, 0xE0 }, new byte[10], new byte[7]]).Bytes("1.2.840.10008.1.2.4.70");

    private static IEnumerable<DicomDataset> Models() =>
        Files().Select(bytes => Part10Reader.Read(new MemoryStream(bytes))).Where(outcome => outcome.IsSuccess).Select(outcome => outcome.Value.Dataset);

    private static IEnumerable<byte[]> OfCorpus(Func<CorpusFile, bool> wanted) =>
        Corpus.Files().Where(wanted).Select(file => File.ReadAllBytes(file.FullPath)).Where(bytes => bytes.Length <= Small);

    private static byte[][] Words(params string[] words) => [.. words.Select(Encoding.UTF8.GetBytes)];
}
