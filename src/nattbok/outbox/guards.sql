-- What a file to a bank is never changes on its way, and what is sent stays sent: a second file of the same
-- payments could only come of forgetting it.
CREATE OR REPLACE FUNCTION outbox_sending_moves() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE wrong record;
BEGIN
    SELECT was.key, was.state INTO wrong FROM was JOIN now_is ON now_is.id = was.id
    WHERE (was.client_id, was.key, was.connection, was.name, was.file_id, was.act_id)
            IS DISTINCT FROM (now_is.client_id, now_is.key, now_is.connection, now_is.name, now_is.file_id,
                now_is.act_id)
        OR (was.state IN ('sent', 'withdrawn') AND now_is.state <> was.state)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the file handed in as % is % and cannot become another', wrong.key, wrong.state
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'sending_only_forward';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS sending_moves ON outbox_sending;
CREATE TRIGGER sending_moves AFTER UPDATE ON outbox_sending
    REFERENCING OLD TABLE AS was NEW TABLE AS now_is
    FOR EACH STATEMENT EXECUTE FUNCTION outbox_sending_moves();
REVOKE DELETE, TRUNCATE ON outbox_sending FROM :app;

-- Likewise for what goes into the e-invoice network, and what the access point has said of it stands.
CREATE OR REPLACE FUNCTION outbox_message_moves() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE wrong record;
BEGIN
    SELECT was.key, was.state INTO wrong FROM was JOIN now_is ON now_is.id = was.id
    WHERE (was.client_id, was.key, was.source_id, was.name, was.receiver, was.file_id, was.act_id)
            IS DISTINCT FROM (now_is.client_id, now_is.key, now_is.source_id, now_is.name, now_is.receiver,
                now_is.file_id, now_is.act_id)
        OR (was.state IN ('sent', 'withdrawn') AND now_is.state <> was.state)
        OR (was.receipt <> '' AND now_is.receipt <> was.receipt)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the message handed in as % is % and cannot become another', wrong.key, wrong.state
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'network_sending_only_forward';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS network_sending_moves ON outbox_networksending;
CREATE TRIGGER network_sending_moves AFTER UPDATE ON outbox_networksending
    REFERENCING OLD TABLE AS was NEW TABLE AS now_is
    FOR EACH STATEMENT EXECUTE FUNCTION outbox_message_moves();
REVOKE DELETE, TRUNCATE ON outbox_networksending FROM :app;
