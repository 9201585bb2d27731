namespace Fhir.Server.Tests.Search;

/// <summary>What the extraction of index rows costs is counted in bytes allocated, which no busy computer can change.</summary>
public sealed class ExtractionCostTests
{
    [Test]
    public void The_rows_of_a_typical_study_are_made_of_little_memory()
    {
        var study = Examples.Study();
        for (var i = 0; i < 200; i++)
        {
            Examples.Extractor.Extract(study);
        }

        var watch = System.Diagnostics.Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 200; i++)
        {
            Examples.Extractor.Extract(study);
        }

        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / 200;
        TestContext.Out.WriteLine($"{each} bytes, {watch.Elapsed.TotalMilliseconds / 200:0.000} ms");
        Assert.That(each, Is.LessThan(32_000));
    }
}
