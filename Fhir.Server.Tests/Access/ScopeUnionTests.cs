using CsCheck;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Search;
using Fhir.Server.Storage;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Tests.Access;

/// <summary>The union of scopes is the union of access: what several show together is what each shows alone, and adding one never takes away.</summary>
public sealed class ScopeUnionTests
{
    private static readonly string[] Scopes =
    [
        "patient/*.r", "patient/ImagingStudy.rs", "patient/ImagingStudy.rs?modality=CT", "patient/ImagingStudy.r?modality=MR,US", "patient/ImagingStudy.rs?_id=s1",
        "patient/Observation.rs?category=laboratory", "patient/Observation.s", "patient/Patient.rs", "user/ImagingStudy.rs?modality=CT", "user/Observation.r", "user/*.s",
        "system/ImagingStudy.rs", "system/*.cruds", "patient/Practitioner.rs", "openid", "launch/patient", "patient/ImagingStudy.cud", "user/Endpoint.rs",
    ];

    private static readonly ScopeLetters[] Letters = [ScopeLetters.Create, ScopeLetters.Read, ScopeLetters.Update, ScopeLetters.Delete, ScopeLetters.Search];

    private static readonly ConsentPolicy Policy = new(new ScopeJudge(Address()), Options.Create(new ConsentsOptions()));
    private static readonly ConsentPolicy Normal = new(new ScopeJudge(Address()), Options.Create(new ConsentsOptions { ImplicitPolicy = ImplicitPolicy.Normal }));

    private static readonly SeriesFact[] Series = [new("a", "CT"), new("b", "MR"), new("c", "US"), new("d", null)];

    private static readonly ResourceFacts[] Resources =
    [
        .. from record in new[] { "anna", "ben", "cara", "shared", "unclaimed-north" }
           from key in new ResourceKey[] { new("Patient", record), new("ImagingStudy", "s1"), new("ImagingStudy", "s2"), new("Observation", "o1"), new("Endpoint", "wado-" + record), new("Practitioner", "doc"), new("ValueSet", "v") }
           select new ResourceFacts(new(record), key, key.Type == "ImagingStudy" ? "1.2." + key.Id : null),
    ];

    private static readonly Gen<string[]> SomeScopes = Gen.OneOf(Scopes).Array[0, 6];

    private static readonly Gen<Func<string, Caller>> Callers = Gen.OneOf<Func<string, Caller>>(
        scopes => CallerOf(scopes, "anna", "Patient/anna", null, new AuthorisedRecord("anna", RecordBasis.Self), new AuthorisedRecord("ben", RecordBasis.Proxy, Scopes: "patient/ImagingStudy.rs?modality=CT")),
        scopes => CallerOf(scopes, "ben", "RelatedPerson/mum", null, new AuthorisedRecord("ben", RecordBasis.Proxy, Scopes: "patient/Observation.rs")),
        scopes => CallerOf(scopes, null, "Practitioner/doc", "north"),
        scopes => CallerOf(scopes, "anna", "Practitioner/doc", "north", new AuthorisedRecord("cara", RecordBasis.Client)),
        scopes => CallerOf(scopes, null, null, "north", new AuthorisedRecord("cara", RecordBasis.Client)),
        scopes => CallerOf(scopes, "ben", null, null),
        scopes => CallerOf(scopes, null, null, null));

    [Test]
    public void Together_scopes_show_what_each_shows_alone_and_no_more() => Gen.Select(Callers, SomeScopes, Gen.Bool).Sample((caller, scopes, normal) =>
    {
        var policy = normal ? Normal : Policy;
        foreach (var letter in Letters)
        {
            var together = Shown(policy.SightOf(caller(string.Join(' ', scopes))).To(letter));
            var alone = scopes.SelectMany(one => Shown(policy.SightOf(caller(one)).To(letter))).ToHashSet();
            Assert.That(together, Is.EquivalentTo(alone), $"{letter}: {string.Join(' ', scopes)}");
        }
    });

