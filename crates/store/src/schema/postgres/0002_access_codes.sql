-- Codes that sign candidates in without a password.

CREATE TABLE access_codes (
    code_hash  TEXT    PRIMARY KEY,                 -- SHA-256 of the code; the code itself is nowhere
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    created_by BIGINT REFERENCES accounts (id),    -- NULL: the command line
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT                              -- when a newer one took its place
);
CREATE INDEX access_codes_by_account ON access_codes (account_id);
