using System.Globalization;

namespace Bench;

/// <summary>Resources of people who do not exist; the same numbers always make the same ones.</summary>
internal static class SyntheticResources
{
    /// <summary>Where the medical record numbers of <see cref="Mrn"/> are from.</summary>
    public const string MrnSystem = "urn:oid:1.2.36.146.595.217.0.1";

    /// <summary>A family name that one patient in fifty has.</summary>
    public const string Family = "Garcia";

    private static readonly string[] Families =
    [
        "Smith", "Johnson", "Williams", "Brown", "Jones", "Miller", Family, "Davis", "Rodriguez", "Martinez", "Hernandez", "Lopez", "Gonzalez", "Wilson", "Anderson",
        "Thomas", "Taylor", "Moore", "Jackson", "Martin", "Lee", "Perez", "Thompson", "White", "Harris", "Sanchez", "Clark", "Ramirez", "Lewis", "Robinson", "Walker",
        "Young", "Allen", "King", "Wright", "Scott", "Torres", "Nguyen", "Hill", "Flores", "Green", "Adams", "Nelson", "Baker", "Hall", "Rivera", "Campbell", "Mitchell",
        "Carter", "Roberts",
    ];

    private static readonly string[] Given = ["Maria", "James", "Elena", "Robert", "Linda", "David", "Susan"];
    private static readonly string[] Modalities = ["CT", "MR", "US", "CR", "CT"];

    public static string Mrn(int person) => "MRN" + person.ToString("0000000", CultureInfo.InvariantCulture);

    public static string Patient(string id, int person) => $$$"""
        {"resourceType":"Patient","id":"{{{id}}}","active":true,"gender":"{{{(person % 2 == 0 ? "female" : "male")}}}","birthDate":"{{{BirthDate(person)}}}",
        "identifier":[{"use":"usual","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},
        "system":"{{{MrnSystem}}}","value":"{{{Mrn(person)}}}"}],
        "name":[{"use":"official","family":"{{{Families[person % Families.Length]}}}","given":["{{{Given[person % Given.Length]}}}"]}],
        "telecom":[{"system":"phone","value":"(03) 5555 6473","use":"home"}],
        "address":[{"use":"home","line":["534 Erewhon St"],"city":"PleasantVille","state":"Vic","postalCode":"3999","country":"AU"}]}
        """;

    /// <summary>One study a year from 2022 on: the fifth of everyone is of 2026 (of one in 365, of the day before), two of five are CT.</summary>
    public static string Study(string id, string patient, int person, int number)
    {
        var modality = Modalities[((person / Families.Length) + person + number) % Modalities.Length];
        var uid = $"{Instances.Root}6.{person + 1}.{number + 1}";
        var started = new DateTime(2022, 1, 1, 8, 30, 0, DateTimeKind.Utc).AddDays((number * 365) + (person * 97 % 365)).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        return $$$"""
            {"resourceType":"ImagingStudy","id":"{{{id}}}","status":"available","subject":{"reference":"{{{patient}}}"},"started":"{{{started}}}",
            "identifier":[{"system":"urn:dicom:uid","value":"urn:oid:{{{uid}}}"},
            {"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"ACSN"}]},"system":"urn:oid:1.2.36.146.595.217.0.2","value":"A{{{person}}}-{{{number}}}"}],
            "modality":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"{{{modality}}}"}],"numberOfSeries":2,"numberOfInstances":120,"description":"Routine examination",
            "series":[{{{Series(uid, 1, modality)}}},{{{Series(uid, 2, modality)}}}]}
            """;
    }

    public static string Observation(string id, string patient, int person, int number, string more = "") => $$$"""
        {"resourceType":"Observation","id":"{{{id}}}","status":"final","subject":{"reference":"{{{patient}}}"},{{{more}}}
        "category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital Signs"}]}],
        "code":{"coding":[{"system":"http://loinc.org","code":"{{{(number % 2 == 0 ? "8302-2" : "29463-7")}}}","display":"{{{(number % 2 == 0 ? "Body height" : "Body weight")}}}"}]},
        "effectiveDateTime":"2025-{{{Two((person % 12) + 1)}}}-{{{Two((number % 28) + 1)}}}T09:15:00Z",
        "valueQuantity":{"value":{{{60 + (person % 120)}}}.5,"unit":"{{{(number % 2 == 0 ? "cm" : "kg")}}}","system":"http://unitsofmeasure.org","code":"{{{(number % 2 == 0 ? "cm" : "kg")}}}"} }
        """;

    private static string Series(string study, int number, string modality) => $$$"""
        {"uid":"{{{study}}}.{{{number}}}","number":{{{number}}},"modality":{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"{{{modality}}}"},
        "numberOfInstances":60,"description":"Series {{{number}}}"}
        """;

    private static string BirthDate(int person) => $"{1930 + (person % 80)}-{Two((person % 12) + 1)}-{Two((person % 28) + 1)}";

    private static string Two(int number) => number.ToString("00", CultureInfo.InvariantCulture);
}
