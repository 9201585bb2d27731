using System.Globalization;

namespace Fhir.Server.Dicom;

/// <summary>What the value representations ask of a value. PS3.5 Table 6.2-1.</summary>
internal static class ValueRules
{
    /// <summary>Why a value is not as its representation wants; null when it is.</summary>
    public static string? FaultOf(DicomDataset dataset, DicomElement element)
    {
        var vr = element.Vr;
        if (element.Value.IsEmpty)
        {
            return null;
        }

        if (vr.IsNumber || vr == DicomVr.AT)
        {
            var size = vr == DicomVr.AT ? 4 : vr.UnitSize;
            return element.Value.Length % size == 0 ? null : $"Its length is no multiple of {size} bytes ({vr.Code}).";
        }

        if (!vr.IsText)
        {
            return null;
        }

        if (LongestOf(vr) is { } longest && element.Value.Length <= longest && vr.IsFreeText && vr != DicomVr.PN)
        {
            // Short in bytes is short in characters, whatever the character set.
            return null;
        }

        foreach (var value in dataset.GetStrings(element))
        {
            if (value.Length > 0 && FaultOf(vr, value) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static string? FaultOf(DicomVr vr, string value) => vr switch
    {
        DicomVr.DA when !IsDate(value) => "A value is no date (DA).",
        DicomVr.TM when !IsTime(value) => "A value is no time (TM).",
        DicomVr.DT when !IsDateTime(value) => "A value is no date and time (DT).",
        DicomVr.UI when !DicomUid.IsValid(value) => "A value is no UID (UI).",
        DicomVr.AS when !(value.Length == 4 && IsDigits(value.AsSpan(0, 3)) && value[3] is 'D' or 'W' or 'M' or 'Y') => "A value is no age (AS).",
        DicomVr.IS when !(value.Length <= 12 && int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)) =>
            "A value is no whole number of at most 12 characters (IS).",
        DicomVr.DS when !(value.Length <= 16 && double.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out _)) =>
            "A value is no number of at most 16 characters (DS).",
        DicomVr.CS when !(value.Length <= 16 && value.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c is ' ' or '_')) =>
            "A value is no code of at most 16 capital letters, digits, blanks and underscores (CS).",
        DicomVr.PN when value.Split('=') is var groups && (groups.Length > 3 || groups.Any(group => group.Length > 64 || group.Count(c => c == '^') > 4)) =>
            "A name has too many or too long parts (PN).",
        _ => LongestOf(vr) is { } longest && new StringInfo(value).LengthInTextElements > longest ? $"A value is longer than {longest} characters ({vr.Code})." : null,
    };

    private static int? LongestOf(DicomVr vr) => vr switch
    {
        DicomVr.AE or DicomVr.SH => 16,
        DicomVr.LO => 64,
        DicomVr.ST => 1024,
        DicomVr.LT => 10240,
        _ => null,
    };

    private static bool IsDate(ReadOnlySpan<char> value) =>
        value.Length == 8 && IsDigits(value) && DateOnly.TryParseExact(value, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    /// <summary>HH, HHMM, HHMMSS or HHMMSS.FFFFFF; a second of 60 is a leap second.</summary>
    private static bool IsTime(ReadOnlySpan<char> value)
    {
        var point = value.IndexOf('.');
        var whole = point < 0 ? value : value[..point];
        return whole.Length is 2 or 4 or 6 && IsDigits(whole)
            && (point < 0 || (whole.Length == 6 && value.Length - point - 1 is >= 1 and <= 6 && IsDigits(value[(point + 1)..])))
            && Number(whole[..2]) < 24 && (whole.Length < 4 || Number(whole[2..4]) < 60) && (whole.Length < 6 || Number(whole[4..6]) <= 60);
    }

    /// <summary>From YYYY to YYYYMMDDHHMMSS.FFFFFF, then perhaps +ZZXX.</summary>
    private static bool IsDateTime(ReadOnlySpan<char> value)
    {
        var sign = value.LastIndexOfAny('+', '-');
        if (sign >= 0)
        {
            var zone = value[(sign + 1)..];
            if (zone.Length != 4 || !IsDigits(zone) || Number(zone[..2]) > 14 || Number(zone[2..]) > 59)
            {
                return false;
            }

            value = value[..sign];
        }

        return value.Length switch
        {
            4 => IsDigits(value),
            6 => IsDigits(value) && Number(value[4..]) is >= 1 and <= 12,
            8 => IsDate(value),
            > 8 => IsDate(value[..8]) && IsTime(value[8..]),
            _ => false,
        };
    }

    private static bool IsDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');

    private static int Number(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
}
