namespace Bench;

/// <summary>
/// A made-up life as a transaction: a patient, then visits of ten resources each (Encounter, Condition, five Observations, Procedure, DiagnosticReport,
/// MedicationRequest), which refer to each other by <c>urn:uuid</c>.
/// </summary>
internal static class PatientHistory
{
    private const int AVisit = 10;

    /// <summary>The entries, exactly as many as asked for.</summary>
    public static IEnumerable<string> Entries(int person, int count) =>
        Enumerable.Range(1, count - 1).Select(number => Entry(person, number))
            .Prepend(Bundles.Create(0, "Patient", SyntheticResources.Patient(Bundles.Uuid(0), person)));

    private static string Entry(int person, int number)
    {
        var first = number - ((number - 1) % AVisit);
        var (type, resource) = (number - first) switch
        {
            0 => ("Encounter", Encounter(number)),
            1 => ("Condition", Condition(number, first)),
            7 => ("Procedure", Procedure(number, first)),
            8 => ("DiagnosticReport", Report(number, first)),
            9 => ("MedicationRequest", Medication(number, first)),
            _ => ("Observation", SyntheticResources.Observation(
                Bundles.Uuid(number), Bundles.Urn(0), person, number, $$$""" "encounter":{"reference":"{{{Bundles.Urn(first)}}}"},"issued":"2025-03-04T09:15:00.000Z",""")),
        };
        return Bundles.Create(number, type, resource);
    }

    private static string Encounter(int number) => $$$"""
        {"resourceType":"Encounter","id":"{{{Bundles.Uuid(number)}}}","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},
        "type":[{"coding":[{"system":"http://snomed.info/sct","code":"162673000","display":"General examination of patient (procedure)"}],"text":"General examination of patient (procedure)"}],
        "subject":{"reference":"{{{Bundles.Urn(0)}}}"},"period":{"start":"2025-03-04T09:00:00Z","end":"2025-03-04T09:30:00Z"} }
        """;

    private static string Condition(int number, int encounter) => $$$"""
        {"resourceType":"Condition","id":"{{{Bundles.Uuid(number)}}}",{{{Common(encounter)}}},
        "clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},
        "verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}]},
        "code":{"coding":[{"system":"http://snomed.info/sct","code":"59621000","display":"Essential hypertension (disorder)"}],"text":"Essential hypertension (disorder)"},
        "onsetDateTime":"2025-03-04T09:00:00Z","recordedDate":"2025-03-04T09:00:00Z"}
        """;

    private static string Procedure(int number, int encounter) => $$$"""
        {"resourceType":"Procedure","id":"{{{Bundles.Uuid(number)}}}","status":"completed",{{{Common(encounter)}}},
        "code":{"coding":[{"system":"http://snomed.info/sct","code":"399208008","display":"Plain chest X-ray (procedure)"}],"text":"Plain chest X-ray (procedure)"},
        "performedPeriod":{"start":"2025-03-04T09:00:00Z","end":"2025-03-04T09:20:00Z"} }
        """;

    private static string Report(int number, int encounter) => $$$"""
        {"resourceType":"DiagnosticReport","id":"{{{Bundles.Uuid(number)}}}","status":"final",{{{Common(encounter)}}},
        "category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0074","code":"LAB","display":"Laboratory"}]}],
        "code":{"coding":[{"system":"http://loinc.org","code":"51990-0","display":"Basic metabolic panel - Blood by Automated count"}]},
        "effectiveDateTime":"2025-03-04T09:15:00Z","issued":"2025-03-04T09:15:00.000Z",
        "result":[{"reference":"{{{Bundles.Urn(encounter + 2)}}}"},{"reference":"{{{Bundles.Urn(encounter + 3)}}}"},{"reference":"{{{Bundles.Urn(encounter + 4)}}}"}]}
        """;

    private static string Medication(int number, int encounter) => $$$"""
        {"resourceType":"MedicationRequest","id":"{{{Bundles.Uuid(number)}}}","status":"stopped","intent":"order",{{{Common(encounter)}}},
        "medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"314076","display":"lisinopril 10 MG Oral Tablet"}]},
        "authoredOn":"2025-03-04T09:20:00Z","dosageInstruction":[{"sequence":1,"timing":{"repeat":{"frequency":1,"period":1.0,"periodUnit":"d"} },"asNeededBoolean":false}]}
        """;

    private static string Common(int encounter) =>
        $$$""" "subject":{"reference":"{{{Bundles.Urn(0)}}}"},"encounter":{"reference":"{{{Bundles.Urn(encounter)}}}"} """;
}
