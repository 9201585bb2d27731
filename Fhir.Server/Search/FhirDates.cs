namespace Fhir.Server.Search;

/// <summary>Dates of every precision as [From, Until) in microseconds since 1970 UTC. See https://hl7.org/fhir/R4/datatypes.html#dateTime</summary>
public static class FhirDates
{
    /// <summary>Reads a date, dateTime, instant or a part of one, from the year to the fraction of a second.</summary>
    public static bool TryParse(string text, TimeSpan? zone, out long from, out long until) => throw new NotImplementedException();
}
