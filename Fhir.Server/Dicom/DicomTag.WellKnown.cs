namespace Fhir.Server.Dicom;

/// <content>The tags this server speaks of by name. PS3.6 §6.</content>
public readonly partial record struct DicomTag
{
    /// <summary>(0002,0000) File Meta Information Group Length</summary>
    public static readonly DicomTag FileMetaInformationGroupLength = new(0x00020000);

    /// <summary>(0002,0001) File Meta Information Version</summary>
    public static readonly DicomTag FileMetaInformationVersion = new(0x00020001);

    /// <summary>(0002,0002) Media Storage SOP Class UID</summary>
    public static readonly DicomTag MediaStorageSOPClassUID = new(0x00020002);

    /// <summary>(0002,0003) Media Storage SOP Instance UID</summary>
    public static readonly DicomTag MediaStorageSOPInstanceUID = new(0x00020003);

    /// <summary>(0002,0010) Transfer Syntax UID</summary>
    public static readonly DicomTag TransferSyntaxUID = new(0x00020010);

    /// <summary>(0002,0012) Implementation Class UID</summary>
    public static readonly DicomTag ImplementationClassUID = new(0x00020012);

    /// <summary>(0002,0013) Implementation Version Name</summary>
    public static readonly DicomTag ImplementationVersionName = new(0x00020013);

    /// <summary>(0002,0016) Source Application Entity Title</summary>
    public static readonly DicomTag SourceApplicationEntityTitle = new(0x00020016);

    /// <summary>(0004,1130) File-set ID</summary>
    public static readonly DicomTag FileSetID = new(0x00041130);

    /// <summary>(0004,1200) Offset of the First Directory Record of the Root Directory Entity</summary>
    public static readonly DicomTag OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = new(0x00041200);

    /// <summary>(0004,1202) Offset of the Last Directory Record of the Root Directory Entity</summary>
    public static readonly DicomTag OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = new(0x00041202);

    /// <summary>(0004,1212) File-set Consistency Flag</summary>
    public static readonly DicomTag FileSetConsistencyFlag = new(0x00041212);

    /// <summary>(0004,1220) Directory Record Sequence</summary>
    public static readonly DicomTag DirectoryRecordSequence = new(0x00041220);

    /// <summary>(0004,1400) Offset of the Next Directory Record</summary>
    public static readonly DicomTag OffsetOfTheNextDirectoryRecord = new(0x00041400);

    /// <summary>(0004,1410) Record In-use Flag</summary>
    public static readonly DicomTag RecordInUseFlag = new(0x00041410);

    /// <summary>(0004,1420) Offset of Referenced Lower-Level Directory Entity</summary>
    public static readonly DicomTag OffsetOfReferencedLowerLevelDirectoryEntity = new(0x00041420);

    /// <summary>(0004,1430) Directory Record Type</summary>
    public static readonly DicomTag DirectoryRecordType = new(0x00041430);

    /// <summary>(0004,1432) Private Record UID</summary>
    public static readonly DicomTag PrivateRecordUID = new(0x00041432);

    /// <summary>(0004,1500) Referenced File ID</summary>
    public static readonly DicomTag ReferencedFileID = new(0x00041500);

    /// <summary>(0004,1510) Referenced SOP Class UID in File</summary>
    public static readonly DicomTag ReferencedSOPClassUIDInFile = new(0x00041510);

    /// <summary>(0004,1511) Referenced SOP Instance UID in File</summary>
    public static readonly DicomTag ReferencedSOPInstanceUIDInFile = new(0x00041511);

    /// <summary>(0004,1512) Referenced Transfer Syntax UID in File</summary>
    public static readonly DicomTag ReferencedTransferSyntaxUIDInFile = new(0x00041512);

    /// <summary>(0008,0005) Specific Character Set</summary>
    public static readonly DicomTag SpecificCharacterSet = new(0x00080005);

    /// <summary>(0008,0008) Image Type</summary>
    public static readonly DicomTag ImageType = new(0x00080008);

    /// <summary>(0008,0012) Instance Creation Date</summary>
    public static readonly DicomTag InstanceCreationDate = new(0x00080012);

    /// <summary>(0008,0013) Instance Creation Time</summary>
    public static readonly DicomTag InstanceCreationTime = new(0x00080013);

    /// <summary>(0008,0016) SOP Class UID</summary>
    public static readonly DicomTag SOPClassUID = new(0x00080016);

    /// <summary>(0008,0018) SOP Instance UID</summary>
    public static readonly DicomTag SOPInstanceUID = new(0x00080018);

    /// <summary>(0008,0020) Study Date</summary>
    public static readonly DicomTag StudyDate = new(0x00080020);

    /// <summary>(0008,0021) Series Date</summary>
    public static readonly DicomTag SeriesDate = new(0x00080021);

    /// <summary>(0008,0022) Acquisition Date</summary>
    public static readonly DicomTag AcquisitionDate = new(0x00080022);

    /// <summary>(0008,0023) Content Date</summary>
    public static readonly DicomTag ContentDate = new(0x00080023);

    /// <summary>(0008,002A) Acquisition DateTime</summary>
    public static readonly DicomTag AcquisitionDateTime = new(0x0008002A);

    /// <summary>(0008,0030) Study Time</summary>
    public static readonly DicomTag StudyTime = new(0x00080030);

    /// <summary>(0008,0031) Series Time</summary>
    public static readonly DicomTag SeriesTime = new(0x00080031);

    /// <summary>(0008,0032) Acquisition Time</summary>
    public static readonly DicomTag AcquisitionTime = new(0x00080032);

    /// <summary>(0008,0033) Content Time</summary>
    public static readonly DicomTag ContentTime = new(0x00080033);

    /// <summary>(0008,0050) Accession Number</summary>
    public static readonly DicomTag AccessionNumber = new(0x00080050);

    /// <summary>(0008,0051) Issuer of Accession Number Sequence</summary>
    public static readonly DicomTag IssuerOfAccessionNumberSequence = new(0x00080051);

    /// <summary>(0008,0052) Query/Retrieve Level</summary>
    public static readonly DicomTag QueryRetrieveLevel = new(0x00080052);

    /// <summary>(0008,0056) Instance Availability</summary>
    public static readonly DicomTag InstanceAvailability = new(0x00080056);

    /// <summary>(0008,0060) Modality</summary>
    public static readonly DicomTag Modality = new(0x00080060);

    /// <summary>(0008,0061) Modalities in Study</summary>
    public static readonly DicomTag ModalitiesInStudy = new(0x00080061);

    /// <summary>(0008,0064) Conversion Type</summary>
    public static readonly DicomTag ConversionType = new(0x00080064);

    /// <summary>(0008,0070) Manufacturer</summary>
    public static readonly DicomTag Manufacturer = new(0x00080070);

    /// <summary>(0008,0080) Institution Name</summary>
    public static readonly DicomTag InstitutionName = new(0x00080080);

    /// <summary>(0008,0090) Referring Physician's Name</summary>
    public static readonly DicomTag ReferringPhysicianName = new(0x00080090);

    /// <summary>(0008,0100) Code Value</summary>
    public static readonly DicomTag CodeValue = new(0x00080100);

    /// <summary>(0008,0102) Coding Scheme Designator</summary>
    public static readonly DicomTag CodingSchemeDesignator = new(0x00080102);

    /// <summary>(0008,0103) Coding Scheme Version</summary>
    public static readonly DicomTag CodingSchemeVersion = new(0x00080103);

    /// <summary>(0008,0104) Code Meaning</summary>
    public static readonly DicomTag CodeMeaning = new(0x00080104);

    /// <summary>(0008,0201) Timezone Offset From UTC</summary>
    public static readonly DicomTag TimezoneOffsetFromUTC = new(0x00080201);

    /// <summary>(0008,1010) Station Name</summary>
    public static readonly DicomTag StationName = new(0x00081010);

    /// <summary>(0008,1030) Study Description</summary>
    public static readonly DicomTag StudyDescription = new(0x00081030);

    /// <summary>(0008,1032) Procedure Code Sequence</summary>
    public static readonly DicomTag ProcedureCodeSequence = new(0x00081032);

    /// <summary>(0008,103E) Series Description</summary>
    public static readonly DicomTag SeriesDescription = new(0x0008103E);

    /// <summary>(0008,1090) Manufacturer's Model Name</summary>
    public static readonly DicomTag ManufacturerModelName = new(0x00081090);

    /// <summary>(0008,1115) Referenced Series Sequence</summary>
    public static readonly DicomTag ReferencedSeriesSequence = new(0x00081115);

    /// <summary>(0008,1150) Referenced SOP Class UID</summary>
    public static readonly DicomTag ReferencedSOPClassUID = new(0x00081150);

    /// <summary>(0008,1155) Referenced SOP Instance UID</summary>
    public static readonly DicomTag ReferencedSOPInstanceUID = new(0x00081155);

    /// <summary>(0008,1190) Retrieve URL</summary>
    public static readonly DicomTag RetrieveURL = new(0x00081190);

    /// <summary>(0008,2218) Anatomic Region Sequence</summary>
    public static readonly DicomTag AnatomicRegionSequence = new(0x00082218);

    /// <summary>(0010,0010) Patient's Name</summary>
    public static readonly DicomTag PatientName = new(0x00100010);

    /// <summary>(0010,0020) Patient ID</summary>
    public static readonly DicomTag PatientID = new(0x00100020);

    /// <summary>(0010,0021) Issuer of Patient ID</summary>
    public static readonly DicomTag IssuerOfPatientID = new(0x00100021);

    /// <summary>(0010,0024) Issuer of Patient ID Qualifiers Sequence</summary>
    public static readonly DicomTag IssuerOfPatientIDQualifiersSequence = new(0x00100024);

    /// <summary>(0010,0030) Patient's Birth Date</summary>
    public static readonly DicomTag PatientBirthDate = new(0x00100030);

    /// <summary>(0010,0040) Patient's Sex</summary>
    public static readonly DicomTag PatientSex = new(0x00100040);

    /// <summary>(0010,1002) Other Patient IDs Sequence</summary>
    public static readonly DicomTag OtherPatientIDsSequence = new(0x00101002);

    /// <summary>(0010,1010) Patient's Age</summary>
    public static readonly DicomTag PatientAge = new(0x00101010);

    /// <summary>(0010,1020) Patient's Size</summary>
    public static readonly DicomTag PatientSize = new(0x00101020);

    /// <summary>(0010,1030) Patient's Weight</summary>
    public static readonly DicomTag PatientWeight = new(0x00101030);

    /// <summary>(0010,4000) Patient Comments</summary>
    public static readonly DicomTag PatientComments = new(0x00104000);

    /// <summary>(0018,0015) Body Part Examined</summary>
    public static readonly DicomTag BodyPartExamined = new(0x00180015);

    /// <summary>(0018,0050) Slice Thickness</summary>
    public static readonly DicomTag SliceThickness = new(0x00180050);

    /// <summary>(0018,1030) Protocol Name</summary>
    public static readonly DicomTag ProtocolName = new(0x00181030);

    /// <summary>(0020,000D) Study Instance UID</summary>
    public static readonly DicomTag StudyInstanceUID = new(0x0020000D);

    /// <summary>(0020,000E) Series Instance UID</summary>
    public static readonly DicomTag SeriesInstanceUID = new(0x0020000E);

    /// <summary>(0020,0010) Study ID</summary>
    public static readonly DicomTag StudyID = new(0x00200010);

    /// <summary>(0020,0011) Series Number</summary>
    public static readonly DicomTag SeriesNumber = new(0x00200011);

    /// <summary>(0020,0012) Acquisition Number</summary>
    public static readonly DicomTag AcquisitionNumber = new(0x00200012);

    /// <summary>(0020,0013) Instance Number</summary>
    public static readonly DicomTag InstanceNumber = new(0x00200013);

    /// <summary>(0020,0032) Image Position (Patient)</summary>
    public static readonly DicomTag ImagePositionPatient = new(0x00200032);

    /// <summary>(0020,0037) Image Orientation (Patient)</summary>
    public static readonly DicomTag ImageOrientationPatient = new(0x00200037);

    /// <summary>(0020,0052) Frame of Reference UID</summary>
    public static readonly DicomTag FrameOfReferenceUID = new(0x00200052);

    /// <summary>(0020,0060) Laterality</summary>
    public static readonly DicomTag Laterality = new(0x00200060);

    /// <summary>(0020,0062) Image Laterality</summary>
    public static readonly DicomTag ImageLaterality = new(0x00200062);

    /// <summary>(0020,1206) Number of Study Related Series</summary>
    public static readonly DicomTag NumberOfStudyRelatedSeries = new(0x00201206);

    /// <summary>(0020,1208) Number of Study Related Instances</summary>
    public static readonly DicomTag NumberOfStudyRelatedInstances = new(0x00201208);

    /// <summary>(0020,1209) Number of Series Related Instances</summary>
    public static readonly DicomTag NumberOfSeriesRelatedInstances = new(0x00201209);

    /// <summary>(0020,4000) Image Comments</summary>
    public static readonly DicomTag ImageComments = new(0x00204000);

    /// <summary>(0028,0002) Samples per Pixel</summary>
    public static readonly DicomTag SamplesPerPixel = new(0x00280002);

    /// <summary>(0028,0004) Photometric Interpretation</summary>
    public static readonly DicomTag PhotometricInterpretation = new(0x00280004);

    /// <summary>(0028,0006) Planar Configuration</summary>
    public static readonly DicomTag PlanarConfiguration = new(0x00280006);

    /// <summary>(0028,0008) Number of Frames</summary>
    public static readonly DicomTag NumberOfFrames = new(0x00280008);

    /// <summary>(0028,0010) Rows</summary>
    public static readonly DicomTag Rows = new(0x00280010);

    /// <summary>(0028,0011) Columns</summary>
    public static readonly DicomTag Columns = new(0x00280011);

    /// <summary>(0028,0030) Pixel Spacing</summary>
    public static readonly DicomTag PixelSpacing = new(0x00280030);

    /// <summary>(0028,0100) Bits Allocated</summary>
    public static readonly DicomTag BitsAllocated = new(0x00280100);

    /// <summary>(0028,0101) Bits Stored</summary>
    public static readonly DicomTag BitsStored = new(0x00280101);

    /// <summary>(0028,0102) High Bit</summary>
    public static readonly DicomTag HighBit = new(0x00280102);

    /// <summary>(0028,0103) Pixel Representation</summary>
    public static readonly DicomTag PixelRepresentation = new(0x00280103);

    /// <summary>(0028,0106) Smallest Image Pixel Value</summary>
    public static readonly DicomTag SmallestImagePixelValue = new(0x00280106);

    /// <summary>(0028,0107) Largest Image Pixel Value</summary>
    public static readonly DicomTag LargestImagePixelValue = new(0x00280107);

    /// <summary>(0028,0120) Pixel Padding Value</summary>
    public static readonly DicomTag PixelPaddingValue = new(0x00280120);

    /// <summary>(0028,1050) Window Center</summary>
    public static readonly DicomTag WindowCenter = new(0x00281050);

    /// <summary>(0028,1051) Window Width</summary>
    public static readonly DicomTag WindowWidth = new(0x00281051);

    /// <summary>(0028,1052) Rescale Intercept</summary>
    public static readonly DicomTag RescaleIntercept = new(0x00281052);

    /// <summary>(0028,1053) Rescale Slope</summary>
    public static readonly DicomTag RescaleSlope = new(0x00281053);

    /// <summary>(0028,2110) Lossy Image Compression</summary>
    public static readonly DicomTag LossyImageCompression = new(0x00282110);

    /// <summary>(0028,3000) Modality LUT Sequence</summary>
    public static readonly DicomTag ModalityLUTSequence = new(0x00283000);

    /// <summary>(0028,3002) LUT Descriptor</summary>
    public static readonly DicomTag LUTDescriptor = new(0x00283002);

    /// <summary>(0028,3006) LUT Data</summary>
    public static readonly DicomTag LUTData = new(0x00283006);

    /// <summary>(0028,3010) VOI LUT Sequence</summary>
    public static readonly DicomTag VOILUTSequence = new(0x00283010);

    /// <summary>(0040,0031) Local Namespace Entity ID</summary>
    public static readonly DicomTag LocalNamespaceEntityID = new(0x00400031);

    /// <summary>(0040,0032) Universal Entity ID</summary>
    public static readonly DicomTag UniversalEntityID = new(0x00400032);

    /// <summary>(0040,0033) Universal Entity ID Type</summary>
    public static readonly DicomTag UniversalEntityIDType = new(0x00400033);

    /// <summary>(0040,0244) Performed Procedure Step Start Date</summary>
    public static readonly DicomTag PerformedProcedureStepStartDate = new(0x00400244);

    /// <summary>(0040,0245) Performed Procedure Step Start Time</summary>
    public static readonly DicomTag PerformedProcedureStepStartTime = new(0x00400245);

    /// <summary>(0040,0275) Request Attributes Sequence</summary>
    public static readonly DicomTag RequestAttributesSequence = new(0x00400275);

    /// <summary>(0040,A030) Verification DateTime</summary>
    public static readonly DicomTag VerificationDateTime = new(0x0040A030);

    /// <summary>(0040,A040) Value Type</summary>
    public static readonly DicomTag ValueType = new(0x0040A040);

    /// <summary>(0040,A043) Concept Name Code Sequence</summary>
    public static readonly DicomTag ConceptNameCodeSequence = new(0x0040A043);

    /// <summary>(0040,A160) Text Value</summary>
    public static readonly DicomTag TextValue = new(0x0040A160);

    /// <summary>(0040,A491) Completion Flag</summary>
    public static readonly DicomTag CompletionFlag = new(0x0040A491);

    /// <summary>(0040,A493) Verification Flag</summary>
    public static readonly DicomTag VerificationFlag = new(0x0040A493);

    /// <summary>(0040,A730) Content Sequence</summary>
    public static readonly DicomTag ContentSequence = new(0x0040A730);

    /// <summary>(0040,E001) HL7 Instance Identifier</summary>
    public static readonly DicomTag HL7InstanceIdentifier = new(0x0040E001);

    /// <summary>(0042,0010) Document Title</summary>
    public static readonly DicomTag DocumentTitle = new(0x00420010);

    /// <summary>(0042,0011) Encapsulated Document</summary>
    public static readonly DicomTag EncapsulatedDocument = new(0x00420011);

    /// <summary>(0042,0012) MIME Type of Encapsulated Document</summary>
    public static readonly DicomTag MIMETypeOfEncapsulatedDocument = new(0x00420012);

    /// <summary>(0042,0015) Encapsulated Document Length</summary>
    public static readonly DicomTag EncapsulatedDocumentLength = new(0x00420015);

    /// <summary>(0070,0080) Content Label</summary>
    public static readonly DicomTag ContentLabel = new(0x00700080);

    /// <summary>(0070,0081) Content Description</summary>
    public static readonly DicomTag ContentDescription = new(0x00700081);

    /// <summary>(0070,0082) Presentation Creation Date</summary>
    public static readonly DicomTag PresentationCreationDate = new(0x00700082);

    /// <summary>(0070,0083) Presentation Creation Time</summary>
    public static readonly DicomTag PresentationCreationTime = new(0x00700083);

    /// <summary>(0070,0084) Content Creator's Name</summary>
    public static readonly DicomTag ContentCreatorName = new(0x00700084);

    /// <summary>(0088,0200) Icon Image Sequence</summary>
    public static readonly DicomTag IconImageSequence = new(0x00880200);

    /// <summary>(3004,000A) Dose Summation Type</summary>
    public static readonly DicomTag DoseSummationType = new(0x3004000A);

    /// <summary>(3006,0002) Structure Set Label</summary>
    public static readonly DicomTag StructureSetLabel = new(0x30060002);

    /// <summary>(3006,0008) Structure Set Date</summary>
    public static readonly DicomTag StructureSetDate = new(0x30060008);

    /// <summary>(3006,0009) Structure Set Time</summary>
    public static readonly DicomTag StructureSetTime = new(0x30060009);

    /// <summary>(3008,0250) Treatment Date</summary>
    public static readonly DicomTag TreatmentDate = new(0x30080250);

    /// <summary>(3008,0251) Treatment Time</summary>
    public static readonly DicomTag TreatmentTime = new(0x30080251);

    /// <summary>(300A,0002) RT Plan Label</summary>
    public static readonly DicomTag RTPlanLabel = new(0x300A0002);

    /// <summary>(300A,0006) RT Plan Date</summary>
    public static readonly DicomTag RTPlanDate = new(0x300A0006);

    /// <summary>(300A,0007) RT Plan Time</summary>
    public static readonly DicomTag RTPlanTime = new(0x300A0007);

    /// <summary>(7FE0,0001) Extended Offset Table</summary>
    public static readonly DicomTag ExtendedOffsetTable = new(0x7FE00001);

    /// <summary>(7FE0,0002) Extended Offset Table Lengths</summary>
    public static readonly DicomTag ExtendedOffsetTableLengths = new(0x7FE00002);

    /// <summary>(7FE0,0008) Float Pixel Data</summary>
    public static readonly DicomTag FloatPixelData = new(0x7FE00008);

    /// <summary>(7FE0,0009) Double Float Pixel Data</summary>
    public static readonly DicomTag DoubleFloatPixelData = new(0x7FE00009);

    /// <summary>(7FE0,0010) Pixel Data</summary>
    public static readonly DicomTag PixelData = new(0x7FE00010);

    /// <summary>(FFFE,E000) Item</summary>
    public static readonly DicomTag Item = new(0xFFFEE000);

    /// <summary>(FFFE,E00D) Item Delimitation Item</summary>
    public static readonly DicomTag ItemDelimitationItem = new(0xFFFEE00D);

    /// <summary>(FFFE,E0DD) Sequence Delimitation Item</summary>
    public static readonly DicomTag SequenceDelimitationItem = new(0xFFFEE0DD);
}
