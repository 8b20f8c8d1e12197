//! The indexes that the schema has, so that one that was lost is told of: with a lost index nothing fails, everything is slow.

use super::Look;
use crate::db::sql;
use crate::error::Result;
use std::collections::BTreeSet;

/// An index of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Index {
    /// The table.
    pub table: &'static str,
    /// What is indexed, in sequence: `deadline` or `exam_id, account_id`.
    pub columns: &'static str,
    made_by: MadeBy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum MadeBy {
    Primary,
    Unique,
    Name(&'static str),
    /// Of the open attempts only.
    OfOpen(&'static str),
    UniqueOfOpen(&'static str),
}

const fn primary(table: &'static str, columns: &'static str) -> Index {
    Index { table, columns, made_by: MadeBy::Primary }
}

const fn unique(table: &'static str, columns: &'static str) -> Index {
    Index { table, columns, made_by: MadeBy::Unique }
}

const fn index(name: &'static str, table: &'static str, columns: &'static str) -> Index {
    Index { table, columns, made_by: MadeBy::Name(name) }
}

/// All of the schema, held against it by a test.
const ALL: &[Index] = &[
    primary("accounts", "id"),
    unique("accounts", "email_key"),
    index("accounts_by_creation", "accounts", "created_at, id"),
    primary("sessions", "id"),
    unique("sessions", "token_hash"),
    index("sessions_by_account", "sessions", "account_id"),
    primary("account_changes", "id"),
    primary("setup_tokens", "token_hash"),
    primary("install_values", "name"),
    primary("access_codes", "code_hash"),
    index("access_codes_by_account", "access_codes", "account_id"),
    primary("password_links", "account_id"),
    unique("password_links", "token_hash"),
    primary("bookmarks", "account_id, question_id"),
    primary("banks", "id"),
    unique("banks", "slug"),
    primary("questions", "id"),
    unique("questions", "bank_id, reference"),
    primary("question_domains", "question_id, domain"),
    index("question_domains_by_domain", "question_domains", "domain"),
    primary("question_versions", "id"),
    unique("question_versions", "question_id, version"),
    primary("exams", "id"),
    unique("exams", "slug"),
    primary("exam_versions", "id"),
    unique("exam_versions", "exam_id, version"),
    primary("attempts", "id"),
    unique("attempts", "public_id"),
    unique("attempts", "account_id, exam_id, number"),
    Index { table: "attempts", columns: "exam_id, account_id", made_by: MadeBy::UniqueOfOpen("attempts_one_open") },
    index("attempts_by_exam", "attempts", "exam_id, id"),
    Index { table: "attempts", columns: "deadline", made_by: MadeBy::OfOpen("attempts_open_by_deadline") },
    primary("start_keys", "exam_id, account_id, idempotency_key"),
    index("start_keys_by_attempt", "start_keys", "attempt_id"),
    primary("answer_operations", "attempt_id, writer, seq"),
    primary("grades", "attempt_id, key_version"),
    primary("audit_log", "id"),
];

impl Index {
    /// The statement that makes it.
    #[must_use]
    pub fn statement(&self) -> String {
        let Self { table, columns, .. } = self;
        match self.made_by {
            MadeBy::Primary => format!("ALTER TABLE {table} ADD PRIMARY KEY ({columns})"),
            MadeBy::Unique => format!("ALTER TABLE {table} ADD UNIQUE ({columns})"),
            MadeBy::Name(name) => format!("CREATE INDEX {name} ON {table} ({columns})"),
            MadeBy::OfOpen(name) => format!("CREATE INDEX {name} ON {table} ({columns}) WHERE state = 'open'"),
            MadeBy::UniqueOfOpen(name) => {
                format!("CREATE UNIQUE INDEX {name} ON {table} ({columns}) WHERE state = 'open'")
            }
        }
    }

    fn seen(&self) -> Seen {
        Seen {
            table: self.table.into(),
            columns: self.columns.into(),
            is_unique: matches!(self.made_by, MadeBy::Primary | MadeBy::Unique | MadeBy::UniqueOfOpen(_)),
            is_partial: matches!(self.made_by, MadeBy::OfOpen(_) | MadeBy::UniqueOfOpen(_)),
        }
    }
}

/// An index that a database has and can use.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
struct Seen {
    #[sqlx(rename = "of_table")]
    table: String,
    columns: String,
    is_unique: bool,
    is_partial: bool,
}

impl Look {
    /// The indexes of the schema that this database lacks or cannot use.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn missing_indexes(&self) -> Result<Vec<Index>> {
        let seen = self.indexes().await?;
        Ok(ALL.iter().filter(|index| !seen.contains(&index.seen())).copied().collect())
    }

    /// The indexes of this database that the schema does not know: `attempts (started_at)`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn other_indexes(&self) -> Result<Vec<String>> {
        let known: BTreeSet<Seen> = ALL.iter().map(Index::seen).collect();
        let others = self.indexes().await?.into_iter().filter(|seen| !known.contains(seen));
        Ok(others.map(|seen| format!("{} ({})", seen.table, seen.columns)).collect())
    }

    /// How many indexes the schema has.
    #[must_use]
    pub fn indexes_expected(&self) -> usize {
        ALL.len()
    }

    /// What the database has. Of a table whose rows are found by a whole number, SQLite needs no index for that.
    async fn indexes(&self) -> Result<BTreeSet<Seen>> {
        let statement = sql!(["SELECT t.name AS of_table, (SELECT group_concat(name, ', ') \
                  FROM (SELECT i.name FROM pragma_index_info(l.name) i ORDER BY i.seqno)) AS columns, \
                  l.\"unique\" = 1 AS is_unique, l.partial = 1 AS is_partial \
              FROM sqlite_master t JOIN pragma_index_list(t.name) l WHERE t.type = 'table' AND t.name NOT LIKE '\\_sqlx%' ESCAPE '\\' \
              UNION ALL SELECT t.name, c.name, TRUE, FALSE FROM sqlite_master t JOIN pragma_table_info(t.name) c \
              WHERE t.type = 'table' AND c.pk = 1 AND c.type = 'INTEGER' \
                AND (SELECT COUNT(*) FROM pragma_table_info(t.name) o WHERE o.pk > 0) = 1"
            | "SELECT CAST(t.relname AS TEXT) AS of_table, (SELECT string_agg(CAST(a.attname AS TEXT), ', ' ORDER BY k.place) \
                  FROM unnest(i.indkey) WITH ORDINALITY AS k(number, place) \
                  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number) AS columns, \
                  i.indisunique AS is_unique, i.indpred IS NOT NULL AS is_partial \
              FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid \
              WHERE t.relnamespace = CAST(current_schema() AS REGNAMESPACE) AND i.indisvalid AND i.indisready \
                AND t.relname <> '_sqlx_migrations'"]);
        let seen: Vec<Seen> = self.db.all(statement, ()).await?;
        Ok(seen.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_made_by_its_statement() {
        let of = |table, columns| ALL.iter().find(|index| index.table == table && index.columns == columns).unwrap();
        assert_eq!(
            of("attempts", "exam_id, account_id").statement(),
            "CREATE UNIQUE INDEX attempts_one_open ON attempts (exam_id, account_id) WHERE state = 'open'"
        );
        assert_eq!(of("accounts", "email_key").statement(), "ALTER TABLE accounts ADD UNIQUE (email_key)");
    }
}
