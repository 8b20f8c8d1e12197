-- The attempt engine: the log of open attempts without what costs each row, and one document per ended attempt.

-- A save checks attempt, number and verdict before it writes; looking the attempt up again for every row would cost more
-- than the row itself.
ALTER TABLE answer_operations
    DROP CONSTRAINT answer_operations_attempt_id_fkey,
    DROP CONSTRAINT answer_operations_verdict_check;

CREATE TABLE sealed_attempts (                      -- written once, at the end of an attempt
    attempt_id BIGINT PRIMARY KEY REFERENCES attempts (id),
    document   BYTEA  NOT NULL                      -- paper and history: exam::record
);
