-- What the documents promise whoever writes to their tables, and to the books.

-- What was said about an approval was said; a version of a flow is never altered.
CALL nattbok_keep('documents_remark', ':appname');
CALL nattbok_keep('documents_approvalflow', ':appname');

-- A searchable PDF was made of that paper, by that act.
CALL nattbok_keep('documents_searchablepdf', ':appname');

-- A round of approval is of one content: only its end is written. Who was asked stays asked.
REVOKE UPDATE, DELETE, TRUNCATE ON documents_approval, documents_asked FROM :app;
GRANT UPDATE (outcome, ended_at) ON documents_approval TO :app;
GRANT UPDATE (ended_at, chased_on) ON documents_asked TO :app;

-- Approved is what enough of those who were asked in every step said yes to, each filling one place; an
-- outcome stands.
CREATE OR REPLACE FUNCTION documents_approvals_end() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM new_approvals ended JOIN old_approvals before ON before.id = ended.id
        WHERE (before.outcome <> '' AND ended.outcome <> before.outcome
               AND NOT (before.outcome = 'approved' AND ended.outcome IN ('changed', 'retracted')))
            OR (ended.outcome = 'approved' AND before.outcome = '' AND (
                NOT EXISTS (SELECT FROM approvals_request request
                            WHERE request.id = ended.request_id AND request.outcome = 'approved')
                OR EXISTS (
                    SELECT FROM jsonb_array_elements(ended.steps) WITH ORDINALITY step (said, number)
                    WHERE (step.said ->> 'people')::integer > (
                        SELECT count(DISTINCT asked.place) FROM documents_asked asked
                        JOIN approvals_yes yes ON yes.request_id = ended.request_id
                            AND yes.person_id = asked.person_id
                        WHERE asked.approval_id = ended.id AND asked.step = step.number))))
    ) THEN
        RAISE EXCEPTION 'a document is approved by those who must, step by step'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_has_its_yes';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS approvals_end ON documents_approval;
CREATE TRIGGER approvals_end AFTER UPDATE ON documents_approval
    REFERENCING OLD TABLE AS old_approvals NEW TABLE AS new_approvals
    FOR EACH STATEMENT EXECUTE FUNCTION documents_approvals_end();

-- A round of approval begins as waiting, or as passed by policy; nobody writes an approval that nobody gave.
CREATE OR REPLACE FUNCTION documents_approvals_arrive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_approvals WHERE outcome NOT IN ('', 'policy')
               OR sha256 <> encode(sha256(convert_to(content, 'UTF8')), 'hex')) THEN
        RAISE EXCEPTION 'an approval begins as waiting, for exactly its content'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_begins_waiting';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS approvals_arrive ON documents_approval;
CREATE TRIGGER approvals_arrive AFTER INSERT ON documents_approval REFERENCING NEW TABLE AS new_approvals
    FOR EACH STATEMENT EXECUTE FUNCTION documents_approvals_arrive();

-- What waits for approval before posting is not posted, whoever posts. One table at a time, since nights
-- write to tables that the database has not yet counted.
CREATE OR REPLACE FUNCTION documents_entries_arrive() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE waiting text[];
BEGIN
    waiting := ARRAY(SELECT 'document:' || document_id FROM documents_approval
                     WHERE outcome = '' AND before = 'posting'
                         AND client_id = ANY (ARRAY(SELECT DISTINCT client_id FROM new_entries)));
    IF cardinality(waiting) > 0 AND EXISTS (
        SELECT FROM new_entries WHERE origin = ANY (waiting) AND reverses_id IS NULL
    ) THEN
        RAISE EXCEPTION 'the document waits for approval, and is posted after it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approved_before_posting';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS documents_entries_arrive ON ledger_entry;
CREATE TRIGGER documents_entries_arrive AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS new_entries
    FOR EACH STATEMENT EXECUTE FUNCTION documents_entries_arrive();

-- What waits for approval cannot be paid, whoever releases it: its open item stays on hold.
CREATE OR REPLACE FUNCTION documents_items_held() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    clients bigint[];
    waiting text[];
    entries bigint[];
    held bigint[];
