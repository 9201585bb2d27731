using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>What must hold for a commit, and that it is all or nothing.</summary>
public abstract partial class ResourceStoreContract
{
    private static readonly ResourceKey Live = new("Observation", "live");
    private static readonly ResourceKey Dead = new("Observation", "dead");
    private static readonly ResourceKey Bens = new("Observation", "bens");
    private static readonly ResourceKey Never = new("Observation", "never");

    /// <summary>Each kind of precondition where it does not hold, with the failure it promises.</summary>
    private static IEnumerable<TestCaseData<Precondition, ProblemKind>> Broken =>
    [
        Case("an older version", new Precondition.VersionIs(Live, 1), ProblemKind.PreconditionFailed),
        Case("a version to come", new Precondition.VersionIs(Live, 3, 4), ProblemKind.PreconditionFailed),
        Case("no version at all", new Precondition.VersionIs(Live), ProblemKind.PreconditionFailed),
        Case("the version of a tombstone", new Precondition.VersionIs(Dead, 2), ProblemKind.PreconditionFailed),
        Case("a version of what never was", new Precondition.VersionIs(Never, 1), ProblemKind.PreconditionFailed),
        Case("what is deleted exists", new Precondition.Exists(Dead), ProblemKind.PreconditionFailed),
        Case("what never was exists", new Precondition.Exists(Never), ProblemKind.PreconditionFailed),
        Case("what another record has exists", new Precondition.Exists(Bens), ProblemKind.PreconditionFailed),
        Case("what exists is absent", new Precondition.Absent(Live), ProblemKind.Conflict),
        Case("what another record has is absent", new Precondition.Absent(Bens), ProblemKind.Conflict),
        Case("a full record is empty", new Precondition.RecordIsEmptyBut(new ResourceKey("Patient", "anna")), ProblemKind.Conflict),
        Case("a link is absent", new Precondition.LinkAbsent("urn:hospital", "1"), ProblemKind.Conflict),
        Case("a link of another record is absent", new Precondition.LinkAbsent("urn:hospital", "2"), ProblemKind.Conflict),
        Case("a study with instances has none", new Precondition.StudyHasNoInstances("1.1"), ProblemKind.Unprocessable),
    ];

    private static IEnumerable<TestCaseData<Precondition>> Holding =>
    [
        Held("the current version", new Precondition.VersionIs(Live, 2)),
        Held("one of several versions", new Precondition.VersionIs(Live, 7, 2, 1)),
        Held("it exists", new Precondition.Exists(Live)),
        Held("what is deleted is absent", new Precondition.Absent(Dead)),
        Held("what never was is absent", new Precondition.Absent(Never)),
        Held("the record exists", new Precondition.RecordExists()),
        Held("no such value is linked", new Precondition.LinkAbsent("urn:hospital", "3")),
        Held("the value is linked in another namespace", new Precondition.LinkAbsent("urn:other", "1")),
        Held("a study never seen has no instances", new Precondition.StudyHasNoInstances("1.9")),
        Held("a study of another record has none here", new Precondition.StudyHasNoInstances("1.2")),
    ];

    [TestCaseSource(nameof(Broken))]
    public async Task A_precondition_that_does_not_hold_writes_nothing_at_all(Precondition precondition, ProblemKind kind)
    {
        await using var store = await OpenAsync();
        await FillAsync(store);
        var attempt = await EverythingAsync(store, [new Precondition.RecordExists(), new Precondition.VersionIs(Live, 2), precondition]);

        await Witness(store).With(Live, Dead, Bens, Never).With("urn:hospital", "9").SeesNoTraceOfAsync(async () =>
            Assert.That((await store.TryAsync(attempt))?.Kind, Is.EqualTo(kind)));
    }

