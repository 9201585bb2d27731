using CsCheck;
using Fhir.Server.Search;

namespace Fhir.Server.Tests.Search;

/// <summary>See https://hl7.org/fhir/R4/search.html#string</summary>
public sealed class SearchFoldingTests
{
    [TestCase("Müller", "muller")]
    [TestCase("MU\u0308LLER", "muller")]
    [TestCase("  Anna\t\n Maria ", "anna maria")]
    [TestCase("Straße", "strasse")]
    [TestCase("Łódź Đặng Øre Æsir", "lodz dang ore aesir")]
    [TestCase("İstanbul ışık", "istanbul isik")]
    [TestCase("O’Brien–Smith", "o'brien-smith")]
    [TestCase("ΆΝΝΑΣ άννας", "αννασ αννασ")]
    [TestCase("Ёлка й", "елка и")]
    [TestCase("Ｙａｍａｄａ", "yamada")]
    [TestCase("a\u00ADb\u200Bc", "abc")]
    [TestCase("山田", "山田")]
    [TestCase("", "")]
    [TestCase("\u0301", "")]
    public void Strings_that_read_alike_fold_alike(string value, string folded) => Assert.That(SearchFolding.Fold(value), Is.EqualTo(folded));

    [Test]
    public void A_hangul_syllable_folds_like_its_letters() =>
        Assert.That(SearchFolding.Fold("한"), Is.EqualTo(SearchFolding.Fold("\u1112\u1161\u11AB")));

    [Test]
    public void Folding_twice_changes_nothing() =>
        Gen.Int[0, 0xFFFF].Select(code => (char)code).Array[0, 20].Select(letters => new string(letters)).Sample(text =>
        {
            var folded = SearchFolding.Fold(text);
            return SearchFolding.Fold(folded) == folded;
        });

    [Test]
    public void No_letter_folds_to_one_that_folds_further()
    {
        for (var code = 0; code < 0xD800; code++)
        {
            var folded = SearchFolding.Fold(((char)code).ToString());
            Assert.That(SearchFolding.Fold(folded), Is.EqualTo(folded), $"U+{code:X4}");
        }
    }
}
