using System.Globalization;

namespace Fhir.Server.DicomWeb;

/// <summary>The list of frames in a path, counted from 1. PS3.18 §10.4.1.1.2</summary>
internal static class FrameList
{
    /// <summary>What to say of a list that is none.</summary>
    public const string Wanted = "Frames are a list of whole numbers from 1, as 1,2,3.";

    /// <summary>Reads it; false when it is none, or names more than the limit.</summary>
    public static bool TryRead(string frames, int limit, out List<int> numbers)
    {
        numbers = [];
        foreach (var text in frames.Split(','))
        {
            if (!int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1 || numbers.Count == limit)
            {
                return false;
            }
            numbers.Add(number);
        }
        return true;
    }
}
