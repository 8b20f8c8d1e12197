//! Who writes: each tab or device that goes on with an attempt is given the next writer number, and only the last one's answers count.

use crate::db::{Column, Db, Rows, sql};
use crate::gather::Gather;
use crate::{Result, Store};
use exam::id::AccountId;
use std::collections::BTreeMap;
use std::time::Duration;

/// Pens of attempts by their name in URLs, each taken by a person.
pub(crate) type Pens = Gather<Taken, Option<i64>>;

/// An attempt's name in URLs, and who takes its pen.
pub(crate) type Taken = (String, AccountId);

/// How many share a statement.
const PENS: usize = 64;

impl Pens {
    pub(crate) fn of(db: &Db, patience: Duration) -> Self {
        let db = db.clone();
        // While one waits for its commit, the other one's statement runs; SQLite writes one at a time.
        let rounds = if db.engine() == "sqlite" { 1 } else { 2 };
        Self::new(PENS, rounds, patience, move |taken: &[Taken]| {
            let db = db.clone();
            Box::pin(async move { take_pens(&db, taken).await })
        })
    }
}

/// Takes pens, as many of one attempt as are asked for. An attempt that another transaction holds is left out, so that nobody waits for
/// it but who asked for it.
async fn take_pens(db: &Db, taken: &[Taken]) -> Result<Vec<Option<i64>>> {
    let mut many = BTreeMap::<&Taken, i64>::new();
    for one in taken {
        *many.entry(one).or_default() += 1;
    }
    let columns = vec![
        Column::Texts(many.keys().map(|(public_id, _)| public_id.clone()).collect()),
        Column::Numbers(many.keys().map(|(_, account)| account.0).collect()),
        Column::Numbers(many.values().copied().collect()),
    ];
    let rows: Vec<(String, i64, i64)> = db
        .all_written(
            sql!(
                "UPDATE attempts SET pen_holder = pen_holder + t.many FROM (SELECT "
                ["value->>0 AS public_id, value->>1 AS account, value->>2 AS many FROM json_each($1)"
                 | "a.id, u.public_id, u.account, u.many FROM UNNEST((SELECT $1::text[]), (SELECT $2::bigint[]), (SELECT $3::bigint[])) AS u (public_id, account, many) "]
                ["" | "JOIN attempts a ON a.public_id = u.public_id FOR NO KEY UPDATE OF a SKIP LOCKED"]
                ") t WHERE attempts."["public_id = t.public_id" | "id = t.id"]
                " AND attempts.account_id + 0 = t.account AND attempts.state || '' = 'open' "
                "RETURNING attempts.public_id, attempts.account_id, attempts.pen_holder"
            ),
            Rows(columns),
        )
        .await?;
    let mut last: BTreeMap<Taken, i64> =
        rows.into_iter().map(|(public_id, account, pen)| ((public_id, AccountId(account)), pen)).collect();
    // The last of several who took the pen of one attempt has the highest number.
    let mut pens: Vec<Option<i64>> = Vec::with_capacity(taken.len());
    for one in taken.iter().rev() {
        pens.push(last.get_mut(one).map(|pen| {
            *pen -= 1;
            *pen + 1
        }));
    }
    pens.reverse();
    Ok(pens)
}

impl Store {
    /// Hands the pen to a tab or device: the next writer number. None when the attempt is not this person's or has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_pen(&self, public_id: &str, account: AccountId) -> Result<Option<i64>> {
        if let Some(writer) = self.pens.get((public_id.to_owned(), account)).await? {
            return Ok(Some(writer));
        }
        // It has ended, is not theirs, or is held: then it is waited for.
        let row: Option<(i64,)> = self
            .db
            .returning(
                sql!(
                    "UPDATE attempts SET pen_holder = pen_holder + 1 "
                    "WHERE public_id = $1 AND account_id + 0 = $2 AND state || '' = 'open' RETURNING pen_holder"
                ),
                (public_id.to_owned(), account.0),
            )
            .await?;
        Ok(row.map(|(writer,)| writer))
    }
}
