//! Bookmarks: questions that a person marked to practise again. They belong to the question through all its versions.

use crate::db::{Column, Rows, sql};
use crate::{Result, Store};
use exam::id::{AccountId, QuestionId, QuestionVersionId};
use exam::time::Timestamp;
use std::collections::{BTreeSet, HashMap};

impl Store {
    /// Bookmarks a question for a person, or removes the bookmark. That the person may know the question is the caller's to see to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_bookmark(
        &self,
        account: AccountId,
        question: QuestionVersionId,
        is_on: bool,
        now: Timestamp,
    ) -> Result<()> {
        if is_on {
            let insert = sql!(
                "INSERT INTO bookmarks (account_id, question_id, created_at) "
                "SELECT $1, question_id, $3 FROM question_versions WHERE id = $2 ON CONFLICT DO NOTHING"
            );
            self.db.execute(insert, (account.0, question.0, now.0)).await?;
        } else {
            let delete = sql!(
                "DELETE FROM bookmarks WHERE account_id = $1 AND question_id = (SELECT question_id FROM question_versions WHERE id = $2)"
            );
            self.db.execute(delete, (account.0, question.0)).await?;
        }
        Ok(())
    }

    /// Which of some questions a person has bookmarked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_bookmarked(
        &self,
        account: AccountId,
        among: &[QuestionVersionId],
    ) -> Result<BTreeSet<QuestionVersionId>> {
        let among = serde_json::to_string(among).expect("numbers are JSON");
        let rows: Vec<(i64,)> = self
            .db
            .all(
                sql!(
                    "SELECT v.id FROM question_versions v JOIN bookmarks b ON b.question_id = v.question_id "
                    "WHERE b.account_id = $1 AND v.id IN "
                    ["(SELECT value FROM json_each($2))"
                     | "(SELECT value::bigint FROM jsonb_array_elements_text($2::jsonb))"]
                ),
                (account.0, among),
            )
            .await?;
        Ok(rows.into_iter().map(|(id,)| QuestionVersionId(id)).collect())
    }

    /// Of which questions some versions are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn questions_of_versions(
        &self,
        versions: &BTreeSet<QuestionVersionId>,
    ) -> Result<HashMap<QuestionVersionId, QuestionId>> {
        let rows: Vec<(i64, i64)> = self
            .db
            .all(
                sql!(
                    "SELECT id, question_id FROM question_versions WHERE id "
                        ["IN (SELECT value->>0 FROM json_each($1))" | "= ANY($1::bigint[])"]
                ),
                Rows(vec![Column::Numbers(versions.iter().map(|id| id.0).collect())]),
            )
            .await?;
        Ok(rows.into_iter().map(|(id, question)| (QuestionVersionId(id), QuestionId(question))).collect())
    }
}
