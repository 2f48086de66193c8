-- What the ledger promises whoever writes to it.
-- pg_temp comes last in every search path: else somebody's temporary table of the same name would be asked.

-- Posted is posted: a mistake is corrected by a new entry.
CALL nattbok_keep('ledger_entry', ':appname');
CALL nattbok_keep('ledger_line', ':appname');
CALL nattbok_keep('ledger_settlement', ':appname');

-- What is left of an item follows from its settlements, and a total from its lines: nobody writes them.
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ledger_total FROM :app;
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_openitem FROM :app;
GRANT UPDATE (on_hold, due_on) ON ledger_openitem TO :app;
REVOKE DELETE, TRUNCATE ON ledger_books, ledger_fiscalyear, ledger_account, ledger_party, ledger_series FROM :app;

-- The lines of an entry arrive in one statement. They balance, they are as many as the entry says, and an
-- account that is a subledger's sum has a party on every line; no other account has one.
-- Then the totals that the trial balance is read from.
CREATE OR REPLACE FUNCTION ledger_lines_arrive() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong record;
BEGIN
    SELECT arrived.entry_id, arrived.total, arrived.lines, entry.line_count INTO wrong
    FROM (SELECT entry_id, sum(amount) AS total, count(*) AS lines, min(number) AS first, max(number) AS last
          FROM new_lines GROUP BY entry_id) arrived
    JOIN ledger_entry entry ON entry.id = arrived.entry_id
    WHERE arrived.total <> 0 OR arrived.lines <> entry.line_count
        OR arrived.first <> 1 OR arrived.last <> entry.line_count
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % does not balance: % lines of % sum to %',
            wrong.entry_id, wrong.lines, wrong.line_count, wrong.total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balances';
    END IF;
    SELECT account.number INTO wrong
    FROM (SELECT DISTINCT client_id, account_id, party_id IS NOT NULL AS has_party FROM new_lines) arrived
    JOIN ledger_account account ON account.id = arrived.account_id
    WHERE arrived.has_party <> (account.control <> '')
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % and its party do not go together', wrong.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'line_party_goes_with_control_account';
    END IF;
    -- A reversal takes back exactly what it names, and is not itself taken back; else an origin could be
    -- posted anew while its first entry still stands.
    SELECT entry.id INTO wrong
    FROM ledger_entry entry
    JOIN ledger_entry original ON original.id = entry.reverses_id
    JOIN new_lines line ON line.entry_id = entry.id
    LEFT JOIN ledger_line undone ON undone.entry_id = original.id AND undone.number = line.number
        AND undone.account_id = line.account_id AND undone.amount = -line.amount
        AND undone.party_id IS NOT DISTINCT FROM line.party_id
        AND undone.currency = line.currency AND undone.currency_amount = -line.currency_amount
    WHERE entry.reverses_id IS NOT NULL
        AND (undone.id IS NULL OR original.line_count <> entry.line_count OR original.reverses_id IS NOT NULL)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % does not take back exactly what it names', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_reverses_exactly';
    END IF;
    INSERT INTO ledger_total AS total (client_id, account_id, month, debit, credit, lines)
    SELECT client_id, account_id, date_trunc('month', date)::date,
        coalesce(sum(amount) FILTER (WHERE amount > 0), 0), coalesce(sum(amount) FILTER (WHERE amount < 0), 0),
        count(*)
    FROM new_lines GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (client_id, account_id, month) DO UPDATE
    SET debit = total.debit + excluded.debit, credit = total.credit + excluded.credit,
        lines = total.lines + excluded.lines;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS lines_arrive ON ledger_line;
CREATE TRIGGER lines_arrive AFTER INSERT ON ledger_line REFERENCING NEW TABLE AS new_lines
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_lines_arrive();

