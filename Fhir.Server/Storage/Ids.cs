using System.Text.RegularExpressions;

namespace Fhir.Server.Storage;

/// <summary>
/// The name of a record: the <c>Patient.id</c> of the person it belongs to, or one of the few records that belong to nobody.
/// </summary>
/// <param name="Value">1–64 characters of <c>A-Z a-z 0-9 - .</c> (https://hl7.org/fhir/R4/datatypes.html#id).</param>
public readonly partial record struct RecordId(string Value)
{
    private const string UnclaimedPrefix = "unclaimed-";

    /// <summary>What belongs to nobody: Organization, Practitioner, definitions.</summary>
    public static RecordId Shared { get; } = new("shared");

    /// <summary>A record that never exists. Requests for unknown things go on with it, so that the same statements run.</summary>
    public static RecordId Nobody { get; } = new("nobody");

    /// <summary>Where studies of open mode and of the command line wait that match nobody.</summary>
    public static RecordId UnclaimedLocal { get; } = new("unclaimed-local");

    /// <summary>Where studies of an Organization wait that match nobody.</summary>
    /// <param name="organization">The id of the Organization.</param>
    public static RecordId UnclaimedOf(string organization) => MayBeUnclaimed(organization) ? new(UnclaimedPrefix + organization) : Nobody;

    /// <summary>Whether an Organization can have such a place: its id is one, leaves room for the rest of the name, and the place is not <see cref="UnclaimedLocal"/>.</summary>
    public static bool MayBeUnclaimed(string organization) =>
        IsWellFormed(UnclaimedPrefix + organization) && UnclaimedPrefix + organization != UnclaimedLocal.Value;

    /// <summary>True for a record in which studies of a site wait for the patient they belong to.</summary>
    public bool IsUnclaimed => Value.StartsWith(UnclaimedPrefix, StringComparison.Ordinal);

    /// <summary>True when no Patient may have this id, since the name is the server's own.</summary>
    public bool IsReserved => this == Shared || this == Nobody || IsUnclaimed;

    /// <summary>True when the value is a FHIR id.</summary>
    public static bool IsWellFormed(string? value) => value is not null && IdPattern().IsMatch(value);

    public override string ToString() => Value;

    [GeneratedRegex(@"\A[A-Za-z0-9\-\.]{1,64}\z")]
    private static partial Regex IdPattern();
}

/// <summary>Type and logical id of a resource. See https://hl7.org/fhir/R4/resource.html#id</summary>
/// <param name="Type">The resource type, as <c>ImagingStudy</c>.</param>
/// <param name="Id">The logical id, unique for its type in the whole store.</param>
public readonly record struct ResourceKey(string Type, string Id)
{
    public override string ToString() => $"{Type}/{Id}";
}

/// <summary>The random name of a blob: folder by minute of its making, then 128 random bits.</summary>
/// <param name="Value">As <c>20260214/0930/5b1f…</c>; only digits, lower-case hex and slashes.</param>
public readonly partial record struct BlobName(string Value)
{
    /// <summary>True when the value is one this store could have made: nothing else is ever turned into a path.</summary>
    public static bool IsWellFormed(string? value) => value is not null && NamePattern().IsMatch(value);

    public override string ToString() => Value;

    [GeneratedRegex(@"\A[0-9]{8}/[0-9]{4}/[0-9a-f]{32}\z")]
    private static partial Regex NamePattern();
}
