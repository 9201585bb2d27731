namespace Fhir.Server.Hosting.Demo;

/// <summary>
/// A detector behind a chest. It gathers, pixel by pixel, how much the beam was weakened, and makes of it the picture a digital
/// machine would show. The beam is parallel, so nothing is magnified.
/// </summary>
internal sealed class Radiograph(ChestView view)
{
    public const int Columns = 1024, Rows = 1216, BitsStored = 12;

    /// <summary>In mm, in both directions.</summary>
    public const double Spacing = 0.35;

    private readonly double[] weakened = new double[Columns * Rows];
    private readonly double[] once = new double[Columns * Rows];

    /// <summary>Sends the beam through solids; where several overlap, the last in the list is there.</summary>
    public void Expose(IReadOnlyList<Solid> solids) => Parallel.For(0, Rows, row =>
    {
        var (enters, leaves, weakening) = (new double[solids.Count], new double[solids.Count], new double[solids.Count]);
        var edges = new double[solids.Count * 2];
        var height = Height(row);
        var reaches = solids.Select(solid => (Solid: solid, Reach: solid.Reach(view, height))).Where(solid => solid.Reach.From < solid.Reach.To).ToArray();
        for (var column = 0; column < Columns; column++)
        {
            var (crossed, across) = (0, Across(column));
            foreach (var (solid, (from, to)) in reaches)
            {
                if (across > from && across < to && solid.Crosses(view, across, height, out enters[crossed], out leaves[crossed]))
                {
                    (edges[crossed * 2], edges[(crossed * 2) + 1]) = (enters[crossed], leaves[crossed]);
                    weakening[crossed++] = solid.Weakening;
                }
            }
            weakened[(row * Columns) + column] = Along(edges.AsSpan(0, crossed * 2), enters, leaves, weakening, crossed);
        }
    });

    /// <summary>Adds bone or takes away air: solids that lie in soft tissue, one within the other or apart.</summary>
    public void Add(Solid solid)
    {
        for (var row = 0; row < Rows; row++)
        {
            var (from, to) = solid.Reach(view, Height(row));
            for (var (column, last) = from < to ? (Column(from), Column(to)) : (Columns, 0); column <= last; column++)
            {
                if (solid.Crosses(view, Across(column), Height(row), out var enters, out var leaves))
                {
                    weakened[(row * Columns) + column] += (leaves - enters) * solid.Weakening;
                }
            }
        }
    }

    /// <summary>Adds tubes that belong together: where they join they count once.</summary>
    /// <param name="tubes">The tubes.</param>
    /// <param name="weakening">Per mm, more than what they lie in; negative for air.</param>
    /// <param name="flatness">How high they are to how thick, for ribs: thickness as given, height this many times more.</param>
    public void Add(IReadOnlyList<Tube> tubes, double weakening, double flatness = 1)
    {
        foreach (var tube in tubes)
        {
            Draw(tube, flatness);
        }
        foreach (var tube in tubes)
        {
            var (left, right, first, last) = Frame(tube, flatness);
            for (var row = first; row <= last; row++)
            {
                for (var i = (row * Columns) + left; i <= (row * Columns) + right; i++)
                {
                    weakened[i] += once[i] * weakening;
                    once[i] = 0;
                }
            }
        }
    }

