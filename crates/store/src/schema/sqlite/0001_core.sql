-- The tables of Examhall. The same names and columns stand in ../postgres; a test compares them.
-- Times are milliseconds since 1970 UTC by the server's clock; JSON documents are TEXT, written and read by our own types.

CREATE TABLE accounts (
    id            INTEGER PRIMARY KEY,
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL UNIQUE,          -- the address folded for comparison
    name          TEXT    NOT NULL,
    search        TEXT    NOT NULL,                 -- address and name, folded for search
    password_hash TEXT    NOT NULL,
    role          TEXT    NOT NULL CHECK (role IN ('candidate', 'author', 'invigilator', 'admin')),
    demo          INTEGER NOT NULL DEFAULT 0,       -- 1: made by --demo, may sign in under --demo only
    created_at    INTEGER NOT NULL,
    disabled_at   INTEGER
);
CREATE INDEX accounts_by_creation ON accounts (created_at, id);

CREATE TABLE sessions (
    id           INTEGER PRIMARY KEY,
    token_hash   TEXT    NOT NULL UNIQUE,           -- SHA-256 of the token; the token itself is nowhere
    account_id   INTEGER NOT NULL REFERENCES accounts (id),
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account_id);

-- What other processes must look up again: they keep sessions in memory.
CREATE TABLE account_changes (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used twice: others remember which they have seen
    account_id INTEGER NOT NULL
);

CREATE TABLE setup_tokens (
    token_hash TEXT    PRIMARY KEY,
    expires_at INTEGER NOT NULL
);

CREATE TABLE install_values (
    name  TEXT PRIMARY KEY,                         -- made once per installation, such as the demo secret
    value TEXT NOT NULL
);

CREATE TABLE banks (
    id          INTEGER PRIMARY KEY,
    slug        TEXT    NOT NULL UNIQUE,
    title       TEXT    NOT NULL,
    description TEXT    NOT NULL,
    created_at  INTEGER NOT NULL
);

CREATE TABLE questions (
    id         INTEGER PRIMARY KEY,
    bank_id    INTEGER NOT NULL REFERENCES banks (id),
    reference  TEXT,                                -- the author's own id: importing it again makes a new version
    version    INTEGER NOT NULL,                    -- the current one
    kind       TEXT    NOT NULL,
    difficulty TEXT,
    search     TEXT    NOT NULL,                    -- prompt and parts, folded for search
    created_at INTEGER NOT NULL,
    retired_at INTEGER,
    UNIQUE (bank_id, reference)
);

CREATE TABLE question_domains (
    question_id INTEGER NOT NULL REFERENCES questions (id),
    domain      TEXT    NOT NULL,
    PRIMARY KEY (question_id, domain)
);
CREATE INDEX question_domains_by_domain ON question_domains (domain);

CREATE TABLE question_versions (                    -- immutable
    id           INTEGER PRIMARY KEY,
    question_id  INTEGER NOT NULL REFERENCES questions (id),
    version      INTEGER NOT NULL,
    prompt       TEXT    NOT NULL,
    content      TEXT    NOT NULL,
    answer_key   TEXT    NOT NULL,
    explanations TEXT    NOT NULL,
    domains      TEXT    NOT NULL,
    difficulty   TEXT,
    points       INTEGER NOT NULL,                  -- thousandths
    created_at   INTEGER NOT NULL,
    author_id    INTEGER REFERENCES accounts (id),  -- NULL: the command line
    UNIQUE (question_id, version)
);

CREATE TABLE exams (
    id          INTEGER PRIMARY KEY,
    slug        TEXT    NOT NULL UNIQUE,
    title       TEXT    NOT NULL,
    description TEXT    NOT NULL,
    settings    TEXT    NOT NULL,                   -- the draft
    blueprint   TEXT    NOT NULL,                   -- the draft
    version     INTEGER,                            -- the published one
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
);

