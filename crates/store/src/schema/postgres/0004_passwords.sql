-- Passwords: links to set a new one, and sessions that may not change any.

CREATE TABLE password_links (
    account_id BIGINT PRIMARY KEY REFERENCES accounts (id), -- one at a time: a new one takes the place of the earlier
    token_hash TEXT   NOT NULL UNIQUE,              -- SHA-256 of the token; the token itself is nowhere
    expires_at BIGINT NOT NULL
);

ALTER TABLE sessions ADD COLUMN by_code BIGINT NOT NULL DEFAULT 0; -- 1: began with an access code, on a machine of the hall
-- Of those that are there nobody knows; whoever had a code may have used it, and signs in anew to change a password.
UPDATE sessions SET by_code = 1 WHERE account_id IN (SELECT account_id FROM access_codes);
