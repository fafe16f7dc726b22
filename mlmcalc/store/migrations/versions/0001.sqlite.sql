CREATE TABLE batch (
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    known_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    rows INTEGER NOT NULL,
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
 STRICT

CREATE TABLE log (
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    "by" TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    previous TEXT NOT NULL,
    digest TEXT NOT NULL,
    CONSTRAINT pk_log PRIMARY KEY (seq),
    CONSTRAINT uq_log_previous UNIQUE (previous),
    CONSTRAINT uq_log_digest UNIQUE (digest)
)
 STRICT

CREATE TABLE object (
    sha256 TEXT NOT NULL,
    kind TEXT NOT NULL,
    rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    CONSTRAINT pk_object PRIMARY KEY (sha256),
    CONSTRAINT ck_object_sha256 CHECK (length(sha256) = 64)
)
 STRICT

CREATE TABLE program (
    name TEXT NOT NULL,
    calendar TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT pk_program PRIMARY KEY (name)
)
 STRICT

CREATE TABLE store (
    one INTEGER NOT NULL,
    id TEXT NOT NULL,
    company TEXT NOT NULL,
    format INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT pk_store PRIMARY KEY (one),
    CONSTRAINT ck_store_one CHECK (one = 1)
)
 STRICT

CREATE TABLE batch_part (
    batch INTEGER NOT NULL,
    part INTEGER NOT NULL,
    object TEXT NOT NULL,
    rows INTEGER NOT NULL,
    columns TEXT NOT NULL,
    CONSTRAINT pk_batch_part PRIMARY KEY (batch, part),
    CONSTRAINT fk_batch_part_batch FOREIGN KEY(batch) REFERENCES batch (number),
    CONSTRAINT fk_batch_part_object FOREIGN KEY(object) REFERENCES object (sha256)
)
 STRICT

CREATE TABLE run (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    purpose TEXT NOT NULL,
    digest TEXT NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    folder TEXT NOT NULL,
    as_of TEXT NOT NULL,
    known_at INTEGER NOT NULL,
    plan_version TEXT NOT NULL,
    plan_digest TEXT NOT NULL,
    details TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    CONSTRAINT pk_run PRIMARY KEY (id),
    CONSTRAINT ck_run_purpose CHECK (purpose IN ('preview', 'calculated', 'trueup', 'projection', 'trial')),
    CONSTRAINT fk_run_program FOREIGN KEY(program) REFERENCES program (name)
)
 STRICT

CREATE INDEX ix_run_program_period ON run (program, period)

CREATE TABLE period (
    program TEXT NOT NULL,
    label TEXT NOT NULL,
    first TEXT NOT NULL,
    last TEXT NOT NULL,
    status TEXT NOT NULL,
    generation INTEGER NOT NULL,
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
 STRICT

CREATE TABLE adjustment (
    number INTEGER NOT NULL,
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    member_id TEXT NOT NULL,
    type TEXT NOT NULL,
    bonus TEXT NOT NULL,
    units INTEGER NOT NULL,
    decimals INTEGER NOT NULL,
    origin TEXT NOT NULL,
    cause TEXT NOT NULL,
    reason TEXT NOT NULL,
    source_runs TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    approved_by TEXT,
    approved_at INTEGER,
    withdrawn_by TEXT,
    withdrawn_at INTEGER,
    CONSTRAINT pk_adjustment PRIMARY KEY (number),
    CONSTRAINT fk_adjustment_program_period FOREIGN KEY(program, period) REFERENCES period (program, label),
    CONSTRAINT ck_adjustment_decimals CHECK (decimals BETWEEN 0 AND 18),
    CONSTRAINT ck_adjustment_reason CHECK (length(reason) > 0)
)
 STRICT

CREATE INDEX ix_adjustment_program_period ON adjustment (program, period)

CREATE TABLE approval (
    number INTEGER NOT NULL,
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    generation INTEGER NOT NULL,
    run TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    withdrawn_by TEXT,
    withdrawn_at INTEGER,
    CONSTRAINT pk_approval PRIMARY KEY (number),
    CONSTRAINT fk_approval_program_period FOREIGN KEY(program, period) REFERENCES period (program, label),
    CONSTRAINT fk_approval_run FOREIGN KEY(run) REFERENCES run (id)
)
 STRICT

CREATE INDEX ix_approval_program_period ON approval (program, period)

CREATE TABLE document (
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    body TEXT NOT NULL,
    digest TEXT NOT NULL,
    previous TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    CONSTRAINT pk_document PRIMARY KEY (number),
    CONSTRAINT uq_document_digest UNIQUE (digest),
    CONSTRAINT uq_document_previous UNIQUE (previous),
    CONSTRAINT fk_document_program_period FOREIGN KEY(program, period) REFERENCES period (program, label),
    CONSTRAINT ck_document_kind CHECK (kind IN ('commit', 'payment', 'reopening'))
)
 STRICT

CREATE TABLE override (
    number INTEGER NOT NULL,
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    kind TEXT NOT NULL,
    member_id TEXT NOT NULL,
    fields TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    approved_by TEXT,
    approved_at INTEGER,
    withdrawn_by TEXT,
    withdrawn_at INTEGER,
    CONSTRAINT pk_override PRIMARY KEY (number),
    CONSTRAINT fk_override_program_period FOREIGN KEY(program, period) REFERENCES period (program, label),
    CONSTRAINT ck_override_kind CHECK (kind IN ('rank', 'waiver', 'hold', 'amount', 'volume')),
    CONSTRAINT ck_override_reason CHECK (length(reason) > 0)
)
 STRICT

CREATE INDEX ix_override_program_period ON override (program, period)

CREATE TABLE rate (
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    currency TEXT NOT NULL,
    rate TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    CONSTRAINT pk_rate PRIMARY KEY (program, period, currency),
    CONSTRAINT fk_rate_program_period FOREIGN KEY(program, period) REFERENCES period (program, label)
)
 STRICT

CREATE TABLE closing (
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    generation INTEGER NOT NULL,
    run TEXT NOT NULL,
    document INTEGER NOT NULL,
    payments TEXT,
    journal TEXT,
    balances TEXT,
    adjustments TEXT,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    reopened INTEGER,
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
 STRICT

CREATE TABLE balance (
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    generation INTEGER NOT NULL,
    member_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    currency TEXT NOT NULL,
    units INTEGER NOT NULL,
    decimals INTEGER NOT NULL,
    CONSTRAINT pk_balance PRIMARY KEY (program, period, generation, member_id, kind),
    CONSTRAINT fk_balance_program_period_generation FOREIGN KEY(program, period, generation) REFERENCES closing (program, period, generation),
    CONSTRAINT ck_balance_decimals CHECK (decimals BETWEEN 0 AND 18)
)
 STRICT

CREATE TABLE payment (
    program TEXT NOT NULL,
    period TEXT NOT NULL,
    generation INTEGER NOT NULL,
    member_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    units INTEGER NOT NULL,
    decimals INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    document INTEGER,
    CONSTRAINT pk_payment PRIMARY KEY (program, period, generation, member_id),
    CONSTRAINT fk_payment_program_period_generation FOREIGN KEY(program, period, generation) REFERENCES closing (program, period, generation),
    CONSTRAINT ck_payment_state CHECK (state IN ('due', 'held', 'paid', 'void')),
    CONSTRAINT ck_payment_decimals CHECK (decimals BETWEEN 0 AND 18),
    CONSTRAINT ck_payment_document CHECK ((state = 'paid') = (document IS NOT NULL)),
    CONSTRAINT fk_payment_document FOREIGN KEY(document) REFERENCES document (number)
)
 STRICT

CREATE TRIGGER batch_fixed BEFORE UPDATE ON "batch"
BEGIN
    SELECT RAISE(ABORT, 'batch is settled: UPDATE is not allowed');
END

CREATE TRIGGER batch_kept BEFORE DELETE ON "batch"
BEGIN
    SELECT RAISE(ABORT, 'batch is settled: DELETE is not allowed');
END

CREATE TRIGGER log_fixed BEFORE UPDATE ON "log"
BEGIN
    SELECT RAISE(ABORT, 'log is settled: UPDATE is not allowed');
END

CREATE TRIGGER log_kept BEFORE DELETE ON "log"
BEGIN
    SELECT RAISE(ABORT, 'log is settled: DELETE is not allowed');
END

CREATE TRIGGER object_fixed BEFORE UPDATE ON "object"
BEGIN
    SELECT RAISE(ABORT, 'object is settled: UPDATE is not allowed');
END

CREATE TRIGGER object_kept BEFORE DELETE ON "object"
BEGIN
    SELECT RAISE(ABORT, 'object is settled: DELETE is not allowed');
END

CREATE TRIGGER program_fixed BEFORE UPDATE ON "program"
BEGIN
    SELECT RAISE(ABORT, 'program is settled: UPDATE is not allowed');
END

CREATE TRIGGER program_kept BEFORE DELETE ON "program"
BEGIN
    SELECT RAISE(ABORT, 'program is settled: DELETE is not allowed');
END

CREATE TRIGGER store_fixed BEFORE UPDATE ON "store"
BEGIN
    SELECT RAISE(ABORT, 'store is settled: UPDATE is not allowed');
END

CREATE TRIGGER store_kept BEFORE DELETE ON "store"
BEGIN
    SELECT RAISE(ABORT, 'store is settled: DELETE is not allowed');
END

CREATE TRIGGER batch_part_fixed BEFORE UPDATE ON "batch_part"
BEGIN
    SELECT RAISE(ABORT, 'batch_part is settled: UPDATE is not allowed');
END

CREATE TRIGGER batch_part_kept BEFORE DELETE ON "batch_part"
BEGIN
    SELECT RAISE(ABORT, 'batch_part is settled: DELETE is not allowed');
END

CREATE TRIGGER run_fixed BEFORE UPDATE OF "id", "program", "period", "digest", "manifest_sha256", "folder", "as_of", "known_at", "plan_version", "plan_digest", "details", "made_by", "made_at" ON "run"
BEGIN
    SELECT RAISE(ABORT, 'run is settled: UPDATE is not allowed');
END

CREATE TRIGGER run_kept BEFORE DELETE ON "run"
BEGIN
    SELECT RAISE(ABORT, 'run is settled: DELETE is not allowed');
END

CREATE TRIGGER period_fixed BEFORE UPDATE OF "program", "label", "first", "last" ON "period"
BEGIN
    SELECT RAISE(ABORT, 'period is settled: UPDATE is not allowed');
END

CREATE TRIGGER period_kept BEFORE DELETE ON "period"
BEGIN
    SELECT RAISE(ABORT, 'period is settled: DELETE is not allowed');
END

CREATE TRIGGER adjustment_fixed BEFORE UPDATE OF "number", "program", "period", "member_id", "type", "bonus", "units", "decimals", "origin", "cause", "reason", "source_runs", "made_by", "made_at" ON "adjustment"
BEGIN
    SELECT RAISE(ABORT, 'adjustment is settled: UPDATE is not allowed');
END

CREATE TRIGGER adjustment_kept BEFORE DELETE ON "adjustment"
BEGIN
    SELECT RAISE(ABORT, 'adjustment is settled: DELETE is not allowed');
END

CREATE TRIGGER approval_fixed BEFORE UPDATE OF "number", "program", "period", "generation", "run", "made_by", "made_at", "reason" ON "approval"
BEGIN
    SELECT RAISE(ABORT, 'approval is settled: UPDATE is not allowed');
END

CREATE TRIGGER approval_kept BEFORE DELETE ON "approval"
BEGIN
    SELECT RAISE(ABORT, 'approval is settled: DELETE is not allowed');
END

CREATE TRIGGER document_fixed BEFORE UPDATE ON "document"
BEGIN
    SELECT RAISE(ABORT, 'document is settled: UPDATE is not allowed');
END

CREATE TRIGGER document_kept BEFORE DELETE ON "document"
BEGIN
    SELECT RAISE(ABORT, 'document is settled: DELETE is not allowed');
END

CREATE TRIGGER override_fixed BEFORE UPDATE OF "number", "program", "period", "kind", "member_id", "fields", "reason", "made_by", "made_at" ON "override"
BEGIN
    SELECT RAISE(ABORT, 'override is settled: UPDATE is not allowed');
END

CREATE TRIGGER override_kept BEFORE DELETE ON "override"
BEGIN
    SELECT RAISE(ABORT, 'override is settled: DELETE is not allowed');
END

CREATE TRIGGER rate_fixed BEFORE UPDATE OF "program", "period", "currency" ON "rate"
BEGIN
    SELECT RAISE(ABORT, 'rate is settled: UPDATE is not allowed');
END

CREATE TRIGGER closing_fixed BEFORE UPDATE OF "program", "period", "generation", "run", "document", "payments", "journal", "balances", "adjustments", "made_by", "made_at" ON "closing"
BEGIN
    SELECT RAISE(ABORT, 'closing is settled: UPDATE is not allowed');
END

CREATE TRIGGER closing_kept BEFORE DELETE ON "closing"
BEGIN
    SELECT RAISE(ABORT, 'closing is settled: DELETE is not allowed');
END

CREATE TRIGGER balance_fixed BEFORE UPDATE ON "balance"
BEGIN
    SELECT RAISE(ABORT, 'balance is settled: UPDATE is not allowed');
END

CREATE TRIGGER balance_kept BEFORE DELETE ON "balance"
BEGIN
    SELECT RAISE(ABORT, 'balance is settled: DELETE is not allowed');
END

CREATE TRIGGER payment_fixed BEFORE UPDATE OF "program", "period", "generation", "member_id", "currency", "units", "decimals" ON "payment"
BEGIN
    SELECT RAISE(ABORT, 'payment is settled: UPDATE is not allowed');
END

CREATE TRIGGER payment_kept BEFORE DELETE ON "payment"
BEGIN
    SELECT RAISE(ABORT, 'payment is settled: DELETE is not allowed');
END

CREATE TRIGGER payment_paid_once BEFORE UPDATE ON "payment"
WHEN OLD.state = 'paid'
BEGIN
    SELECT RAISE(ABORT, 'payment is settled: UPDATE is not allowed');
END

CREATE TRIGGER closing_reopened_once BEFORE UPDATE ON "closing"
WHEN OLD.reopened IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'closing is settled: UPDATE is not allowed');
END

CREATE TRIGGER override_withdrawn_once BEFORE UPDATE ON "override"
WHEN OLD.withdrawn_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'override is settled: UPDATE is not allowed');
END

CREATE TRIGGER adjustment_withdrawn_once BEFORE UPDATE ON "adjustment"
WHEN OLD.withdrawn_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'adjustment is settled: UPDATE is not allowed');
END

CREATE TRIGGER approval_withdrawn_once BEFORE UPDATE ON "approval"
WHEN OLD.withdrawn_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'approval is settled: UPDATE is not allowed');
END
