using System.Text;

namespace Fhir.Server.Dicom;

/// <content>From whatever character set to UTF-8, which can say everything. PS3.3 §C.12.1.1.2.</content>
public sealed partial class DicomDataset
{
    private static readonly byte[] Utf8Term = Encoding.ASCII.GetBytes(DicomCharacterSet.Utf8Term);

    /// <summary>Writes its text anew in UTF-8 and declares that; items that inherit its character set go with it.</summary>
    /// <exception cref="InvalidOperationException">There is text that was not loaded, and so cannot be written anew.</exception>
    public void UseUtf8()
    {
        if (Find(DicomTag.SpecificCharacterSet)?.Value.Span.TrimEnd((byte)' ').SequenceEqual(Utf8Term) == true)
        {
            return;
        }

        if (!CanRewrite())
        {
            throw new InvalidOperationException("Text that was not loaded cannot be written anew in UTF-8.");
        }

        Rewrite(CharacterSet);
        Add(new DicomElement(DicomTag.SpecificCharacterSet, DicomVr.CS, Utf8Term));
    }

    private bool CanRewrite() => elements.TrueForAll(element =>
        !(element.Vr.IsFreeText && element.Bulk is not null)
        && (element.Items ?? []).All(item => item.Contains(DicomTag.SpecificCharacterSet) || item.CanRewrite()));

    private void Rewrite(DicomCharacterSet from)
    {
        for (var i = 0; i < elements.Count; i++)
        {
            var element = elements[i];
            foreach (var item in element.Items ?? [])
            {
                if (!item.Contains(DicomTag.SpecificCharacterSet))
                {
                    item.Rewrite(from);
                }
            }

            // ISO 2022 hides kanji in ASCII behind an escape.
            if (element.Vr.IsText && (!Ascii.IsValid(element.Value.Span) || element.Value.Span.Contains((byte)0x1B)))
            {
                AddBytes(element.Tag, element.Vr, Encoding.UTF8.GetBytes(from.Decode(element.Vr, element.Value.Span)));
            }
        }
    }
}
