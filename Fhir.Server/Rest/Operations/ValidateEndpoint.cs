using System.Text.Json;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Rest.Formats;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Operations;

/// <summary>
/// Tells whether a resource could be stored, and all that is wrong with it; stores nothing. The structure is judged, and the shape of
/// references; profiles are not. See https://hl7.org/fhir/R4/resource-operation-validate.html
/// </summary>
internal static class ValidateEndpoint
{
    private static readonly string[] Modes = ["create", "update", "delete", "profile"];

    public static void MapValidate(this IEndpointRouteBuilder fhir)
    {
        var validate = Operation.OfStandard("validate", "Resource-validate");
        fhir.MapPost("/{type}/$validate", (string type, HttpRequest request, GuardedRecord guard, ResourceContents contents, CancellationToken cancellationToken) =>
            ValidateAsync(type, null, request, guard, contents, cancellationToken)).WithName("validate-type").WithMetadata(validate);
        fhir.MapMethods("/{type}/{id}/$validate", [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post], ValidateAsync)
            .WithName("validate").WithMetadata(validate);
    }

    private static async Task<IResult> ValidateAsync(
        string type, string? id, HttpRequest request, GuardedRecord guard, ResourceContents contents, CancellationToken cancellationToken)
    {
        if (!(await ReadAsync(type, request, cancellationToken)).TryGet(out var asked, out var problem))
        {
            return FhirResults.Problem(problem);
        }
        if (asked.Mode is not null && !Modes.Contains(asked.Mode))
        {
            return FhirResults.Problem(Problem.Invalid("mode takes create, update, delete or profile."));
        }
        var needsStored = id is not null && (asked.Mode == "delete" || asked.Resource is null);
        StoredResource? stored = null;
        if (needsStored && !(await guard.ReadAsync(new ResourceKey(type, id!), cancellationToken)).TryGet(out stored, out problem))
        {
            return FhirResults.Problem(problem);
        }
        if (asked.Mode == "delete")
        {
            return stored is null ? FhirResults.Problem(Problem.Invalid("mode=delete is asked of one resource, at its own address.")) : Answer([], asked);
        }
        if ((asked.Resource ?? stored?.Json) is not { } body)
        {
            return FhirResults.Problem(Problem.Invalid("There is nothing to validate: send a resource, or Parameters with one."));
        }
        return ResourceCheck.Of(body, type, asked.IsXml && asked.Resource is not null)
            .Match(found => Answer(Further(found, id, asked, contents), asked), FhirResults.Problem);
    }

    /// <summary>What the rules of this server add to those of the standard.</summary>
    private static IReadOnlyList<Problem> Further((Resource Resource, IReadOnlyList<Problem> Faults) found, string? id, Asked asked, ResourceContents contents)
    {
        var (resource, faults) = found;
        if (asked.Resource is null)
        {
            return faults;
        }
        var all = faults.ToList();
        if (FhirBody.IsSubset(resource))
        {
            all.Add(Problem.Unprocessable("This is a part of a resource (SUBSETTED); it cannot stand for the whole.", $"{resource.TypeName}.meta.tag"));
        }
        if (asked.Mode == "update" && !RecordId.IsWellFormed(resource.Id))
        {
            all.Add(Problem.Unprocessable("An update needs the id of the resource.", $"{resource.TypeName}.id"));
        }
        else if (id is not null && asked.Mode == "update" && resource.Id != id)
        {
            all.Add(Problem.Unprocessable("The id in the body is not that of the address.", $"{resource.TypeName}.id"));
        }
        // Only what is sound can be asked whose record it belongs to.
        if (all.Count == 0 && asked.Mode != "profile" && contents.Draft((Resource)resource.DeepCopy(), id ?? resource.Id ?? "new", asked.Mode == "update" ? "PUT" : "POST").Problem is { } refused)
        {
            all.Add(refused);
        }
        return all;
    }

    private static IResult Answer(IReadOnlyList<Problem> faults, Asked asked) => FhirResults.Document(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("resourceType", "OperationOutcome");
        writer.WriteStartArray("issue");
        foreach (var fault in faults)
        {
            FhirResults.WriteIssue(writer, "error", fault.Kind == ProblemKind.Unprocessable ? "invariant" : FhirResults.CodeOf(fault.Kind), fault.Text, fault.Expression);
        }
        if (asked.Profile is not null)
        {
            FhirResults.WriteIssue(writer, "warning", "not-supported", "The structure was judged; the profile was not, since profiles are not checked here.", null);
        }
        if (faults.Count == 0)
        {
            FhirResults.WriteIssue(writer, "information", "informational", "Nothing is wrong with its structure.", null);
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>Takes the resource out of Parameters as it was written: what is wrong with it is for the answer, not a fault of the request.</summary>
    private static async ValueTask<Outcome<Asked>> ReadAsync(string type, HttpRequest request, CancellationToken cancellationToken)
    {
        var (mode, profile) = (Query(request, "mode"), Query(request, "profile"));
        if (!HttpMethods.IsPost(request.Method) || (request.ContentType is null && request.ContentLength is null or 0))
        {
            return new Asked(null, false, mode, profile);
        }
        if (!FhirNegotiation.ReadBodyType(request).TryGet(out var isXml, out var problem)
            || !(await FhirBody.ReadBytesAsync(request, cancellationToken)).TryGet(out var bytes, out problem))
        {
            return problem;
        }
        if (!TypeOf(bytes, isXml).TryGet(out var sent, out problem))
        {
            return problem;
        }
        if (sent != nameof(Parameters) || type == nameof(Parameters))
        {
            return new Asked(bytes, isXml, mode, profile);
        }
        var resource = isXml ? FhirXml.ResourceParameter(bytes, "resource") : JsonParameters.Resource(bytes, "resource");
        var read = isXml ? FhirXml.Read(bytes, out _) : FhirBody.Inspect(bytes, nameof(Parameters), isXml: false).TryGet(out var inspected, out _) ? inspected.Resource : null;
        return new Asked(
            resource, isXml, mode ?? TextOf(read as Parameters, "mode"), profile ?? TextOf(read as Parameters, "profile"));
    }

    private static Outcome<string> TypeOf(ReadOnlyMemory<byte> bytes, bool isXml)
    {
        if (isXml)
        {
            return FhirXml.TypeOf(bytes);
        }
        return JsonText.Fault(bytes.Span.StartsWith("\uFEFF"u8) ? bytes.Span[3..] : bytes.Span) is { } fault ? Problem.Invalid(fault)
            : JsonText.TypeOf(bytes.Span.StartsWith("\uFEFF"u8) ? bytes.Span[3..] : bytes.Span) is { } type ? type
            : Problem.Invalid("The body does not say of what type it is.", "Resource");
    }

    private static string? Query(HttpRequest request, string name) => request.Query[name].ToString() is { Length: > 0 } value ? value : null;

    private static string? TextOf(Parameters? parameters, string name) => (parameters?.GetSingleValue<DataType>(name) as PrimitiveType)?.ToString();

    /// <param name="Resource">As it was sent; null when none was.</param>
    /// <param name="IsXml">Whether it is XML.</param>
    /// <param name="Mode">What is to be done with it; null when it is not said.</param>
    /// <param name="Profile">What it is to be judged by.</param>
    private sealed record Asked(ReadOnlyMemory<byte>? Resource, bool IsXml, string? Mode, string? Profile);
}
