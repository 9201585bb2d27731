using Fhir.Server.Dicom;

namespace Fhir.Server.Rendering;

/// <summary>The attributes of one frame: its own functional groups, then the shared ones, then the image. PS3.3 §C.7.6.16.</summary>
/// <param name="image">The data set.</param>
/// <param name="frame">The frame, counted from 0.</param>
internal sealed class FrameAttributes(DicomDataset image, int frame)
{
    private readonly DicomDataset? own = Item(image.Items(RenderingTags.PerFrameFunctionalGroupsSequence), frame);
    private readonly DicomDataset? shared = Item(image.Items(RenderingTags.SharedFunctionalGroupsSequence), 0);

    /// <summary>The data set.</summary>
    public DicomDataset Image => image;

    /// <summary>The frame, counted from 0.</summary>
    public int Frame => frame;

    /// <summary>Such as <c>CT</c>; empty when not given.</summary>
    public string Modality => image.GetString(DicomTag.Modality) ?? string.Empty;

    /// <summary>The item of a functional group; the image itself when it has no such group.</summary>
    public DicomDataset Group(DicomTag sequence) => Item(own?.Items(sequence), 0) ?? Item(shared?.Items(sequence), 0) ?? image;

    private static DicomDataset? Item(IReadOnlyList<DicomDataset>? items, int index) => index < items?.Count ? items[index] : null;
}
