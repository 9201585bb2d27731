using Fhir.Server.Rendering;

namespace Fhir.Server.Tests.Rendering;

/// <summary>Many pictures on one.</summary>
public sealed class ContactSheetTests
{
    private static readonly string[] LetterI = [".###.", "..#..", "..#..", "..#..", "..#..", "..#..", ".###."];

    [Test]
    public void Each_place_has_its_picture_or_the_reason_and_its_label()
    {
        using var thumbnail = new Picture(2, 2, false);
        thumbnail.Pixels.Fill(200);
        using var sheet = ContactSheet.Of([new ContactSheetCell(thumbnail, "I", null), new ContactSheetCell(null, "I", "I")], 2, 32);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(sheet.Row(4 + 15)[(4 + 15) * 3], Is.EqualTo(200), "The picture in the middle of its place.");
            Assert.That(Letter(sheet, 4, 4 + 32 + 2), Is.EqualTo(LetterI), "The label below it.");
            Assert.That(Letter(sheet, 4 + 36 + 2, 4 + 2), Is.EqualTo(LetterI), "The reason in place of a picture.");
            Assert.That(Letter(sheet, 4 + 36, 4 + 32 + 2), Is.EqualTo(LetterI), "The label below the reason.");
        }
    }

    [TestCase(8, 8, 160, true)]
    [TestCase(64, 64, 32, true)]
    [TestCase(64, 64, 1024, false)]
    [TestCase(int.MaxValue, 1, 1024, false)]
    public void A_sheet_has_no_more_pixels_than_a_picture_may_have(int columns, int rows, int size, bool fits) =>
        Assert.That(ContactSheet.Fits(columns, rows, size), Is.EqualTo(fits));

    private static string[] Letter(Picture sheet, int x, int y)
    {
        var rows = new string[7];
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row] = "";
            for (var column = 0; column < 5; column++)
            {
                rows[row] += sheet.Row(y + row)[(x + column) * 3] == 255 ? '#' : '.';
            }
        }

        return rows;
    }
}
