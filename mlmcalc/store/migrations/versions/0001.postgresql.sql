CREATE TABLE batch (
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    known_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    rows BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    source_file TEXT NOT NULL,
    source_sha256 TEXT NOT NULL,
    scope_from TEXT,
    scope_to TEXT,
    true_from TEXT,
    CONSTRAINT pk_batch PRIMARY KEY (number),
    CONSTRAINT uq_batch_known_at UNIQUE (known_at),
    CONSTRAINT ck_batch_kind CHECK (kind IN ('members', 'orders', 'volumes', 'overrides')),
    CONSTRAINT ck_batch_known_at CHECK (known_at <= recorded_at)
)

CREATE TABLE log (
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    previous TEXT NOT NULL,
    digest TEXT NOT NULL,
    CONSTRAINT pk_log PRIMARY KEY (seq),
    CONSTRAINT uq_log_previous UNIQUE (previous),
    CONSTRAINT uq_log_digest UNIQUE (digest)
)

CREATE TABLE object (
    sha256 TEXT NOT NULL,
    kind TEXT NOT NULL,
    rows BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    CONSTRAINT pk_object PRIMARY KEY (sha256),
    CONSTRAINT ck_object_sha256 CHECK (length(sha256) = 64)
)

CREATE TABLE program (
    name TEXT NOT NULL,
    calendar TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_program PRIMARY KEY (name)
)

CREATE TABLE store (
    one SMALLINT NOT NULL,
    id TEXT NOT NULL,
    company TEXT NOT NULL,
    format BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_store PRIMARY KEY (one),
    CONSTRAINT ck_store_one CHECK (one = 1)
)

CREATE TABLE batch_part (
    batch BIGINT NOT NULL,
    part BIGINT NOT NULL,
    object TEXT NOT NULL,
    rows BIGINT NOT NULL,
    columns TEXT NOT NULL,
    CONSTRAINT pk_batch_part PRIMARY KEY (batch, part),
    CONSTRAINT fk_batch_part_batch FOREIGN KEY(batch) REFERENCES batch (number),
    CONSTRAINT fk_batch_part_object FOREIGN KEY(object) REFERENCES object (sha256)
)

CREATE TABLE run (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    purpose TEXT NOT NULL,
    digest TEXT NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    folder TEXT NOT NULL,
    as_of TEXT NOT NULL,
    known_at BIGINT NOT NULL,
    plan_version TEXT NOT NULL,
    plan_digest TEXT NOT NULL,
    details TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    CONSTRAINT pk_run PRIMARY KEY (id),
    CONSTRAINT ck_run_purpose CHECK (purpose IN ('preview', 'calculated', 'trueup', 'projection', 'trial')),
    CONSTRAINT fk_run_program FOREIGN KEY(program) REFERENCES program (name)
)

CREATE INDEX ix_run_program_period ON run (program, period)

CREATE TABLE period (
    program TEXT NOT NULL,
    label TEXT NOT NULL,
    first TEXT NOT NULL,
    last TEXT NOT NULL,
    status TEXT NOT NULL,
    generation BIGINT NOT NULL,
    run TEXT,
    CONSTRAINT pk_period PRIMARY KEY (program, label),
    CONSTRAINT uq_period_program_first UNIQUE (program, first),
    CONSTRAINT ck_period_status CHECK (status IN ('open', 'calculated', 'reviewed', 'committed', 'paid')),
    CONSTRAINT ck_period_generation CHECK (generation >= 1),
    CONSTRAINT ck_period_days CHECK (first <= last),
    CONSTRAINT ck_period_run CHECK (status = 'open' OR run IS NOT NULL),
    CONSTRAINT fk_period_program FOREIGN KEY(program) REFERENCES program (name),
    CONSTRAINT fk_period_run FOREIGN KEY(run) REFERENCES run (id)
)

CREATE TABLE adjustment (
    number BIGINT NOT NULL,
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    member_id TEXT NOT NULL,
    type TEXT NOT NULL,
    bonus TEXT NOT NULL,
    units BIGINT NOT NULL,
    decimals SMALLINT NOT NULL,
    origin TEXT NOT NULL,
    cause TEXT NOT NULL,
    reason TEXT NOT NULL,
    source_runs TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    approved_by TEXT,
    approved_at BIGINT,
    withdrawn_by TEXT,
    withdrawn_at BIGINT,
    CONSTRAINT pk_adjustment PRIMARY KEY (number),
    CONSTRAINT fk_adjustment_program_period FOREIGN KEY(program, period) REFERENCES period (program, label),
    CONSTRAINT ck_adjustment_decimals CHECK (decimals BETWEEN 0 AND 18),
    CONSTRAINT ck_adjustment_reason CHECK (length(reason) > 0)
)

