namespace Fhir.Server.Search;

/// <summary>
/// The room of search: a query becomes a <see cref="SearchQuery"/> (<see cref="SearchParser"/>), a resource becomes index rows
/// (<see cref="IndexExtractor"/>), both by the parameters in force (<see cref="SearchCatalogue"/>, held by <see cref="SearchRegistry"/>), and <see cref="SearchMatcher"/> says which rows answer which criterion. Pure: no I/O, no HTTP, no SQL;
/// the store keeps the rows and must find what the matcher finds. See https://hl7.org/fhir/R4/search.html
/// </summary>
internal static class SearchRoom;
