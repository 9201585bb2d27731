using System.Diagnostics;
using Fhir.Server.Dicom;

namespace Bench;

/// <summary>Reading the header of an instance of 525 KB from memory: time and garbage.</summary>
internal static class Parsing
{
    private const int Each = 2000;
    private const int FurtherElements = 200;

    public static void Measure(Plan plan, Figures figures)
    {
        const string Study = Instances.Root + "8.1";
        var plain = Instances.Make("P1", Study, Study + ".1", Study + ".1.1", 1);
        Measure(plan, figures, "header of 525 KB", plain);
        Measure(plan, figures, $"header of 525 KB with {FurtherElements} private elements more", Full(plain, DicomTransferSyntax.ExplicitLittleEndian));
        Measure(plan, figures, "the same, Implicit VR", Full(plain, DicomTransferSyntax.ImplicitLittleEndian));
    }

    private static void Measure(Plan plan, Figures figures, string name, byte[] file)
    {
        var rounds = Enumerable.Range(0, plan.Rounds + 1).Select(_ => Round(file)).Skip(1).ToList();
        figures.Limit(name + ", time", rounds.Select(round => round.Microseconds).Order().ElementAt(rounds.Count / 2), 100, "µs");
        figures.Limit(name + ", allocated", rounds.Max(round => round.Kilobytes), 50, "KB");
    }

    private static (double Microseconds, double Kilobytes) Round(byte[] file)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Each; i++)
        {
            using var stream = new MemoryStream(file);
            if (!Part10Reader.Read(stream).IsSuccess)
            {
                throw new InvalidOperationException("The instance is not read.");
            }
        }
        return (Stopwatch.GetElapsedTime(start).TotalMicroseconds / Each, (GC.GetAllocatedBytesForCurrentThread() - before) / 1000.0 / Each);
    }

    private static byte[] Full(byte[] plain, string syntax)
    {
        using var stream = new MemoryStream(plain);
        var dataset = Part10Reader.Read(stream).Value.Dataset;
        dataset.Add(new DicomTag(0x00090010), DicomVr.LO, "BENCH");
        for (ushort i = 0; i < FurtherElements; i++)
        {
            dataset.Add(new DicomTag(0x0009, (ushort)(0x1000 + i)), DicomVr.LO, "A value of usual length");
        }
        using var file = new MemoryStream();
        var written = Part10Writer.Write(file, dataset, syntax, stream);
        return written.IsSuccess ? file.ToArray() : throw new InvalidOperationException(written.Problem!.Text);
    }
}
