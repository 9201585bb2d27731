using CsCheck;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>The value that says what a caller may see.</summary>
public sealed class VisibilityTests
{
    private static readonly RecordId Anna = new("anna");
    private static readonly RecordId Ben = new("ben");

    private static readonly Visibility OneSeries = Visibility.Of(RecordView.Series(Anna, "1.1", "1.1.1", "1.1.2"));

    [Test]
    public void Everything_hides_nothing()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Visibility.Everything.SeesEverything, Is.True);
            Assert.That(Visibility.Everything.SeesAnythingIn(Anna), Is.True);
            Assert.That(Visibility.Everything.SeesWhole(Anna), Is.True);
            Assert.That(Visibility.Everything.SightOf(Facts(Anna, "Patient")), Is.EqualTo(Sight.Whole));
            Assert.That(Visibility.Everything.SightOfStudy(Anna, "1.1"), Is.EqualTo(Sight.Whole));
            Assert.That(Visibility.Everything.SeesSeries(Anna, "1.1", new("1.1.1", null)), Is.True);
            Assert.That(Visibility.Everything.SightOfStudy(Anna, "1.1", []), Is.EqualTo(Sight.Whole));
        }
    }

    [Test]
    public void Nothing_hides_everything_and_so_does_no_view()
    {
        foreach (var none in (Visibility[])[Visibility.Nothing, Visibility.Of()])
        {
            using (Assert.EnterMultipleScope())
            {
                Assert.That(none.SeesEverything, Is.False);
                Assert.That(none.Records, Is.Empty);
                Assert.That(none.SeesAnythingIn(Anna), Is.False);
                Assert.That(none.SightOf(Facts(Anna, "Endpoint")), Is.EqualTo(Sight.Hidden));
                Assert.That(none.SightOfStudy(Anna, "1.1"), Is.EqualTo(Sight.Hidden));
                Assert.That(none.SeesSeries(Anna, "1.1", new("1.1.1", null)), Is.False);
            }
        }
    }

    [Test]
    public void A_whole_record_shows_all_of_it_and_nothing_of_another()
    {
        var visibility = Visibility.Of(RecordView.Whole(Anna));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(visibility.SeesWhole(Anna), Is.True);
            Assert.That(visibility.SightOf(Facts(Anna, "Patient")), Is.EqualTo(Sight.Whole));
            Assert.That(visibility.SightOf(Facts(Anna, "ImagingStudy", "1.1")), Is.EqualTo(Sight.Whole));
            Assert.That(visibility.SightOf(Facts(Anna, "ImagingStudy")), Is.EqualTo(Sight.Whole));
            Assert.That(visibility.SeesAnythingIn(Ben), Is.False);
            Assert.That(visibility.SightOf(Facts(Ben, "Patient")), Is.EqualTo(Sight.Hidden));
            Assert.That(visibility.SightOf(Facts(Ben, "Endpoint")), Is.EqualTo(Sight.Hidden));
            Assert.That(visibility.SightOfStudy(Ben, "1.1"), Is.EqualTo(Sight.Hidden));
        }
    }

    [Test]
    public void One_study_shows_itself_and_the_Endpoints_but_not_the_Patient_nor_other_studies()
    {
        var visibility = Visibility.Of(RecordView.Study(Anna, "1.1"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(visibility.SeesAnythingIn(Anna), Is.True);
            Assert.That(visibility.SeesWhole(Anna), Is.False);
            Assert.That(visibility.SightOf(Facts(Anna, "ImagingStudy", "1.1")), Is.EqualTo(Sight.Whole));
            Assert.That(visibility.SightOf(Facts(Anna, "Endpoint")), Is.EqualTo(Sight.Whole));
            Assert.That(visibility.SightOf(Facts(Anna, "ImagingStudy", "1.2")), Is.EqualTo(Sight.Hidden));
            Assert.That(visibility.SightOf(Facts(Anna, "ImagingStudy", "1.10")), Is.EqualTo(Sight.Hidden));
            Assert.That(visibility.SightOf(Facts(Anna, "ImagingStudy")), Is.EqualTo(Sight.Hidden));
            Assert.That(visibility.SightOf(Facts(Anna, "Patient")), Is.EqualTo(Sight.Hidden));
            Assert.That(visibility.SightOf(Facts(Anna, "DiagnosticReport", "1.1")), Is.EqualTo(Sight.Hidden));
            Assert.That(visibility.SightOf(new(Anna, new("DiagnosticReport", "dicom-x"), "1.1")), Is.EqualTo(Sight.Whole), "Made of a document of the study.");
            Assert.That(visibility.SightOf(new(Anna, new("DiagnosticReport", "dicom-x"), "1.2")), Is.EqualTo(Sight.Hidden));
            Assert.That(visibility.SightOf(new(Anna, new("Consent", "dicom-x"), "1.1")), Is.EqualTo(Sight.Hidden));
            Assert.That(visibility.SightOf(Facts(Ben, "ImagingStudy", "1.1")), Is.EqualTo(Sight.Hidden), "The same UID in another record.");
            Assert.That(visibility.SeesSeries(Anna, "1.1", new("any", null)), Is.True);
            Assert.That(visibility.SeesSeries(Anna, "1.2", new("any", null)), Is.False);
        }
    }

    [Test]
    public void Some_series_show_a_study_in_part_until_its_series_are_known()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(OneSeries.SightOf(Facts(Anna, "ImagingStudy", "1.1")), Is.EqualTo(Sight.Part));
            Assert.That(OneSeries.SightOfStudy(Anna, "1.1"), Is.EqualTo(Sight.Part));
            Assert.That(OneSeries.SeesSeries(Anna, "1.1", new("1.1.1", "CT")), Is.True);
            Assert.That(OneSeries.SeesSeries(Anna, "1.1", new("1.1.3", "CT")), Is.False);
            Assert.That(OneSeries.SeesSeries(Anna, "1.2", new("1.1.1", "CT")), Is.False, "A series belongs to its study.");
            Assert.That(OneSeries.SightOf(Facts(Anna, "Endpoint")), Is.EqualTo(Sight.Whole));
        }
    }

    [TestCase("1.1.1 1.1.2", ExpectedResult = Sight.Whole)]
    [TestCase("1.1.1", ExpectedResult = Sight.Whole)]
    [TestCase("1.1.1 1.1.3", ExpectedResult = Sight.Part)]
    [TestCase("1.1.3", ExpectedResult = Sight.Hidden)]
    [TestCase("", ExpectedResult = Sight.Hidden)]
    public Sight Known_series_settle_how_much_is_seen(string series) => OneSeries.SightOfStudy(Anna, "1.1", Series(series));

    [Test]
    public void Two_views_of_a_record_add_up_in_any_order()
    {
        RecordView[] views = [RecordView.Series(Anna, "1.1", "1.1.1"), RecordView.Series(Anna, "1.1", "1.1.2"), RecordView.Study(Anna, "1.2"), RecordView.Whole(Ben)];
        foreach (var visibility in (Visibility[])[Visibility.Of(views), Visibility.Of(views.Reverse())])
        {
            using (Assert.EnterMultipleScope())
            {
                Assert.That(visibility.Records, Is.EquivalentTo(new[] { Anna, Ben }));
                Assert.That(visibility.SightOfStudy(Anna, "1.1", Series("1.1.1 1.1.2")), Is.EqualTo(Sight.Whole));
                Assert.That(visibility.SightOfStudy(Anna, "1.1", Series("1.1.1 1.1.2 1.1.3")), Is.EqualTo(Sight.Part));
                Assert.That(visibility.SightOfStudy(Anna, "1.2"), Is.EqualTo(Sight.Whole));
                Assert.That(visibility.SeesWhole(Anna), Is.False);
            }
        }
        Assert.That(Visibility.Of([.. views, RecordView.Study(Anna, "1.1")]).SightOfStudy(Anna, "1.1"), Is.EqualTo(Sight.Whole), "A study and a series of it are the study.");
        Assert.That(Visibility.Of([.. views, RecordView.Whole(Anna)]).SeesWhole(Anna), Is.True);
        Assert.That(Visibility.Of(views).SeesWhole(Anna), Is.False, "Adding up changes none of the views.");
    }

    [Test]
    public void A_visibility_says_what_its_grants_say()
    {
        var records = Gen.OneOf(Anna, Ben);
        var studies = Gen.OneOf("1.1", "1.2");
        var series = Gen.OneOf("a", "b", "c");
        var grant = Gen.Select(records, studies, series, Gen.Int[0, 4], (record, study, one, form) => form switch
        {
            0 => (record, (string?)null, (string?)null),
            1 => (record, study, null),
            _ => (record, study, one),
        });
        Gen.Select(grant.List[0, 5], records, studies, series.List[0, 3]).Sample((grants, record, study, listed) =>
        {
            var lens = new Lens("grants", false, grants);
            var visibility = lens.ToVisibility();
            var all = listed.Distinct().ToList();
            return visibility.SightOfStudy(record, study, [.. all.Select(one => new SeriesFact(one, null))]) == lens.SightOf(record, study, all)
                && all.TrueForAll(one => visibility.SeesSeries(record, study, new(one, "CT")) == lens.SeesSeries(record, study, one))
                && visibility.SightOf(Facts(record, "Patient")) == lens.SightOf(record, new("Patient", "x"))
                && visibility.SightOf(Facts(record, "Endpoint")) == lens.SightOf(record, new("Endpoint", "x"))
                && visibility.SeesWhole(record) == lens.SeesWhole(record)
                && visibility.SeesAnythingIn(record) == lens.SeesAnythingIn(record);
        });
    }

    private static ResourceFacts Facts(RecordId record, string type, string? study = null) => new(record, new(type, "x"), study);

    private static IReadOnlyCollection<SeriesFact> Series(string uids) =>
        [.. uids.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => new SeriesFact(one, "CT"))];
}
