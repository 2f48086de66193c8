-- The ids of the clients that a person may enter: the one list from which a person's scope is opened.
-- It runs as the owner, since before it there is no scope; it tells ids and nothing else.
CREATE OR REPLACE FUNCTION clients_of(person bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT access.client_id FROM clients_access access
        JOIN clients_person someone ON someone.id = access.person_id AND someone.is_active
        WHERE access.person_id = person
    UNION
    SELECT client.id FROM clients_client client
        JOIN clients_membership member ON member.office_id = client.office_id AND member.sees_all_clients
        JOIN clients_person someone ON someone.id = member.person_id AND someone.is_active
        WHERE member.person_id = person
$$;

-- The ids of an office's clients, for the robot: the clerk at night has the office's keys.
CREATE OR REPLACE FUNCTION clients_in(office bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM clients_client WHERE office_id = office ORDER BY id
$$;

-- The office of a client, so that a job that knows its client finds whose night it is.
CREATE OR REPLACE FUNCTION clients_office(client bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT office_id FROM clients_client WHERE id = client
$$;

-- How a person enters one client: as a member of its office, or with a role and the rights chosen for them.
-- No row when they may not enter; that is the same answer as clients_of gives.
CREATE OR REPLACE FUNCTION clients_entry(person bigint, client bigint)
RETURNS TABLE (role text, rights text, is_member boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(access.role, ''), access.rights::text, member.id IS NOT NULL
        FROM clients_client one
        JOIN clients_person someone ON someone.id = $1 AND someone.is_active
        LEFT JOIN clients_access access ON access.client_id = one.id AND access.person_id = $1
        LEFT JOIN clients_membership member ON member.office_id = one.office_id AND member.person_id = $1
        WHERE one.id = $2 AND (access.id IS NOT NULL OR member.sees_all_clients)
$$;

REVOKE EXECUTE ON FUNCTION clients_of(bigint), clients_in(bigint), clients_office(bigint),
    clients_entry(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION clients_of(bigint), clients_in(bigint), clients_office(bigint),
    clients_entry(bigint, bigint) TO :app;
