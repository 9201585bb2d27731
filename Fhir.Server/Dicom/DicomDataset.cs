namespace Fhir.Server.Dicom;

/// <summary>Elements in the order of their tags, each at most once. PS3.5 §7.</summary>
public sealed partial class DicomDataset
{
    private readonly List<DicomElement> elements = [];
    private DicomCharacterSet? characterSet;

    /// <summary>An empty data set.</summary>
    public DicomDataset()
    {
    }

    internal DicomDataset(DicomDataset parent) => Parent = parent;

    /// <summary>The data set of which this is an item; null at the top.</summary>
    public DicomDataset? Parent { get; private set; }

    /// <summary>Where the tag of this item is in the file it was read from, which a DICOMDIR points to; 0 when it is none.</summary>
    internal long Offset { get; init; }

    /// <summary>How many elements, items not counted.</summary>
    public int Count => elements.Count;

    /// <summary>How its text is written; items inherit it. PS3.3 §C.12.1.1.2.</summary>
    public DicomCharacterSet CharacterSet => characterSet ??= Find(DicomTag.SpecificCharacterSet) is { } declared
        ? DicomCharacterSet.Parse(declared.Value.Span)
        : Parent?.CharacterSet ?? DicomCharacterSet.Default;

    /// <summary>The elements in the order of their tags.</summary>
    public IReadOnlyList<DicomElement> Elements => elements;

    /// <summary>The element, or null.</summary>
    public DicomElement? this[DicomTag tag] => Find(tag);

    /// <summary>The element, or null.</summary>
    public DicomElement? Find(DicomTag tag)
    {
        var index = IndexOf(tag);
        return index < 0 ? null : elements[index];
    }

    /// <summary>Whether it has the element, be it empty.</summary>
    public bool Contains(DicomTag tag) => IndexOf(tag) >= 0;

    /// <summary>Finds an element by <c>GGGGEEEE</c> or, in an item, <c>GGGGEEEE/1/GGGGEEEE</c>; items count from 1.</summary>
    public DicomElement? FindByPath(ReadOnlySpan<char> path) => FindByPath(path, out _);

    /// <summary>Finds an element by its path, and the data set that holds it.</summary>
    public DicomElement? FindByPath(ReadOnlySpan<char> path, out DicomDataset holder)
    {
        holder = this;
        while (true)
        {
            var slash = path.IndexOf('/');
            var name = slash < 0 ? path : path[..slash];
            if (name.Length != 8 || !DicomTag.TryParse(name, out var tag) || holder.Find(tag) is not { } element)
            {
                return null;
            }

            if (slash < 0)
            {
                return element;
            }

            path = path[(slash + 1)..];
            slash = path.IndexOf('/');
            if (slash < 0 || element.Items is not { } items || !int.TryParse(path[..slash], System.Globalization.NumberStyles.None, null, out var number)
                || number < 1 || number > items.Count)
            {
                return null;
            }

            holder = items[number - 1];
            path = path[(slash + 1)..];
        }
    }

    /// <summary>Adds an element; one with the same tag is replaced.</summary>
    public DicomDataset Add(DicomElement element)
    {
        ArgumentNullException.ThrowIfNull(element);
        if (element.Items is { } items)
        {
            foreach (var item in items)
            {
                if (item.Parent != this)
                {
                    item.Parent = this;
                    item.ForgetCharacterSet();
                }
            }
        }

        if (elements.Count == 0 || elements[^1].Tag < element.Tag)
        {
            elements.Add(element);
        }
        else
        {
            var index = IndexOf(element.Tag);
            if (index >= 0)
            {
                elements[index] = element;
            }
            else
            {
                elements.Insert(~index, element);
            }
        }

        if (element.Tag == DicomTag.SpecificCharacterSet)
        {
            ForgetCharacterSet();
        }

        return this;
    }

    /// <summary>Takes an element away; false when there was none.</summary>
    public bool Remove(DicomTag tag)
    {
        var index = IndexOf(tag);
        if (index < 0)
        {
            return false;
        }

        elements.RemoveAt(index);
        if (tag == DicomTag.SpecificCharacterSet)
        {
            ForgetCharacterSet();
        }

        return true;
    }

    /// <summary>Takes all elements away that are so named, in one pass; how many there were.</summary>
    internal int RemoveAll(Predicate<DicomTag> isUnwanted)
    {
        var count = elements.RemoveAll(element => isUnwanted(element.Tag));
        if (count > 0)
        {
            ForgetCharacterSet();
        }

        return count;
    }

    /// <summary>Lets <c>foreach</c> walk the elements without garbage.</summary>
    public List<DicomElement>.Enumerator GetEnumerator() => elements.GetEnumerator();

    private void ForgetCharacterSet()
    {
        if (characterSet is null)
        {
            return;
        }

        characterSet = null;
        foreach (var element in elements)
        {
            foreach (var item in element.Items ?? [])
            {
                item.ForgetCharacterSet();
            }
        }
    }

    private int IndexOf(DicomTag tag)
    {
        var (low, high) = (0, elements.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var found = elements[middle].Tag;
            if (found == tag)
            {
                return middle;
            }

            (low, high) = found < tag ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }
}
