using System.Collections.Frozen;
using Fhir.Server.Dicom;

namespace Fhir.Server.Storage;

/// <summary>The level of the DICOM query model an attribute or an answer belongs to. PS3.18 §10.6</summary>
public enum QueryLevel
{
    /// <summary>Patient and study.</summary>
    Study,

    /// <summary>Series and equipment.</summary>
    Series,

    /// <summary>Instance.</summary>
    Instance,
}

/// <summary>An attribute that can be matched.</summary>
/// <param name="Path">Keywords with dots between: the attribute, or the sequences that lead to it before it.</param>
/// <param name="Tags">The same as tags.</param>
/// <param name="Level">Where it is matched.</param>
/// <param name="Vr">Its value representation.</param>
/// <param name="IsDescription">People wrote it for people, so it is matched without regard to case and accents, as names are.</param>
public sealed record QueryAttribute(string Path, IReadOnlyList<DicomTag> Tags, QueryLevel Level, string Vr, bool IsDescription);

/// <summary>
/// Which attributes QIDO matches and answers, and at which level: the Required keys of PS3.18 Tables 10.6.1-3 to -5, and what viewers and
/// archives ask beside them. The index keeps the attributes listed here of every study, series and instance, and no others.
/// </summary>
public static class QueryAttributes
{
    private const string OfStudy = """
        StudyInstanceUID StudyDate StudyTime AccessionNumber StudyID StudyDescription ReferringPhysicianName NameOfPhysiciansReadingStudy
        PhysiciansOfRecord AdmittingDiagnosesDescription AdmissionID PatientName PatientID IssuerOfPatientID PatientBirthDate PatientBirthTime
        PatientSex PatientAge PatientComments EthnicGroup OtherPatientIDs OtherPatientNames OtherPatientIDsSequence.PatientID
        OtherPatientIDsSequence.IssuerOfPatientID IssuerOfAccessionNumberSequence.LocalNamespaceEntityID
        IssuerOfAccessionNumberSequence.UniversalEntityID ProcedureCodeSequence.CodeValue ProcedureCodeSequence.CodingSchemeDesignator
        ProcedureCodeSequence.CodeMeaning
        """;

    private const string OfSeries = """
        SeriesInstanceUID Modality SeriesNumber SeriesDescription SeriesDate SeriesTime BodyPartExamined Laterality ProtocolName Manufacturer
        ManufacturerModelName StationName InstitutionName InstitutionalDepartmentName DeviceSerialNumber PerformingPhysicianName OperatorsName
        PerformedProcedureStepStartDate PerformedProcedureStepStartTime PerformedProcedureStepID PerformedProcedureStepDescription
        FrameOfReferenceUID PresentationIntentType RequestAttributesSequence.ScheduledProcedureStepID
        RequestAttributesSequence.RequestedProcedureID RequestAttributesSequence.ScheduledProcedureStepDescription
        RequestAttributesSequence.RequestedProcedureDescription RequestAttributesSequence.AccessionNumber
        RequestAttributesSequence.StudyInstanceUID AnatomicRegionSequence.CodeValue AnatomicRegionSequence.CodingSchemeDesignator
        AnatomicRegionSequence.CodeMeaning SeriesDescriptionCodeSequence.CodeValue SeriesDescriptionCodeSequence.CodingSchemeDesignator
        SeriesDescriptionCodeSequence.CodeMeaning
        """;

    private const string OfInstance = """
        SOPInstanceUID SOPClassUID InstanceNumber ContentDate ContentTime AcquisitionDate AcquisitionTime AcquisitionDateTime AcquisitionNumber
        InstanceCreationDate InstanceCreationTime ImageType Rows Columns BitsAllocated NumberOfFrames PhotometricInterpretation ContentLabel
        ContentDescription DocumentTitle MIMETypeOfEncapsulatedDocument CompletionFlag VerificationFlag ConceptNameCodeSequence.CodeValue
        ConceptNameCodeSequence.CodingSchemeDesignator ConceptNameCodeSequence.CodeMeaning ReferencedRequestSequence.AccessionNumber
        ReferencedRequestSequence.RequestedProcedureID ReferencedRequestSequence.StudyInstanceUID
        ReferencedRequestSequence.PlacerOrderNumberImagingServiceRequest ReferencedRequestSequence.FillerOrderNumberImagingServiceRequest
        """;

