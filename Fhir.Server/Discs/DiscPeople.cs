using Fhir.Server.Storage;

namespace Fhir.Server.Discs;

/// <summary>How many people the files of a run speak of. Only their number leaves this class.</summary>
internal sealed class DiscPeople
{
    private readonly HashSet<(string Id, string Name, string BirthDate)> people = [];

    public int Count => people.Count;

    /// <summary>Remembers whom a file is of; one that does not say is of nobody.</summary>
    public void Add(MatchingKeys person)
    {
        var one = (Plain(person.PatientId), Plain(person.PatientName), Plain(person.PatientBirthDate));
        if (one != ("", "", ""))
        {
            people.Add(one);
        }
    }

    /// <summary>Case, outer blanks and empty name components at the end say nothing. PS3.5 §6.2.1</summary>
    private static string Plain(string? text) => text is null ? "" : text.Trim(' ', '^', '=', '\0').ToUpperInvariant();
}
