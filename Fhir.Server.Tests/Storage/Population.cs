using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>A study of a <see cref="Population"/>: what was sent, in the order sent, and what became of it.</summary>
internal sealed class PopulationStudy(RecordId record, string uid)
{
    public RecordId Record { get; } = record;

    public string Uid { get; } = uid;

    public List<TestInstance> Instances { get; } = [];

    public bool IsDeleted { get; set; }

    /// <summary>Its ImagingStudy.</summary>
    public ResourceKey Key { get; set; }

    public IReadOnlyList<string> SeriesUids => [.. Instances.Select(one => one.Series).Distinct()];

    /// <summary>Every version with the series it had; a tombstone has those of the version before it.</summary>
    public List<(long Version, IReadOnlyList<string> Series)> Versions { get; } = [];
}

/// <summary>Several records with studies, written at random into a store and noted down beside it: what a caller ought to see is reckoned from the notes.</summary>
internal sealed class Population
{
    private static readonly string[] Modalities = ["CT", "MR", "US"];

    public List<RecordId> Records { get; } = [];

    public List<PopulationStudy> Studies { get; } = [];

    /// <summary>All resources but the ImagingStudies.</summary>
    public List<(RecordId Record, ResourceKey Key)> Others { get; } = [];

    public static async Task<Population> FillAsync(StoreUnderTest store, int seed)
    {
        var random = new Random(seed);
        var population = new Population();
        foreach (var name in (string[])["anna", "ben", "cleo"])
        {
            await population.AddRecordAsync(store, new RecordId(name), random);
        }
        return population;
    }

    /// <summary>Callers restricted to one record, one study, one series, to unions of these; to nothing, and not at all.</summary>
    public IEnumerable<Lens> Lenses(int seed)
    {
        var single = Records.Select(one => Lens.Of(one))
            .Concat(Studies.Select(one => Lens.Of(one.Record, one.Uid)))
            .Concat(Studies.SelectMany(one => one.SeriesUids.Select(series => Lens.Of(one.Record, one.Uid, series))))
            .ToList();
        var random = new Random(seed);
        var unions = Enumerable.Range(0, 12).Select(_ => single[random.Next(single.Count)].And(single[random.Next(single.Count)]).And(single[random.Next(single.Count)]));
        return
        [
            new Lens("everything", true), new Lens("nothing", false), Lens.Of(new("nobody")),
            Lens.Of(Records[0], "1.0"), Lens.Of(Records[0], Studies[0].Uid, "1.0"),
            .. single, .. unions,
        ];
    }

    private async Task AddRecordAsync(StoreUnderTest store, RecordId record, Random random)
    {
        Records.Add(record);
        await AddAsync(store, record, new("Patient", record.Value));
        Others.Add((record, FakeProjection.EndpointOf(record)));
        await AddAsync(store, record, new("Observation", $"{record}-1"));
        await AddAsync(store, record, new("Observation", $"{record}-2"));
        await store.PutAsync(record, new("Observation", $"{record}-2"), "changed");
        await store.DeleteAsync(record, new("Observation", $"{record}-2"));
        for (var number = 1; number <= 3; number++)
        {
            // Two records may hold a study of the same UID, and its series.
            await AddStudyAsync(store, new PopulationStudy(record, number == 3 ? "1.3" : $"1.{Records.Count}{number}"), number, random);
        }
    }

    private async Task AddAsync(StoreUnderTest store, RecordId record, ResourceKey key)
    {
        await store.PutAsync(record, key, $"{key}");
        Others.Add((record, key));
    }

    private async Task AddStudyAsync(StoreUnderTest store, PopulationStudy study, int number, Random random)
    {
        Studies.Add(study);
        var rounds = random.Next(1, 3);
        for (var round = 1; round <= rounds; round++)
        {
            var series = $"{study.Uid}.{round}";
            var modality = random.Next(4) == 0 ? null : Modalities[random.Next(Modalities.Length)];
            var day = random.Next(3) == 0 ? null : $"202401{number:00}";
            var instances = Enumerable.Range(1, random.Next(1, 4)).Select(one => new TestInstance(study.Uid, series, $"{series}.{one}")
            {
                Modality = modality,
                Number = one,
                StudyDate = study.Instances.Count == 0 ? day : study.Instances[0].StudyDate,
                SeriesNumber = round,
            }).ToList();
            await store.AddAsync(study.Record, Givers.Person, instances);
            study.Instances.AddRange(instances);
            var derived = (await store.ImagingStudyAsync(study.Uid, Visibility.Of(RecordView.Whole(study.Record))))!;
            study.Key = derived.Key;
            study.Versions.Add((derived.Version, study.SeriesUids));
        }
        if (random.Next(4) == 0)
        {
            await store.CommitAsync(new RecordCommit(study.Record) { DeletedStudies = [study.Uid] });
            study.IsDeleted = true;
            study.Versions.Add((study.Versions[^1].Version + 1, study.SeriesUids));
        }
        else if (random.Next(2) == 0)
        {
            // Left dirty: one more series that nobody has read yet. Its version is made by whoever reads first, and counted on here.
            var late = new TestInstance(study.Uid, $"{study.Uid}.9", $"{study.Uid}.9.1") { Modality = "PT", StudyDate = study.Instances[0].StudyDate, SeriesNumber = 9 };
            await store.AddAsync(study.Record, Givers.Site, late);
            study.Instances.Add(late);
            study.Versions.Add((study.Versions[^1].Version + 1, study.SeriesUids));
        }
    }
}