-- Closed periods stay closed, an entry lies in its series' year, and an origin is posted anew only when what
-- was posted before is reversed.
CREATE OR REPLACE FUNCTION ledger_entries_arrive() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong record;
BEGIN
    -- Whoever closes waits for whoever posts, and the other way round.
    PERFORM 1 FROM ledger_books books WHERE books.client_id IN (SELECT client_id FROM new_entries) FOR SHARE;
    SELECT entry.date, books.closed_through INTO wrong
    FROM new_entries entry LEFT JOIN ledger_books books ON books.client_id = entry.client_id
    WHERE books.id IS NULL OR entry.date <= books.closed_through LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the books are closed through %, and the entry is dated %', wrong.closed_through, wrong.date
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_period_is_open';
    END IF;
    SELECT entry.date INTO wrong
    FROM new_entries entry
    JOIN ledger_series series ON series.id = entry.series_id
    JOIN ledger_fiscalyear year ON year.id = series.year_id
    WHERE entry.date NOT BETWEEN year.starts_on AND year.ends_on LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the entry is dated %, outside its series'' year', wrong.date
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_in_its_year';
    END IF;
    SELECT entry.origin INTO wrong
    FROM new_entries entry
    WHERE entry.round > 0 AND NOT EXISTS (
        SELECT 1 FROM ledger_entry earlier
        JOIN ledger_entry reversal ON reversal.client_id = earlier.client_id AND reversal.reverses_id = earlier.id
        WHERE earlier.client_id = entry.client_id AND earlier.origin = entry.origin
            AND earlier.round = entry.round - 1)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'origin % is posted and not reversed', wrong.origin
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'entry_origin_once';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS entries_arrive ON ledger_entry;
CREATE TRIGGER entries_arrive AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS new_entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_arrive();

-- An open item is as its line, and nothing of it is settled yet.
CREATE OR REPLACE FUNCTION ledger_items_arrive() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong record;
BEGIN
    SELECT item.id INTO wrong FROM new_items item
    JOIN ledger_line line ON line.id = item.line_id
    WHERE item.amount <> line.amount OR item.left <> item.amount OR item.account_id <> line.account_id
        OR item.party_id IS DISTINCT FROM line.party_id
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'open item % is not as its line', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'open_item_as_its_line';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS items_arrive ON ledger_openitem;
CREATE TRIGGER items_arrive AFTER INSERT ON ledger_openitem REFERENCING NEW TABLE AS new_items
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_items_arrive();

-- A settlement joins a debit and a credit of one party on one account, and takes from both. That neither is
-- settled beyond itself is the item's own constraint. A parting is the exact opposite of what it parts.
CREATE OR REPLACE FUNCTION ledger_settlements_arrive() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong record;
BEGIN
    SELECT settled.id INTO wrong FROM new_settlements settled
    JOIN ledger_openitem debit ON debit.id = settled.debit_id
    JOIN ledger_openitem credit ON credit.id = settled.credit_id
    WHERE debit.amount <= 0 OR credit.amount >= 0
        OR debit.party_id <> credit.party_id OR debit.account_id <> credit.account_id
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'settlement % does not join a debit and a credit of one party', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_of_one_party';
    END IF;
    SELECT settled.id INTO wrong FROM new_settlements settled
    JOIN ledger_settlement parted ON parted.id = settled.parts_id
    WHERE parted.debit_id <> settled.debit_id OR parted.credit_id <> settled.credit_id
        OR parted.amount <> -settled.amount
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'settlement % does not part what it names', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_parts_exactly';
    END IF;
    UPDATE ledger_openitem item SET "left" = item."left" - taken.amount
    FROM (
        SELECT id, sum(amount) AS amount FROM (
            SELECT debit_id AS id, amount FROM new_settlements
            UNION ALL SELECT credit_id, -amount FROM new_settlements
        ) both_sides GROUP BY id
    ) taken
    WHERE item.id = taken.id;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS settlements_arrive ON ledger_settlement;
CREATE TRIGGER settlements_arrive AFTER INSERT ON ledger_settlement REFERENCING NEW TABLE AS new_settlements
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_settlements_arrive();

-- A template's versions, and what is spread over which months, are kept as they were written.
CALL nattbok_keep('ledger_clienttemplate', ':appname');
CALL nattbok_keep('ledger_officetemplate', ':appname');
CALL nattbok_keep('ledger_accrual', ':appname');