    /// <summary>The picture, dense parts bright: large differences flattened a little, so that lungs and spine are seen in one window.</summary>
    public ushort[] Develop()
    {
        var wide = BoxBlur.Twice(weakened, Columns, Rows, 90);
        var near = BoxBlur.Twice(weakened, Columns, Rows, 3);
        var stored = new ushort[Columns * Rows];
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                var i = (row * Columns) + column;
                var noise = 0.006 * (1 + (0.7 * Math.Min(weakened[i], 6))) * HashNoise.Grain(column, row, (int)view + 1000);
                var value = weakened[i] + (0.6 * (weakened[i] - near[i])) - (0.42 * wide[i]) + noise;
                stored[i] = (ushort)Math.Clamp(Math.Round(Tone(value)), 0, (1 << BitsStored) - 1);
            }
        }
        return stored;
    }

    /// <summary>A straight line with a soft shoulder at the bright end.</summary>
    private double Tone(double value)
    {
        var (dark, range) = view == ChestView.Frontal ? (0.15, 2.9) : (0.25, 3.6);
        var t = Math.Max(0, (value - dark) / range);
        return 4000 * t / Math.Sqrt(1 + (0.35 * t * t));
    }

    private static double Along(Span<double> edges, double[] enters, double[] leaves, double[] weakening, int crossed)
    {
        for (var i = 1; i < edges.Length; i++)
        {
            var (edge, place) = (edges[i], i);
            for (; place > 0 && edges[place - 1] > edge; place--)
            {
                edges[place] = edges[place - 1];
            }
            edges[place] = edge;
        }
        var sum = 0.0;
        for (var i = 1; i < edges.Length; i++)
        {
            var middle = (edges[i - 1] + edges[i]) / 2;
            for (var solid = crossed - 1; solid >= 0; solid--)
            {
                if (enters[solid] < middle && middle < leaves[solid])
                {
                    sum += weakening[solid] * (edges[i] - edges[i - 1]);
                    break;
                }
            }
        }
        return sum;
    }

    /// <summary>The columns and rows that a tube can touch.</summary>
    private (int Left, int Right, int First, int Last) Frame(in Tube tube, double flatness)
    {
        var (fromU, fromV, _) = Project(tube.From);
        var (toU, toV, _) = Project(tube.To);
        var reach = Math.Max(tube.FromRadius, tube.ToRadius) * flatness;
        return (Column(Math.Min(fromU, toU) - reach), Column(Math.Max(fromU, toU) + reach),
            Row(Math.Max(fromV, toV) + reach), Row(Math.Min(fromV, toV) - reach));
    }

    /// <summary>Draws the length of the way through one tube, where it is longer than what is drawn already.</summary>
    private void Draw(in Tube tube, double flatness)
    {
        var (fromU, fromV, fromDepth) = Project(tube.From);
        var (toU, toV, toDepth) = Project(tube.To);
        var (u, v, depth) = (toU - fromU, toV - fromV, Math.Abs(toDepth - fromDepth));
        var flat = (u * u) + (v * v) + 1e-9;
        var level = Math.Abs(u) / Math.Sqrt(flat);
        var high = 1 + ((flatness - 1) * level);
        var slant = Math.Min(3, Math.Sqrt(1 + (depth * depth / flat)));
        var (left, right, first, last) = Frame(tube, flatness);
        for (var row = first; row <= last; row++)
        {
            for (var column = left; column <= right; column++)
            {
                var (x, y) = (Across(column) - fromU, Height(row) - fromV);
                var share = Math.Clamp(((x * u) + (y * v)) / flat, 0, 1);
                var (awayX, awayY) = (x - (share * u), y - (share * v));
                var radius = tube.FromRadius + ((tube.ToRadius - tube.FromRadius) * share);
                var rest = 1 - (((awayX * awayX) + (awayY * awayY)) / (radius * radius * high * high));
                if (rest > 0)
                {
                    var through = 2 * radius * Math.Sqrt(rest);
                    ref var most = ref once[(row * Columns) + column];
                    most = Math.Max(most, Math.Min(through * slant, through + depth));
                }
            }
        }
    }

    private (double Across, double Height, double Depth) Project(in Place p) =>
        view == ChestView.Frontal ? (p.X, p.Z, p.Y) : (p.Y, p.Z, p.X);

    private static double Across(int column) => (column - ((Columns - 1) / 2.0)) * Spacing;

    private static double Height(int row) => (((Rows - 1) / 2.0) - row) * Spacing;

    private static int Column(double across) => (int)Math.Clamp(Math.Round((across / Spacing) + ((Columns - 1) / 2.0)), 0, Columns - 1);

    private static int Row(double height) => (int)Math.Clamp(Math.Round(((Rows - 1) / 2.0) - (height / Spacing)), 0, Rows - 1);
}