CREATE TABLE exam_versions (                        -- immutable
    id           INTEGER PRIMARY KEY,
    exam_id      INTEGER NOT NULL REFERENCES exams (id),
    version      INTEGER NOT NULL,
    title        TEXT    NOT NULL,
    description  TEXT    NOT NULL,
    settings     TEXT    NOT NULL,
    pool         TEXT    NOT NULL,
    published_at INTEGER NOT NULL,
    author_id    INTEGER REFERENCES accounts (id),  -- NULL: the command line
    UNIQUE (exam_id, version)
);

CREATE TABLE attempts (
    id              INTEGER PRIMARY KEY,
    public_id       TEXT    NOT NULL UNIQUE,        -- random; what candidates and URLs see
    exam_id         INTEGER NOT NULL REFERENCES exams (id),
    exam_version_id INTEGER NOT NULL REFERENCES exam_versions (id),
    account_id      INTEGER NOT NULL REFERENCES accounts (id),
    number          INTEGER NOT NULL,               -- 1, 2, ... for this person and exam
    idempotency_key TEXT,
    state           TEXT    NOT NULL CHECK (state IN ('open', 'submitted', 'expired')),
    paper           TEXT    NOT NULL,               -- empty at the end: the record has it
    question_count  INTEGER NOT NULL,
    pen_holder      INTEGER NOT NULL DEFAULT 0,     -- the latest writer number given out
    started_at      INTEGER NOT NULL,
    deadline        INTEGER,
    submitted_at    INTEGER,
    answered        INTEGER,                        -- at the end
    digest          TEXT,                           -- at the end
    record          BLOB,                           -- at the end, paper and history: exam::record
    -- What a person's attempts are found by as well. That a key starts one attempt needs no index of its own: a start that does not
    -- see the attempt of its key takes the same number as that one.
    UNIQUE (account_id, exam_id, number)
);
CREATE UNIQUE INDEX attempts_one_open ON attempts (exam_id, account_id) WHERE state = 'open';
CREATE TABLE start_keys (                           -- keys that were answered with an attempt already open
    exam_id         INTEGER NOT NULL REFERENCES exams (id),
    account_id      INTEGER NOT NULL REFERENCES accounts (id),
    idempotency_key TEXT NOT NULL,
    attempt_id      INTEGER NOT NULL REFERENCES attempts (id),
    PRIMARY KEY (exam_id, account_id, idempotency_key)
);
CREATE INDEX start_keys_by_attempt ON start_keys (attempt_id);
CREATE INDEX attempts_by_exam ON attempts (exam_id, id);
CREATE INDEX attempts_open_by_deadline ON attempts (deadline) WHERE state = 'open';

CREATE TABLE answer_operations (                    -- append-only: the log of open attempts
    -- A save checks attempt and verdict before it writes; looking the attempt up again for every row would cost more than the row.
    attempt_id  INTEGER NOT NULL,
    writer      INTEGER NOT NULL,
    seq         INTEGER NOT NULL CHECK (seq > 0),
    question    INTEGER NOT NULL,
    response    TEXT,                               -- NULL takes the answer back
    verdict     TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (attempt_id, writer, seq)
) WITHOUT ROWID;

CREATE TABLE grades (
    attempt_id  INTEGER NOT NULL REFERENCES attempts (id),
    key_version INTEGER NOT NULL,
    points      INTEGER NOT NULL,                    -- thousandths
    max_points  INTEGER NOT NULL,                    -- thousandths
    percent     INTEGER NOT NULL,                    -- hundredths
    passed      INTEGER,                             -- 0, 1, or NULL without a pass line
    graded_at   INTEGER NOT NULL,
    detail      TEXT NOT NULL,
    PRIMARY KEY (attempt_id, key_version)
) WITHOUT ROWID;

CREATE TABLE audit_log (                            -- append-only, by trigger
    id         INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    actor_id   INTEGER,                             -- NULL: the system or the command line
    action     TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    detail     TEXT    NOT NULL
);
-- REPLACE deletes the row it replaces without the delete trigger. No id means -1 before the insert.
CREATE TRIGGER audit_log_replaces_nothing BEFORE INSERT ON audit_log
    WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_log_keeps_rows BEFORE DELETE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_log_keeps_values BEFORE UPDATE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