    // Of what the caller may see: never read from a file.
    private const string Counted = "ModalitiesInStudy NumberOfStudyRelatedSeries NumberOfStudyRelatedInstances";
    private const string CountedOfSeries = "NumberOfSeriesRelatedInstances";

    private const string Descriptions = """
        StudyDescription AdmittingDiagnosesDescription PatientComments EthnicGroup SeriesDescription ProtocolName Manufacturer ManufacturerModelName
        InstitutionName InstitutionalDepartmentName PerformedProcedureStepDescription ScheduledProcedureStepDescription
        RequestedProcedureDescription CodeMeaning ContentDescription DocumentTitle
        """;

    // Answered though not matched.
    private static readonly FrozenDictionary<QueryLevel, DicomTag[]> Further = new Dictionary<QueryLevel, DicomTag[]>
    {
        [QueryLevel.Study] = [DicomTag.TimezoneOffsetFromUTC],
        [QueryLevel.Series] = [DicomTag.TimezoneOffsetFromUTC],
        [QueryLevel.Instance] = [DicomTag.TimezoneOffsetFromUTC],
    }.ToFrozenDictionary();

    // What the modules of patient and study, and of series and equipment hold beside what is listed above (PS3.3 Annex C.7.1 to C.7.5).
    private const string AlsoOfStudy = """
        PatientSpeciesDescription PatientSpeciesCodeSequence PatientBreedDescription PatientBreedCodeSequence ResponsiblePerson
        ResponsiblePersonRole ResponsibleOrganization TypeOfPatientID IssuerOfPatientIDQualifiersSequence QualityControlSubject
        ReferencedPatientSequence ReferencedPatientPhotoSequence StrainDescription PatientIdentityRemoved DeidentificationMethod
        DeidentificationMethodCodeSequence LongitudinalTemporalInformationModified ReferringPhysicianIdentificationSequence
        ConsultingPhysicianName PhysiciansOfRecordIdentificationSequence PhysiciansReadingStudyIdentificationSequence RequestingService
        RequestingServiceCodeSequence ReferencedStudySequence ReasonForPerformedProcedureCodeSequence AdmittingDiagnosesCodeSequence PatientSize
        PatientWeight PatientBodyMassIndex MeasuredAPDimension MeasuredLateralDimension PatientSizeCodeSequence MedicalAlerts Allergies
        SmokingStatus PregnancyStatus LastMenstrualDate PatientState Occupation AdditionalPatientHistory ReasonForVisit
        ServiceEpisodeID ServiceEpisodeDescription PatientSexNeutered ClinicalTrialSponsorName ClinicalTrialProtocolID
        ClinicalTrialProtocolName ClinicalTrialSiteID ClinicalTrialSiteName ClinicalTrialSubjectID ClinicalTrialSubjectReadingID
        ClinicalTrialTimePointID ClinicalTrialTimePointDescription ReasonForStudy RequestingPhysician RequestedProcedureDescription
        RequestedProcedureCodeSequence OtherPatientIDsSequence ProcedureCodeSequence IssuerOfAccessionNumberSequence
        """;

