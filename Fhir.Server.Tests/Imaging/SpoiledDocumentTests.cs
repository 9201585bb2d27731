using Fhir.Server.Imaging;
using Fhir.Server.Imaging.Reports;
using Fhir.Server.Tests.Dicom;
using Fhir.Server.Tests.Rest.Documents;

namespace Fhir.Server.Tests.Imaging;

/// <summary>Documents spoiled in many ways: reading them throws nothing, and what is told of them can be told again.</summary>
[TestFixture]
public sealed class SpoiledDocumentTests
{
    private const int Rounds = 600;

    private static readonly byte[][] Words =
    [
        "CONTAINER "u8.ToArray(), "NUM "u8.ToArray(), "TEXT"u8.ToArray(), "CODE"u8.ToArray(), "SCT "u8.ToArray(), "<&>\"'"u8.ToArray(), [0xED, 0xA0, 0x80], [0xEF, 0xBF, 0xBE],
        [0x40, 0x00, 0x30, 0xA7], [0x40, 0x00, 0x43, 0xA0], [0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF],
    ];

    [Test]
    public void Whatever_is_spoiled_in_a_document_it_is_read_without_a_failure()
    {
        byte[][] seeds =
        [
            TestReport.Sr("1.2", "1.3", "1.4", TestReport.Radiology).ToBytes(), TestReport.Sr("1.2", "1.3", "1.5", TestReport.Measurements).ToBytes(),
            TestReport.Sr("1.2", "1.3", "1.6", TestReport.Radiology, TestReport.KeyObjects).ToBytes(),
            TestReport.Encapsulated("1.2", "1.3", "1.7", TestReport.Pdf, TestReport.PdfBytes[..3000]).ToBytes(),
        ];
        var mutation = new Mutation(17, Words);
        var told = 0;
        for (var round = 0; round < Rounds; round++)
        {
            using var file = new MemoryStream(mutation.Of(seeds));
            var description = InstanceReader.Read(file, out _);
            if (description?.Report is { } report)
            {
                Assert.That(InstanceReports.Restore(report.Bytes), Is.Not.Empty, $"round {round}");
                told++;
            }
        }
        Assert.That(told, Is.GreaterThan(Rounds / 10), "Most would be spoiled beyond reading, and the test would see nothing.");
    }
}
