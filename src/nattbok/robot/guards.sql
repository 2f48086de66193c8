-- No robot posting without its card: what the robot posts says by which step, rule or reason it was posted.
CREATE OR REPLACE FUNCTION robot_entries_explained() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong record;
BEGIN
    SELECT entry.id, act.kind INTO wrong
    FROM new_entries entry JOIN trail_act act ON act.id = entry.act_id
    WHERE act.by LIKE 'robot:%' AND NOT act.evidence ?| ARRAY['step', 'rule', 'reason', 'why', 'lines']
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % was posted by the robot, and its act % does not say why', wrong.id, wrong.kind
            USING ERRCODE = 'check_violation', CONSTRAINT = 'robot_entry_explained';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS robot_entries_explained ON ledger_entry;
CREATE TRIGGER robot_entries_explained AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS new_entries
    FOR EACH STATEMENT EXECUTE FUNCTION robot_entries_explained();
