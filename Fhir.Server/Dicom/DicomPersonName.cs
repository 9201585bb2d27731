namespace Fhir.Server.Dicom;

/// <summary>A person name in its three writings. PS3.5 §6.2.1.</summary>
/// <param name="Alphabetic">In letters, such as <c>Yamada^Tarou</c>; empty when not given.</param>
/// <param name="Ideographic">In ideographs; empty when not given.</param>
/// <param name="Phonetic">As it sounds; empty when not given.</param>
public sealed record DicomPersonName(string Alphabetic, string Ideographic, string Phonetic)
{
    /// <summary>No writing is given.</summary>
    public bool IsEmpty => Alphabetic.Length + Ideographic.Length + Phonetic.Length == 0;

    /// <summary>Family name of the first writing that is given.</summary>
    public string Family => Component(0);

    /// <summary>Given names, separated by spaces.</summary>
    public string Given => Component(1);

    /// <summary>Middle names.</summary>
    public string Middle => Component(2);

    /// <summary>What stands before the name.</summary>
    public string Prefix => Component(3);

    /// <summary>What stands after the name.</summary>
    public string Suffix => Component(4);

    /// <summary>Takes the three component groups apart.</summary>
    public static DicomPersonName Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var groups = text.Split('=', 3);
        return new DicomPersonName(Group(groups, 0), Group(groups, 1), Group(groups, 2));
    }

    /// <summary>A group of nothing but separators says nothing.</summary>
    private static string Group(string[] groups, int index) =>
        index < groups.Length && groups[index].AsSpan().ContainsAnyExcept('^', ' ') ? groups[index].Trim() : string.Empty;

    private string Component(int index)
    {
        var parts = (Alphabetic.Length > 0 ? Alphabetic : Ideographic.Length > 0 ? Ideographic : Phonetic).Split('^');
        return index < parts.Length ? parts[index].Trim() : string.Empty;
    }
}
