-- The clients that this connection may see, as a list; null, and so no rows, outside any scope.
CREATE OR REPLACE FUNCTION nattbok_scope() RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT string_to_array(nullif(current_setting('nattbok.clients', true), ''), ',')::bigint[]
$$;

-- Kept for good: what is in such a table is neither changed nor deleted, by any role.
CREATE OR REPLACE FUNCTION nattbok_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is kept as it is and cannot change', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE OR REPLACE PROCEDURE nattbok_keep(kept regclass, app name) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM %I', kept, app);
    EXECUTE format('DROP TRIGGER IF EXISTS kept ON %s', kept);
    EXECUTE format(
        'CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION nattbok_refuse_change()', kept);
END $$;
REVOKE EXECUTE ON PROCEDURE nattbok_keep FROM PUBLIC;
