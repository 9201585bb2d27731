namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// The tables of the embedded store. What is truth and what is derived is said at each; <see cref="StoreRebuild"/> makes the derived
/// ones anew. A new version of the schema is a further step in <see cref="Steps"/>; steps are never changed once released.
/// </summary>
internal static class Schema
{
    /// <summary>The newest version this program knows. A store of a newer one is refused at start.</summary>
    public static int Version => Steps.Length;

    /// <summary>Step n leads from version n to n + 1.</summary>
    public static readonly string[] Steps =
    [
        """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        -- One row a record. state: 0 only talked about (audit), 1 live, 2 erased.
        CREATE TABLE record(
            pk INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, number INTEGER NOT NULL DEFAULT 0, updated INTEGER NOT NULL DEFAULT 0,
            audit_number INTEGER NOT NULL DEFAULT 0, audit_chain BLOB NOT NULL DEFAULT x'', state INTEGER NOT NULL DEFAULT 0);

        -- AUTOINCREMENT where a key is remembered between statements: a number that was erased never comes to mean something else.
        -- The current version of every resource, tombstones too (method DELETE, no json).
        CREATE TABLE resource(
            pk INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, id TEXT NOT NULL, record INTEGER NOT NULL, version INTEGER NOT NULL,
            updated INTEGER NOT NULL, method TEXT NOT NULL, study TEXT, derived INTEGER NOT NULL, json BLOB NOT NULL, UNIQUE(type, id));
        CREATE INDEX resource_by_record ON resource(record, type, study);
        CREATE INDEX resource_live ON resource(type, pk) WHERE method <> 'DELETE';
        CREATE INDEX resource_updated ON resource(type, updated, pk);

        -- Superseded versions, each in the record it was in; deflated = 1: raw deflate of the JSON.
        CREATE TABLE version(
            pk INTEGER PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, record INTEGER NOT NULL,
            updated INTEGER NOT NULL, method TEXT NOT NULL, study TEXT, deflated INTEGER NOT NULL, json BLOB NOT NULL,
            UNIQUE(type, id, version));
        CREATE INDEX version_by_record ON version(record);

        -- Derived: index rows of current versions; '' stands for no system, no target type, no series.
        CREATE TABLE parameter(pk INTEGER PRIMARY KEY, type TEXT NOT NULL, code TEXT NOT NULL, UNIQUE(type, code));
        CREATE TABLE ix_token(
            parameter INTEGER NOT NULL, code TEXT NOT NULL, system TEXT NOT NULL, resource INTEGER NOT NULL, series TEXT NOT NULL,
            PRIMARY KEY(parameter, code, system, resource, series)) WITHOUT ROWID;
        CREATE INDEX ix_token_resource ON ix_token(resource, parameter);
        CREATE TABLE ix_string(
            parameter INTEGER NOT NULL, folded TEXT NOT NULL, exact TEXT NOT NULL, resource INTEGER NOT NULL, series TEXT NOT NULL,
            PRIMARY KEY(parameter, folded, exact, resource, series)) WITHOUT ROWID;
        CREATE INDEX ix_string_resource ON ix_string(resource, parameter);
        CREATE TABLE ix_date(
            parameter INTEGER NOT NULL, lo INTEGER NOT NULL, hi INTEGER NOT NULL, resource INTEGER NOT NULL, series TEXT NOT NULL,
            PRIMARY KEY(parameter, lo, hi, resource, series)) WITHOUT ROWID;
        CREATE INDEX ix_date_resource ON ix_date(resource, parameter);
        CREATE TABLE ix_reference(
            parameter INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, resource INTEGER NOT NULL, series TEXT NOT NULL,
            PRIMARY KEY(parameter, id, type, resource, series)) WITHOUT ROWID;
        CREATE INDEX ix_reference_resource ON ix_reference(resource, parameter);
        CREATE TABLE ix_uri(
            parameter INTEGER NOT NULL, value TEXT NOT NULL, resource INTEGER NOT NULL, series TEXT NOT NULL,
            PRIMARY KEY(parameter, value, resource, series)) WITHOUT ROWID;
        CREATE INDEX ix_uri_resource ON ix_uri(resource, parameter);
        -- Derived: the series an ImagingStudy lists, for filters.
        CREATE TABLE resource_series(
            resource INTEGER NOT NULL, uid TEXT NOT NULL, modality TEXT, PRIMARY KEY(resource, uid)) WITHOUT ROWID;

        -- A study's place and generation are truth; counts, modalities, attributes and matching columns are derived.
        CREATE TABLE study(
            pk INTEGER PRIMARY KEY AUTOINCREMENT, record INTEGER NOT NULL, uid TEXT NOT NULL, generation INTEGER NOT NULL,
            change INTEGER NOT NULL DEFAULT 0, published INTEGER NOT NULL DEFAULT 0, dirty_since INTEGER NOT NULL DEFAULT 0,
            last_change INTEGER NOT NULL DEFAULT 0, last_published INTEGER NOT NULL DEFAULT 0,
            series_count INTEGER NOT NULL DEFAULT 0, instance_count INTEGER NOT NULL DEFAULT 0, modalities TEXT NOT NULL DEFAULT '',
            attributes BLOB NOT NULL DEFAULT x'', keys TEXT NOT NULL DEFAULT '{}',
            patient_id TEXT, patient_name TEXT, birth_date TEXT, sex TEXT, study_date TEXT, study_time TEXT, accession TEXT,
            study_id TEXT, description TEXT, referring TEXT, UNIQUE(record, uid));
        CREATE INDEX study_by_uid ON study(uid);
        CREATE INDEX study_by_date ON study(study_date, pk);
        CREATE INDEX study_by_patient_id ON study(patient_id);
        CREATE INDEX study_by_accession ON study(accession);
        CREATE INDEX study_dirty ON study(last_change) WHERE published < change;
        -- Derived from instances.
        CREATE TABLE series(
            pk INTEGER PRIMARY KEY, study INTEGER NOT NULL, generation INTEGER NOT NULL, uid TEXT NOT NULL, modality TEXT,
            number INTEGER, description TEXT, series_date TEXT, series_time TEXT, body_part TEXT,
            instance_count INTEGER NOT NULL, attributes BLOB NOT NULL, keys TEXT NOT NULL, UNIQUE(study, generation, uid));
        CREATE INDEX series_by_uid ON series(uid);

        -- Truth: which bytes are which instance, from whom. Only one contribution of a SOP Instance UID is served.
        CREATE TABLE instance(
            pk INTEGER PRIMARY KEY AUTOINCREMENT, study INTEGER NOT NULL, generation INTEGER NOT NULL, series_uid TEXT NOT NULL, sop_uid TEXT NOT NULL,
            contributor_key TEXT NOT NULL, served INTEGER NOT NULL, blob TEXT NOT NULL, length INTEGER NOT NULL, hash BLOB NOT NULL,
            contributor TEXT NOT NULL, trust INTEGER NOT NULL, source INTEGER NOT NULL, received INTEGER NOT NULL,
            sop_class TEXT NOT NULL, transfer_syntax TEXT NOT NULL, modality TEXT, number INTEGER, rows INTEGER NOT NULL,
            columns INTEGER NOT NULL, frames INTEGER NOT NULL, pixel_offset INTEGER NOT NULL, pixel_length INTEGER NOT NULL,
            frame_table BLOB NOT NULL, UNIQUE(study, generation, sop_uid, contributor_key));
        CREATE INDEX instance_by_series ON instance(study, generation, series_uid, served, number, sop_uid);
        CREATE INDEX instance_by_blob ON instance(blob);
        CREATE INDEX instance_by_sop ON instance(sop_uid);
        -- Derived from the blob.
        CREATE TABLE instance_metadata(
            instance INTEGER PRIMARY KEY, attributes BLOB NOT NULL, series_attributes BLOB NOT NULL, study_attributes BLOB NOT NULL,
            keys TEXT NOT NULL, pieces BLOB NOT NULL);

        -- Deleted generations of studies, whose rows and blobs are still to be removed.
        CREATE TABLE closed_generation(study INTEGER NOT NULL, generation INTEGER NOT NULL, PRIMARY KEY(study, generation)) WITHOUT ROWID;
        -- Blobs that may never be mentioned again.
        CREATE TABLE doomed_blob(name TEXT PRIMARY KEY) WITHOUT ROWID;

        CREATE TABLE link(
            namespace TEXT NOT NULL, value TEXT NOT NULL, record INTEGER NOT NULL, how TEXT NOT NULL, verified_by TEXT NOT NULL,
            at INTEGER NOT NULL, PRIMARY KEY(namespace, value)) WITHOUT ROWID;
        CREATE INDEX link_by_record ON link(record);

        CREATE TABLE audit(
            record INTEGER NOT NULL, number INTEGER NOT NULL, key_id TEXT NOT NULL, chain BLOB NOT NULL, at INTEGER NOT NULL,
            actor TEXT NOT NULL, app TEXT NOT NULL, action TEXT NOT NULL, what TEXT NOT NULL, outcome INTEGER NOT NULL,
            decision TEXT NOT NULL, detail TEXT NOT NULL, PRIMARY KEY(record, number)) WITHOUT ROWID;

        CREATE TABLE outbox(
            position INTEGER PRIMARY KEY AUTOINCREMENT, record INTEGER NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL,
            things TEXT NOT NULL);
        CREATE INDEX outbox_by_record ON outbox(record, number);
        CREATE TABLE consumer(name TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
        """,
        $"""
        -- By date, with what wild cards are looked for in, so that a scan need not fetch the rows; by record in the same order.
        DROP INDEX study_by_date;
        CREATE INDEX study_by_date ON study(study_date, pk, patient_name, patient_id, accession, description);
        CREATE INDEX study_by_record ON study(record, study_date, pk);
        CREATE INDEX study_by_birth_date ON study(birth_date);

        -- Derived from the study's row by triggers: its modalities in the order of studies, and how its patient's name may begin (folded):
        -- each component group and each word.
        CREATE TABLE study_modality(
            modality TEXT NOT NULL, study_date TEXT NOT NULL, study INTEGER NOT NULL, PRIMARY KEY(modality, study_date, study)) WITHOUT ROWID;
        CREATE INDEX study_modality_by_study ON study_modality(study);
        CREATE TABLE study_name(word TEXT NOT NULL, study INTEGER NOT NULL, PRIMARY KEY(word, study)) WITHOUT ROWID;
        CREATE INDEX study_name_by_study ON study_name(study);
        INSERT OR IGNORE INTO study_modality {ModalitiesOf("s", "study s, ")};
        INSERT OR IGNORE INTO study_name {NamesOf("s", "study s, ")};
        CREATE TRIGGER study_modalities AFTER UPDATE OF modalities, study_date ON study
            WHEN old.modalities IS NOT new.modalities OR old.study_date IS NOT new.study_date BEGIN
            DELETE FROM study_modality WHERE study = new.pk;
            INSERT OR IGNORE INTO study_modality {ModalitiesOf("new", "")};
        END;
        CREATE TRIGGER study_names AFTER UPDATE OF patient_name ON study WHEN old.patient_name IS NOT new.patient_name BEGIN
            DELETE FROM study_name WHERE study = new.pk;
            INSERT OR IGNORE INTO study_name {NamesOf("new", "")};
        END;
        CREATE TRIGGER study_gone AFTER DELETE ON study BEGIN
            DELETE FROM study_modality WHERE study = old.pk;
            DELETE FROM study_name WHERE study = old.pk;
        END;
        """,
        """
        -- Derived from the blob, of instances that are documents: what they say. Goes with its instance, whoever removes that.
        CREATE TABLE instance_report(instance INTEGER PRIMARY KEY, report BLOB NOT NULL);
        CREATE TRIGGER instance_report_goes AFTER DELETE ON instance BEGIN DELETE FROM instance_report WHERE instance = OLD.pk; END;
        """,
        """
        -- What each record's instances take, kept with every row that comes, goes or moves: quotas are judged by it.
        CREATE TABLE record_use(record INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, instances INTEGER NOT NULL);
        INSERT INTO record_use SELECT s.record, SUM(i.length), COUNT(*) FROM instance i JOIN study s ON s.pk = i.study GROUP BY s.record;
        CREATE TRIGGER instance_comes AFTER INSERT ON instance BEGIN
            INSERT INTO record_use SELECT record, NEW.length, 1 FROM study WHERE pk = NEW.study
                ON CONFLICT(record) DO UPDATE SET bytes = bytes + NEW.length, instances = instances + 1;
        END;
        CREATE TRIGGER instance_goes AFTER DELETE ON instance BEGIN
            UPDATE record_use SET bytes = bytes - OLD.length, instances = instances - 1
                WHERE record = (SELECT record FROM study WHERE pk = OLD.study);
        END;
        CREATE TRIGGER instance_moves AFTER UPDATE OF study ON instance WHEN NEW.study <> OLD.study BEGIN
            UPDATE record_use SET bytes = bytes - OLD.length, instances = instances - 1
                WHERE record = (SELECT record FROM study WHERE pk = OLD.study);
            INSERT INTO record_use SELECT record, NEW.length, 1 FROM study WHERE pk = NEW.study
                ON CONFLICT(record) DO UPDATE SET bytes = bytes + NEW.length, instances = instances + 1;
        END;
        """,
        """
        -- Derived: how much a document becomes, and a hash of what it says. Rows of older versions are made anew by the rebuild that follows.
        ALTER TABLE instance_report ADD COLUMN resources INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE instance_report ADD COLUMN length INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE instance_report ADD COLUMN hash BLOB NOT NULL DEFAULT x'';
        -- Derived: of what the resources of a document were made when they were put last, and how many they were.
        CREATE TABLE document_made(
            record INTEGER NOT NULL, study TEXT NOT NULL, id TEXT NOT NULL, made BLOB NOT NULL, resources INTEGER NOT NULL,
            PRIMARY KEY(record, study, id)) WITHOUT ROWID;
        """,
        """
        -- Versions by time: of a type (of current ones resource_updated tells it), and of a record.
        CREATE INDEX version_by_type ON version(type, updated, id, version);
        DROP INDEX version_by_record;
        CREATE INDEX version_by_record ON version(record, updated, type, id, version);
        CREATE INDEX resource_by_time ON resource(record, updated, type, id);
        """,
        """
        -- Derived: index rows of numbers, quantities ('=' is the system of those in base units), places and composites, which the rebuild
        -- that follows fills. A composite's a to d are what the table of that kind of value holds, in its order.
        CREATE TABLE ix_number(
            parameter INTEGER NOT NULL, lo REAL NOT NULL, hi REAL NOT NULL, resource INTEGER NOT NULL, series TEXT NOT NULL,
            PRIMARY KEY(parameter, lo, hi, resource, series)) WITHOUT ROWID;
        CREATE INDEX ix_number_resource ON ix_number(resource, parameter);
        CREATE TABLE ix_quantity(
            parameter INTEGER NOT NULL, system TEXT NOT NULL, code TEXT NOT NULL, lo REAL NOT NULL, hi REAL NOT NULL,
            resource INTEGER NOT NULL, series TEXT NOT NULL, PRIMARY KEY(parameter, system, code, lo, hi, resource, series)) WITHOUT ROWID;
        CREATE INDEX ix_quantity_resource ON ix_quantity(resource, parameter);
        CREATE TABLE ix_position(
            parameter INTEGER NOT NULL, pz REAL NOT NULL, px REAL NOT NULL, py REAL NOT NULL, resource INTEGER NOT NULL, series TEXT NOT NULL,
            PRIMARY KEY(parameter, pz, px, py, resource, series)) WITHOUT ROWID;
        CREATE INDEX ix_position_resource ON ix_position(resource, parameter);
        CREATE TABLE ix_composite(
            parameter INTEGER NOT NULL, a NOT NULL, b NOT NULL, c NOT NULL, d NOT NULL, resource INTEGER NOT NULL, series TEXT NOT NULL,
            element INTEGER NOT NULL, PRIMARY KEY(parameter, a, b, c, d, resource, series, element)) WITHOUT ROWID;
        CREATE INDEX ix_composite_resource ON ix_composite(resource, parameter, element);
        """,
        """
        -- Long work that was asked for. The position is where its handler goes on; a finished one is kept until it expires.
        CREATE TABLE job(
            pk INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, asker TEXT NOT NULL, input TEXT NOT NULL,
            state TEXT NOT NULL, position TEXT, progress TEXT NOT NULL DEFAULT '', result BLOB, failure_kind TEXT, failure TEXT,
            created INTEGER NOT NULL, updated INTEGER NOT NULL, expires INTEGER);
        CREATE INDEX job_by_state ON job(state, pk);
        """,
        """
        -- The Organization on whose behalf a resource was made; null for whoever speaks for none. It stays while the resource is there.
        ALTER TABLE resource ADD COLUMN organization TEXT;
        CREATE INDEX resource_by_organization ON resource(organization, record) WHERE organization IS NOT NULL;

        -- How many served instances of a series each Organization gave, '' for those of nobody's; kept with every instance that comes, goes or changes.
        CREATE TABLE contribution(
            organization TEXT NOT NULL, study INTEGER NOT NULL, generation INTEGER NOT NULL, series TEXT NOT NULL, instances INTEGER NOT NULL,
            PRIMARY KEY(study, generation, series, organization)) WITHOUT ROWID;
        CREATE INDEX contribution_by_organization ON contribution(organization, study) WHERE organization <> '';
        INSERT INTO contribution SELECT COALESCE(json_extract(contributor, '$.Organization'), ''), study, generation, series_uid, COUNT(*)
            FROM instance WHERE served = 1 GROUP BY 1, 2, 3, 4;
        CREATE TRIGGER contribution_comes AFTER INSERT ON instance WHEN NEW.served = 1 BEGIN
            INSERT INTO contribution VALUES(COALESCE(json_extract(NEW.contributor, '$.Organization'), ''), NEW.study, NEW.generation, NEW.series_uid, 1)
                ON CONFLICT DO UPDATE SET instances = instances + 1;
        END;
        CREATE TRIGGER contribution_goes AFTER DELETE ON instance WHEN OLD.served = 1 BEGIN
            UPDATE contribution SET instances = instances - 1 WHERE study = OLD.study AND generation = OLD.generation AND series = OLD.series_uid
                AND organization = COALESCE(json_extract(OLD.contributor, '$.Organization'), '');
            DELETE FROM contribution WHERE study = OLD.study AND generation = OLD.generation AND series = OLD.series_uid AND instances <= 0;
        END;
        CREATE TRIGGER contribution_changes AFTER UPDATE OF study, generation, series_uid, served, contributor ON instance BEGIN
            UPDATE contribution SET instances = instances - 1 WHERE OLD.served = 1 AND study = OLD.study AND generation = OLD.generation
                AND series = OLD.series_uid AND organization = COALESCE(json_extract(OLD.contributor, '$.Organization'), '');
            DELETE FROM contribution WHERE study = OLD.study AND generation = OLD.generation AND series = OLD.series_uid AND instances <= 0;
            INSERT INTO contribution SELECT COALESCE(json_extract(NEW.contributor, '$.Organization'), ''), NEW.study, NEW.generation, NEW.series_uid, 1
                WHERE NEW.served = 1 ON CONFLICT DO UPDATE SET instances = instances + 1;
        END;
        """,
    ];

