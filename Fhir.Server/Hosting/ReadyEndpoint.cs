using System.Text.Json.Serialization;
using Fhir.Server.Dicom.Codecs.Sandbox;
using Fhir.Server.Storage;

namespace Fhir.Server.Hosting;

/// <summary>
/// Whether requests can be sent here: 200 or 503. Codecs are told of and do not decide: without them the server stores, searches and
/// gives what is stored.
/// </summary>
internal static class ReadyEndpoint
{
    public static IResult Read(StoreUpkeep upkeep, SandboxedCodec codec)
    {
        var (state, reason) = codec.Readiness;
        var isReady = upkeep.IsDerivedCurrent;
        return Results.Json(
            new Answer(isReady ? "ready" : "derived data are being rebuilt", new CodecAnswer(state.ToString().ToLowerInvariant(), reason)),
            statusCode: isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private sealed record Answer(string Status, CodecAnswer Codecs);

    private sealed record CodecAnswer(string State, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason);
}
