using System.Globalization;
using System.Text.RegularExpressions;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>A key as the index is asked it, and what it means, said by a predicate: of the whole visible study, of a series, of an instance.</summary>
internal sealed record OracleKey(AttributeMatch Match, Func<IReadOnlyList<TestInstance>, bool>? OfStudy = null, Func<TestInstance, bool>? OfSeries = null, Func<TestInstance, bool>? OfInstance = null);

/// <summary>
/// What QIDO must find, reckoned by brute force from the instances themselves: regular expressions, dates as numbers and a list of letters
/// stand where the server has matchers, columns and folding.
/// </summary>
internal static class QueryOracle
{
    private static readonly string[] Names =
    [
        "Doe^Jane", "DOE^John", "Dö^Åsa", "Adoe^Jim^^^", "Müller^Jörg", "Muller ^ Jorg", "de la Cruz^Ana Maria", "Smith-Jones^Al", "Yamada^Tarou=山田^太郎=やまだ^たろう",
        "=山田^花子", "O'Brien^Ann", "Doe,Jane", "", "  ", "X",
    ];

    private static readonly string[] NamesAsked =
    [
        "doe*", "DOE^J*", "*doe*", "*^j*", "do?^jane", "Doe^Jane", "dö*", "d?^*", "müller*", "MULLER^JORG", "*cruz*", "山田*", "*太郎*", "yamada*=山田*", "=山田^花子", "*-jones*",
        "o'b*", "x", "doe^jane^*", "?", "*a", "de la cruz^ana maria", "adoe^jim",
    ];

    private static readonly string[] Fuzzy = ["doe", "jan do", "jör mu", "cruz ana", "jones smi", "山", "tar やま", "brien", "al", "d", "maria de"];
    private static readonly string[] Ids = ["A1", "a1", "B%", "X_1", "A[2]", "50*", ""];
    private static readonly string[] IdsAsked = ["A1", "a1", "A*", "?1", "*1", "B%", "A[*", "*]", "X_?", "[A]*", "50?", "a?"];
    private static readonly string[] Texts = ["Head", "HEAD left", "knee [T1]", "Kopf mit Ärger", "", "chest"];
    private static readonly string[] TextsAsked = ["head*", "Head", "*LEFT", "*[t1]", "*arger", "*e*", "knee*", "c??st"];
    private static readonly string?[] Modalities = ["CT", "MR", "US", "SR", null];
    private static readonly string?[] Dates = ["20240101", "20240102", "20240131", "20240301", "20231231", null];
    private static readonly string?[] Times = ["000000", "0930", "093059.5", "12", "235959", null];

    /// <summary>A study of one to three series and up to two instances each.</summary>
    public static List<TestInstance> Study(string uid, Random random)
    {
        var first = new TestInstance(uid, $"{uid}.1", $"{uid}.1.1")
        {
            PatientName = Pick(random, Names), PatientId = Pick(random, Ids), StudyDate = Pick(random, Dates), StudyTime = Pick(random, Times),
            AccessionNumber = random.Next(3) == 0 ? null : Pick(random, Ids), StudyDescription = random.Next(4) == 0 ? null : Pick(random, Texts),
        };
        return [.. Enumerable.Range(1, random.Next(1, 4)).SelectMany(series =>
        {
            var modality = Pick(random, Modalities);
            var (number, text) = (random.Next(3) == 0 ? (int?)null : random.Next(1, 4), Pick(random, Texts));
            // Another device may say other things of the same study; who does not see the first is told and asked only those.
            var saying = series == 1 || random.Next(2) == 0 ? first : first with
            {
                PatientName = Pick(random, Names), PatientId = Pick(random, Ids), StudyDate = Pick(random, Dates), StudyTime = Pick(random, Times),
                AccessionNumber = Pick(random, Ids), StudyDescription = Pick(random, Texts),
            };
            return Enumerable.Range(1, random.Next(1, 3)).Select(instance => saying with
            {
                Series = $"{uid}.{series}", Sop = $"{uid}.{series}.{instance}", Modality = modality, SeriesNumber = number, SeriesDescription = text, Number = instance,
            });
        })];
    }

