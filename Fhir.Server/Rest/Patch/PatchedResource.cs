using Fhir.Server.Outcomes;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Patch;

/// <summary>What every patch comes to: a resource that is read like one that is sent, with what is the server's own as it was.</summary>
internal static class PatchedResource
{
    /// <summary>The limit of depth of a resource, as readers of JSON have it.</summary>
    public const int MaxDepth = 64;

    /// <summary>Reads the patched resource strictly; every fault is one of the patch.</summary>
    public static Outcome<Resource> Read(ReadOnlyMemory<byte> json, string type)
    {
        var read = FhirBody.Parse(json, type);
        return read.Problem is { Kind: ProblemKind.Invalid } fault
            ? fault with { Kind = ProblemKind.Unprocessable, Text = "The patched resource cannot be read: " + fault.Text }
            : read;
    }

    /// <summary>What a patch must leave alone was changed.</summary>
    public static Problem ServerOwned(string type, string element) =>
        Problem.Unprocessable($"{element} is the server's own and cannot be patched.", $"{type}.{element}");
}
