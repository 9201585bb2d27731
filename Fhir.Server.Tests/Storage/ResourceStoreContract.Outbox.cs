using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>How those who follow are told of each commit.</summary>
public abstract partial class ResourceStoreContract
{
    [Test]
    public async Task Changes_tell_each_commit_of_a_record_in_order_with_what_it_changed()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.AdmitAsync(Ben);
        var start = (await store.ChangesAsync(Anna))[^1].Number;

        var first = await store.CommitAsync(new RecordCommit(Anna)
        {
            Resources = [new(Observation(1), TestContent.Saying("one"), "PUT"), new(Observation(2), TestContent.Saying("two"), "PUT")],
        });
        await store.PutAsync(Ben, Observation(9), "not Anna's");
        store.Clock.Advance(TimeSpan.FromMinutes(1));
        var second = await store.CommitAsync(new RecordCommit(Anna)
        {
            Resources = [new(Observation(1), TestContent.Saying("one"), "PUT"), new(Observation(2), null, "DELETE")],
        });
        var third = await store.CommitAsync(new RecordCommit(Anna) { Instances = [await store.ReceiveAsync(new TestInstance("1.1", "1.1.1", "1.1.1.1"))] });

        var changes = await store.ChangesAsync(Anna, start);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(changes.Select(one => one.Number), Is.EqualTo(new[] { first.Number, second.Number, third.Number }));
            Assert.That(changes.Select(one => one.Record), Is.All.EqualTo(Anna));
            Assert.That(changes[0].Things, Is.EqualTo(new ChangedThing[] { new("resource", "Observation/o1", 1), new("resource", "Observation/o2", 1) }));
            Assert.That(changes[1].Things, Is.EqualTo(new ChangedThing[] { new("resource", "Observation/o2", 2) }), "What stayed the same is not told.");
            Assert.That(changes[2].Things, Does.Contain(new ChangedThing("instances", "1.1", 0)));
            Assert.That(changes[1].At - changes[0].At, Is.EqualTo(TimeSpan.FromMinutes(1)).Within(TimeSpan.FromMilliseconds(1)));
            Assert.That((await store.ChangesAsync(Anna, first.Number)).Select(one => one.Number), Is.EqualTo(new[] { second.Number, third.Number }));
            Assert.That((await store.ChangesAsync(Anna, start, 2)).Select(one => one.Number), Is.EqualTo(new[] { first.Number, second.Number }));
            Assert.That(await store.ChangesAsync(Anna, third.Number), Is.Empty);
            Assert.That(await store.ChangesAsync(new("nobody-here")), Is.Empty);
        }
    }

    [Test]
    public async Task The_outbox_tells_every_commit_of_every_record_in_the_records_order()
    {
        await using var store = await OpenAsync();
        await WriteSomeAsync(store, 0);
        foreach (var limit in (int[])[1, 3, 1000])
        {
            await HoldsEverythingAsync(store, await FollowAsync(store, $"consumer-{limit}", limit));
        }
    }

    [Test]
    public async Task What_was_not_acknowledged_is_told_again_also_after_a_reopening()
    {
        await using var store = await OpenAsync();
        await WriteSomeAsync(store, 0);
        var first = await store.Resources.OutboxAsync("consumer", null, 3, default);
        var again = await store.Resources.OutboxAsync("consumer", null, 3, default);
        await store.ReopenAsync();
        var later = await store.Resources.OutboxAsync("consumer", null, 3, default);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Entries, Has.Count.EqualTo(3));
            Assert.That(Numbers(again), Is.EqualTo(Numbers(first)));
            Assert.That(Numbers(later), Is.EqualTo(Numbers(first)));
        }
    }

    [Test]
    public async Task What_was_acknowledged_is_not_told_again_also_after_a_reopening()
    {
        await using var store = await OpenAsync();
        await WriteSomeAsync(store, 0);
        var first = await store.Resources.OutboxAsync("consumer", null, 3, default);
        var second = await store.Resources.OutboxAsync("consumer", first.Cursor, 3, default);
        await store.ReopenAsync();
        var resumed = await store.Resources.OutboxAsync("consumer", null, 3, default);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Numbers(second), Is.Not.Empty.And.None.AnyOf(Numbers(first)));
            Assert.That(Numbers(resumed), Is.EqualTo(Numbers(second)));
        }
        await FollowAsync(store, "consumer", 1000);
        Assert.That((await store.Resources.OutboxAsync("consumer", null, 10, default)).Entries, Is.Empty);
        await WriteSomeAsync(store, 1);
        Assert.That((await store.Resources.OutboxAsync("consumer", null, 10, default)).Entries, Is.Not.Empty, "What comes later is told to one who had caught up.");
    }

    [Test]
    public async Task Who_watches_is_told_what_comes_from_then_on_and_nothing_is_remembered()
    {
        await using var store = await OpenAsync();
        var none = await store.Resources.WatchAsync(null, 10, default);
        await WriteSomeAsync(store, 0);
        var all = await store.Resources.WatchAsync(none.Cursor, 1000, default);
        var some = await store.Resources.WatchAsync(none.Cursor, 2, default);
        var rest = await store.Resources.WatchAsync(some.Cursor, 1000, default);
        var later = await store.Resources.WatchAsync(null, 1000, default);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(none.Entries, Is.Empty);
            Assert.That(Numbers(all), Is.Not.Empty);
            Assert.That(Numbers(some).Concat(Numbers(rest)), Is.EqualTo(Numbers(all)));
            Assert.That(later.Entries, Is.Empty, "It begins behind all there is.");
        }
        await HoldsEverythingAsync(store, await FollowAsync(store, "watched", 1000));
    }

    [Test]
    public async Task Two_consumers_follow_each_at_its_own_pace()
    {
        await using var store = await OpenAsync();
        await WriteSomeAsync(store, 0);
        await FollowAsync(store, "fast", 1000);
        var slow = await store.Resources.OutboxAsync("slow", null, 1, default);
        await store.Resources.OutboxAsync("slow", slow.Cursor, 1, default);
        await WriteSomeAsync(store, 1);
        Assert.That((await FollowAsync(store, "fast", 1000)).Count, Is.LessThan((await FollowAsync(store, "slow", 1000)).Count));
        await HoldsEverythingAsync(store, [.. slow.Entries, .. await FollowAsync(store, "newcomer", 2)]);
    }

    [Test]
    public async Task Nobody_who_follows_misses_a_commit_made_meanwhile()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.AdmitAsync(Ben);
        var told = new List<ChangeEntry>();
        var writing = Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var number = 0; number < 50; number++)
            {
                await store.PutAsync(writer % 2 == 0 ? Anna : Ben, Observation($"{writer}-{number}"), "text");
            }
        })));
        while (!writing.IsCompleted)
        {
            told.AddRange(await FollowAsync(store, "consumer", 5));
        }
        await writing;
        told.AddRange(await FollowAsync(store, "consumer", 5));
        await HoldsEverythingAsync(store, told);
    }

    [Test]
    public async Task A_failed_commit_is_told_to_nobody_and_one_that_changed_nothing_neither()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.PutAsync(Anna, Note, "text");
        await FollowAsync(store, "consumer", 1000);
        await store.TryAsync(StoreTalk.Put(Anna, Note, TestContent.Saying("other")) with { Preconditions = [new Precondition.Absent(Note)] });
        await store.PutAsync(Anna, Note, "text");
        Assert.That((await store.Resources.OutboxAsync("consumer", null, 10, default)).Entries, Is.Empty);
    }

    private static IReadOnlyList<(RecordId, long)> Numbers(OutboxPage page) => [.. page.Entries.Select(one => (one.Record, one.Number))];

    private static async Task WriteSomeAsync(StoreUnderTest store, int round)
    {
        for (var number = 0; number < 4; number++)
        {
            foreach (var record in (RecordId[])[Anna, Ben, RecordId.Shared])
            {
                await store.PutAsync(record, new("Observation", $"{record}-{round}-{number}"), "text");
            }
        }
    }

    /// <summary>Goes on until nothing is left, acknowledging each page.</summary>
    private static async Task<IReadOnlyList<ChangeEntry>> FollowAsync(StoreUnderTest store, string consumer, int limit)
    {
        var told = new List<ChangeEntry>();
        var page = await store.Resources.OutboxAsync(consumer, null, limit, default);
        while (page.Entries.Count > 0)
        {
            Assert.That(page.Entries, Has.Count.LessThanOrEqualTo(limit));
            told.AddRange(page.Entries);
            page = await store.Resources.OutboxAsync(consumer, page.Cursor, limit, default);
        }
        return told;
    }

    /// <summary>Every commit of every record was told, and within a record never an older one for the first time after a newer one.</summary>
    private static async Task HoldsEverythingAsync(StoreUnderTest store, IReadOnlyList<ChangeEntry> told)
    {
        foreach (var record in (RecordId[])[Anna, Ben, RecordId.Shared])
        {
            var firsts = told.Where(one => one.Record == record).DistinctBy(one => one.Number).ToList();
            var changes = await store.ChangesAsync(record);
            Assert.That(firsts.Select(one => one.Number), Is.EqualTo(changes.Select(one => one.Number)));
            Assert.That(firsts.SelectMany(one => one.Things), Is.EqualTo(changes.SelectMany(one => one.Things)));
        }
    }
}
