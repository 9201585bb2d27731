using System.Globalization;
using Hl7.Fhir.Model;
using FhirRange = Hl7.Fhir.Model.Range;

namespace Fhir.Server.Tests.Search;

/// <summary>Random resources over few values, so that random questions often find some and seldom find all.</summary>
internal sealed class OracleResources(Random random)
{
    public static readonly string[] Types =
    [
        "Observation", "ImagingStudy", "Patient", "Encounter", "ValueSet", "Location", "RiskAssessment", "Group", "DocumentReference", "Condition",
        "MolecularSequence", "ChargeItem",
    ];

    public static readonly string[] Systems = ["http://a/s", "urn:oid:1.2.3"];
    public static readonly string[] Codes = ["a", "A", "b", "c,d", "e|f", "g$h", @"i\j", "1.2.840.1"];
    public static readonly string[] Texts = ["Müller", "Muller-Smith", "José", "Jose Maria", "O'Neill", "de la Cruz", "CRUZ", "a,b|c$d", "50% all"];
    public static readonly string[] Displays = ["Chest pain", "Acute chest pain", "CT (chest)", "painless"];
    public static readonly string[] Dates =
    [
        "2024", "2023", "2024-02", "2024-03", "2024-02-29", "2024-03-01", "2024-02-29T10:00:00Z", "2024-02-29T10:00:00.500Z", "2024-03-01T01:30:00+02:00", "2024-02-29T23:30:00Z",
    ];

    public static readonly string[] Numbers = ["100", "99.5", "100.4", "100.5", "1", "0.001", "1000", "0", "-5", "5.4", "5.45", "5.40", "37", "98.6", "310.15"];
    public static readonly string[] Units = ["mg", "g", "kg", "mm", "m", "Cel", "[degF]", "K", "{score}", "[IU]", "nonsense"];
    public static readonly string[] References =
    [
        "Patient/1", "Patient/2", "Group/1", "Practitioner/1", "Location/2", "http://127.0.0.1:5080/fhir/Patient/1", "Patient/1/_history/3", "http://other/fhir/Patient/1",
        "urn:uuid:6f9c2f4e-0000-4000-8000-000000000001", "#p",
    ];

    public static readonly string[] Uris = ["http://a", "http://a/b", "http://a/b/c", "http://a/bc", "http://a/b/", "urn:x:1", "http://a/v|1.0"];
    public static readonly string[] Identifiers = ["A-1", "A-2", "1.2.3", "x,y"];

