using CsCheck;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;

namespace Fhir.Server.Tests.Search;

/// <summary>Laws that hold for every input.</summary>
public sealed class SearchPropertyTests
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String, Gen.Char[@"\,|$:/.-+ 0129TZabeq#é"].Array[0, 12].Select(letters => new string(letters)));

    private static Gen<T> One<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static readonly Gen<string> Name = Gen.OneOf(
        Text,
        One([.. SearchParameters.Of("ImagingStudy").Select(parameter => parameter.Code), "_count", "_sort", "_include", "_total", "_summary"]),
        Gen.Select(One("subject", "started", "status", "_profile"), One(":missing", ":not", ":identifier", ":below", ":Patient", ".x", ":"))
            .Select(pair => pair.Item1 + pair.Item2));

    private static readonly Gen<DateRow> Row = Range().Select(range => new DateRow("started", range.From, range.Until));

    private static readonly Gen<Comparison> AnyComparison = One(Enum.GetValues<Comparison>());

    [Test]
    public void The_parser_answers_everything_and_throws_nothing() =>
        Gen.Select(Gen.Select(Name, Text).Array[0, 5], Gen.Bool).Sample((pairs, strict) =>
        {
            var query = pairs.Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2));
            var outcome = Examples.Parser.Parse("ImagingStudy", query, strict);
            return outcome.IsSuccess || outcome.Problem!.Kind is ProblemKind.Invalid or ProblemKind.TooCostly;
        });

    [Test]
    public void What_was_applied_reads_back_as_the_same_search() =>
        Gen.Select(Name, Text).Array[0, 5].Sample(pairs =>
        {
            var first = Examples.Parser.Parse("ImagingStudy", pairs.Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2)), strict: false);
            if (!first.TryGet(out var query, out _))
            {
                return true;
            }

            var again = Examples.Parser.Parse("ImagingStudy", query.Applied, strict: true).Value;
            return again.Applied.SequenceEqual(query.Applied) && again.Count == query.Count && again.Total == query.Total
                && again.Criteria.Count == query.Criteria.Count && again.Sort.SequenceEqual(query.Sort);
        });

    [Test]
    public void Escaping_is_undone_by_reading() =>
        Text.Sample(text => SearchSyntax.Unescape(SearchSyntax.Escape(text)) == text);

    [Test]
    public void An_escaped_text_is_never_split() =>
        Text.Array[1, 4].Sample(parts =>
            SearchSyntax.Split(string.Join(',', parts.Select(SearchSyntax.Escape)), ',').Select(SearchSyntax.Unescape).SequenceEqual(parts));

    [Test]
    public void An_escaped_token_is_found_again() =>
        Gen.Select(Text, Text).Where(pair => pair.Item2.Trim().Length > 0).Sample((system, code) =>
        {
            var query = Examples.Parse("Patient", ("identifier", SearchSyntax.Escape(system) + "|" + SearchSyntax.Escape(code)));
            IndexRow row = new TokenRow("identifier", system.Length == 0 ? null : system, DicomUids.Bare(code));
            return SearchMatcher.Matches([row], query.Criteria);
        });

    [Test]
    public void A_coarser_date_contains_the_finer_one() =>
        Gen.Select(Gen.DateTime, Gen.Int[-14, 14]).Sample((moment, hours) =>
        {
            var zone = TimeSpan.FromHours(hours);
            var text = moment.ToString("yyyy-MM-ddTHH:mm:ss.ffffff", System.Globalization.CultureInfo.InvariantCulture);
            var ranges = new[] { 4, 7, 10, 16, 19, 21, 23, 26 }.Select(length =>
            {
                Assert.That(FhirDates.TryParse(text[..length], zone, out var from, out var until), text[..length]);
                return (From: from, Until: until);
            }).ToArray();
            return ranges.All(range => range.From < range.Until)
                && ranges.Zip(ranges.Skip(1)).All(pair => pair.First.From <= pair.Second.From && pair.Second.Until <= pair.First.Until);
        });

    [Test]
    public void Moments_follow_the_calendar_of_the_framework() =>
        Gen.DateTime.Sample(moment =>
        {
            var text = moment.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", System.Globalization.CultureInfo.InvariantCulture);
            return FhirDates.TryParse(text, null, out var from, out _) && from == (moment.Ticks - DateTime.UnixEpoch.Ticks) / 10 - Rest(moment);
        });

    [Test]
    public void Comparisons_of_dates_obey_their_laws() =>
        Gen.Select(Row, Range()).Sample((row, value) =>
        {
            bool Is(Comparison comparison) => SearchMatcher.Matches(row, new DateValue(comparison, value.From, value.Until));
            return Is(Comparison.Ne) != Is(Comparison.Eq)
                && Is(Comparison.Ge) == (Is(Comparison.Gt) || Is(Comparison.Eq))
                && Is(Comparison.Le) == (Is(Comparison.Lt) || Is(Comparison.Eq))
                && Is(Comparison.Ne) == (Is(Comparison.Gt) || Is(Comparison.Lt))
                && (!Is(Comparison.Sa) || Is(Comparison.Gt))
                && (!Is(Comparison.Eb) || Is(Comparison.Lt))
                && (!Is(Comparison.Eq) || Is(Comparison.Ap))
                && new[] { Is(Comparison.Sa), Is(Comparison.Eb), Is(Comparison.Ap) }.Count(holds => holds) == 1;
        });

    [Test]
    public void More_alternatives_find_more_and_more_conditions_less() =>
        Gen.Select(Row.Array[0, 4], AnyComparison, Range(), Range()).Sample((rows, comparison, one, two) =>
        {
            var started = SearchParameters.Find("ImagingStudy", "started")!;
            SearchValue first = new DateValue(comparison, one.From, one.Until), second = new DateValue(comparison, two.From, two.Until);
            Criterion a = new(started, Modifier.None, [first], false), b = new(started, Modifier.None, [second], false);
            var either = new Criterion(started, Modifier.None, [first, second], false);
            bool hasA = SearchMatcher.Matches(rows, a), hasB = SearchMatcher.Matches(rows, b);
            return SearchMatcher.Matches(rows, either) == (hasA || hasB) && SearchMatcher.Matches(rows, [a, b]) == (hasA && hasB);
        });

    [Test]
    public void Not_is_the_opposite_and_missing_has_two_sides() =>
        Gen.Select(Gen.Char["abc"].Array[0, 4], Gen.Char["abc"].Array[1, 3]).Sample((codes, asked) =>
        {
            var status = SearchParameters.Find("ImagingStudy", "status")!;
            IndexRow[] rows = [.. codes.Select(code => new TokenRow("status", null, code.ToString()))];
            SearchValue[] values = [.. asked.Select(code => new TokenValue(null, false, code.ToString()))];
            bool Has(Modifier modifier, bool missing = false) => SearchMatcher.Matches(rows, new Criterion(status, modifier, values, missing));
            return Has(Modifier.Not) != Has(Modifier.None)
                && Has(Modifier.Missing, true) == (codes.Length == 0) && Has(Modifier.Missing, false) == (codes.Length > 0);
        });

    private static long Rest(DateTime moment) => moment.Ticks < DateTime.UnixEpoch.Ticks && moment.Ticks % 10 != 0 ? 1 : 0;

    private static Gen<(long From, long Until)> Range() =>
        Gen.Select(Gen.Long[-20, 20], Gen.Long[1, 15]).Select((from, width) => (from, from + width));
}