    /// <summary>One to three keys, no attribute twice.</summary>
    public static List<OracleKey> Keys(Random random) =>
        [.. Enumerable.Range(0, random.Next(1, 4)).SelectMany(_ => Key(random)).DistinctBy(key => key.Match.Keyword)];

    /// <summary>What is found of the instances a caller may see.</summary>
    public static (List<string> Studies, List<string> Series, List<string> Instances) Find(IEnumerable<(RecordId Record, TestInstance Instance)> seen, List<OracleKey> keys)
    {
        var (studies, series, instances) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var study in seen.GroupBy(one => (one.Record, one.Instance.Study)).Select(group => group.Select(one => one.Instance).ToList()))
        {
            if (!keys.All(key => key.OfStudy?.Invoke(study) ?? true))
            {
                continue;
            }
            var matching = study.Where(one => keys.All(key => (key.OfSeries?.Invoke(one) ?? true) && (key.OfInstance?.Invoke(one) ?? true))).ToList();
            instances.AddRange(matching.Select(one => one.Sop));
            series.AddRange(matching.Select(one => one.Series).Distinct());
            studies.AddRange(matching.Select(one => one.Study).Distinct());
        }
        return (studies, series, instances);
    }

    private static IEnumerable<OracleKey> Key(Random random)
    {
        switch (random.Next(13))
        {
            case 0:
                var name = Pick(random, NamesAsked);
                return [new(Asked("PatientName", name), study => IsNamed(study[0].PatientName, name))];
            case 1:
                var words = Pick(random, Fuzzy);
                return [new(new("PatientName", MatchKind.Words, [words]), study => HasWords(study[0].PatientName, words))];
            case 2:
                var id = Pick(random, IdsAsked);
                return [new(Asked("PatientID", id), study => IsLike(study[0].PatientId, id))];
            case 3:
                var accession = Pick(random, IdsAsked);
                return [new(Asked("AccessionNumber", accession), study => IsLike(study[0].AccessionNumber, accession))];
            case 4:
                var text = Pick(random, TextsAsked);
                return [new(Asked("StudyDescription", text), study => IsLike(Plain(study[0].StudyDescription), Plain(text)!))];
            case 5:
                var (from, to) = (Pick(random, Dates) ?? "", Pick(random, Dates) ?? "");
                return [new(new("StudyDate", MatchKind.Range, [from, to]), study => study[0].StudyDate is { } date && IsWithin(Day(date), from, to, Day))];
            case 6:
                var (first, last) = (Pick(random, Times) ?? "", Pick(random, Times) ?? "");
                return [new(new("StudyTime", MatchKind.Range, [first, last]), study => study[0].StudyTime is { } time
                    && (first.Length == 0 || Seconds(time, 0) >= Seconds(first, 0)) && (last.Length == 0 || Seconds(time, 0) <= Seconds(last, 1)))];
            case 7:
                var (day1, day2) = (Dates[random.Next(5)]!, Dates[random.Next(5)]!);
                var (time1, time2) = (Times[random.Next(5)]!, Times[random.Next(5)]!);
                return [new(new("StudyDate", MatchKind.Moment, [day1, day2, time1, time2]), study => study[0].StudyDate is { } on && study[0].StudyTime is { } at
                    && (Day(on) * 86400m) + Seconds(at, 0) >= (Day(day1) * 86400m) + Seconds(time1, 0) && (Day(on) * 86400m) + Seconds(at, 0) <= (Day(day2) * 86400m) + Seconds(time2, 1))];
            case 8:
                var modalities = new[] { Pick(random, Modalities) ?? "PT", Pick(random, Modalities) ?? "CT" }.Take(random.Next(1, 3)).ToList();
                return [new(new("ModalitiesInStudy", MatchKind.AnyOf, modalities), study => study.Any(one => modalities.Contains(one.Modality!)))];
            case 9:
                var modality = Pick(random, Modalities) ?? "PT";
                return [new(Asked("Modality", modality), OfSeries: one => one.Modality == modality)];
            case 10:
                var described = Pick(random, TextsAsked);
                return [new(Asked("SeriesDescription", described), OfSeries: one => IsLike(Plain(one.SeriesDescription), Plain(described)!))];
            case 11:
                var number = random.Next(1, 4);
                return [new(Asked("SeriesNumber", $"0{number}"), OfSeries: one => one.SeriesNumber == number), new(Asked("InstanceNumber", "1"), OfInstance: one => one.Number == 1)];
            default:
                return random.Next(4) switch
                {
                    0 => [new(new("PatientName", MatchKind.Empty, []), study => study[0].PatientName.Trim().Length == 0)],
                    1 => [new(new("AccessionNumber", MatchKind.Empty, []), study => string.IsNullOrEmpty(study[0].AccessionNumber))],
                    2 => [new(new("StudyDate", MatchKind.Empty, []), study => study[0].StudyDate is null)],
                    _ => [new(new("ModalitiesInStudy", MatchKind.Empty, []), study => study.All(one => one.Modality is null))],
                };
        }
    }

    private static AttributeMatch Asked(string keyword, string value) => new(keyword, value.AsSpan().ContainsAny('*', '?') ? MatchKind.Wildcard : MatchKind.AnyOf, [value]);

    private static bool IsNamed(string name, string asked)
    {
        var groups = name.Split('=').Select(Tidy).ToList();
        var parts = asked.Split('=').Select(Tidy).ToList();
        return parts.Count == 1
            ? groups.Exists(group => group.Length > 0 && IsLike(group, parts[0]))
            : Enumerable.Range(0, parts.Count).All(i => parts[i].Length == 0 || (i < groups.Count && IsLike(groups[i], parts[i])));

        static string Tidy(string text) => Regex.Replace(Regex.Replace(Plain(text)!.Trim(), @"\s*\^\s*", "^"), @"\^+$", "");
    }

    private static bool HasWords(string name, string asked)
    {
        var words = Regex.Split(Plain(name)!, @"[\^=\s,.-]+").Where(word => word.Length > 0).ToList();
        return words.Count > 0 && asked.Split(' ').All(one => words.Exists(word => word.StartsWith(Plain(one)!, StringComparison.Ordinal)));
    }

    private static bool IsLike(string? value, string pattern) =>
        !string.IsNullOrEmpty(value) && Regex.IsMatch(value, "\\A" + Regex.Escape(pattern).Replace("\\*", ".*").Replace("\\?", ".") + "\\z", RegexOptions.CultureInvariant);

    private static string? Plain(string? text) => text?.ToLowerInvariant().Replace('ö', 'o').Replace('ü', 'u').Replace('å', 'a').Replace('ä', 'a');

    private static bool IsWithin(decimal value, string from, string to, Func<string, decimal> read) => (from.Length == 0 || value >= read(from)) && (to.Length == 0 || value <= read(to));

    private static decimal Day(string date) =>
        (decimal)(DateTime.ParseExact(date, "yyyyMMdd", CultureInfo.InvariantCulture) - DateTime.UnixEpoch).TotalDays;

    /// <summary>Seconds of the day at the beginning (0) or the very end (1) of what a time names.</summary>
    private static decimal Seconds(string time, int end)
    {
        decimal Part(int at) => time.Length >= at + 2 ? decimal.Parse(time.AsSpan(at, 2), CultureInfo.InvariantCulture) : -1;
        var (hour, minute, second) = (Part(0), Part(2), Part(4));
        var start = (hour * 3600) + (Math.Max(0, minute) * 60) + Math.Max(0, second) + (time.Length > 7 ? decimal.Parse(time.AsSpan(6), NumberStyles.Number, CultureInfo.InvariantCulture) : 0);
        var length = time.Length > 7 ? (decimal)Math.Pow(10, -(time.Length - 7)) : second >= 0 ? 1 : minute >= 0 ? 60 : 3600;
        return start + (end * (length - 0.000001m));
    }

    private static T Pick<T>(Random random, T[] all) => all[random.Next(all.Length)];
}
