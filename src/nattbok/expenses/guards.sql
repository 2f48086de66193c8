-- What is handed in stays as it was handed in: its receipts change again when it is returned. The claims are
-- locked first, so that none is handed in meanwhile.
CREATE OR REPLACE FUNCTION expenses_hold_open(claims bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    closed bigint;
BEGIN
    PERFORM FROM expenses_expenseclaim WHERE id = ANY (claims) ORDER BY id FOR SHARE;
    SELECT id INTO closed FROM expenses_expenseclaim
        WHERE id = ANY (claims) AND state <> 'open' ORDER BY id LIMIT 1;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION 'claim % is handed in, so its receipts cannot change', closed
            USING ERRCODE = 'restrict_violation';
    END IF;
END $$;

-- A receipt is added to a claim that is open.
CREATE OR REPLACE FUNCTION expenses_receipts_arrive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM expenses_hold_open(ARRAY(SELECT DISTINCT claim_id FROM new_receipts));
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS expenses_receipts_arrive ON expenses_expensereceipt;
CREATE TRIGGER expenses_receipts_arrive AFTER INSERT ON expenses_expensereceipt
    REFERENCING NEW TABLE AS new_receipts
    FOR EACH STATEMENT EXECUTE FUNCTION expenses_receipts_arrive();

-- And neither what it says, nor whose it is, changes on one that is not, or from one to another.
CREATE OR REPLACE FUNCTION expenses_receipts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM expenses_hold_open(
        ARRAY(SELECT claim_id FROM new_receipts UNION SELECT claim_id FROM old_receipts));
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS expenses_receipts_stay ON expenses_expensereceipt;
CREATE TRIGGER expenses_receipts_stay AFTER UPDATE ON expenses_expensereceipt
    REFERENCING OLD TABLE AS old_receipts NEW TABLE AS new_receipts
    FOR EACH STATEMENT EXECUTE FUNCTION expenses_receipts_stay();

-- A claim is somebody's for good; nothing of it is deleted, only withdrawn or taken out.
REVOKE DELETE, TRUNCATE ON expenses_expenseclaim, expenses_expensereceipt, expenses_exchangerate FROM :app;
REVOKE UPDATE ON expenses_expenseclaim FROM :app;
GRANT UPDATE (purpose, from_on, to_on, account, state, returned_why, returned_by, handed_in_at, act_id)
    ON expenses_expenseclaim TO :app;