    private static string[] Blanks => [" ^", "^ ", " =", "= "];

    private static string ModalitiesOf(string study, string tables) =>
        $"""
        SELECT m.value, COALESCE({study}.study_date, ''), {study}.pk
            FROM {tables}json_each('[' || replace(json_quote({study}.modalities), '\\', '","') || ']') m WHERE m.value <> ''
        """;

    /// <summary>Component groups whole, as <see cref="ValueTests.Group"/> writes them but for separators at their end, and words one by one.</summary>
    private static string NamesOf(string study, string tables)
    {
        // The comma first: what is put in for a separator has one.
        string Parted(string text, string separators) =>
            $"json_each('[' || {separators.Aggregate(text, (inner, separator) => $"replace({inner}, '{separator}', '\",\"')")} || ']')";
        var name = "json_quote(" + Blanks.Aggregate(
            $"COALESCE({study}.patient_name, '')", (inner, blank) => $"replace({inner}, '{blank}', '{blank.Trim()}')") + ")";
        return $"""
            SELECT trim(g.value), {study}.pk FROM {tables}{Parted(name, "=")} g WHERE trim(g.value) <> ''
            UNION ALL SELECT w.value, {study}.pk FROM {tables}{Parted(name, ",=^ -.")} w WHERE w.value <> ''
            """;
    }

    /// <summary>Deletes everything that can be derived, as a rebuild must be able to bear.</summary>
    public const string DeleteDerived = """
        DELETE FROM ix_token; DELETE FROM ix_string; DELETE FROM ix_date; DELETE FROM ix_reference; DELETE FROM ix_uri;
        DELETE FROM ix_number; DELETE FROM ix_quantity; DELETE FROM ix_position; DELETE FROM ix_composite;
        DELETE FROM resource_series; DELETE FROM series; DELETE FROM instance_metadata; DELETE FROM instance_report;
        DELETE FROM document_made;
        UPDATE study SET series_count = 0, instance_count = 0, modalities = '', attributes = x'', keys = '{}', patient_id = NULL,
            patient_name = NULL, birth_date = NULL, sex = NULL, study_date = NULL, study_time = NULL, accession = NULL, study_id = NULL,
            description = NULL, referring = NULL;
        """;
}
