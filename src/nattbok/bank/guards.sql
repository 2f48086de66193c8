-- What a person or a proof says is the same money sums to the same: the movements of a pairing that stands
-- and its lines, on one bank account and its ledger account. Its movements are there before its lines.
CREATE OR REPLACE FUNCTION bank_pairing_adds_up() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong record;
BEGIN
    SELECT pairing.id INTO wrong FROM bank_pairing pairing
    JOIN bank_bankaccount bank ON bank.id = pairing.account_id
    WHERE pairing.id IN (SELECT pairing_id FROM new_rows) AND (
        EXISTS (SELECT 1 FROM bank_pairedmovement paired JOIN bank_movement movement
            ON movement.id = paired.movement_id
            WHERE paired.pairing_id = pairing.id AND movement.account_id <> pairing.account_id)
        OR EXISTS (SELECT 1 FROM bank_pairedline paired JOIN ledger_line line ON line.id = paired.line_id
            WHERE paired.pairing_id = pairing.id AND line.account_id <> bank.account_id))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'pairing % is not on one account', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pairing_on_one_account';
    END IF;
    SELECT pairing.id INTO wrong FROM bank_pairing pairing
    JOIN bank_bankaccount bank ON bank.id = pairing.account_id
    JOIN clients_client client ON client.id = pairing.client_id
    WHERE pairing.id IN (SELECT pairing_id FROM new_rows)
        AND (SELECT sum(movement.amount) FROM bank_pairedmovement paired
             JOIN bank_movement movement ON movement.id = paired.movement_id
             WHERE paired.pairing_id = pairing.id AND paired.is_live)
        IS DISTINCT FROM
            (SELECT sum(CASE WHEN bank.currency <> client.currency THEN line.currency_amount
                        ELSE line.amount END)
             FROM bank_pairedline paired JOIN ledger_line line ON line.id = paired.line_id
             WHERE paired.pairing_id = pairing.id AND paired.is_live)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the movements of pairing % do not sum to its lines', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pairing_adds_up';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS paired_line_adds_up ON bank_pairedline;
DROP TRIGGER IF EXISTS paired_lines_add_up ON bank_pairedline;
CREATE TRIGGER paired_lines_add_up AFTER INSERT ON bank_pairedline REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION bank_pairing_adds_up();
DROP TRIGGER IF EXISTS paired_lines_still_add_up ON bank_pairedline;
CREATE TRIGGER paired_lines_still_add_up AFTER UPDATE ON bank_pairedline REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION bank_pairing_adds_up();

-- A movement that is posted is not paired as well.
CREATE OR REPLACE FUNCTION bank_posted_is_not_paired() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong record;
BEGIN
    SELECT paired.movement_id INTO wrong FROM new_rows paired
    JOIN ledger_entry entry ON entry.client_id = paired.client_id
        AND entry.origin = 'movement:' || paired.movement_id
    WHERE paired.is_live AND NOT EXISTS (SELECT 1 FROM ledger_entry reversal
        WHERE reversal.client_id = entry.client_id AND reversal.reverses_id = entry.id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'movement % is posted already', wrong.movement_id
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'movement_answered_once';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS paired_movement_adds_up ON bank_pairedmovement;
DROP TRIGGER IF EXISTS posted_is_not_paired ON bank_pairedmovement;
CREATE TRIGGER posted_is_not_paired AFTER INSERT ON bank_pairedmovement REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION bank_posted_is_not_paired();

-- A movement that is paired is not posted as well. Once per statement, whatever the night brings.
CREATE OR REPLACE FUNCTION bank_paired_is_not_posted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong record;
BEGIN
    SELECT entry.origin INTO wrong FROM new_entries entry
    JOIN bank_pairedmovement paired ON paired.client_id = entry.client_id AND paired.is_live
        AND entry.origin = 'movement:' || paired.movement_id
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% is paired with lines that are in the books already', wrong.origin
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'movement_answered_once';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS paired_is_not_posted ON ledger_entry;
CREATE TRIGGER paired_is_not_posted AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS new_entries
    FOR EACH STATEMENT EXECUTE FUNCTION bank_paired_is_not_posted();

-- Payments. What the bank said, and what executed a payment, is kept as it was heard. A payment is changed, never
-- deleted; a batch is withdrawn or gets its file, and nothing else of it is written.
CALL nattbok_keep('bank_paymentstatus', ':appname');
CALL nattbok_keep('bank_paymentexecution', ':appname');
CALL nattbok_keep('bank_receiptfile', ':appname');
REVOKE DELETE, TRUNCATE ON bank_payment, bank_paymentitem FROM :app;
REVOKE UPDATE, DELETE, TRUNCATE ON bank_paymentbatch FROM :app;
GRANT UPDATE (withdrawn_at, file_id, made_on) ON bank_paymentbatch TO :app;
REVOKE UPDATE ON bank_paymentitem FROM :app;
GRANT UPDATE (amount, is_live) ON bank_paymentitem TO :app;

-- A payment begins drafted and outside any batch.
CREATE OR REPLACE FUNCTION bank_payments_arrive() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM new_payments WHERE state <> 'drafted' OR batch_id IS NOT NULL) THEN
        RAISE EXCEPTION 'a payment begins drafted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_begins_drafted';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS payments_arrive ON bank_payment;
