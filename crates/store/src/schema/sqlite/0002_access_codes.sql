-- Codes that sign candidates in without a password.

CREATE TABLE access_codes (
    code_hash  TEXT    PRIMARY KEY,                 -- SHA-256 of the code; the code itself is nowhere
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES accounts (id),    -- NULL: the command line
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER                              -- when a newer one took its place
);
CREATE INDEX access_codes_by_account ON access_codes (account_id);
