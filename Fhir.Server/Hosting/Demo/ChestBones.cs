namespace Fhir.Server.Hosting.Demo;

/// <summary>The bones of <see cref="ChestPhantom"/>.</summary>
internal static class ChestBones
{
    /// <summary>What compact and spongy bone weaken the beam per mm more than soft tissue.</summary>
    public const double Compact = 0.021, Spongy = 0.008;

    private const double Pi = 3.14159265358979;

    /// <summary>Half width, half depth, fall from back to front in mm and end in degrees from the spine, for ribs 1 to 12.</summary>
    private static readonly (double Width, double Depth, double Fall, double End)[] Ribs =
    [
        (52, 48, 36, 150), (86, 64, 58, 150), (108, 77, 74, 146), (122, 86, 86, 143), (131, 92, 97, 140), (136, 95, 106, 137),
        (139, 96, 112, 132), (140, 96, 112, 122), (139, 95, 104, 112), (136, 93, 90, 100), (130, 90, 60, 74), (118, 88, 34, 48),
    ];

    /// <summary>Tubes that belong together, with their flatness and how dense they are to others; each is compact outside and spongy inside.</summary>
    public static IEnumerable<(Tube[] Tubes, double Flatness, double Share)> Tubes(ChestView view)
    {
        foreach (var side in (double[])[-1, 1])
        {
            for (var number = 1; number <= Ribs.Length; number++)
            {
                yield return (Rib(number, side), 1.75, 1);
            }
            yield return (Scapula(side, view), 1, 1);
            if (view == ChestView.Frontal)
            {
                yield return (Tube.Through((side * 13, -62, 150, 8), (side * 40, -72, 151, 5.5), (side * 88, -52, 163, 5), (side * 138, -6, 172, 5.5)), 1, 1);
                yield return (Tube.Through((side * 171, 10, 150, 23), (side * 172, 10, 149, 23), (side * 184, 10, 118, 13), (side * 190, 10, 0, 12)), 1, 0.8);
            }
        }
        yield return (Tube.Through((0, -64, 152, 5), (0, -84, 112, 5.5), (0, -98, 20, 5), (0, -96, -8, 3)), 2.6, 1.2);
        for (var z = 215.0; z > -230; z -= 25)
        {
            foreach (var tubes in Arch(z))
            {
                yield return (tubes, 1, 0.3);
            }
        }
    }

    /// <summary>The bodies of the vertebrae: compact shells around spongy blocks.</summary>
    public static IEnumerable<Solid> Vertebrae()
    {
        for (var z = 215.0; z > -230; z -= 25)
        {
            var growth = 1 + ((120 - z) * 0.0011);
            var centre = new Place(0, SpineY(z), z);
            var radii = new Place(15.5 * growth, 14 * growth, 10.6);
            const double Shell = Compact * 0.45;
            yield return new Organ(centre, radii, Shell, Boxy.All);
            yield return new Organ(centre, radii - new Place(1.2, 1.2, 1.2), (Spongy * 0.7) - Shell, Boxy.All);
        }
    }

    /// <summary>The spine bends backwards in the chest.</summary>
    private static double SpineY(double z) => 60 - ((z > 20 ? 0.0011 : 0.0006) * (z - 20) * (z - 20));

    private static Tube[] Rib(int number, double side)
    {
        const int Pieces = 44;
        var (width, depth, fall, end) = Ribs[number - 1];
        var start = 176.0 - (25 * (number - 1));
        var back = SpineY(start) + 33 + (side * 2.5);
        var stops = new (double, double, double, double)[Pieces + 1];
        for (var i = 0; i <= Pieces; i++)
        {
            var angle = (10 + ((end - 10) * i / Pieces)) * Pi / 180;
            var turn = angle / Pi;
            var z = start - (side * 1.5) - (fall * ((0.25 * turn) + (0.95 * turn * turn)) / (0.25 + (0.95 * 0.7)) * 1.05);
            stops[i] = (side * width * Sine(angle), back - depth + (depth * Cosine(angle)), z, number < 11 ? 3.6 : 3.0);
        }
        return Tube.Through(stops);
    }

    /// <summary>A thin blade with stronger borders, its spine and the roof of the shoulder.</summary>
    private static Tube[] Scapula(double side, ChestView view)
    {
        var shift = view == ChestView.Frontal ? 0 : -14;
        var borders = Tube.Through(
            (side * (122 + shift), 88, 128, 1.6), (side * (128 + shift), 98, 26, 2.2), (side * (158 + shift), 44, 136, 3.2), (side * (122 + shift), 88, 142, 1.4));
        return view == ChestView.Lateral ? borders :
            [.. borders, .. Tube.Through((side * 122, 88, 126, 2), (side * 160, 46, 162, 3.6), (side * 172, 14, 176, 5))];
    }

    /// <summary>Pedicles, transverse and spinous processes of one vertebra.</summary>
    private static IEnumerable<Tube[]> Arch(double z)
    {
        var y = SpineY(z);
        foreach (var side in (double[])[-1, 1])
        {
            yield return [new Tube(new(side * 10.5, y + 12, z + 3), new(side * 11.5, y + 26, z + 2), 4.2, 4)];
            yield return [new Tube(new(side * 12, y + 26, z + 1), new(side * 31, y + 35, z + 5), 4.2, 3.2)];
        }
        yield return [new Tube(new(0, y + 28, z - 2), new(0, y + 52, z - 20), 3.6, 2.8)];
    }

    /// <summary>By its series, for the last bit of the library's sine is not the same on every machine. From 0 to π.</summary>
    private static double Sine(double angle)
    {
        var x = angle - (Pi / 2);
        var square = x * x;
        return 1 - (square / 2 * (1 - (square / 12 * (1 - (square / 30 * (1 - (square / 56 * (1 - (square / 90)))))))));
    }

    private static double Cosine(double angle)
    {
        var x = (Pi / 2) - angle;
        var square = x * x;
        return x * (1 - (square / 6 * (1 - (square / 20 * (1 - (square / 42 * (1 - (square / 72 * (1 - (square / 110))))))))));
    }
}
