using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Fhir.Server.Validation;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Operations;

/// <summary>
/// Tells whether a code is in a value set or a code system. See https://hl7.org/fhir/R4/valueset-operation-validate-code.html and
/// https://hl7.org/fhir/R4/codesystem-operation-validate-code.html
/// </summary>
internal static class ValidateCodeEndpoint
{
    private static readonly string[] Verbs = [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post];

    public static void MapValidateCode(this IEndpointRouteBuilder fhir)
    {
        var ofSet = Operation.OfStandard("validate-code", "ValueSet-validate-code");
        var ofSystem = Operation.OfStandard("validate-code", "CodeSystem-validate-code");
        fhir.MapMethods("/ValueSet/$validate-code", Verbs, (HttpRequest request, GuardedRecord guard, PublicAddress address, CancellationToken cancellationToken) =>
            InSetAsync(null, request, guard, address, cancellationToken)).WithName("validate-code-type").WithMetadata(ofSet);
        fhir.MapMethods("/ValueSet/{id}/$validate-code", Verbs, InSetAsync).WithName("validate-code").WithMetadata(ofSet);
        fhir.MapMethods("/CodeSystem/$validate-code", Verbs, (HttpRequest request, GuardedRecord guard, PublicAddress address, CancellationToken cancellationToken) =>
            InSystemAsync(null, request, guard, address, cancellationToken)).WithName("validate-code-system-type").WithMetadata(ofSystem);
        fhir.MapMethods("/CodeSystem/{id}/$validate-code", Verbs, InSystemAsync).WithName("validate-code-system").WithMetadata(ofSystem);
    }

    private static async Task<IResult> InSetAsync(
        string? id, HttpRequest request, GuardedRecord guard, PublicAddress address, CancellationToken cancellationToken)
    {
        var expander = new ValueSetExpander(StoredTerminology.Of(guard, address.Fhir));
        if (!(await OperationInput.ReadAsync(request, cancellationToken)).TryGet(out var input, out var problem)
            || !Codes(input, null).TryGet(out var codes, out problem)
            || !(await AskedValueSet.FindAsync(id, input, guard, address, cancellationToken)).TryGet(out var asked, out problem)
            || !(await asked.ExpandAsync(expander, cancellationToken)).TryGet(out var concepts, out problem))
        {
            return FhirResults.Problem(problem);
        }
        return Judge(codes, input.Text("display"), concepts, "value set");
    }

    private static async Task<IResult> InSystemAsync(
        string? id, HttpRequest request, GuardedRecord guard, PublicAddress address, CancellationToken cancellationToken)
    {
        if (!(await OperationInput.ReadAsync(request, cancellationToken)).TryGet(out var input, out var problem)
            || !(await SystemAsync(id, input, guard, cancellationToken)).TryGet(out var system, out problem)
            || !Codes(input, system.Url ?? input.Text("url")).TryGet(out var codes, out problem))
        {
            return FhirResults.Problem(problem);
        }
        if (system.Resource is { } given)
        {
            return given.Content == CodeSystemContentMode.Complete || codes.Any(code => CodeSystemConcepts.Of(given).Any(concept => concept.Code == code.Code))
                ? Judge(codes, input.Text("display"), CodeSystemConcepts.Of(given), "code system")
                : FhirResults.Problem(Problem.Unprocessable("Only a part of the code system is known here, and the code is not in it."));
        }
        var name = input.Text("url") ?? codes.Select(code => code.System).FirstOrDefault(one => one is { Length: > 0 });
        if (name is null)
        {
            return FhirResults.Problem(Problem.Invalid("Name a code system by its url, or a coding with its system."));
        }
        var outcome = await new ValueSetExpander(StoredTerminology.Of(guard, address.Fhir)).WholeSystemAsync(name, input.Text("version"), cancellationToken);
        // Of a system that is not known as a whole, what is in it can still be told of what is known.
        var concepts = outcome.IsSuccess ? outcome.Value : codes.Select(code => ModelCodes.FindConcept(name, code.Code!)).OfType<Concept>().ToList();
        return outcome.IsSuccess || concepts.Count > 0 ? Judge(codes, input.Text("display"), concepts, "code system") : FhirResults.Problem(outcome.Problem!);
    }

    private static async ValueTask<Outcome<(string? Url, CodeSystem? Resource)>> SystemAsync(
        string? id, OperationInput input, GuardedRecord guard, CancellationToken cancellationToken)
    {
        if (id is null)
        {
            return input.Resource<CodeSystem>("codeSystem") is { } sent ? (sent.Url, sent) : (null, (CodeSystem?)null);
        }
        return (await guard.ReadAsync(new ResourceKey("CodeSystem", id), cancellationToken)).Match<Outcome<(string?, CodeSystem?)>>(
            stored => FhirJson.ReadOwn<CodeSystem>(stored.Json) is var read ? (read.Url, read) : default, problem => problem);
    }

    /// <summary>The codes asked about; one of them must be in it. A code without a system is any of that code.</summary>
    private static Outcome<IReadOnlyList<Coding>> Codes(OperationInput input, string? system)
    {
        List<Coding> codes = input.Text("code") is { } code ? [new Coding(input.Text("system") ?? system, code)]
            : input.Value<Coding>("coding") is { } coding ? [coding]
            : input.Value<CodeableConcept>("codeableConcept") is { } concept ? concept.Coding
            : [];
        if (codes.Count == 0 || codes.Exists(one => one.Code is not { Length: > 0 }))
        {
            return Problem.Invalid("Give a code (with its system), a coding or a codeableConcept.");
        }
        return system is null ? codes : codes.ConvertAll(one => one.System is null ? new Coding(system, one.Code, one.Display) : one);
    }

    private static IResult Judge(IReadOnlyList<Coding> codes, string? display, IReadOnlyList<Concept> concepts, string where)
    {
        var found = codes.Select(code => (Coding: code, Concept: concepts.FirstOrDefault(concept =>
            concept.Code == code.Code && (code.System is null || concept.System == code.System)))).FirstOrDefault(one => one.Concept is not null);
        var answer = new Parameters();
        var said = display ?? found.Coding?.Display;
        var isCalled = found.Concept is null || said is null || found.Concept.Display is null || found.Concept.IsCalled(said);
        answer.Add("result", new FhirBoolean(found.Concept is not null && isCalled));
        if (found.Concept is null)
        {
            answer.Add("message", new FhirString($"The code is not in the {where}."));
        }
        else
        {
            if (!isCalled)
            {
                answer.Add("message", new FhirString("The code is right, but it is not called that."));
            }
            if (found.Concept.Display is { } right)
            {
                answer.Add("display", new FhirString(right));
            }
            answer.Add("code", new Code(found.Concept.Code));
            answer.Add("system", new FhirUri(found.Concept.System));
        }
        return FhirResults.Document(FhirJson.Write(answer));
    }
}
