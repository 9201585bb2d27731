using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>Verified links: the only thing that routes a study to a person.</summary>
public abstract partial class ResourceStoreContract
{
    [Test]
    public async Task A_link_is_found_by_namespace_and_value_exactly_as_it_was_verified()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        var link = new VerifiedLink("urn:hospital", "Ä 4711", Anna, "claim", "anna");
        await store.CommitAsync(new RecordCommit(Anna) { Links = [link] });
        await store.ReopenAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await store.FindLinkAsync("urn:hospital", "Ä 4711"), Is.EqualTo(link));
            Assert.That(await store.FindLinkAsync("urn:hospital", "ä 4711"), Is.Null);
            Assert.That(await store.FindLinkAsync("urn:hospital", "4711"), Is.Null);
            Assert.That(await store.FindLinkAsync("urn:hospital", "%"), Is.Null);
            Assert.That(await store.FindLinkAsync("urn:other", "Ä 4711"), Is.Null);
        }
    }

    [Test]
    public async Task An_identifier_that_a_Patient_was_given_never_makes_a_link()
    {
        await using var store = await OpenAsync();
        await store.PutAsync(Anna, new("Patient", "anna"), TestContent.Saying("I say I am 4711", new TokenRow("identifier", "urn:hospital", "4711")));
        Assert.That(await store.FindLinkAsync("urn:hospital", "4711"), Is.Null);
    }

    [Test]
    public async Task A_link_moves_nothing_by_itself()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.AddAsync(RecordId.UnclaimedLocal, Givers.Site, new TestInstance("1.1", "1.1.1", "1.1.1.1") { PatientId = "4711" });

        await store.CommitAsync(new RecordCommit(Anna) { Links = [new VerifiedLink("urn:phr:local", "4711", Anna, "claim", "anna")] });

        Assert.That((await store.InstancesAsync(StoreTalk.In(null, "1.1"))).Single().Record, Is.EqualTo(RecordId.UnclaimedLocal));
        Assert.That((await store.ImagingStudyAsync("1.1"))!.Record, Is.EqualTo(RecordId.UnclaimedLocal));
    }

    [Test]
    public async Task A_second_link_of_the_same_value_never_takes_it_away_from_its_record()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.AdmitAsync(Ben);
        await store.CommitAsync(new RecordCommit(Anna) { Links = [new VerifiedLink("urn:hospital", "4711", Anna, "claim", "anna")] });

        await store.TryAsync(new RecordCommit(Ben) { Links = [new VerifiedLink("urn:hospital", "4711", Ben, "claim", "ben")] });

        Assert.That((await store.FindLinkAsync("urn:hospital", "4711"))?.Record, Is.EqualTo(Anna));
    }
}
