using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>What documents become is put with the ImagingStudy, and made again only when what it is made of has changed.</summary>
public abstract partial class InstanceIndexContract
{
    private static TestInstance Note(int number, string says) => new("1.1", "1.1.9", $"1.1.9.{number}") { Modality = "SR", Says = says };

    [Test]
    public async Task A_study_published_again_makes_none_of_its_documents_anew_but_the_one_that_changed()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First, Note(1, "one"), Note(2, "two"));
        await store.ImagingStudyAsync("1.1");
        Assert.That(store.Projection.DocumentsDerived, Is.EqualTo(2));
        await store.AddAsync(Anna, Givers.Person, First with { Sop = "1.1.1.2" });
        Assert.That(StudyShape.Read((await store.ImagingStudyAsync("1.1"))!.Json).NumberOfInstances, Is.EqualTo(4));
        Assert.That(store.Projection.DocumentsDerived, Is.EqualTo(2), "Nothing a document says has changed.");
        Assert.That(await TextsAsync(store), Is.EquivalentTo(new[] { ("one", 1L), ("two", 1L) }));
        await store.AddAsync(Anna, Givers.Owner, Note(2, "better"));
        await store.ImagingStudyAsync("1.1");
        Assert.That(store.Projection.DocumentsDerived, Is.EqualTo(3));
        Assert.That(await TextsAsync(store), Is.EquivalentTo(new[] { ("one", 1L), ("better", 2L) }));
    }

    [Test]
    public async Task Documents_of_a_deleted_study_go_and_come_back_with_it()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First, Note(1, "one"));
        await store.ImagingStudyAsync("1.1");
        await store.CommitAsync(Deletion);
        Assert.That(await TextsAsync(store), Is.Empty);
        await store.AddAsync(Anna, Givers.Person, First, Note(1, "one"));
        await store.ImagingStudyAsync("1.1");
        Assert.That(await TextsAsync(store), Is.EqualTo(new[] { ("one", 3L) }));
    }

    [Test]
    public async Task A_study_tells_of_its_documents_as_far_as_its_limit_of_resources_goes()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First, Note(1, "one") with { Becomes = 6000 }, Note(2, "two") with { Becomes = 4000 }, Note(3, "three"));
        Assert.That(StudyShape.Read((await store.ImagingStudyAsync("1.1"))!.Json).NumberOfInstances, Is.EqualTo(4));
        Assert.That((await TextsAsync(store)).Select(one => one.Text), Is.EquivalentTo(new[] { "one", "two" }));
    }

    private static async Task<List<(string Text, long Version)>> TextsAsync(StoreUnderTest store) =>
        [.. (await store.QueryAsync(Ask.For("Binary"))).Matches.Select(one =>
            ((string)System.Text.Json.Nodes.JsonNode.Parse(one.Text())!["text"]!, one.Version))];
}
