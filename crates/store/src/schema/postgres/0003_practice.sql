-- Practice: questions that are checked while an attempt is open, and bookmarks.

ALTER TABLE attempts ADD COLUMN checked TEXT;       -- the numbers of checked questions, each with a comma behind it; NULL: none

CREATE TABLE bookmarks (
    account_id  BIGINT NOT NULL REFERENCES accounts (id),
    question_id BIGINT NOT NULL REFERENCES questions (id),
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, question_id)
);