CREATE INDEX ix_adjustment_program_period ON adjustment (program, period)

CREATE TABLE approval (
    number BIGINT NOT NULL,
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    generation BIGINT NOT NULL,
    run TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    withdrawn_by TEXT,
    withdrawn_at BIGINT,
    CONSTRAINT pk_approval PRIMARY KEY (number),
    CONSTRAINT fk_approval_program_period FOREIGN KEY(program, period) REFERENCES period (program, label),
    CONSTRAINT fk_approval_run FOREIGN KEY(run) REFERENCES run (id)
)

CREATE INDEX ix_approval_program_period ON approval (program, period)

CREATE TABLE document (
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    body TEXT NOT NULL,
    digest TEXT NOT NULL,
    previous TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    CONSTRAINT pk_document PRIMARY KEY (number),
    CONSTRAINT uq_document_digest UNIQUE (digest),
    CONSTRAINT uq_document_previous UNIQUE (previous),
    CONSTRAINT fk_document_program_period FOREIGN KEY(program, period) REFERENCES period (program, label),
    CONSTRAINT ck_document_kind CHECK (kind IN ('commit', 'payment', 'reopening'))
)

CREATE TABLE override (
    number BIGINT NOT NULL,
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    kind TEXT NOT NULL,
    member_id TEXT NOT NULL,
    fields TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    approved_by TEXT,
    approved_at BIGINT,
    withdrawn_by TEXT,
    withdrawn_at BIGINT,
    CONSTRAINT pk_override PRIMARY KEY (number),
    CONSTRAINT fk_override_program_period FOREIGN KEY(program, period) REFERENCES period (program, label),
    CONSTRAINT ck_override_kind CHECK (kind IN ('rank', 'waiver', 'hold', 'amount', 'volume')),
    CONSTRAINT ck_override_reason CHECK (length(reason) > 0)
)

CREATE INDEX ix_override_program_period ON override (program, period)

CREATE TABLE rate (
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    currency TEXT NOT NULL,
    rate TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    CONSTRAINT pk_rate PRIMARY KEY (program, period, currency),
    CONSTRAINT fk_rate_program_period FOREIGN KEY(program, period) REFERENCES period (program, label)
)

CREATE TABLE closing (
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    generation BIGINT NOT NULL,
    run TEXT NOT NULL,
    document BIGINT NOT NULL,
    payments TEXT,
    journal TEXT,
    balances TEXT,
    adjustments TEXT,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    reopened BIGINT,
    CONSTRAINT pk_closing PRIMARY KEY (program, period, generation),
    CONSTRAINT fk_closing_program_period FOREIGN KEY(program, period) REFERENCES period (program, label),
    CONSTRAINT fk_closing_run FOREIGN KEY(run) REFERENCES run (id),
    CONSTRAINT uq_closing_document UNIQUE (document),
    CONSTRAINT fk_closing_document FOREIGN KEY(document) REFERENCES document (number),
    CONSTRAINT fk_closing_payments FOREIGN KEY(payments) REFERENCES object (sha256),
    CONSTRAINT fk_closing_journal FOREIGN KEY(journal) REFERENCES object (sha256),
    CONSTRAINT fk_closing_balances FOREIGN KEY(balances) REFERENCES object (sha256),
    CONSTRAINT fk_closing_adjustments FOREIGN KEY(adjustments) REFERENCES object (sha256),
    CONSTRAINT uq_closing_reopened UNIQUE (reopened),
    CONSTRAINT fk_closing_reopened FOREIGN KEY(reopened) REFERENCES document (number)
)

CREATE TABLE balance (
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    generation BIGINT NOT NULL,
    member_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    currency TEXT NOT NULL,
    units BIGINT NOT NULL,
    decimals SMALLINT NOT NULL,
    CONSTRAINT pk_balance PRIMARY KEY (program, period, generation, member_id, kind),
    CONSTRAINT fk_balance_program_period_generation FOREIGN KEY(program, period, generation) REFERENCES closing (program, period, generation),
    CONSTRAINT ck_balance_decimals CHECK (decimals BETWEEN 0 AND 18)
)

CREATE TABLE payment (
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    generation BIGINT NOT NULL,
    member_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    units BIGINT NOT NULL,
    decimals SMALLINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    document BIGINT,
    CONSTRAINT pk_payment PRIMARY KEY (program, period, generation, member_id),
    CONSTRAINT fk_payment_program_period_generation FOREIGN KEY(program, period, generation) REFERENCES closing (program, period, generation),
    CONSTRAINT ck_payment_state CHECK (state IN ('due', 'held', 'paid', 'void')),
    CONSTRAINT ck_payment_decimals CHECK (decimals BETWEEN 0 AND 18),
    CONSTRAINT ck_payment_document CHECK ((state = 'paid') = (document IS NOT NULL)),
    CONSTRAINT fk_payment_document FOREIGN KEY(document) REFERENCES document (number)
)
 WITH (fillfactor = 45)

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is settled: % is not allowed', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$

