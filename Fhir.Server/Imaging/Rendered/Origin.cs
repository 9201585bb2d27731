using Fhir.Server.Storage;

namespace Fhir.Server.Imaging.Rendered;

/// <summary>The study something was made of, by which it is forgotten.</summary>
/// <param name="Record">Its record.</param>
/// <param name="Study">Its Study Instance UID; empty for all of the record.</param>
internal readonly record struct Origin(RecordId Record, string Study)
{
    public static Origin Of(InstanceRow row) => new(row.Record, row.StudyInstanceUid);

    /// <summary>Whether the other is this study, or one of this record.</summary>
    public bool Includes(Origin other) => other == this || (Study.Length == 0 && other.Record == Record);
}

/// <summary>
/// Remembers what was forgotten and when, so that what was asked for before, and is finished only now, is not kept after all. Of more
/// than it remembers, anything asked for before the oldest counts as forgotten: that only costs making it again.
/// </summary>
internal sealed class ForgottenOrigins(int limit)
{
    private readonly Dictionary<Origin, DateTimeOffset> forgotten = [];
    private DateTimeOffset everything = DateTimeOffset.MinValue;

    public void Add(Origin origin, DateTimeOffset moment)
    {
        forgotten[origin] = forgotten.TryGetValue(origin, out var before) && before > moment ? before : moment;
        if (forgotten.Count <= limit)
        {
            return;
        }
        foreach (var (oldest, at) in forgotten.OrderBy(one => one.Value).Take((limit / 2) + 1).ToList())
        {
            forgotten.Remove(oldest);
            everything = at > everything ? at : everything;
        }
    }

    /// <summary>Whether what was made of a study was forgotten after it was asked for.</summary>
    public bool Covers(Origin origin, DateTimeOffset asked) =>
        asked <= everything || IsAfter(origin, asked) || IsAfter(origin with { Study = "" }, asked);

    private bool IsAfter(Origin origin, DateTimeOffset asked) => forgotten.TryGetValue(origin, out var moment) && asked <= moment;
}