    private const string AlsoOfSeries = """
        PerformingPhysicianIdentificationSequence OperatorIdentificationSequence ReferencedPerformedProcedureStepSequence
        RelatedSeriesSequence PatientPosition SmallestPixelValueInSeries LargestPixelValueInSeries PerformedProtocolCodeSequence
        PerformedProcedureStepEndDate PerformedProcedureStepEndTime CommentsOnThePerformedProcedureStep TreatmentSessionUID
        PositionReferenceIndicator InstitutionAddress InstitutionCodeSequence InstitutionalDepartmentTypeCodeSequence SoftwareVersions
        GantryID DeviceUID UDISequence SpatialResolution DateOfLastCalibration TimeOfLastCalibration PixelPaddingValue
        ClinicalTrialCoordinatingCenterName ClinicalTrialSeriesID ClinicalTrialSeriesDescription SynchronizationFrameOfReferenceUID
        RequestAttributesSequence AnatomicRegionSequence SeriesDescriptionCodeSequence
        """;

    private static readonly FrozenSet<string> DescriptionKeywords = Words(Descriptions).ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, QueryAttribute> ByPath = Words(OfStudy).Select(path => Make(path, QueryLevel.Study))
        .Concat(Words(OfSeries).Select(path => Make(path, QueryLevel.Series)))
        .Concat(Words(OfInstance).Select(path => Make(path, QueryLevel.Instance)))
        .Concat(Words(Counted).Select(path => Make(path, QueryLevel.Study)))
        .Concat(Words(CountedOfSeries).Select(path => Make(path, QueryLevel.Series)))
        .ToFrozenDictionary(one => one.Path, StringComparer.Ordinal);

    private static readonly FrozenDictionary<QueryLevel, IReadOnlyList<DicomTag>> Stored = new[] { QueryLevel.Study, QueryLevel.Series, QueryLevel.Instance }
        .ToFrozenDictionary(level => level, level => (IReadOnlyList<DicomTag>)ByPath.Values
            .Where(one => one.Level == level && !IsCounted(one.Path)).Select(one => one.Tags[0]).Concat(Further[level]).Distinct().Order().ToList());

    private static readonly FrozenDictionary<DicomTag, QueryLevel> Levels = Stored.SelectMany(one => one.Value.Select(tag => (Tag: tag, Level: one.Key)))
        .Concat(Words(AlsoOfStudy).Select(word => (Tag(word), QueryLevel.Study))).Concat(Words(AlsoOfSeries).Select(word => (Tag(word), QueryLevel.Series)))
        .DistinctBy(one => one.Item1).ToFrozenDictionary(one => one.Item1, one => one.Item2);

    /// <summary>All that can be matched, by path.</summary>
    public static IReadOnlyDictionary<string, QueryAttribute> All => ByPath;

    /// <summary>Whether the value is reckoned from what the caller may see, not kept with the study.</summary>
    public static bool IsCounted(string path) => path is "ModalitiesInStudy" or "NumberOfStudyRelatedSeries" or "NumberOfStudyRelatedInstances"
        or "NumberOfSeriesRelatedInstances";

    /// <summary>The attribute a path of tags leads to; null when it cannot be matched.</summary>
    public static QueryAttribute? Find(IReadOnlyList<DicomTag> path) =>
        ByPath.GetValueOrDefault(string.Join('.', path.Select(tag => DicomDictionary.Find(tag)?.Keyword)));

    /// <summary>The attributes (sequences whole) the index keeps at a level, in the order of tags.</summary>
    public static IReadOnlyList<DicomTag> StoredAt(QueryLevel level) => Stored[level];

    /// <summary>The level an attribute belongs to; null when nothing is known of it, as for private ones.</summary>
    public static QueryLevel? LevelOf(DicomTag tag) => Levels.TryGetValue(tag, out var level) ? level : null;

    private static QueryAttribute Make(string path, QueryLevel level)
    {
        var tags = path.Split('.').Select(Tag).ToList();
        return new(path, tags, level, DicomDictionary.Find(tags[^1])!.Vr, DescriptionKeywords.Contains(path.Split('.')[^1]));
    }

    private static DicomTag Tag(string keyword) =>
        DicomDictionary.TryFindKeyword(keyword, out var tag) ? tag : throw new InvalidOperationException("No attribute has this keyword: " + keyword);

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
