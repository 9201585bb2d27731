namespace Fhir.Server.Tests;

public sealed class FirstTest
{
    [Test]
    public void It_builds() => Assert.That(Outcomes.Problem.Gone().Kind, Is.EqualTo(Outcomes.ProblemKind.Gone));
}
