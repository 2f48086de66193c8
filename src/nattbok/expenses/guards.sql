-- What is handed in stays as it was handed in: its receipts change again when it is returned.
CREATE OR REPLACE FUNCTION expenses_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    SELECT state INTO found FROM expenses_expenseclaim
        WHERE client_id = NEW.client_id AND id = NEW.claim_id FOR SHARE;
    IF found <> 'open' THEN
        RAISE EXCEPTION 'claim % is handed in, so its receipts cannot change', NEW.claim_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS expenses_receipt_stays ON expenses_expensereceipt;
CREATE TRIGGER expenses_receipt_stays BEFORE INSERT OR UPDATE ON expenses_expensereceipt
    FOR EACH ROW EXECUTE FUNCTION expenses_refuse_change();

-- A claim is somebody's for good; nothing of it is deleted, only withdrawn or taken out.
REVOKE DELETE, TRUNCATE ON expenses_expenseclaim, expenses_expensereceipt, expenses_exchangerate FROM :app;
REVOKE UPDATE ON expenses_expenseclaim FROM :app;
GRANT UPDATE (purpose, from_on, to_on, account, state, returned_why, returned_by, handed_in_at, act_id)
    ON expenses_expenseclaim TO :app;
