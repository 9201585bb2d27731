namespace Fhir.Server.Dicom;

/// <summary>What a value representation implies for its bytes. PS3.5 §6.2 and §7.1.2.</summary>
public static class DicomVrTraits
{
    extension(DicomVr vr)
    {
        /// <summary>One of the 34 of PS3.5 Table 6.2-1.</summary>
        public bool IsKnown => vr.IsText || vr.IsBulk || vr.IsNumber || vr is DicomVr.SQ or DicomVr.AT;

        /// <summary>In Explicit VR: two reserved bytes and a 32-bit length. PS3.5 Table 7.1-1.</summary>
        public bool HasLongLength => vr.IsBulk || vr is DicomVr.SQ or DicomVr.UC or DicomVr.UR or DicomVr.UT or DicomVr.SV or DicomVr.UV;

        /// <summary>Bytes without a further meaning here; loaded only when short.</summary>
        public bool IsBulk =>
            vr is DicomVr.OB or DicomVr.OW or DicomVr.OD or DicomVr.OF or DicomVr.OL or DicomVr.OV or DicomVr.UN;

        /// <summary>A character string.</summary>
        public bool IsText => vr.IsFreeText || vr is DicomVr.AE or DicomVr.AS or DicomVr.CS or DicomVr.DA or DicomVr.DS
            or DicomVr.DT or DicomVr.IS or DicomVr.TM or DicomVr.UI or DicomVr.UR;

        /// <summary>A character string in the data set's own character set. PS3.5 §6.1.2.2.</summary>
        public bool IsFreeText => vr is DicomVr.LO or DicomVr.LT or DicomVr.PN or DicomVr.SH or DicomVr.ST or DicomVr.UC or DicomVr.UT;

        /// <summary>A binary number.</summary>
        public bool IsNumber => vr is DicomVr.FD or DicomVr.FL or DicomVr.SL or DicomVr.SS or DicomVr.SV
            or DicomVr.UL or DicomVr.US or DicomVr.UV;

        /// <summary>A backslash is part of the text, not a separator. PS3.5 §6.2.</summary>
        public bool IsSingleText => vr is DicomVr.LT or DicomVr.ST or DicomVr.UT or DicomVr.UR;

        /// <summary>What makes an odd length even: a space in text, NUL elsewhere.</summary>
        public byte Padding => vr.IsText && vr != DicomVr.UI ? (byte)' ' : (byte)0;

        /// <summary>Bytes that are turned round between byte orders. PS3.5 §7.3.</summary>
        public int UnitSize => vr switch
        {
            DicomVr.OW or DicomVr.US or DicomVr.SS or DicomVr.AT => 2,
            DicomVr.OF or DicomVr.OL or DicomVr.FL or DicomVr.SL or DicomVr.UL => 4,
            DicomVr.OD or DicomVr.OV or DicomVr.FD or DicomVr.SV or DicomVr.UV => 8,
            _ => 1,
        };

        /// <summary>The two letters.</summary>
        public string Code => vr == DicomVr.None ? string.Empty : string.Create(2, vr, static (span, v) =>
        {
            span[0] = (char)((ushort)v & 0xFF);
            span[1] = (char)((ushort)v >> 8);
        });
    }

    /// <summary>Reads the two letters.</summary>
    public static bool TryParse(ReadOnlySpan<char> letters, out DicomVr vr)
    {
        vr = letters.Length == 2 && char.IsAscii(letters[0]) && char.IsAscii(letters[1])
            ? (DicomVr)(letters[0] | (letters[1] << 8)) : DicomVr.None;
        if (!vr.IsKnown)
        {
            vr = DicomVr.None;
        }

        return vr != DicomVr.None;
    }
}
