using Fhir.Server.Rendering.Formats;
using Fhir.Server.Rendering.Grey;
using Fhir.Server.Rendering.Views;

namespace Fhir.Server.Rendering;

/// <summary>
/// The room of pictures: a decoded frame and its data set become pixels a person can look at. It is pure: no file, no clock, no
/// log; it knows only <c>Outcomes</c> and <c>Dicom</c>. What cannot be shown is a <c>Problem</c> with a reason, never an exception.
/// <list type="bullet">
/// <item><see cref="Drawable"/> says beforehand what has no picture; <see cref="RenderingParts"/> loads the tables a reader left in the file.</item>
/// <item><see cref="FrameRenderer"/> with <see cref="RenderOptions"/> makes a <see cref="Picture"/> of a frame: <c>Grey/</c> (<see cref="GreyPipeline"/>:
/// modality, window, presentation), <c>Colour/</c> (YBR, palettes), <c>Marks/</c> (overlays, shutters, letters), <c>Views/</c>
/// (<see cref="View"/>: part, turn, size), <c>Presentation/</c> (softcopy presentation states); <see cref="Captions"/> burns words in.</item>
/// <item><see cref="PictureEncoder"/> writes PNG (our own) and JPEG (Skia, which is only ever given finished pixels).</item>
/// <item><see cref="AnimationWriter"/> writes frames as a moving GIF or PNG, <see cref="FrameTimes"/> says how long each is shown;
/// <see cref="Colour.ColourSpace"/> makes ICC profiles and turns sRGB into other spaces, <see cref="ProfileEmbedding"/> puts a profile into a picture.</item>
/// <item><see cref="ContactSheet"/> puts many pictures on one; a <see cref="Placeholder"/> is drawn for what has none.</item>
/// </list>
/// Not done: converting by an image's own ICC profile, transparency of palettes, mask subtraction, blending and volume presentation states.
/// </summary>
internal static class RenderingRoom;