CREATE TRIGGER payments_arrive AFTER INSERT ON bank_payment REFERENCING NEW TABLE AS new_payments
    FOR EACH STATEMENT EXECUTE FUNCTION bank_payments_arrive();

-- A payment only goes forward; in a batch its content is frozen; it is approved when its batch is, by those who
-- must, as it lies there; and it goes into a batch when nothing waits for a second person, for what its items say.
CREATE OR REPLACE FUNCTION bank_payments_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong record;
BEGIN
    SELECT before.id, before.state AS was, payment.state AS now INTO wrong
    FROM new_payments payment JOIN old_payments before ON before.id = payment.id
    WHERE before.state <> payment.state AND (before.state, payment.state) NOT IN (
        ('drafted', 'approved'), ('drafted', 'cancelled'),
        ('approved', 'sent'), ('approved', 'received'), ('approved', 'accepted'), ('approved', 'rejected'),
        ('approved', 'cancelled'), ('approved', 'returned'),
        ('sent', 'received'), ('sent', 'accepted'), ('sent', 'rejected'), ('sent', 'cancelled'),
        ('sent', 'returned'),
        ('received', 'accepted'), ('received', 'rejected'), ('received', 'cancelled'), ('received', 'returned'),
        ('accepted', 'rejected'), ('accepted', 'cancelled'), ('accepted', 'returned'))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'payment % is %, and does not become %', wrong.id, wrong.was, wrong.now
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_only_forward';
    END IF;
    SELECT before.id INTO wrong
    FROM new_payments payment JOIN old_payments before ON before.id = payment.id
    WHERE (payment.client_id, payment.kind, payment.end_to_end_id, payment.party_id, payment.payee, payment.act_id)
            IS DISTINCT FROM
          (before.client_id, before.kind, before.end_to_end_id, before.party_id, before.payee, before.act_id)
        OR ((before.batch_id IS NOT NULL OR before.state <> 'drafted')
            AND (payment.account_id, payment.payee_name, payment.payee_account, payment.payee_account_kind,
                 payment.payee_country, payment.payee_bic, payment.amount, payment.currency, payment.discount,
                 payment.reference, payment.message, payment.invoices, payment.against_id, payment.due_on,
                 payment.pay_on, payment.account_check, payment.entered_by, payment.confirmed_by_id)
            IS DISTINCT FROM
                (before.account_id, before.payee_name, before.payee_account, before.payee_account_kind,
                 before.payee_country, before.payee_bic, before.amount, before.currency, before.discount,
                 before.reference, before.message, before.invoices, before.against_id, before.due_on,
                 before.pay_on, before.account_check, before.entered_by, before.confirmed_by_id))
        OR (before.batch_id IS NOT NULL AND before.batch_id IS DISTINCT FROM payment.batch_id
            AND (payment.batch_id IS NOT NULL OR before.state <> 'drafted' OR payment.state <> 'drafted'))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'payment % is frozen and cannot change', wrong.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payment_is_frozen';
    END IF;
    SELECT payment.id INTO wrong
    FROM new_payments payment JOIN old_payments before ON before.id = payment.id
    WHERE before.batch_id IS NULL AND payment.batch_id IS NOT NULL
        AND (payment.is_held OR payment.payee_account = ''
            OR (payment.account_check <> '' AND payment.confirmed_by_id IS NULL)
            OR payment.entered_by @> to_jsonb(payment.confirmed_by_id)
            OR (payment.against_id IS NULL AND payment.amount IS DISTINCT FROM (
                SELECT sum(item.amount) FROM bank_paymentitem item
                WHERE item.payment_id = payment.id AND item.is_live)))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'payment % is not ready to be handed to the bank', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_is_ready';
    END IF;
    SELECT payment.id INTO wrong
    FROM new_payments payment JOIN old_payments before ON before.id = payment.id
    WHERE before.state = 'drafted' AND payment.state = 'approved' AND NOT EXISTS (
        SELECT FROM bank_paymentbatch batch
        JOIN approvals_request request ON request.client_id = batch.client_id
            AND request.subject = 'payment_batch:' || batch.id AND request.outcome = 'approved'
            AND request.sha256 = batch.sha256
        WHERE batch.id = payment.batch_id AND batch.client_id = payment.client_id
            AND batch.withdrawn_at IS NULL AND batch.file_id IS NOT NULL)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'payment % is not approved by those who must', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_is_approved';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS payments_change ON bank_payment;
