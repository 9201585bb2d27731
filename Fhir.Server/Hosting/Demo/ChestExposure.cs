namespace Fhir.Server.Hosting.Demo;

/// <summary>Takes a radiograph of <see cref="ChestPhantom"/>.</summary>
internal static class ChestExposure
{
    /// <summary>The letters of lead, in a grid of three by five: strokes of points, each a column and a row.</summary>
    private static readonly Dictionary<char, string> Letters = new()
    {
        ['C'] = "20 00 04 24", ['E'] = "20 00 04 24|02 12", ['H'] = "00 04|20 24|02 22", ['I'] = "10 14", ['L'] = "00 04 24",
        ['N'] = "04 00 24 20", ['S'] = "20 00 02 22 24 04", ['T'] = "00 20|10 14", ['Y'] = "00 12 20|12 14",
    };

    /// <summary>The stored values, row by row; 0 is black.</summary>
    public static ushort[] Take(ChestView view)
    {
        var film = new Radiograph(view);
        film.Expose(ChestPhantom.Solids(view));
        foreach (var airway in ChestPhantom.Airways())
        {
            film.Add(airway, (view == ChestView.Frontal ? -0.8 : -0.5) * ChestPhantom.Soft);
        }
        foreach (var vessel in ChestVessels.All())
        {
            film.Add([vessel], 0.95 * (ChestPhantom.Soft - ChestPhantom.Lung));
        }
        foreach (var vertebra in ChestBones.Vertebrae())
        {
            film.Add(vertebra);
        }
        foreach (var (tubes, flatness, share) in ChestBones.Tubes(view))
        {
            film.Add(tubes, share * ChestBones.Compact, flatness);
            film.Add(Array.ConvertAll(tubes, Marrow), share * (ChestBones.Spongy - ChestBones.Compact), flatness);
        }
        Write(film, view, "SYNTHETIC", new Place(-168, -168, -196), 1.7);
        Write(film, view, "L", new Place(154, 154, 204), 4.2);
        return film.Develop();
    }

    private static Tube Marrow(Tube tube) => new(tube.From, tube.To, Math.Max(tube.FromRadius - 1.1, 0.1), Math.Max(tube.ToRadius - 1.1, 0.1));

    private static void Write(Radiograph film, ChestView view, string text, Place corner, double size)
    {
        foreach (var letter in text)
        {
            var strokes = new List<Tube>();
            foreach (var stroke in Letters[letter].Split('|'))
            {
                var points = Array.ConvertAll(stroke.Split(' '), p => (Across: (p[0] - '0') * size, Down: (p[1] - '0') * size));
                for (var i = 1; i < points.Length; i++)
                {
                    strokes.Add(new Tube(At(points[i - 1]), At(points[i]), size * 0.22, size * 0.22));
                }
            }
            film.Add(strokes, 5 / size);
            corner += new Place(size * 3.2, size * 3.2, 0);
        }

        Place At((double Across, double Down) point) => view == ChestView.Frontal
            ? new Place(corner.X + point.Across, 0, corner.Z - point.Down)
            : new Place(0, corner.Y + point.Across, corner.Z - point.Down);
    }
}