BEGIN
    clients := ARRAY(SELECT DISTINCT client_id FROM new_items);
    waiting := ARRAY(SELECT 'document:' || document_id FROM documents_approval
                     WHERE outcome = '' AND client_id = ANY (clients));
    IF cardinality(waiting) = 0 THEN
        RETURN NULL;
    END IF;
    entries := ARRAY(SELECT id FROM ledger_entry
                     WHERE client_id = ANY (clients) AND origin = ANY (waiting) AND reverses_id IS NULL);
    held := ARRAY(SELECT id FROM ledger_line WHERE entry_id = ANY (entries));
    IF EXISTS (SELECT FROM new_items WHERE line_id = ANY (held) AND NOT on_hold AND "left" <> 0) THEN
        RAISE EXCEPTION 'the document waits for approval, and is paid after it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approved_before_payment';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS documents_items_arrive ON ledger_openitem;
CREATE TRIGGER documents_items_arrive AFTER INSERT ON ledger_openitem REFERENCING NEW TABLE AS new_items
    FOR EACH STATEMENT EXECUTE FUNCTION documents_items_held();
DROP TRIGGER IF EXISTS documents_items_change ON ledger_openitem;
CREATE TRIGGER documents_items_change AFTER UPDATE ON ledger_openitem REFERENCING NEW TABLE AS new_items
    FOR EACH STATEMENT EXECUTE FUNCTION documents_items_held();

