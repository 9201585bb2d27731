using Fhir.Server.Search;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Operations;

/// <summary>How sure a match is. See https://hl7.org/fhir/R4/valueset-match-grade.html</summary>
internal enum MatchGrade
{
    /// <summary>Not the one.</summary>
    CertainlyNot,

    /// <summary>Could be.</summary>
    Possible,

    /// <summary>Likely is.</summary>
    Probable,

    /// <summary>Is.</summary>
    Certain,
}

/// <summary>How much a patient is like the one described, by identifier, name, birth date, sex and ways to reach them.</summary>
/// <param name="Score">From 0 to 1: of what was described, how much agrees, by weight; never as high as that of a better grade.</param>
/// <param name="Grade">
/// Certain: an identifier agrees, so does the birth date or the family name, and nothing described contradicts. Probable: an identifier agrees
/// without a contradiction, or nearly everything described does. Possible: at least half does.
/// </param>
internal readonly record struct PatientLikeness(decimal Score, MatchGrade Grade)
{
    private const decimal OfIdentifier = 10, OfBirthDate = 5, OfFamily = 4, OfGiven = 3, OfGender = 1, OfContact = 2;
    private const decimal LeastCertain = 0.95m, Probably = 0.85m, Possibly = 0.5m, Step = 0.01m;

    /// <summary>The code of the grade.</summary>
    public string Code => Grade switch
    {
        MatchGrade.Certain => "certain",
        MatchGrade.Probable => "probable",
        MatchGrade.Possible => "possible",
        _ => "certainly-not",
    };

    /// <summary>Compares what is described with what is known.</summary>
    public static PatientLikeness Of(Patient asked, Patient known)
    {
        var identifier = Identifiers(asked, known);
        var birthDate = Texts(asked.BirthDate, known.BirthDate);
        var family = Names(asked.Name.Select(name => name.Family), known.Name.Select(name => name.Family));
        var given = Names(asked.Name.SelectMany(name => name.Given), known.Name.SelectMany(name => name.Given));
        var gender = asked.Gender is null || known.Gender is null or AdministrativeGender.Unknown || asked.Gender == AdministrativeGender.Unknown
            ? (bool?)null
            : asked.Gender == known.Gender;
        var contact = Names(asked.Telecom.Select(one => one.Value), known.Telecom.Select(one => one.Value));
        // A name that was changed and a number that is old speak less against somebody than they speak for them.
        (bool? Agrees, decimal Weight)[] facts =
        [
            (identifier, OfIdentifier), (birthDate, OfBirthDate), (family, OfFamily), (given, OfGiven), (gender, OfGender), (contact == false ? null : contact, OfContact),
        ];
        var all = facts.Where(fact => fact.Agrees is not null).Sum(fact => fact.Weight);
        var score = all == 0 ? 0 : decimal.Round(facts.Where(fact => fact.Agrees == true).Sum(fact => fact.Weight) / all, 2);
        var contradicts = birthDate == false || family == false || gender == false;
        var grade = identifier == true && !contradicts ? birthDate == true || family == true ? MatchGrade.Certain : MatchGrade.Probable
            : score >= Probably && birthDate != false && all >= OfBirthDate + OfFamily ? MatchGrade.Probable
            : score >= Possibly ? MatchGrade.Possible
            : MatchGrade.CertainlyNot;
        return new PatientLikeness(
            grade switch
            {
                MatchGrade.Certain => Math.Max(score, LeastCertain),
                MatchGrade.Probable => Math.Min(score, LeastCertain - Step),
                MatchGrade.Possible => Math.Min(score, Probably - Step),
                _ => score,
            },
            grade);
    }

    /// <summary>Null when there is no system of which both name an identifier.</summary>
    private static bool? Identifiers(Patient asked, Patient known)
    {
        var common = asked.Identifier.Where(one => one.Value is { Length: > 0 })
            .SelectMany(one => known.Identifier.Where(other => other.Value is { Length: > 0 } && (one.System is null || other.System == one.System)), (one, other) => one.Value == other.Value).ToList();
        return common.Count == 0 ? null : common.Exists(agrees => agrees);
    }

    /// <summary>Dates agree as far as both tell them.</summary>
    private static bool? Texts(string? asked, string? known)
    {
        if (asked is not { Length: > 0 } || known is not { Length: > 0 })
        {
            return null;
        }
        var length = Math.Min(asked.Length, known.Length);
        return asked[..length] == known[..length];
    }

    private static bool? Names(IEnumerable<string?> asked, IEnumerable<string?> known)
    {
        var (some, others) = (Folded(asked), Folded(known));
        return some.Count == 0 || others.Count == 0 ? null : some.Overlaps(others);
    }

    private static HashSet<string> Folded(IEnumerable<string?> names) =>
        names.Where(name => name is { Length: > 0 }).Select(name => SearchFolding.Fold(name!)).ToHashSet(StringComparer.Ordinal);
}
