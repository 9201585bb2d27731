using System.Globalization;
using System.Net;
using Fhir.Server.Search;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;

namespace Fhir.Server.Tests.Durability;

/// <summary>
/// Asks a server everything it could be asked about what it holds: each value in its index, by each parameter, every resource and
/// version, every study at every level. So that two states can be held against each other.
/// </summary>
internal sealed class AllAnswers(PhrServer server, EmbeddedStore store)
{
    private const long MicrosecondsPerDay = 86_400_000_000;

    /// <summary>What shall be asked: made once, before anything is taken away.</summary>
    public async Task<IReadOnlyList<string>> QuestionsAsync()
    {
        // So that nothing is dirty any more.
        await server.Client.GetStringAsync("/fhir/ImagingStudy");
        return [.. Searches().Concat(Reads()).Concat(Web()).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The answers, as text with the server's own address taken out.</summary>
    public async Task<IReadOnlyDictionary<string, string>> AskAsync(IEnumerable<string> questions)
    {
        var answers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var question in questions)
        {
            using var answer = await server.Client.GetAsync(question);
            var body = await answer.Content.ReadAsStringAsync();
            if (answer.Content.Headers.ContentType?.Parameters.FirstOrDefault(one => one.Name == "boundary")?.Value is { } boundary)
            {
                body = body.Replace(boundary.Trim('"'), "boundary", StringComparison.Ordinal);
            }
            answers[question] = $"{(int)answer.StatusCode} {answer.Headers.ETag} {body.Replace(server.Address, "", StringComparison.Ordinal)}";
        }
        return answers;
    }

    /// <summary>Fails at the first answer that differs, naming the question.</summary>
    public static void AreSame(IReadOnlyDictionary<string, string> now, IReadOnlyDictionary<string, string> before) => Assert.Multiple(() =>
    {
        foreach (var (question, answer) in before)
        {
            // An ETag of metadata covers the base, which has another port after a restart; its body is compared all the same.
            Assert.That(Body(question, now[question]), Is.EqualTo(Body(question, answer)), question);
        }
    });

    private static string Body(string question, string answer) =>
        question.EndsWith("/metadata", StringComparison.Ordinal) ? answer[(answer.IndexOf('[', StringComparison.Ordinal) + 1)..] : answer;

    private IEnumerable<string> Searches()
    {
        var values = store.Database.Read(session => session.All(
            "SELECT p.type, p.code, 't', x.system || char(1) || x.code FROM ix_token x JOIN parameter p ON p.pk = x.parameter UNION "
            + "SELECT p.type, p.code, 's', x.exact FROM ix_string x JOIN parameter p ON p.pk = x.parameter UNION "
            + "SELECT p.type, p.code, 'd', x.lo FROM ix_date x JOIN parameter p ON p.pk = x.parameter UNION "
            + "SELECT p.type, p.code, 'r', x.type || char(1) || x.id FROM ix_reference x JOIN parameter p ON p.pk = x.parameter UNION "
            + "SELECT p.type, p.code, 'u', x.value FROM ix_uri x JOIN parameter p ON p.pk = x.parameter",
            row => (Type: row.GetString(0), Code: row.GetString(1), Kind: row.GetString(2), Value: row.GetString(3))));
        foreach (var (type, code, kind, value) in values)
        {
            foreach (var text in Spell(kind, value))
            {
                yield return $"/fhir/{type}?{code}={Uri.EscapeDataString(text)}&_count=500&_sort=_lastUpdated&_total=accurate";
            }
        }
        foreach (var (type, code) in values.Select(one => (one.Type, one.Code)).Distinct())
        {
            yield return $"/fhir/{type}?{code}:missing=true&_count=500&_total=accurate";
            yield return $"/fhir/{type}?{code}:missing=false&_count=500&_sort=-_lastUpdated";
        }
        foreach (var type in values.Select(one => one.Type).Distinct())
        {
            yield return $"/fhir/{type}";
        }
        yield return "/fhir/ImagingStudy?_sort=-started&_include=ImagingStudy:endpoint&_include=ImagingStudy:patient&_count=500";
        yield return "/fhir/ImagingStudy?_sort=started&_count=2";
        yield return "/fhir/Patient?_sort=family,-birthdate&_count=500";
        yield return "/fhir/Patient?_lastUpdated=gt2020&_summary=count";
    }

    private static IEnumerable<string> Spell(string kind, string value)
    {
        var (first, second) = value.Split('\u0001') is [var one, var two] ? (one, two) : (value, "");
        return kind switch
        {
            "t" when first.Length > 0 => [$"{Escape(first)}|{Escape(second)}", Escape(second)],
            "t" => [Escape(second), $"|{Escape(second)}"],
            "d" => [Day(long.Parse(value, CultureInfo.InvariantCulture), ""), Day(long.Parse(value, CultureInfo.InvariantCulture), "ge")],
            "r" => [first.Length > 0 ? $"{first}/{second}" : second],
            _ => [Escape(value)],
        };
    }

    private static string Day(long lo, string prefix) => prefix + DateTime.UnixEpoch.AddTicks(Math.Clamp(lo, -60_000 * MicrosecondsPerDay, 60_000 * MicrosecondsPerDay) * 10)
        .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Escape(string value) => string.Concat(value.Select(one => one is '\\' or ',' or '$' or '|' ? $"\\{one}" : $"{one}"));

    private IEnumerable<string> Reads()
    {
        var keys = store.Database.Read(session => session.All("SELECT type, id, version FROM resource", row => (Key: $"{row.GetString(0)}/{row.GetString(1)}", Version: row.GetInt64(2))));
        foreach (var (key, newest) in keys)
        {
            yield return $"/fhir/{key}";
            yield return $"/fhir/{key}/_history?_count=1000";
            for (var version = 1; version <= newest; version++)
            {
                yield return $"/fhir/{key}/_history/{version}";
            }
        }
    }

    private IEnumerable<string> Web()
    {
        var studies = store.Database.Read(session => session.All(
            "SELECT r.name, s.uid FROM study s JOIN record r ON r.pk = s.record", row => (Record: row.GetString(0), Study: row.GetString(1))));
        string[] levels = ["studies", "series", "instances"];
        string[] keys =
        [
            "PatientName=doe*", "PatientName=*ö*", "PatientID=MRN-1", "PatientBirthDate=19700101", "PatientSex=F", "StudyDate=20260101-20260228", "StudyTime=0800-1000",
            "AccessionNumber=ACC-1", "StudyID=ID1", "StudyDescription=*study*", "ModalitiesInStudy=MR", "Modality=CT", "SeriesNumber=2",
            "SOPClassUID=1.2.840.10008.5.1.4.1.1.7", "InstanceNumber=1", "SeriesDescription=*a*", "BodyPartExamined=HEAD",
        ];
        foreach (var record in studies.Select(one => one.Record).Distinct().Select(one => $"/patients/{one}").Append(""))
        {
            foreach (var level in levels)
            {
                yield return $"/dicomweb{record}/{level}?includefield=all&limit=1000";
                foreach (var key in keys)
                {
                    yield return $"/dicomweb{record}/{level}?{Uri.EscapeDataString(key.Split('=')[0])}={Uri.EscapeDataString(key.Split('=')[1])}&limit=1000";
                }
            }
        }
        foreach (var (record, study) in studies)
        {
            var web = $"/dicomweb/patients/{record}/studies/{study}";
            foreach (var below in new[] { "/series?includefield=all", "/instances?includefield=all", "/metadata", "" })
            {
                yield return web + below;
            }
        }
    }
}