    public Resource Make(string type, string id)
    {
        Resource made = type switch
        {
            "Observation" => Observation(),
            "ImagingStudy" => Study(),
            "Patient" => Patient(),
            "Encounter" => new Encounter
            {
                Status = Some(Encounter.EncounterStatus.Finished, Encounter.EncounterStatus.Planned), Class = Coding(), Type = Many(Concept),
                Subject = Maybe(Reference), Period = Maybe(Period), Length = Maybe(() => Filled(new Duration())), Identifier = Many(Identifier),
                Participant = Many(() => new Encounter.ParticipantComponent { Individual = Maybe(Reference), Type = Many(Concept) }),
                Location = Many(() => new Encounter.LocationComponent { Location = Reference(), Period = Maybe(Period) }),
            },
            "ValueSet" => new ValueSet
            {
                Url = Maybe(() => One(Uris)), Version = Maybe(() => One(Codes)), Name = Maybe(() => One(Texts)), Status = Some(PublicationStatus.Active, PublicationStatus.Draft),
                Date = Maybe(() => One(Dates)), Jurisdiction = Many(Concept), Identifier = Many(Identifier), Description = Maybe(() => One(Texts)),
                UseContext = Many(() => new UsageContext { Code = Coding(), Value = Choice<DataType>(() => Filled(new Quantity()), Range, Concept, Reference)! }),
            },
            "Location" => new Location
            {
                Name = Maybe(() => One(Texts)), Alias = Many(() => One(Texts)), Address = Maybe(Address), Status = Maybe(() => Some(Location.LocationStatus.Active, Location.LocationStatus.Inactive)),
                Position = Maybe(() => new Location.PositionComponent { Latitude = random.Next(-90, 91), Longitude = random.Next(-180, 181) }), PartOf = Maybe(Reference), Type = Many(Concept),
            },
            "RiskAssessment" => new RiskAssessment
            {
                Status = ObservationStatus.Final, Subject = Maybe(Reference)!, Occurrence = Choice<DataType>(() => new FhirDateTime(One(Dates)), Period),
                Prediction = Many(() => new RiskAssessment.PredictionComponent { Probability = Choice<DataType>(() => new FhirDecimal(Number()), Range), Outcome = Maybe(Concept) }),
            },
            "Group" => new Group
            {
                Actual = random.Next(2) == 0, Code = Maybe(Concept)!, Type = Group.GroupType.Person, Name = Maybe(() => One(Texts)),
                Characteristic = Many(() => new Group.CharacteristicComponent { Code = Concept(), Value = Choice<DataType>(Concept, () => new FhirBoolean(random.Next(2) == 0), () => Filled(new Quantity()))!, Exclude = false }),
                Member = Many(() => new Group.MemberComponent { Entity = Reference() }),
            },
            "DocumentReference" => new DocumentReference
            {
                Status = DocumentReferenceStatus.Current, Subject = Maybe(Reference), Type = Maybe(Concept), Category = Many(Concept), Description = Maybe(() => One(Texts)),
                Date = Maybe(() => (DateTimeOffset?)DateTimeOffset.Parse("2024-02-29T10:00:00Z", CultureInfo.InvariantCulture)), Identifier = Many(Identifier), SecurityLabel = Many(Concept),
                RelatesTo = Many(() => new DocumentReference.RelatesToComponent { Code = Some(DocumentRelationshipType.Replaces, DocumentRelationshipType.Appends), Target = Reference() }),
                Content = Many(() => new DocumentReference.ContentComponent { Attachment = new Attachment { ContentType = One(Codes), Language = Maybe(() => "en"), Creation = Maybe(() => One(Dates)) }, Format = Maybe(Coding)! }),
            },
            "Condition" => new Condition
            {
                Code = Maybe(Concept), Subject = Reference(), RecordedDate = Maybe(() => One(Dates)), Severity = Maybe(Concept), BodySite = Many(Concept),
                Onset = Choice<DataType>(() => new FhirDateTime(One(Dates)), Period, () => Filled(new Age()), Range, () => new FhirString(One(Texts))),
                Abatement = Choice<DataType>(() => new FhirDateTime(One(Dates)), Period, () => Filled(new Age()), Range, () => new FhirString(One(Texts))),
            },
            "MolecularSequence" => new MolecularSequence
            {
                CoordinateSystem = 0, Patient = Maybe(Reference),
                ReferenceSeq = Maybe(() => new MolecularSequence.ReferenceSeqComponent { Chromosome = Maybe(Concept), ReferenceSeqId = Maybe(Concept), WindowStart = Whole(), WindowEnd = Whole() }),
                Variant = Many(() => new MolecularSequence.VariantComponent { Start = Maybe(Whole), End = Maybe(Whole) }),
            },
            _ => new ChargeItem
            {
                Status = ChargeItem.ChargeItemStatus.Billed, Code = Concept(), Subject = Reference(), FactorOverride = Maybe(() => (decimal?)Number()), Quantity = Maybe(() => Filled(new Quantity())),
                PriceOverride = Maybe(() => new Money { Value = Number(), Currency = Some(Money.Currencies.EUR, Money.Currencies.USD) }),
                Occurrence = Choice<DataType>(() => new FhirDateTime(One(Dates)), Period, Timing), Performer = Many(() => new ChargeItem.PerformerComponent { Actor = Reference(), Function = Maybe(Concept) }),
            },
        };
        made.Id = id;
        made.Meta = new Meta { Tag = Many(Coding), Profile = Many(() => One(Uris)), Source = Maybe(() => One(Uris)) };
        return made;
    }

    private Observation Observation() => new()
    {
        Status = Some(ObservationStatus.Final, ObservationStatus.Preliminary), Code = Concept(), Category = Many(Concept), Subject = Maybe(Reference), Identifier = Many(Identifier),
        Effective = Choice<DataType>(() => new FhirDateTime(One(Dates)), Period, Timing, () => new Instant(DateTimeOffset.Parse("2024-02-29T10:00:00Z", CultureInfo.InvariantCulture))),
        Value = Value(), Performer = Many(Reference), DataAbsentReason = Maybe(Concept), Focus = Many(Reference), HasMember = Many(Reference),
        Component = Many(() => new Observation.ComponentComponent { Code = Concept(), Value = Value(), DataAbsentReason = Maybe(Concept) }),
    };

    private DataType? Value() => Choice<DataType>(
        () => Filled(new Quantity()), () => Filled(new Quantity()), Concept, () => new FhirString(One(Texts)), () => new FhirDateTime(One(Dates)), Period,
        () => new SampledData { Origin = Filled(new Quantity()), Period = 1, Factor = 2, Dimensions = 1, Data = random.Next(3) == 0 ? "1 2 L" : "3 E -1 0.5" });

    private ImagingStudy Study() => new()
    {
        Status = Some(ImagingStudy.ImagingStudyStatus.Available, ImagingStudy.ImagingStudyStatus.Cancelled), Subject = Reference(), Started = Maybe(() => One(Dates)), Identifier = Many(Identifier),
        Endpoint = Many(Reference), BasedOn = Many(Reference), ReasonCode = Many(Concept), Referrer = Maybe(Reference),
        Series = Many(() => new ImagingStudy.SeriesComponent
        {
            Uid = One("1.1", "1.2", "1.3"), Modality = Coding(), BodySite = Maybe(Coding), Performer = Many(() => new ImagingStudy.PerformerComponent { Actor = Reference() }),
            Instance = Many(() => new ImagingStudy.InstanceComponent { Uid = One("1.1.1", "1.2.1"), SopClass = Coding() }),
        }),
    };

