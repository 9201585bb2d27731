using System.Globalization;
using System.Text;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>Writes down all that can be learnt of some records, so that "nothing was written" can be held against a text.</summary>
internal sealed class StoreWitness(StoreUnderTest store, IReadOnlyList<RecordId> records, IReadOnlyList<string> types)
{
    private readonly HashSet<ResourceKey> keys = [];
    private readonly HashSet<(string Namespace, string Value)> links = [];

    /// <summary>Also looks at what is not there yet.</summary>
    public StoreWitness With(params IEnumerable<ResourceKey> more)
    {
        keys.UnionWith(more);
        return this;
    }

    public StoreWitness With(string @namespace, string value)
    {
        links.Add((@namespace, value));
        return this;
    }

    /// <summary>Fails when an attempt leaves any trace.</summary>
    public async Task SeesNoTraceOfAsync(Func<Task> attempt)
    {
        var before = await LookAsync();
        await attempt();
        Assert.That(await LookAsync(), Is.EqualTo(before));
    }

    /// <summary>Everything, as text. What is derived is derived first, so that looking twice gives the same.</summary>
    public async Task<string> LookAsync()
    {
        var text = new StringBuilder();
        foreach (var type in types)
        {
            foreach (var found in await store.QueryAllAsync(Ask.For(type)))
            {
                keys.Add(found.Key);
                Line(text, $"found {found.Record} {found.Key} {found.Version}");
            }
        }
        foreach (var key in keys.OrderBy(one => one.ToString(), StringComparer.Ordinal))
        {
            foreach (var version in (await store.HistoryAsync(key))?.Versions ?? [])
            {
                Line(text, $"version {version.Record} {key} {version.Version} {version.Method} {version.Text()}");
            }
        }
        foreach (var record in records)
        {
            await LookAtAsync(record, text);
        }
        foreach (var (name, value) in links)
        {
            Line(text, $"link {name} {value} {await store.FindLinkAsync(name, value)}");
        }
        foreach (var entry in (await store.Resources.OutboxAsync("witness", null, 100_000, default)).Entries.OrderBy(one => one.Record.Value, StringComparer.Ordinal).ThenBy(one => one.Number))
        {
            Line(text, $"outbox {entry.Record} {entry.Number}");
        }
        return text.ToString();
    }

    private async Task LookAtAsync(RecordId record, StringBuilder text)
    {
        Line(text, $"record {record} {await store.Resources.RecordExistsAsync(record, Visibility.Everything, default)}");
        foreach (var study in (await store.StudiesAsync(StoreTalk.In(record))).OrderBy(one => one.StudyInstanceUid, StringComparer.Ordinal))
        {
            Line(text, $"study {record} {study.StudyInstanceUid} {study.NumberOfSeries} {study.NumberOfInstances}");
        }
        foreach (var one in (await store.InstancesAsync(StoreTalk.In(record))).OrderBy(one => one.Id))
        {
            Line(text, $"instance {record} {one.StudyInstanceUid} {one.SeriesInstanceUid} {one.SopInstanceUid} {one.Blob}");
            foreach (var gift in await store.ContributionsAsync(record, one.StudyInstanceUid, one.SopInstanceUid))
            {
                Line(text, $"given {gift.SopInstanceUid} {gift.Contributor.Key} {gift.IsServed} {Convert.ToHexString(gift.DataSetHash.Span)}");
            }
        }
        foreach (var change in await store.ChangesAsync(record))
        {
            Line(text, $"change {record} {change.Number} {string.Join(';', change.Things)}");
        }
        foreach (var row in await store.AuditAsync(record))
        {
            Line(text, $"audit {record} {row.Sequence} {row.Entry} {Convert.ToHexString(row.Chain.Span)}");
        }
    }

    private static void Line(StringBuilder text, FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
}