-- What was approved is paid as it was approved. An entry that was corrected into another purchase after the
-- last yes waits on hold for a yes of its own; other texts, or another order of the lines, change nothing.
CREATE OR REPLACE FUNCTION documents_entry_parts(entry bigint)
RETURNS TABLE (account bigint, amount numeric, vat_code text, vat numeric, party bigint, due_on date, reference text,
               dimensions jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT account_id, amount, vat_code, coalesce(vat_amount, 0), party_id, due_on, reference, dimensions
    FROM ledger_line WHERE entry_id = entry
$$;
REVOKE EXECUTE ON FUNCTION documents_entry_parts(bigint) FROM PUBLIC;
CREATE OR REPLACE FUNCTION documents_items_corrected() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    clients bigint[];
    approved text[];
    entries bigint[];
    corrected record;
BEGIN
    clients := ARRAY(SELECT DISTINCT client_id FROM new_items WHERE NOT on_hold AND "left" <> 0);
    IF cardinality(clients) = 0 OR NOT EXISTS (
        SELECT FROM documents_approval WHERE client_id = ANY (clients) AND outcome = 'approved'
    ) THEN
        RETURN NULL;
    END IF;
    entries := ARRAY(SELECT entry_id FROM ledger_line
                     WHERE id = ANY (ARRAY(SELECT line_id FROM new_items WHERE NOT on_hold AND "left" <> 0)));
    FOR corrected IN
        SELECT entry.id, entry.posted_at, before.id AS before_id, last.outcome, last.sent_at
        FROM ledger_entry entry
        JOIN trail_act act ON act.id = entry.act_id AND act.kind = 'ledger.corrected'
        JOIN ledger_entry before ON before.client_id = entry.client_id AND before.origin = entry.origin
            AND before.round = entry.round - 1
        JOIN LATERAL (
            SELECT outcome, sent_at FROM documents_approval
            WHERE client_id = entry.client_id AND 'document:' || document_id = entry.origin
            ORDER BY id DESC LIMIT 1) last ON true
        WHERE entry.id = ANY (entries) AND entry.round > 0 AND entry.origin LIKE 'document:%'
    LOOP
        IF corrected.outcome = 'approved' AND corrected.sent_at < corrected.posted_at AND EXISTS (
            (SELECT * FROM documents_entry_parts(corrected.id)
             EXCEPT ALL SELECT * FROM documents_entry_parts(corrected.before_id))
            UNION ALL
            (SELECT * FROM documents_entry_parts(corrected.before_id)
             EXCEPT ALL SELECT * FROM documents_entry_parts(corrected.id))
        ) THEN
            RAISE EXCEPTION 'the entry was corrected after the document was approved, and is paid when it is again'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'approved_as_corrected';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS documents_items_corrected_arrive ON ledger_openitem;
CREATE TRIGGER documents_items_corrected_arrive AFTER INSERT ON ledger_openitem
    REFERENCING NEW TABLE AS new_items
    FOR EACH STATEMENT EXECUTE FUNCTION documents_items_corrected();
DROP TRIGGER IF EXISTS documents_items_corrected_change ON ledger_openitem;
CREATE TRIGGER documents_items_corrected_change AFTER UPDATE ON ledger_openitem
    REFERENCING NEW TABLE AS new_items
    FOR EACH STATEMENT EXECUTE FUNCTION documents_items_corrected();

-- An office's rules are seen and written by those who have one of its clients in scope, and by nobody else.
ALTER TABLE documents_officerule ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS office ON documents_officerule;
CREATE POLICY office ON documents_officerule
    USING (office_id IN (SELECT office_id FROM clients_client))
    WITH CHECK (office_id IN (SELECT office_id FROM clients_client));
ALTER TABLE documents_officeruleversion ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS office ON documents_officeruleversion;
CREATE POLICY office ON documents_officeruleversion
    USING (office_id IN (SELECT office_id FROM clients_client))
    WITH CHECK (office_id IN (SELECT office_id FROM clients_client));

-- A version is kept as it was written: what coded last year's bills can be read in ten.
CALL nattbok_keep('documents_officeruleversion', ':appname');

-- Lessons are kept; an entry that is reversed takes its lessons out of the count, and not out of the table.
CALL nattbok_keep('documents_lesson', ':appname');

-- What lines with these words went to at the office's other clients of the same country: counts alone, of
-- the newest lessons. Only for a client that is in scope; a word that was not asked for is not told.
CREATE OR REPLACE FUNCTION documents_office_words(asking bigint, wanted text[])
RETURNS TABLE (word text, account text, lines bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH others AS (
        SELECT other.id FROM clients_client own
            JOIN clients_client other ON other.office_id = own.office_id AND other.country = own.country
            AND other.id <> own.id
        WHERE own.id = asking AND own.id = ANY (nattbok_scope())
    ), newest AS (
        SELECT lesson.entry_id, lesson.account, lesson.words FROM documents_lesson lesson
        WHERE lesson.client_id IN (SELECT id FROM others) ORDER BY lesson.id DESC LIMIT 30000
    ), standing AS (
        SELECT newest.account, newest.words FROM newest
        WHERE newest.entry_id NOT IN (
            SELECT reverses_id FROM ledger_entry
            WHERE reverses_id IS NOT NULL AND client_id IN (SELECT id FROM others))
    )
    SELECT '' AS word, standing.account, count(*) FROM standing GROUP BY 2
    UNION ALL
    SELECT each.word, standing.account, count(*) FROM standing
        CROSS JOIN LATERAL unnest(string_to_array(standing.words, ' ')) AS each (word)
    WHERE each.word = ANY (wanted) GROUP BY 1, 2
$$;
REVOKE EXECUTE ON FUNCTION documents_office_words(bigint, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION documents_office_words(bigint, text[]) TO :app;

-- What a client's people have added and not handed over is with them, whoever reads it and whenever.
CREATE OR REPLACE FUNCTION documents_gathered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    clients bigint[];
    with_them bigint[];
BEGIN
    clients := ARRAY(SELECT DISTINCT client_id FROM new_documents);
    IF NOT EXISTS (SELECT FROM documents_gathered WHERE client_id = ANY (clients) AND handed_over_at IS NULL) THEN
        RETURN NULL;
    END IF;
    with_them := ARRAY(
        SELECT id FROM files_file
        WHERE id = ANY (ARRAY(SELECT file_id FROM new_documents)) AND (client_id, sha256) IN (
            SELECT client_id, sha256 FROM documents_gathered
            WHERE client_id = ANY (clients) AND handed_over_at IS NULL));
    UPDATE documents_document SET waits_for = 'handover'
        WHERE id IN (SELECT id FROM new_documents WHERE file_id = ANY (with_them));
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS documents_gathered ON documents_document;
CREATE TRIGGER documents_gathered AFTER INSERT ON documents_document REFERENCING NEW TABLE AS new_documents
    FOR EACH STATEMENT EXECUTE FUNCTION documents_gathered();
REVOKE UPDATE, DELETE, TRUNCATE ON documents_gathered FROM :app;
GRANT UPDATE (handed_over_by, handed_over_at) ON documents_gathered TO :app;
