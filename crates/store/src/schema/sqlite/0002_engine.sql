-- The attempt engine: the log of open attempts without what costs each row, and one document per ended attempt.

-- A save checks attempt, number and verdict before it writes; looking the attempt up again for every row would cost more
-- than the row itself. SQLite drops constraints by making the table anew.
CREATE TABLE answer_operations_lean (
    attempt_id  INTEGER NOT NULL,
    writer      INTEGER NOT NULL,
    seq         INTEGER NOT NULL CHECK (seq > 0),
    question    INTEGER NOT NULL,
    response    TEXT,                               -- NULL takes the answer back
    verdict     TEXT    NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (attempt_id, writer, seq)
) WITHOUT ROWID;
INSERT INTO answer_operations_lean SELECT attempt_id, writer, seq, question, response, verdict, received_at FROM answer_operations;
DROP TABLE answer_operations;
ALTER TABLE answer_operations_lean RENAME TO answer_operations;

CREATE TABLE sealed_attempts (                      -- written once, at the end of an attempt
    attempt_id INTEGER PRIMARY KEY REFERENCES attempts (id),
    document   BLOB    NOT NULL                     -- paper and history: exam::record
);
