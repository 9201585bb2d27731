namespace Fhir.Server.Rendering.Marks;

/// <summary>
/// Letters of five dots by seven, drawn for this program: servers have no fonts, and pictures shall be alike everywhere. What is not
/// ASCII is written as its letter without marks where that is known, else as a box.
/// </summary>
internal static class Glyphs
{
    public const int Width = 5;
    public const int Height = 7;

    /// <summary>Dots from one letter to the next.</summary>
    public const int Advance = Width + 1;

    /// <summary>Dots from one line to the next.</summary>
    public const int LineHeight = Height + 2;

    private const long Box = 0x7E318C63F;

    /// <summary>From the space on; each letter is seven rows of five bits, the upper row in the highest.</summary>
    private static readonly long[] Letters =
    [
        0x000000000, 0x108421004, 0x294000000, 0x295F57D4A, 0x11F4717C4, 0x632222263, 0x32544564D, 0x108000000, //   ! " # $ % & '
        0x088842082, 0x208210888, 0x009575480, 0x0084F9080, 0x000001088, 0x0000F8000, 0x00000018C, 0x042222210, // ( ) * + , - . /
        0x3A33AE62E, 0x11842108E, 0x3A211111F, 0x7C441062E, 0x08CA97C42, 0x7E1E0862E, 0x1910F462E, 0x7C2222108, // 0 1 2 3 4 5 6 7
        0x3A317462E, 0x3A317844C, 0x018C03180, 0x018C01088, 0x088882082, 0x001F07C00, 0x208208888, 0x3A2111004, // 8 9 : ; < = > ?
        0x3A37ADE0E, 0x3A31FC631, 0x7A31F463E, 0x3A308422E, 0x72518C65C, 0x7E10F421F, 0x7E10F4210, 0x3A30BC62F, // @ A B C D E F G
        0x4631FC631, 0x38842108E, 0x1C4210A4C, 0x4654C5251, 0x42108421F, 0x4775AC631, 0x47359C631, 0x3A318C62E, // H I J K L M N O
        0x7A31F4210, 0x3A318D64D, 0x7A31F5251, 0x3E107043E, 0x7C8421084, 0x46318C62E, 0x46318C544, 0x4631AD6AA, // P Q R S T U V W
        0x462A22A31, 0x462A21084, 0x7C222221F, 0x39084210E, 0x420820821, 0x38421084E, 0x115100000, 0x00000001F, // X Y Z [ \ ] ^ _
        0x208000000, 0x000E0BE2F, 0x4216CC63E, 0x000E8422E, 0x042D9C62F, 0x000E8FE0E, 0x1928E2108, 0x000F8BC2E, // ` a b c d e f g
        0x4216CC631, 0x100C2108E, 0x080610A4C, 0x4212A6292, 0x30842108E, 0x001AAD631, 0x0016CC631, 0x000E8C62E, // h i j k l m n o
        0x001E8FA10, 0x000D9BC21, 0x0016CC210, 0x000E8383E, 0x211C42126, 0x00118C66D, 0x00118C544, 0x00118D6AA, // p q r s t u v w
        0x001151151, 0x00118BC2E, 0x001F1111F, 0x088441082, 0x108421084, 0x208411088, 0x0008A8800, // x y z { | } ~
    ];

    /// <summary>The dots of a row of a letter, the left one in the highest of five bits.</summary>
    public static int Row(char letter, int row) => (int)(Of(letter) >> ((Height - 1 - row) * Width)) & 0x1F;

    /// <summary>Pixels a dot, for lines of a height.</summary>
    public static int SizeFor(float lineHeight) => (int)Math.Clamp(lineHeight / LineHeight, 1, 64);

    private static long Of(char letter) => Plain(letter) is >= ' ' and <= '~' and var plain ? Letters[plain - ' '] : char.IsControl(letter) ? 0 : Box;

    private static char Plain(char letter) => letter switch
    {
        <= '~' => letter,
        >= '\u00C0' and <= '\u00FF' => "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYPsaaaaaaaceeeeiiiidnooooo/ouuuuypy"[letter - '\u00C0'],
        '\u2013' or '\u2014' => '-',
        '\u2018' or '\u2019' => '\'',
        '\u00B5' or '\u03BC' => 'u',
        _ => letter,
    };
}