CREATE TRIGGER payments_change AFTER UPDATE ON bank_payment
    REFERENCING OLD TABLE AS old_payments NEW TABLE AS new_payments
    FOR EACH STATEMENT EXECUTE FUNCTION bank_payments_change();

-- What a payment pays is frozen with it: items come, and their amounts change, while it is drafted and in no batch.
CREATE OR REPLACE FUNCTION bank_payment_items_arrive() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM new_items item JOIN bank_payment payment ON payment.id = item.payment_id
               WHERE payment.state <> 'drafted' OR payment.batch_id IS NOT NULL) THEN
        RAISE EXCEPTION 'what a frozen payment pays cannot change'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payment_is_frozen';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS payment_items_arrive ON bank_paymentitem;
CREATE TRIGGER payment_items_arrive AFTER INSERT ON bank_paymentitem REFERENCING NEW TABLE AS new_items
    FOR EACH STATEMENT EXECUTE FUNCTION bank_payment_items_arrive();
CREATE OR REPLACE FUNCTION bank_payment_items_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM new_items item JOIN old_items before ON before.id = item.id
               JOIN bank_payment payment ON payment.id = item.payment_id
               WHERE (item.amount <> before.amount AND (payment.state <> 'drafted' OR payment.batch_id IS NOT NULL))
                   OR (NOT before.is_live AND item.is_live)) THEN
        RAISE EXCEPTION 'what a frozen payment pays cannot change'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payment_is_frozen';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS payment_items_change ON bank_paymentitem;
CREATE TRIGGER payment_items_change AFTER UPDATE ON bank_paymentitem
    REFERENCING OLD TABLE AS old_items NEW TABLE AS new_items
    FOR EACH STATEMENT EXECUTE FUNCTION bank_payment_items_change();

-- A batch gets its file once, and one that has a file is not withdrawn.
CREATE OR REPLACE FUNCTION bank_payment_batches_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM new_batches batch JOIN old_batches before ON before.id = batch.id
               WHERE (before.file_id IS NOT NULL
                       AND (batch.file_id, batch.made_on) IS DISTINCT FROM (before.file_id, before.made_on))
                   OR (before.withdrawn_at IS NOT NULL AND batch.withdrawn_at IS DISTINCT FROM before.withdrawn_at)
                   OR (batch.client_id, batch.sha256, batch.message_id, batch.amount)
                       IS DISTINCT FROM (before.client_id, before.sha256, before.message_id, before.amount)) THEN
        RAISE EXCEPTION 'a batch stays as it was frozen'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payment_batch_is_frozen';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS payment_batches_change ON bank_paymentbatch;
CREATE TRIGGER payment_batches_change AFTER UPDATE ON bank_paymentbatch
    REFERENCING OLD TABLE AS old_batches NEW TABLE AS new_batches
    FOR EACH STATEMENT EXECUTE FUNCTION bank_payment_batches_change();

-- A rule's version stands as it was written: what it did is explained by it for as long as the books are kept.
CREATE OR REPLACE FUNCTION bank_rule_version_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong record;
BEGIN
    SELECT rule_id, number INTO wrong FROM old_versions LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'version % of rule % is written and cannot change', wrong.number, wrong.rule_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'bank_rule_version_stands';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS bank_rule_version_stands ON bank_bankruleversion;
CREATE TRIGGER bank_rule_version_stands AFTER UPDATE ON bank_bankruleversion
    REFERENCING OLD TABLE AS old_versions
    FOR EACH STATEMENT EXECUTE FUNCTION bank_rule_version_stands();
DROP TRIGGER IF EXISTS bank_rule_version_stays ON bank_bankruleversion;
CREATE TRIGGER bank_rule_version_stays AFTER DELETE ON bank_bankruleversion
    REFERENCING OLD TABLE AS old_versions
    FOR EACH STATEMENT EXECUTE FUNCTION bank_rule_version_stands();