    private Patient Patient() => new()
    {
        Active = random.Next(2) == 0, Name = Many(Name), Address = Many(Address), BirthDate = Maybe(() => One("2024", "2024-02", "2024-02-29", "2023")), Gender = Maybe(() => Some(AdministrativeGender.Female, AdministrativeGender.Male)),
        Telecom = Many(() => new ContactPoint(Some(ContactPoint.ContactPointSystem.Email, ContactPoint.ContactPointSystem.Phone), Maybe(() => Some(ContactPoint.ContactPointUse.Home, ContactPoint.ContactPointUse.Work)), One(Codes))),
        Deceased = Choice<DataType>(() => new FhirBoolean(random.Next(2) == 0), () => new FhirDateTime(One(Dates))), GeneralPractitioner = Many(Reference), ManagingOrganization = Maybe(Reference), Identifier = Many(Identifier),
        Communication = Many(() => new Patient.CommunicationComponent { Language = Concept() }), Link = Many(() => new Patient.LinkComponent { Other = Reference(), Type = Hl7.Fhir.Model.Patient.LinkType.Seealso }),
    };

    private HumanName Name() => new() { Family = Maybe(() => One(Texts)), Given = Many(() => One(Texts)), Text = Maybe(() => One(Texts)) };

    private Address Address() => new() { City = Maybe(() => One(Texts)), Line = Many(() => One(Texts)), Country = Maybe(() => One(Texts)), PostalCode = Maybe(() => One("1000", "1001")), Use = Maybe(() => Some(Hl7.Fhir.Model.Address.AddressUse.Home, Hl7.Fhir.Model.Address.AddressUse.Work)) };

    private CodeableConcept Concept() => new() { Coding = Many(Coding), Text = Maybe(() => One(Displays)) };

    private Coding Coding() => new(Maybe(() => One(Systems)), One(Codes)) { Display = Maybe(() => One(Displays)) };

    private Identifier Identifier() => new(Maybe(() => One([.. Systems, "urn:dicom:uid"])), One(Identifiers)) { Type = Maybe(Concept) };

    private Period Period() => new() { Start = Maybe(() => One("2023", "2024-02", "2024-02-29T10:00:00Z")), End = Maybe(() => One("2024", "2024-03-01", "2024-02-29T23:30:00Z")) };

    private Timing Timing() => new() { Event = Many(() => One(Dates)), Repeat = Maybe(() => new Timing.RepeatComponent { Bounds = Period() }) };

    private FhirRange Range() => new() { Low = Maybe(() => Filled(new Quantity(), false)), High = Maybe(() => Filled(new Quantity(), false)) };

    private ResourceReference Reference() => random.Next(6) switch
    {
        0 => new ResourceReference { Identifier = Identifier(), Type = Maybe(() => One("Patient", "Group")) },
        1 => new ResourceReference { Display = One(Displays) },
        _ => new ResourceReference(One(References)),
    };

    private T Filled<T>(T quantity, bool compared = true)
        where T : Quantity
    {
        quantity.Value = Number();
        if (compared)
        {
            quantity.Comparator = Maybe(() => (Quantity.QuantityComparator?)Some(Quantity.QuantityComparator.LessThan, Quantity.QuantityComparator.LessOrEqual, Quantity.QuantityComparator.GreaterThan, Quantity.QuantityComparator.GreaterOrEqual), 5);
            quantity.Unit = Maybe(() => One("mg", "milligrams", "g"));
            (quantity.System, quantity.Code) = random.Next(5) switch { 0 => (null, null), 1 => ("http://a/s", One(Units)), _ => ("http://unitsofmeasure.org", One(Units)) };
        }

        return quantity;
    }

    private decimal Number() => decimal.Parse(One(Numbers), CultureInfo.InvariantCulture);

    private int? Whole() => int.Parse(One("0", "1", "5", "100", "101", "1000"), CultureInfo.InvariantCulture);

    private string One(params string[] values) => values[random.Next(values.Length)];

    private T Some<T>(params T[] values) => values[random.Next(values.Length)];

    private T? Maybe<T>(Func<T?> make, int outOf = 2) => random.Next(outOf) == 0 ? make() : default;

    private List<T> Many<T>(Func<T> make) => [.. Enumerable.Range(0, random.Next(3)).Select(_ => make())];

    private T? Choice<T>(params Func<T>[] makes)
        where T : class => random.Next(makes.Length + 1) is var which && which < makes.Length ? makes[which]() : null;
}
