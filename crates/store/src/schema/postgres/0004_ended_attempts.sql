-- What an ended attempt takes up for ever. Looking up a person's attempts, and theirs of an exam, is one index. That a key starts one
-- attempt needs no index of its own: a start that does not see the attempt of its key takes the same number as that one.
ALTER TABLE attempts
    DROP CONSTRAINT attempts_exam_id_account_id_number_key,
    DROP CONSTRAINT attempts_exam_id_account_id_idempotency_key_key,
    ADD UNIQUE (account_id, exam_id, number);
DROP INDEX attempts_by_account;

-- A dropped column would go on taking up a bit in each row, and with it eight bytes.
CREATE TABLE grades_lean (
    attempt_id  BIGINT  NOT NULL REFERENCES attempts (id),
    key_version BIGINT  NOT NULL,
    points      BIGINT  NOT NULL,                   -- thousandths
    max_points  BIGINT  NOT NULL,                   -- thousandths
    percent     BIGINT  NOT NULL,                   -- hundredths
    passed      BIGINT,                            -- 0, 1, or NULL without a pass line
    graded_at   BIGINT  NOT NULL,
    detail      TEXT    NOT NULL,
    PRIMARY KEY (attempt_id, key_version)
);
INSERT INTO grades_lean SELECT attempt_id, key_version, points, max_points, percent, passed, graded_at, detail FROM grades;
DROP TABLE grades;
ALTER TABLE grades_lean RENAME TO grades;
