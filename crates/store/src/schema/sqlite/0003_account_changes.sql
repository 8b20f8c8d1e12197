-- What other processes must look up again: they keep sessions in memory.
CREATE TABLE account_changes (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used twice: others remember which they have seen
    account_id INTEGER NOT NULL
);