CREATE TRIGGER batch_fixed BEFORE UPDATE ON "batch"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER batch_kept BEFORE DELETE ON "batch"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER batch_whole BEFORE TRUNCATE ON "batch"
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER log_fixed BEFORE UPDATE ON "log"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER log_kept BEFORE DELETE ON "log"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER log_whole BEFORE TRUNCATE ON "log"
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER object_fixed BEFORE UPDATE ON "object"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER object_kept BEFORE DELETE ON "object"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER object_whole BEFORE TRUNCATE ON "object"
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER program_fixed BEFORE UPDATE ON "program"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER program_kept BEFORE DELETE ON "program"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER program_whole BEFORE TRUNCATE ON "program"
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER store_fixed BEFORE UPDATE ON "store"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER store_kept BEFORE DELETE ON "store"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER store_whole BEFORE TRUNCATE ON "store"
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER batch_part_fixed BEFORE UPDATE ON "batch_part"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER batch_part_kept BEFORE DELETE ON "batch_part"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER batch_part_whole BEFORE TRUNCATE ON "batch_part"
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER run_fixed BEFORE UPDATE OF "id", "program", "period", "digest", "manifest_sha256", "folder", "as_of", "known_at", "plan_version", "plan_digest", "details", "made_by", "made_at" ON "run"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER run_kept BEFORE DELETE ON "run"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER run_whole BEFORE TRUNCATE ON "run"
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER period_fixed BEFORE UPDATE OF "program", "label", "first", "last" ON "period"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER period_kept BEFORE DELETE ON "period"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER period_whole BEFORE TRUNCATE ON "period"
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER adjustment_fixed BEFORE UPDATE OF "number", "program", "period", "member_id", "type", "bonus", "units", "decimals", "origin", "cause", "reason", "source_runs", "made_by", "made_at" ON "adjustment"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER adjustment_kept BEFORE DELETE ON "adjustment"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER adjustment_whole BEFORE TRUNCATE ON "adjustment"
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER approval_fixed BEFORE UPDATE OF "number", "program", "period", "generation", "run", "made_by", "made_at", "reason" ON "approval"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER approval_kept BEFORE DELETE ON "approval"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER approval_whole BEFORE TRUNCATE ON "approval"
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER document_fixed BEFORE UPDATE ON "document"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER document_kept BEFORE DELETE ON "document"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER document_whole BEFORE TRUNCATE ON "document"
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER override_fixed BEFORE UPDATE OF "number", "program", "period", "kind", "member_id", "fields", "reason", "made_by", "made_at" ON "override"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER override_kept BEFORE DELETE ON "override"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER override_whole BEFORE TRUNCATE ON "override"
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER rate_fixed BEFORE UPDATE OF "program", "period", "currency" ON "rate"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER rate_whole BEFORE TRUNCATE ON "rate"
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER closing_fixed BEFORE UPDATE OF "program", "period", "generation", "run", "document", "payments", "journal", "balances", "adjustments", "made_by", "made_at" ON "closing"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER closing_kept BEFORE DELETE ON "closing"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER closing_whole BEFORE TRUNCATE ON "closing"
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER balance_fixed BEFORE UPDATE ON "balance"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER balance_kept BEFORE DELETE ON "balance"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER balance_whole BEFORE TRUNCATE ON "balance"
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER payment_fixed BEFORE UPDATE OF "program", "period", "generation", "member_id", "currency", "units", "decimals" ON "payment"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER payment_kept BEFORE DELETE ON "payment"
FOR EACH ROW
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER payment_whole BEFORE TRUNCATE ON "payment"
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER payment_paid_once BEFORE UPDATE ON "payment"
FOR EACH ROW
WHEN (OLD.state = 'paid')
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER closing_reopened_once BEFORE UPDATE ON "closing"
FOR EACH ROW
WHEN (OLD.reopened IS NOT NULL)
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER override_withdrawn_once BEFORE UPDATE ON "override"
FOR EACH ROW
WHEN (OLD.withdrawn_at IS NOT NULL)
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER adjustment_withdrawn_once BEFORE UPDATE ON "adjustment"
FOR EACH ROW
WHEN (OLD.withdrawn_at IS NOT NULL)
EXECUTE FUNCTION refuse_change()

CREATE TRIGGER approval_withdrawn_once BEFORE UPDATE ON "approval"
FOR EACH ROW
WHEN (OLD.withdrawn_at IS NOT NULL)
EXECUTE FUNCTION refuse_change()
