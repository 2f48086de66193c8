-- What an approval promises whoever writes to its tables.

-- What was said was said, and a proof stands for what it was given for.
CALL nattbok_keep('approvals_yes', ':appname');
CALL nattbok_keep('approvals_proof', ':appname');

-- What is asked is frozen: only its outcome is written, once. A factor is confirmed and removed, never altered.
REVOKE UPDATE, DELETE, TRUNCATE ON approvals_request, approvals_factor, approvals_recoverycode FROM :app;
GRANT UPDATE (outcome, ended_at) ON approvals_request TO :app;
GRANT UPDATE (confirmed_at, removed_at) ON approvals_factor TO :app;

-- A link is what it was made as; that it was used is written once.
REVOKE UPDATE, DELETE, TRUNCATE ON approvals_link FROM :app;
GRANT UPDATE (used_at, deeds, ends_at) ON approvals_link TO :app;
CREATE OR REPLACE FUNCTION approvals_links_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_links now JOIN old_links before ON before.id = now.id
               WHERE now.ends_at > before.ends_at OR now.deeds < before.deeds
                   OR (before.used_at IS NOT NULL AND now.used_at IS DISTINCT FROM before.used_at)) THEN
        RAISE EXCEPTION 'a link is used once, and never lives longer'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'link_used_once';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS links_change ON approvals_link;
CREATE TRIGGER links_change AFTER UPDATE ON approvals_link
    REFERENCING OLD TABLE AS old_links NEW TABLE AS new_links
    FOR EACH STATEMENT EXECUTE FUNCTION approvals_links_change();

-- What is asked is exactly its fingerprint, and begins without an outcome.
CREATE OR REPLACE FUNCTION approvals_requests_arrive() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM new_requests
               WHERE sha256 <> encode(sha256(convert_to(content, 'UTF8')), 'hex') OR outcome <> '') THEN
        RAISE EXCEPTION 'a request is not what its fingerprint says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_is_its_fingerprint';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS requests_arrive ON approvals_request;
CREATE TRIGGER requests_arrive AFTER INSERT ON approvals_request REFERENCING NEW TABLE AS new_requests
    FOR EACH STATEMENT EXECUTE FUNCTION approvals_requests_arrive();

-- A yes is to what waits, by the person who proved to be themselves for exactly that content. Only what was
-- asked for with a light proof takes a yes by log-in or by a link, and the link must be that person's own,
-- made for that content, and not at its end.
CREATE OR REPLACE FUNCTION approvals_yes_arrive() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM approvals_request request WHERE request.id IN (SELECT request_id FROM new_yes) FOR SHARE;
    IF EXISTS (SELECT FROM new_yes yes
               JOIN approvals_request request ON request.id = yes.request_id
               LEFT JOIN approvals_proof proof ON proof.id = yes.proof_id
               LEFT JOIN approvals_link link ON link.id = yes.link_id
               WHERE request.outcome <> ''
                   OR (yes.proof_id IS NULL AND request.proof <> 'light')
                   OR (yes.proof_id IS NOT NULL AND (proof.person_id, proof.sha256)
                       IS DISTINCT FROM (yes.person_id, yes.sha256))
                   OR (yes.link_id IS NOT NULL AND ((link.person_id, link.request_id, link.sha256)
                       IS DISTINCT FROM (yes.person_id, yes.request_id, yes.sha256)
                       OR link.ends_at < yes.said_at))
                   OR (NOT request.registrant_may AND request.registered_by @> to_jsonb(yes.person_id))) THEN
        RAISE EXCEPTION 'a yes is not to what waits, or not proven for it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'yes_is_proven';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS yes_arrive ON approvals_yes;
CREATE TRIGGER yes_arrive AFTER INSERT ON approvals_yes REFERENCING NEW TABLE AS new_yes
    FOR EACH STATEMENT EXECUTE FUNCTION approvals_yes_arrive();

-- Approved is what enough people said yes to; and an outcome stands, except that what is approved and has not
-- left may still be withdrawn.
CREATE OR REPLACE FUNCTION approvals_requests_end() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM new_requests ended JOIN old_requests before ON before.id = ended.id
               WHERE (before.outcome = 'withdrawn' AND ended.outcome <> 'withdrawn')
                   OR (before.outcome = 'approved' AND ended.outcome = '')
                   OR (ended.content, ended.sha256, ended.people, ended.subject, ended.client_id)
                       IS DISTINCT FROM (before.content, before.sha256, before.people, before.subject, before.client_id)
                   OR (ended.outcome = 'approved' AND before.outcome = '' AND ended.people > (
                       SELECT count(*) FROM approvals_yes yes WHERE yes.request_id = ended.id))) THEN
        RAISE EXCEPTION 'a request is approved by those who must, and stays as it was asked'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_has_its_yes';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS requests_end ON approvals_request;
CREATE TRIGGER requests_end AFTER UPDATE ON approvals_request
    REFERENCING OLD TABLE AS old_requests NEW TABLE AS new_requests
    FOR EACH STATEMENT EXECUTE FUNCTION approvals_requests_end();
