-- What an ended attempt takes up for ever. Looking up a person's attempts, and theirs of an exam, is one index. That a key starts one
-- attempt needs no index of its own: a start that does not see the attempt of its key takes the same number as that one.
-- SQLite drops constraints by making the table anew.
CREATE TABLE attempts_lean (
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
    UNIQUE (account_id, exam_id, number)
);
INSERT INTO attempts_lean SELECT id, public_id, exam_id, exam_version_id, account_id, number, idempotency_key, state, paper,
    question_count, pen_holder, started_at, deadline, submitted_at, answered, digest FROM attempts;
DROP TABLE attempts;
ALTER TABLE attempts_lean RENAME TO attempts;
CREATE UNIQUE INDEX attempts_one_open ON attempts (exam_id, account_id) WHERE state = 'open';
CREATE INDEX attempts_by_exam ON attempts (exam_id, id);
CREATE INDEX attempts_open_by_deadline ON attempts (deadline) WHERE state = 'open';

CREATE TABLE grades_lean (
    attempt_id  INTEGER NOT NULL REFERENCES attempts (id),
    key_version INTEGER NOT NULL,
    points      INTEGER NOT NULL,                   -- thousandths
    max_points  INTEGER NOT NULL,                   -- thousandths
    percent     INTEGER NOT NULL,                   -- hundredths
    passed      INTEGER,                            -- 0, 1, or NULL without a pass line
    graded_at   INTEGER NOT NULL,
    detail      TEXT    NOT NULL,
    PRIMARY KEY (attempt_id, key_version)
) WITHOUT ROWID;
INSERT INTO grades_lean SELECT attempt_id, key_version, points, max_points, percent, passed, graded_at, detail FROM grades;
DROP TABLE grades;
ALTER TABLE grades_lean RENAME TO grades;
