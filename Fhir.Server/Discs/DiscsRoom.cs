namespace Fhir.Server.Discs;

/// <summary>
/// The room of discs: a person's CDs come in, and later go out. <see cref="ImportRun"/> takes files and folders, finds what is DICOM by
/// looking inside (<see cref="ImportWalk"/>), and sends it by STOW-RS to the server that owns the store, as any site would: there is
/// one way in. <see cref="ImportReport"/> says what became of every file; <see cref="ImportScreen"/> shows it to the operator.
/// </summary>
internal static class DiscsRoom;
