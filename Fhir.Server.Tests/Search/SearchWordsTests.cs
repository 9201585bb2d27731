using Fhir.Server.Search;
using Hl7.Fhir.Model;

namespace Fhir.Server.Tests.Search;

/// <summary>The examples of https://www.archives.gov/research/census/soundex, and what is made of them.</summary>
public sealed class SearchWordsTests
{
    [TestCase("Washington", "w252")]
    [TestCase("Lee", "l000")]
    [TestCase("Gutierrez", "g362")]
    [TestCase("Pfister", "p236")]
    [TestCase("Jackson", "j250")]
    [TestCase("Tymczak", "t522")]
    [TestCase("Ashcraft", "a261")]
    [TestCase("Robert", "r163")]
    [TestCase("Rupert", "r163")]
    [TestCase("Müller-Lüdenscheidt", "m460 l352")]
    [TestCase("O'Neill", "o000 n400")]
    [TestCase("Иван", "иван")]
    [TestCase("- '", "")]
    public void Words_have_a_sound(string text, string sound) => Assert.That(SearchWords.Sound(text), Is.EqualTo(sound));

    [TestCase("Smyth", true)]
    [TestCase("schmidt", true)]
    [TestCase("John", true)]
    [TestCase("Jon Smyth", true)]
    [TestCase("Smith John", false)]
    [TestCase("Miller", false)]
    public void A_name_is_found_by_how_it_sounds(string asked, bool found)
    {
        var patient = new Patient { Name = [new HumanName { Family = "Smith", Given = ["John"] }] };
        Assert.That(Examples.Finds(patient, "phonetic", asked), Is.EqualTo(found));
    }

    [TestCase("CT (chest)", "ct chest")]
    [TestCase("  Müller—Łódź  ", "muller lodz")]
    [TestCase("", "")]
    public void Punctuation_parts_words(string text, string words) => Assert.That(SearchWords.Fold(text), Is.EqualTo(words));
}
