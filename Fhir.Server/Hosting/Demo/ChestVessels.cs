namespace Fhir.Server.Hosting.Demo;

/// <summary>The vessels of the lungs: trees that grow from the hila, fork and taper, and end at the pleura.</summary>
internal sealed class ChestVessels
{
    private readonly List<Tube> tubes = [];
    private int drawn;

    /// <summary>All vessels of both lungs.</summary>
    public static IReadOnlyList<Tube> All()
    {
        var vessels = new ChestVessels();
        foreach (var side in (double[])[-1, 1])
        {
            var hilum = new Place(side * 34, 22, side < 0 ? 8 : 16);
            (Place Direction, double Radius)[] branches =
            [
                (new(0.45, 0.0, 1.0), 5.0), (new(0.7, 0.4, 0.75), 4.0), (new(0.75, -0.6, 0.35), 4.2), (new(1, 0.3, 0.05), 4.0),
                (new(0.5, 0.35, -1.0), 5.4), (new(0.75, 0.1, -0.7), 5.0), (new(0.35, 0.6, -0.8), 4.6), (new(0.9, -0.5, -0.35), 4.0),
            ];
            foreach (var (direction, radius) in branches)
            {
                var outwards = direction with { X = direction.X * side };
                vessels.Grow(side < 0 ? ChestPhantom.RightLung : ChestPhantom.LeftLung, hilum + (outwards * 9), outwards, radius * 0.9);
            }
        }
        return vessels.tubes;
    }

    private void Grow(Organ lung, Place from, Place direction, double radius)
    {
        var length = 9 + (5 * radius * (0.6 + (0.4 * Draw())));
        var steer = new Place(Draw(), Draw(), Draw()) * 0.22;
        direction += steer;
        direction *= 1 / direction.Length;
        var to = from + (direction * length);
        var thinner = radius * 0.87;
        if (radius < 0.55 || !lung.Holds(to, 0.96) || ChestPhantom.RightDome.Holds(to, 1) || ChestPhantom.LeftDome.Holds(to, 1))
        {
            return;
        }
        tubes.Add(new Tube(from, to, radius, thinner));
        var aside = new Place(Draw(), Draw(), Draw());
        aside *= 0.62 / (aside.Length + 0.05);
        Grow(lung, to, direction + (aside * 0.7), thinner * 0.95);
        Grow(lung, to, direction - aside, thinner * (0.68 + (0.1 * Draw())));
    }

    private double Draw() => HashNoise.At(drawn++, 0, 0, 77);
}
