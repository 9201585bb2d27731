using Fhir.Server.Imaging.Rendered;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Imaging;

/// <summary>What is forgotten stays forgotten.</summary>
[TestFixture]
public sealed class BoundedCacheTests
{
    [Test]
    public void What_was_asked_for_before_it_was_forgotten_is_not_kept_when_it_is_finished_after()
    {
        using var cache = new BoundedCache<string>(1000, TimeSpan.FromMinutes(1), TimeProvider.System);
        var (origin, whole) = (new Origin(new RecordId("a"), "1"), new Origin(new RecordId("b"), "1"));
        var noon = new DateTimeOffset(2026, 2, 14, 12, 0, 0, TimeSpan.Zero);
        cache.Forget(origin, noon);
        cache.Forget(new Origin(new RecordId("b"), ""), noon);
        foreach (var (key, from, asked, stays) in new[]
        {
            ("1", origin, noon.AddSeconds(-1), false), ("2", whole, noon.AddSeconds(-1), false), ("3", origin, noon.AddSeconds(1), true),
            ("4", origin with { Study = "2" }, noon.AddSeconds(-1), true), ("5", new Origin(new RecordId("c"), "1"), noon.AddSeconds(-1), true),
        })
        {
            cache.Keep(key, from, key, 1, asked);
            Assert.That(cache.TryFind(key, out _), Is.EqualTo(stays), key);
        }
        cache.Forget(origin, noon);
        Assert.That(cache.TryFind("3", out _), Is.True, "It was asked for later.");
    }

    [Test]
    public void Of_more_than_is_remembered_the_oldest_counts_as_forgotten()
    {
        var forgotten = new ForgottenOrigins(4);
        var noon = new DateTimeOffset(2026, 2, 14, 12, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < 5; i++)
        {
            forgotten.Add(new Origin(new RecordId($"r{i}"), ""), noon.AddSeconds(i));
        }
        for (var i = 0; i < 5; i++)
        {
            Assert.That(forgotten.Covers(new Origin(new RecordId($"r{i}"), "1"), noon.AddSeconds(i - 0.5)), Is.True, $"{i}");
            Assert.That(forgotten.Covers(new Origin(new RecordId($"r{i}"), "1"), noon.AddSeconds(i + 3)), Is.False, $"{i}");
        }
    }
}
