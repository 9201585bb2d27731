using Fhir.Server.Dicom;

namespace Fhir.Server.Imaging.Reports;

/// <summary>The attributes documents are made of. PS3.3 §C.17, §C.24</summary>
internal static class ReportTags
{
    public static readonly DicomTag RelationshipType = Of("RelationshipType");
    public static readonly DicomTag ContinuityOfContent = Of("ContinuityOfContent");
    public static readonly DicomTag ConceptCodeSequence = Of("ConceptCodeSequence");
    public static readonly DicomTag MeasuredValueSequence = Of("MeasuredValueSequence");
    public static readonly DicomTag NumericValue = Of("NumericValue");
    public static readonly DicomTag FloatingPointValue = Of("FloatingPointValue");
    public static readonly DicomTag MeasurementUnitsCodeSequence = Of("MeasurementUnitsCodeSequence");
    public static readonly DicomTag NumericValueQualifierCodeSequence = Of("NumericValueQualifierCodeSequence");
    public static readonly DicomTag DateTime = Of("DateTime");
    public static readonly DicomTag Date = Of("Date");
    public static readonly DicomTag Time = Of("Time");
    public static readonly DicomTag PersonName = Of("PersonName");
    public static readonly DicomTag Uid = Of("UID");
    public static readonly DicomTag ReferencedContentItemIdentifier = Of("ReferencedContentItemIdentifier");
    public static readonly DicomTag ObservationDateTime = Of("ObservationDateTime");
    public static readonly DicomTag VerifyingObserverSequence = Of("VerifyingObserverSequence");
    public static readonly DicomTag VerifyingObserverName = Of("VerifyingObserverName");
    public static readonly DicomTag VerifyingOrganization = Of("VerifyingOrganization");
    public static readonly DicomTag VerificationDateTime = Of("VerificationDateTime");
    public static readonly DicomTag AuthorObserverSequence = Of("AuthorObserverSequence");
    public static readonly DicomTag PreliminaryFlag = Of("PreliminaryFlag");
    public static readonly DicomTag VerificationFlag = Of("VerificationFlag");
    public static readonly DicomTag CompletionFlag = Of("CompletionFlag");
    public static readonly DicomTag ContentTime = Of("ContentTime");
    public static readonly DicomTag CodingSchemeIdentificationSequence = Of("CodingSchemeIdentificationSequence");
    public static readonly DicomTag CodingSchemeDesignator = Of("CodingSchemeDesignator");
    public static readonly DicomTag CodingSchemeVersion = Of("CodingSchemeVersion");
    public static readonly DicomTag CodingSchemeUid = Of("CodingSchemeUID");
    public static readonly DicomTag LongCodeValue = Of("LongCodeValue");
    public static readonly DicomTag UrnCodeValue = Of("URNCodeValue");

    private static DicomTag Of(string keyword) =>
        DicomDictionary.TryFindKeyword(keyword, out var tag) ? tag : throw new InvalidOperationException(keyword);
}

/// <summary>How far documents are read. What goes beyond stays in the DICOM instance, which is kept whole.</summary>
internal static class ReportLimits
{
    /// <summary>Content items within content items.</summary>
    public const int Depth = 32;

    /// <summary>Content items read of one report.</summary>
    public const int Items = 20_000;

    /// <summary>Observations made of one report.</summary>
    public const int Measurements = 500;

    /// <summary>Bytes of JSON all resources of one report may be: Observations beyond are left out; a report that is too long without them is not told.</summary>
    public const int Json = 4 << 20;

    /// <summary>Characters of a narrative, markup included.</summary>
    public const int Narrative = 64 * 1024;

    /// <summary>Characters of a report as a page of its own.</summary>
    public const int Page = 2 << 20;

    /// <summary>Characters of a conclusion.</summary>
    public const int Conclusion = 16 * 1024;

    /// <summary>Modifiers told with one measurement.</summary>
    public const int Modifiers = 16;

    /// <summary>Codes of a conclusion, and people named, at most.</summary>
    public const int Listed = 32;
}
