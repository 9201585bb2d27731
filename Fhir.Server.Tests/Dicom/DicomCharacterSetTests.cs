using System.Text;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>PS3.5 §6.1 and Annexes H to K, whose examples these are.</summary>
public sealed class DicomCharacterSetTests
{
    [TestCase("ISO_IR 100", "Buc^J\u00E9r\u00F4me", "4275635E4AE972F46D65")]
    [TestCase("ISO_IR 144", "Люкceмбypг", "BBEE DA63 65DC D1 79 70 D3")]
    [TestCase("ISO_IR 126", "Διονυσιος", "C4 E9 EF ED F5 F3 E9 EF F2")]
    [TestCase("ISO_IR 192", "Wang^XiaoDong=王^小東", "57616E675E5869616F446F6E673DE78E8B5EE5B08FE69DB1")]
    [TestCase("GB18030", "Wang^XiaoDong=王^小东", "57616E675E5869616F446F6E673DCDF55ED0A1B6AB")]
    [TestCase("ISO_IR 13", "ﾔﾏﾀﾞ^ﾀﾛｳ", "D4CFC0DE5EC0DBB3")]
    [TestCase("\\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎=やまだ^たろう",
        "59616D6164615E5461726F753D1B24423B3345441B28425E1B24424240 4F3A 1B28423D1B24422464245E24401B28425E1B2442243F246D24261B2842")]
    [TestCase("\\ISO 2022 IR 149", "Hong^Gildong=洪^吉洞=홍^길동", "486F6E675E47696C646F6E673D1B242943FBF35E1B242943D1CED4D73D1B242943C8AB5E1B242943B1E6B5BF")]
    [TestCase("\\ISO 2022 IR 58", "Zhang^XiaoDong=张^小东", "5A68616E675E5869616F446F6E673D1B242941D5C55E1B242941D0A1B6AB")]
    [TestCase("ISO 2022 IR 13\\ISO 2022 IR 87", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎", "D4CFC0DE5EC0DBB33D1B24423B3345441B284A5E1B244242404F3A1B284A")]
    public void Names_are_read_as_the_standard_shows(string declared, string expected, string hex)
    {
        var set = DicomCharacterSet.Parse(Encoding.ASCII.GetBytes(declared));
        Assert.That(set.DecodeValues(DicomVr.PN, Convert.FromHexString(hex.Replace(" ", ""))), Is.EqualTo(new[] { expected }));
        Assert.That(set.Warning, Is.Null);
    }

    [TestCase("ISO-IR 100")]
    [TestCase("ISO 8859-1")]
    [TestCase("ISOIR100")]
    [TestCase("ISO_IR_100")]
    public void A_misspelt_declaration_is_understood_with_a_warning(string declared)
    {
        var set = DicomCharacterSet.Parse(Encoding.ASCII.GetBytes(declared));
        Assert.That(set.Decode(DicomVr.LO, [0xE9]), Is.EqualTo("é"));
        Assert.That(set.Warning, Is.Not.Null);
    }

    [Test]
    public void Without_a_declaration_bytes_are_utf8_when_they_can_be_else_latin1()
    {
        Assert.That(DicomCharacterSet.Default.Decode(DicomVr.LO, [0xC3, 0xA9]), Is.EqualTo("é"));
        Assert.That(DicomCharacterSet.Default.Decode(DicomVr.LO, [0xE9, 0x41]), Is.EqualTo("éA"));
    }

    [Test]
    public void A_backslash_within_a_character_separates_nothing()
    {
        // 0x815C is one character in GBK and in Shift-JIS.
        Assert.That(DicomCharacterSet.Parse("GBK"u8).DecodeValues(DicomVr.LO, [0x81, 0x5C, 0x5C, 0x41]), Has.Length.EqualTo(2));
        Assert.That(DicomCharacterSet.Parse("GB18030"u8).DecodeValues(DicomVr.LO, [0x81, 0x5C]), Has.Length.EqualTo(1));
    }

    [Test]
    public void An_escape_is_forgotten_at_the_next_value()
    {
        var set = DicomCharacterSet.Parse("ISO 2022 IR 6\\ISO 2022 IR 144"u8);
        Assert.That(set.DecodeValues(DicomVr.LO, [0x1B, (byte)'-', (byte)'L', 0xBB, (byte)'\\', 0x1B, (byte)'-', (byte)'L', 0xBB]),
            Is.EqualTo(new[] { "Л", "Л" }));
    }

    [Test]
    public void Items_inherit_the_set_and_may_have_their_own()
    {
        var heir = new DicomDataset().AddBytes(DicomTag.PatientName, DicomVr.PN, new byte[] { 0xE9 });
        var own = new DicomDataset().Add(DicomTag.SpecificCharacterSet, DicomVr.CS, "ISO_IR 192")
            .AddBytes(DicomTag.PatientName, DicomVr.PN, new byte[] { 0xC3, 0xA9 });
        _ = new DicomDataset().Add(DicomTag.SpecificCharacterSet, DicomVr.CS, "ISO_IR 100").AddSequence(DicomTag.ContentSequence, heir, own);
        Assert.That(heir.GetString(DicomTag.PatientName), Is.EqualTo("é"));
        Assert.That(own.GetString(DicomTag.PatientName), Is.EqualTo("é"));
    }

    [TestCase("ISO_IR 100", "Buc^J\u00E9r\u00F4me")]
    [TestCase("ISO_IR 101", "Dvořák")]
    [TestCase("ISO_IR 144", "Люкceмбypг")]
    [TestCase("ISO_IR 126", "Διονυσιος")]
    [TestCase("ISO_IR 138", "שרון^דבורה")]
    [TestCase("ISO_IR 127", "قباني^لنزار")]
    [TestCase("ISO_IR 166", "นามสกุล")]
    [TestCase("ISO_IR 13", "ﾔﾏﾀﾞ^ﾀﾛｳ")]
    [TestCase("ISO_IR 192", "Wang^XiaoDong=王^小東")]
    [TestCase("GB18030", "Wang^XiaoDong=王^小东")]
    [TestCase("GBK", "Wang^XiaoDong=王^小东")]
    [TestCase("\\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎=やまだ^たろう")]
    [TestCase("ISO 2022 IR 13\\ISO 2022 IR 87", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう")]
    [TestCase("\\ISO 2022 IR 149", "Hong^Gildong=洪^吉洞=홍^길동")]
    [TestCase("\\ISO 2022 IR 58", "Zhang^XiaoDong=张^小东")]
    [TestCase("\\ISO 2022 IR 100\\ISO 2022 IR 144", "Müller^Люк")]
    public void Text_is_written_in_the_set_that_is_declared(string declared, string text)
    {
        var dataset = new DicomDataset().Add(DicomTag.SpecificCharacterSet, DicomVr.CS, declared).Add(DicomTag.PatientName, text);
        Assert.That(dataset.GetString(DicomTag.PatientName), Is.EqualTo(text));
        Assert.That(string.Join('\\', dataset.GetStrings(DicomTag.SpecificCharacterSet)), Is.EqualTo(declared));
    }

    [TestCase("\\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎=やまだ^たろう",
        "59616D6164615E5461726F753D1B24423B3345441B28425E1B24424240 4F3A 1B28423D1B24422464245E24401B28425E1B2442243F246D24261B2842")]
    [TestCase("\\ISO 2022 IR 149", "Hong^Gildong=洪^吉洞=홍^길동", "486F6E675E47696C646F6E673D1B242943FBF35E1B242943D1CED4D73D1B242943C8AB5E1B242943B1E6B5BF")]
    [TestCase("ISO 2022 IR 13\\ISO 2022 IR 87", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎", "D4CFC0DE5EC0DBB33D1B24423B3345441B284A5E1B244242404F3A1B284A")]
    public void Names_are_written_as_the_standard_shows(string declared, string name, string hex) =>
        Assert.That(DicomCharacterSet.Parse(Encoding.ASCII.GetBytes(declared)).Encode(DicomVr.PN, name), Is.EqualTo(Convert.FromHexString(hex.Replace(" ", ""))));

    [TestCase("ISO_IR 100")]
    [TestCase("")]
    [TestCase("\\ISO 2022 IR 87")]
    public void Text_the_set_cannot_say_brings_utf8_for_all(string declared)
    {
        var item = new DicomDataset().Add(DicomTag.SpecificCharacterSet, "ISO_IR 144").Add(DicomTag.CodeMeaning, "Люк");
        var heir = new DicomDataset();
        var dataset = new DicomDataset().Add(DicomTag.SpecificCharacterSet, DicomVr.CS, declared).AddSequence(DicomTag.ContentSequence, heir, item);
        heir.Add(DicomTag.CodeMeaning, declared == "ISO_IR 100" ? "Müller" : "plain");
        dataset.Add(DicomTag.PatientName, "Müller^洪");
        Assert.That(dataset.GetString(DicomTag.SpecificCharacterSet), Is.EqualTo(DicomCharacterSet.Utf8Term));
        Assert.That(dataset.GetString(DicomTag.PatientName), Is.EqualTo("Müller^洪"));
        Assert.That(heir.GetString(DicomTag.CodeMeaning), Is.EqualTo(declared == "ISO_IR 100" ? "Müller" : "plain"));
        Assert.That(item.GetString(DicomTag.CodeMeaning), Is.EqualTo("Люк"));
    }

    [Test]
    public void Text_that_was_not_loaded_is_never_declared_to_be_utf8()
    {
        var item = new DicomDataset().Add(new DicomElement(DicomTag.TextValue, DicomVr.UT, new BulkValue(100, 5_000_000)));
        var dataset = new DicomDataset().Add(DicomTag.SpecificCharacterSet, "ISO_IR 100").AddSequence(DicomTag.ContentSequence, item);
        Assert.That(dataset.UseUtf8, Throws.InvalidOperationException);
        Assert.That(dataset.GetString(DicomTag.SpecificCharacterSet), Is.EqualTo("ISO_IR 100"));
        item.Add(DicomTag.SpecificCharacterSet, "ISO_IR 100");
        Assert.That(dataset.UseUtf8, Throws.Nothing);
    }

    [Test]
    public void Every_text_of_the_corpus_is_the_same_in_utf8()
    {
        Corpus.RequireOrSkip();
        foreach (var (file, read) in Corpus.Read())
        {
            var before = DicomJson.Write(read.Dataset).ToArray("");
            var hadSet = read.Dataset.Contains(DicomTag.SpecificCharacterSet);
            read.Dataset.UseUtf8();
            if (hadSet)
            {
                Assert.That(Encoding.UTF8.GetString(DicomJson.Write(read.Dataset).ToArray("")), Is.EqualTo(Encoding.UTF8.GetString(before)), file.Name);
            }
        }
    }
}
