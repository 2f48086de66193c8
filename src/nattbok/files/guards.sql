-- What came is kept as it came.
CALL nattbok_keep('files_file', ':appname');
CALL nattbok_keep('files_arrival', ':appname');
CALL nattbok_keep('files_attachment', ':appname');
CALL nattbok_keep('files_networkmessage', ':appname');
REVOKE DELETE, TRUNCATE ON files_source, files_mail, files_reception FROM :app;

-- An address stays its first owner's, so that a late mail never reaches another client.
REVOKE UPDATE, DELETE, TRUNCATE ON files_address FROM :app;
GRANT UPDATE (is_active) ON files_address TO :app;

-- Whose address this is: the one client that mail for it may be given to. It runs as the owner, since whoever
-- takes in mail has no scope yet; it tells one id, and nothing for an address that is closed or never was.
CREATE OR REPLACE FUNCTION files_client_at(local_part text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT client_id FROM files_address WHERE local = lower(local_part) AND is_active
$$;

REVOKE EXECUTE ON FUNCTION files_client_at(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION files_client_at(text) TO :app;