    [Test]
    public void A_further_scope_never_takes_anything_away() => Gen.Select(Callers, SomeScopes, Gen.OneOf(Scopes)).Sample((caller, scopes, further) =>
    {
        foreach (var letter in Letters)
        {
            var before = Shown(Policy.SightOf(caller(string.Join(' ', scopes))).To(letter));
            var after = Shown(Policy.SightOf(caller(string.Join(' ', scopes.Append(further)))).To(letter));
            Assert.That(before, Is.SubsetOf(after), $"{letter}: {string.Join(' ', scopes)} + {further}");
        }
    });

    [Test]
    public void Nobody_sees_another_patient_by_a_patient_scope_nor_anything_without_a_right() => Gen.Select(Callers, SomeScopes).Sample((caller, scopes) =>
    {
        var patientOnly = scopes.Where(one => !one.StartsWith("user/", StringComparison.Ordinal) && !one.StartsWith("system/", StringComparison.Ordinal));
        var who = caller(string.Join(' ', patientOnly));
        foreach (var letter in Letters)
        {
            var records = Shown(Policy.SightOf(who).To(letter)).Select(one => one.Split('/')[0]).Distinct();
            Assert.That(records.Where(record => record is "anna" or "ben" or "cara" && record != who.Authorisation!.Patient), Is.Empty);
            Assert.That(records, Does.Not.Contain("unclaimed-north"));
        }
    });

    [Test]
    public void What_a_token_may_see_is_worked_out_once()
    {
        var caller = CallerOf("patient/*.rs patient/ImagingStudy.rs?modality=CT", "anna", "Patient/anna", null, new AuthorisedRecord("anna", RecordBasis.Self));
        var first = Policy.SightOf(caller).To(ScopeLetters.Read);
        Assert.That(Policy.SightOf(caller).To(ScopeLetters.Read), Is.SameAs(first));
        Policy.SightOf(caller).To(ScopeLetters.Search);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Policy.SightOf(caller).To(ScopeLetters.Search).SightOf(Resources[0]);
        }
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(200_000), "nothing is read or compiled at a request");
    }

    /// <summary>All that is seen, with every question to the store answered by a fixed rule.</summary>
    private static HashSet<string> Shown(Visibility visibility)
    {
        var shown = new HashSet<string>();
        foreach (var facts in Resources)
        {
            var sight = visibility.SightOf(facts, Facts.Instance);
            if (sight == Sight.Whole || (sight == Sight.Part && facts.StudyInstanceUid is null))
            {
                shown.Add($"{facts.Record}/{facts.Key}");
            }
            if (facts.StudyInstanceUid is { } study)
            {
                shown.UnionWith(Series.Where(one => visibility.SeesSeries(facts.Record, study, one, Facts.Instance)).Select(one => $"{facts.Record}/{study}/{one.SeriesInstanceUid}"));
            }
        }
        return shown;
    }

    private static Caller CallerOf(string scopes, string? patient, string? fhirUser, string? organization, params AuthorisedRecord[] records) => Caller.Of(
        new Authorisation
        {
            Id = "a", Client = "c", Scopes = ScopeSet.Parse(scopes), Patient = patient, FhirUser = fhirUser, Organization = organization, Records = records,
            Expires = DateTimeOffset.MaxValue, Epoch = 1,
        },
        DateTimeOffset.UnixEpoch);

    private static PublicAddress Address()
    {
        var address = new PublicAddress();
        address.Use("https://phr.example");
        return address;
    }

    private sealed class Facts : IStoreFacts
    {
        public static Facts Instance { get; } = new();

        public bool Matches(in ResourceFacts resource, IReadOnlyList<Criterion> criteria) => resource.Key.Id.EndsWith('1');

        public Sight ContributedBy(in ResourceFacts resource, string organization) =>
            resource.Key.Type switch { "Observation" => Sight.Whole, "ImagingStudy" => Sight.Part, _ => Sight.Hidden };

        public bool IsReferredTo(in ResourceFacts resource) => resource.Key.Type == "Practitioner";

        public bool StudyMatches(RecordId record, string studyInstanceUid, IReadOnlyList<Criterion> criteria) => studyInstanceUid.EndsWith("s1", StringComparison.Ordinal);

        public bool IsContribution(RecordId record, string studyInstanceUid, string seriesInstanceUid, string organization) => seriesInstanceUid is "a" or "b";

        public bool HasContribution(RecordId record, string organization) => record.Value != "cara";
    }
}
