-- An invitation is what it was made as: it is used once, and never lives longer.
REVOKE UPDATE, DELETE, TRUNCATE ON people_invitation FROM :app;
GRANT UPDATE (used_at, ends_at) ON people_invitation TO :app;
CREATE OR REPLACE FUNCTION people_invitations_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_invitations now JOIN old_invitations before ON before.id = now.id
               WHERE now.ends_at > before.ends_at
                   OR (before.used_at IS NOT NULL AND now.used_at IS DISTINCT FROM before.used_at)) THEN
        RAISE EXCEPTION 'an invitation is used once, and never lives longer'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invitation_used_once';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS invitations_change ON people_invitation;
CREATE TRIGGER invitations_change AFTER UPDATE ON people_invitation
    REFERENCING OLD TABLE AS old_invitations NEW TABLE AS new_invitations
    FOR EACH STATEMENT EXECUTE FUNCTION people_invitations_change();