    [TestCaseSource(nameof(Holding))]
    public async Task A_precondition_that_holds_lets_everything_be_written(Precondition precondition)
    {
        await using var store = await OpenAsync();
        await FillAsync(store);

        var receipt = await store.CommitAsync(await EverythingAsync(store, [precondition]));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(receipt.Resources.Single().Resource.Version, Is.EqualTo(3));
            Assert.That(receipt.Instances, Is.EqualTo(new[] { InstanceVerdict.Stored }));
            Assert.That((await store.InstancesAsync(StoreTalk.In(Anna, "1.9"))).Single().SopInstanceUid, Is.EqualTo("1.9.1.1"));
            Assert.That((await store.FindLinkAsync("urn:hospital", "9"))?.Record, Is.EqualTo(Anna));
            Assert.That((await store.AuditAsync(Anna))[^1].Entry.What, Is.EqualTo("attempt"));
            Assert.That((await store.ChangesAsync(Anna))[^1].Number, Is.EqualTo(receipt.Number));
        }
    }

    [Test]
    public async Task A_commit_to_a_record_that_must_exist_and_does_not_is_NotFound_and_does_not_make_it()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        var commit = StoreTalk.Put(Ben, Note, TestContent.Saying("text")) with { Preconditions = [new Precondition.RecordExists()] };
        await Witness(store).With(Note).SeesNoTraceOfAsync(async () =>
            Assert.That((await store.TryAsync(commit))?.Kind, Is.EqualTo(ProblemKind.NotFound)));
    }

    [Test]
    public async Task A_record_is_empty_but_for_its_Patient_when_only_derived_and_deleted_things_are_left()
    {
        await using var store = await OpenAsync();
        var patient = await store.AdmitAsync(Anna);
        await store.PutAsync(Anna, Note, "text");
        await store.AddAsync(Anna, Givers.Person, new TestInstance("1.1", "1.1.1", "1.1.1.1"));
        var goodbye = StoreTalk.Delete(Anna, patient) with { Preconditions = [new Precondition.RecordIsEmptyBut(patient)] };

        Assert.That((await store.TryAsync(goodbye))?.Kind, Is.EqualTo(ProblemKind.Conflict), "a resource and a study");
        await store.DeleteAsync(Anna, Note);
        Assert.That((await store.TryAsync(goodbye))?.Kind, Is.EqualTo(ProblemKind.Conflict), "a study nobody has read yet");
        await store.CommitAsync(new RecordCommit(Anna) { DeletedStudies = ["1.1"] });
        Assert.That((await store.CommitAsync(goodbye)).Resources.Single().Resource.IsDeleted, Is.True);
    }

    [Test]
    public async Task What_lives_in_another_record_cannot_be_written_through_this_one()
    {
        await using var store = await OpenAsync();
        await FillAsync(store);
        await Witness(store).With(Bens).SeesNoTraceOfAsync(async () =>
        {
            Assert.That(await store.TryAsync(StoreTalk.Put(Anna, Bens, TestContent.Saying("mine"))), Is.Not.Null);
            Assert.That(await store.TryAsync(StoreTalk.Put(Anna, new("Patient", "ben"), TestContent.Saying("mine"))), Is.Not.Null);
            Assert.That(await store.TryAsync(StoreTalk.Put(Anna, FakeProjection.EndpointOf(Ben), TestContent.Saying("mine"))), Is.Not.Null);
            await store.TryAsync(StoreTalk.Delete(Anna, Bens));
        });
        Assert.That((await store.FindAsync(Bens))!.IsDeleted, Is.False);
    }

    [Test]
    public async Task When_the_last_change_fails_nothing_of_the_others_is_there()
    {
        await using var store = await OpenAsync();
        await FillAsync(store);
        var good = await EverythingAsync(store, []);
        var foreign = good with { Resources = [.. good.Resources, new(Bens, TestContent.Saying("mine"), "PUT")] };
        var lost = await store.ReceiveAsync(new TestInstance("1.9", "1.9.1", "1.9.1.2"));
        store.Blobs.Delete(lost.Blob);
        var blobless = good with { Instances = [.. good.Instances, lost] };

        await Witness(store).With(Never).With("urn:hospital", "9").SeesNoTraceOfAsync(async () =>
        {
            Assert.That(await store.TryAsync(foreign), Is.Not.Null);
            Assert.That((await store.TryAsync(blobless))?.Kind, Is.EqualTo(ProblemKind.Conflict));
        });
        Assert.That((await store.CommitAsync(good)).Instances, Is.EqualTo(new[] { InstanceVerdict.Stored }), "Nothing was left in the way.");
    }

    [Test]
    public async Task Of_two_that_name_the_same_version_exactly_one_wins()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.PutAsync(Anna, Note, "start");
        for (var version = 1; version <= 20; version++)
        {
            var precondition = new Precondition.VersionIs(Note, version);
            var attempts = await Task.WhenAll(Enumerable.Range(0, 2).Select(who => Task.Run(async () =>
                (await store.TryAsync(StoreTalk.Put(Anna, Note, TestContent.Saying($"{who} after {version}")) with { Preconditions = [precondition] }))?.Kind)));
            Assert.That(attempts, Is.EquivalentTo(new ProblemKind?[] { null, ProblemKind.PreconditionFailed }));
        }
        Assert.That((await store.FindAsync(Note))!.Version, Is.EqualTo(21));
    }

    [Test]
    public async Task Of_many_that_make_the_same_thing_only_one_does()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.AdmitAsync(Ben);
        var attempts = await Task.WhenAll(Enumerable.Range(0, 10).Select(who => Task.Run(async () =>
        {
            var record = who % 2 == 0 ? Anna : Ben;
            return await store.TryAsync(new RecordCommit(record)
            {
                Preconditions = [new Precondition.LinkAbsent("urn:hospital", "7"), new Precondition.Absent(Note)],
                Resources = [new(Note, TestContent.Saying($"by {who}"), "PUT")],
                Links = [new VerifiedLink("urn:hospital", "7", record, "first-seen", $"{who}")],
            });
        })));
        var link = await store.FindLinkAsync("urn:hospital", "7");
        Assert.That(attempts.Count(one => one is null), Is.EqualTo(1));
        Assert.That((await store.FindAsync(Note))!.Text(), Does.Contain($"by {link!.By}\""));
        Assert.That((await store.FindAsync(Note))!.Record, Is.EqualTo(link.Record));
    }

    [Test]
    public async Task Two_hundred_parallel_commits_are_all_durable_and_numbered_without_gaps_or_repeats()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        var before = (await store.ChangesAsync(Anna))[^1].Number;

        var receipts = await Task.WhenAll(Enumerable.Range(0, 200).Select(one => Task.Run(() =>
            store.CommitAsync(StoreTalk.Put(Anna, Observation(one), TestContent.Saying($"text {one}"))))));
        await store.ReopenAsync();

        var changes = await store.ChangesAsync(Anna, before);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(receipts.Select(one => one.Number).Order(), Is.EqualTo(Enumerable.Range(1, 200).Select(one => before + one)));
            Assert.That(receipts.OrderBy(one => one.Number).Select(one => one.Resources[0].Resource.LastUpdated), Is.Ordered.And.Unique);
            Assert.That(changes.Select(one => one.Number), Is.EqualTo(Enumerable.Range(1, 200).Select(one => before + one)));
            for (var one = 0; one < 200; one++)
            {
                Assert.That((await store.FindAsync(Observation(one)))?.Text(), Does.Contain($"text {one}\""));
                Assert.That(changes[(int)(receipts[one].Number - before - 1)].Things.Single().Name, Is.EqualTo(Observation(one).ToString()));
            }
        }
    }

    [Test]
    public async Task A_large_commit_is_atomic_too_where_the_store_takes_one()
    {
        await using var store = await OpenAsync();
        Assume.That(store.LargeTransactions, "This store takes small transactions only.");
        await FillAsync(store);
        var many = Enumerable.Range(0, 500).Select(one => new ResourceChange(Observation(one), TestContent.Saying($"{one}"), "PUT")).ToList();

        Assert.That(await store.TryAsync(new RecordCommit(Anna) { Resources = [.. many, new(Bens, TestContent.Saying("mine"), "PUT")] }), Is.Not.Null);
        Assert.That(await store.FindAsync(Observation(0)), Is.Null);
        await store.CommitAsync(new RecordCommit(Anna) { Resources = many });
        Assert.That(await store.QueryAllAsync(Ask.For("Observation"), Visibility.Of(RecordView.Whole(Anna))), Has.Count.EqualTo(501));
    }

    private static TestCaseData<Precondition, ProblemKind> Case(string name, Precondition precondition, ProblemKind kind) =>
        new(precondition, kind) { TestName = $"A_precondition_that_does_not_hold_writes_nothing_at_all({name})" };

    private static TestCaseData<Precondition> Held(string name, Precondition precondition) =>
        new(precondition) { TestName = $"A_precondition_that_holds_lets_everything_be_written({name})" };

    /// <summary>Two records with something of every kind.</summary>
    private static async Task FillAsync(StoreUnderTest store)
    {
        await store.AdmitAsync(Anna);
        await store.AdmitAsync(Ben);
        await store.PutAsync(Anna, Live, "one");
        await store.PutAsync(Anna, Live, "two");
        await store.PutAsync(Anna, Dead, "one");
        await store.DeleteAsync(Anna, Dead);
        await store.PutAsync(Ben, Bens, "one");
        await store.AddAsync(Anna, Givers.Person, new TestInstance("1.1", "1.1.1", "1.1.1.1"));
        await store.AddAsync(Ben, Givers.Person, new TestInstance("1.2", "1.2.1", "1.2.1.1"));
        await store.CommitAsync(new RecordCommit(Anna) { Links = [new VerifiedLink("urn:hospital", "1", Anna, "claim", "anna")], Audit = [store.Audit(Anna)] });
        await store.CommitAsync(new RecordCommit(Ben) { Links = [new VerifiedLink("urn:hospital", "2", Ben, "claim", "ben")] });
    }

    /// <summary>A commit to Anna's record that would leave a trace everywhere.</summary>
    private static async Task<RecordCommit> EverythingAsync(StoreUnderTest store, IReadOnlyList<Precondition> preconditions) => new(Anna)
    {
        Preconditions = preconditions,
        Resources = [new(Live, TestContent.Saying("three"), "PUT")],
        Instances = [await store.ReceiveAsync(new TestInstance("1.9", "1.9.1", "1.9.1.1"))],
        Links = [new VerifiedLink("urn:hospital", "9", Anna, "claim", "anna")],
        Audit = [store.Audit(Anna, what: "attempt")],
    };
}
