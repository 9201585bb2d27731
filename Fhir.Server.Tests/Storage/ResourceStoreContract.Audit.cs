using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>Audit rows are numbered without gaps and chained, record by record.</summary>
public abstract partial class ResourceStoreContract
{
    [Test]
    public async Task Audit_rows_come_back_as_they_were_with_a_chain_that_verifies()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        // Finer than a microsecond and with an offset: a row must verify as it is read back, whatever was kept of it.
        var odd = new AuditEntry(
            Anna, new DateTimeOffset(2026, 2, 14, 1, 2, 3, TimeSpan.FromHours(5.5)).AddTicks(1_234_567), "Ü|ser", "", "read", "Patient/anna\n\"'", 12, "", "{\"a\":\"😀\"}");
        var plain = store.Audit(Anna);
        await store.Resources.AppendAuditAsync([odd, plain, plain], default);
        await store.ReopenAsync();
        await store.Resources.AppendAuditAsync([plain], default);

        var rows = await store.AuditAsync(Anna);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows.Select(one => one.Sequence), Is.EqualTo(new[] { 1L, 2, 3, 4 }));
            Assert.That(store.Seal.Verifies(rows), Is.True);
            Assert.That(rows[0].Entry with { Time = default }, Is.EqualTo(odd with { Time = default }));
            Assert.That(rows[0].Entry.Time, Is.EqualTo(odd.Time).Within(TimeSpan.FromMicroseconds(1)));
            Assert.That(rows.Skip(1).Select(one => one.Entry), Is.All.EqualTo(plain));
            Assert.That((await store.AuditAsync(Anna, 1, 2)).Select(one => one.Sequence), Is.EqualTo(new[] { 2L, 3 }));
            Assert.That(store.Seal.Verifies(await store.AuditAsync(Anna, 1), 2, rows[0].Chain), Is.True);
            Assert.That(await store.AuditAsync(Anna, 4), Is.Empty);
            Assert.That(await store.AuditAsync(Ben), Is.Empty);
        }
    }

    [Test]
    public async Task Appending_for_several_records_goes_on_with_each_chain_in_the_order_given()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        var records = new[] { Anna, RecordId.Shared, Ben, Anna, RecordId.Shared, Anna };
        await store.Resources.AppendAuditAsync([.. records.Select((record, at) => store.Audit(record, what: $"{at}"))], default);
        using (Assert.EnterMultipleScope())
        {
            foreach (var (record, whats) in ((RecordId, string[])[])[(Anna, ["0", "3", "5"]), (RecordId.Shared, ["1", "4"]), (Ben, ["2"])])
            {
                var rows = await store.AuditAsync(record);
                Assert.That(rows.Select(one => one.Entry.What), Is.EqualTo(whats));
                Assert.That(store.Seal.Verifies(rows), Is.True);
            }
            Assert.That(await store.Resources.RecordExistsAsync(Ben, Visibility.Everything, default), Is.False, "A row about a record does not make it.");
        }
    }

    [Test]
    public async Task A_commit_and_its_audit_rows_are_there_together_or_not_at_all()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.AdmitAsync(Ben);
        await store.PutAsync(Ben, Bens, "one");
        await store.Resources.AppendAuditAsync([store.Audit(Anna, what: "first")], default);
        var commit = StoreTalk.Put(Anna, Note, TestContent.Saying("text")) with { Audit = [store.Audit(Anna, what: "second"), store.Audit(Anna, what: "third")] };

        Assert.That(await store.TryAsync(commit with { Resources = [.. commit.Resources, new(Bens, null, "DELETE"), new(Bens, TestContent.Saying("x"), "PUT")] }), Is.Not.Null);
        Assert.That(await store.AuditAsync(Anna), Has.Count.EqualTo(1));
        await store.CommitAsync(commit);
        await store.CommitAsync(commit with { Audit = [store.Audit(Anna, what: "nothing changed, and yet it was asked")] });

        var rows = await store.AuditAsync(Anna);
        Assert.That(rows.Select(one => one.Entry.What), Is.EqualTo(new[] { "first", "second", "third", "nothing changed, and yet it was asked" }));
        Assert.That(store.Seal.Verifies(rows), Is.True);
    }

    [Test]
    public async Task A_chain_holds_while_many_write_to_it()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await Task.WhenAll(Enumerable.Range(0, 60).Select(one => Task.Run(async () =>
        {
            if (one % 2 == 0)
            {
                await store.Resources.AppendAuditAsync([store.Audit(Anna, what: $"{one}"), store.Audit(Ben, what: $"{one}")], default);
            }
            else
            {
                await store.CommitAsync(StoreTalk.Put(Anna, Observation(one), TestContent.Saying("text")) with { Audit = [store.Audit(Anna, what: $"{one}")] });
            }
        })));
        var rows = await store.AuditAsync(Anna);
        Assert.That(rows, Has.Count.EqualTo(60));
        Assert.That(rows.Select(one => one.Entry.What), Is.Unique);
        Assert.That(store.Seal.Verifies(rows), Is.True);
        Assert.That(store.Seal.Verifies(await store.AuditAsync(Ben)), Is.True);
    }
}
