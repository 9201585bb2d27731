using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>What a search finds as a condition of a commit. See https://hl7.org/fhir/R4/http.html#ccreate</summary>
public abstract partial class ResourceStoreContract
{
    private static SearchQuery CodeA => Ask.For("Observation", Ask.Token("Observation", "code", Loinc, "A"));

    [Test]
    public async Task A_search_that_finds_what_the_commit_says_lets_it_be_written_and_any_other_does_not()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await TriesAsync(store, null, null);
        await TriesAsync(store, Observation(1), ProblemKind.PreconditionFailed);
        await LayAsync(store, 1, new TokenRow("code", Loinc, "A"));
        await LayAsync(store, 2, new TokenRow("code", Loinc, "B"));
        await TriesAsync(store, null, ProblemKind.PreconditionFailed);
        await TriesAsync(store, Observation(1), null);
        await TriesAsync(store, Observation(2), ProblemKind.PreconditionFailed);
        await LayAsync(store, 3, new TokenRow("code", Loinc, "A"));
        await TriesAsync(store, Observation(1), ProblemKind.PreconditionFailed);
        await store.DeleteAsync(Anna, Observation(3));
        await TriesAsync(store, Observation(1), null);
    }

    [Test]
    public async Task What_is_hidden_from_the_visibility_of_the_condition_is_not_found()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.AdmitAsync(Ben);
        await store.PutAsync(Ben, Bens, TestContent.Saying("text", new TokenRow("code", Loinc, "A")));
        await TriesAsync(store, null, null, Visibility.Of(RecordView.Whole(Anna)));
        await TriesAsync(store, Bens, ProblemKind.PreconditionFailed, Visibility.Of(RecordView.Whole(Anna)));
        await TriesAsync(store, Bens, null, Visibility.Of(RecordView.Whole(Ben)));
        await TriesAsync(store, null, null, Visibility.Nothing);
        await TriesAsync(store, null, ProblemKind.PreconditionFailed);
    }

    [Test]
    public async Task Of_many_that_write_only_if_nothing_is_found_one_does_in_whatever_record()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.AdmitAsync(Ben);
        var attempts = await Task.WhenAll(Enumerable.Range(0, 100).Select(who => Task.Run(async () => (await store.TryAsync(
            StoreTalk.Put(who % 2 == 0 ? Anna : Ben, Observation(who), TestContent.Saying($"{who}", new TokenRow("code", Loinc, "A")))
                with { Preconditions = [new Precondition.SearchFinds(CodeA, Visibility.Everything, null)] }))?.Kind)));
        Assert.That(attempts.Count(one => one is null), Is.EqualTo(1));
        Assert.That(attempts.Count(one => one == ProblemKind.PreconditionFailed), Is.EqualTo(99));
        Assert.That((await store.QueryAsync(CodeA)).Matches, Has.Count.EqualTo(1));
    }

    private static async Task TriesAsync(StoreUnderTest store, ResourceKey? only, ProblemKind? problem, Visibility? visibility = null)
    {
        var commit = StoreTalk.Put(Anna, Never, TestContent.Saying($"{Guid.NewGuid()}"))
            with { Preconditions = [new Precondition.SearchFinds(CodeA, visibility ?? Visibility.Everything, only)] };
        Assert.That((await store.TryAsync(commit))?.Kind, Is.EqualTo(problem), $"{only}");
    }
}
