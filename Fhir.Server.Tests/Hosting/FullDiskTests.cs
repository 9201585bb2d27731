using Fhir.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fhir.Server.Tests.Hosting;

/// <summary>A disk that is full is not a fault of the program. See RFC 4918 §11.5</summary>
[TestFixture]
public sealed class FullDiskTests
{
    private const int NoSpace = 28;
    private const int InputOutput = 5;

    [TestCase(NoSpace, ExpectedResult = 507)]
    [TestCase(InputOutput, ExpectedResult = 500)]
    public async Task<int> A_full_disk_answers_507_and_another_fault_of_it_500(int error)
    {
        var context = new DefaultHttpContext { RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
        using var body = new MemoryStream();
        context.Response.Body = body;
        await new FaultAnswers(_ => throw new IOException("The device said so.", error), NullLogger<FaultAnswers>.Instance).InvokeAsync(context);
        Assert.That(System.Text.Encoding.UTF8.GetString(body.ToArray()), Does.Contain("OperationOutcome").And.Not.Contains("device"));
        return context.Response.StatusCode;
    }
}
