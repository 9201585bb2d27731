namespace Fhir.Server.Dicom;

/// <summary>
/// The room of DICOM: bytes become data sets and data sets become bytes or JSON. It is pure: no I/O beyond a <see cref="Stream"/>,
/// no clock, no log; it knows only <c>Outcomes</c>. Damaged input is a <c>Problem</c> or a warning, never an exception.
/// <list type="bullet">
/// <item><see cref="DicomTag"/>, <see cref="DicomVr"/>, <see cref="DicomUid"/>: the small words; <see cref="DicomDictionary"/> what they mean.</item>
/// <item><see cref="DicomDataset"/> holds <see cref="DicomElement"/>s; <see cref="DicomCharacterSet"/> makes text of their bytes.</item>
/// <item><see cref="Part10Reader"/> reads a file into a <see cref="DicomFile"/> without its pixels; <see cref="Part10Writer"/> writes one.</item>
/// <item><see cref="PixelDataLocation"/> and <see cref="FrameTable"/>: where the pixels are.</item>
/// <item><see cref="DicomJson"/>: the DICOM JSON model, ready for any base address.</item>
/// <item><c>Codecs/</c>: <see cref="Codecs.FrameDecoder"/> gives frames, <see cref="Codecs.Transcoding.Transcoder"/> files in other transfer
/// syntaxes, by <see cref="Codecs.IFrameCodec"/>. <c>Codecs/Sandbox/</c> alone runs foreign code and counts time.</item>
/// </list>
/// </summary>
internal static class DicomRoom;
