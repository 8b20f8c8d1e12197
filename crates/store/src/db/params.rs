//! Parameters of statements, bound for either driver: tuples of values, and many rows at once.

use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArguments, Postgres};
use sqlx::sqlite::{Sqlite, SqliteArguments};
use sqlx::{Arguments, Encode, Type};
use std::fmt::Write as _;

/// The parameters of a statement: a tuple of values both drivers can bind, or [`Rows`].
pub(crate) trait Params: Send + Sync {
    /// How many `$n` the statement has on PostgreSQL.
    fn count(&self) -> usize;
    fn sqlite(self) -> std::result::Result<SqliteArguments, BoxDynError>;
    fn postgres(self) -> std::result::Result<PgArguments, BoxDynError>;
}

/// A value both drivers can bind.
pub(crate) trait Param:
    for<'q> Encode<'q, Sqlite> + Type<Sqlite> + for<'q> Encode<'q, Postgres> + Type<Postgres> + Send + Sync
{
}
impl<T> Param for T where
    T: for<'q> Encode<'q, Sqlite> + Type<Sqlite> + for<'q> Encode<'q, Postgres> + Type<Postgres> + Send + Sync
{
}

impl Params for () {
    fn count(&self) -> usize {
        0
    }

    fn sqlite(self) -> std::result::Result<SqliteArguments, BoxDynError> {
        Ok(SqliteArguments::default())
    }

    fn postgres(self) -> std::result::Result<PgArguments, BoxDynError> {
        Ok(PgArguments::default())
    }
}

macro_rules! params {
    ($($count:literal: $($name:ident)+;)+) => {$(
        impl<$($name: Param),+> Params for ($($name,)+) {
            fn count(&self) -> usize {
                $count
            }

            #[expect(non_snake_case, reason = "one binding per type of the tuple")]
            fn sqlite(self) -> std::result::Result<SqliteArguments, BoxDynError> {
                let ($($name,)+) = self;
                let mut arguments = SqliteArguments::default();
                $(Arguments::add(&mut arguments, $name)?;)+
                Ok(arguments)
            }

            #[expect(non_snake_case, reason = "one binding per type of the tuple")]
            fn postgres(self) -> std::result::Result<PgArguments, BoxDynError> {
                let ($($name,)+) = self;
                let mut arguments = PgArguments::default();
                $(Arguments::add(&mut arguments, $name)?;)+
                Ok(arguments)
            }
        }
    )+};
}
params! {
    1: A; 2: A B; 3: A B C; 4: A B C D; 5: A B C D E; 6: A B C D E F; 7: A B C D E F G; 8: A B C D E F G H;
    9: A B C D E F G H I; 10: A B C D E F G H I J; 11: A B C D E F G H I J K; 12: A B C D E F G H I J K L;
    13: A B C D E F G H I J K L M;
}

/// A column of [`Rows`].
#[derive(Debug)]
pub(crate) enum Column {
    Numbers(Vec<i64>),
    MaybeNumbers(Vec<Option<i64>>),
    Texts(Vec<String>),
    MaybeTexts(Vec<Option<String>>),
    /// Read on SQLite with `unhex(value->>n)`.
    Bytes(Vec<Vec<u8>>),
}

/// Many rows for one statement, whatever their number: an array per column on PostgreSQL (`unnest($1::bigint[], ...)`), one
/// JSON text of rows on SQLite (`value->>0, ... FROM json_each($1)`). One prepared statement serves all sizes.
#[derive(Debug)]
pub(crate) struct Rows(pub(crate) Vec<Column>);

impl Column {
    fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::MaybeNumbers(values) => values.len(),
            Self::Texts(values) => values.len(),
            Self::MaybeTexts(values) => values.len(),
            Self::Bytes(values) => values.len(),
        }
    }

    /// Writes one value as JSON.
    fn write(&self, index: usize, json: &mut String) {
        let number = |json: &mut String, value: i64| json.push_str(&value.to_string());
        let text = |json: &mut String, value: &str| json.push_str(&serde_json::Value::from(value).to_string());
        match self {
            Self::Numbers(values) => number(json, values[index]),
            Self::MaybeNumbers(values) => match values[index] {
                Some(value) => number(json, value),
                None => json.push_str("null"),
            },
            Self::Texts(values) => text(json, &values[index]),
            Self::MaybeTexts(values) => match &values[index] {
                Some(value) => text(json, value),
                None => json.push_str("null"),
            },
            Self::Bytes(values) => {
                json.push('"');
                for byte in &values[index] {
                    // Writing to a String cannot fail.
                    let _ = write!(json, "{byte:02x}");
                }
                json.push('"');
            }
        }
    }
}

impl Rows {
    fn json(&self) -> std::result::Result<String, BoxDynError> {
        let count = self.0.first().map_or(0, Column::len);
        if self.0.iter().any(|column| column.len() != count) {
            return Err("the columns differ in length".into());
        }
        let mut json = String::with_capacity(count * 96 + 2);
        json.push('[');
        for row in 0..count {
            json.push_str(if row == 0 { "[" } else { ",[" });
            for (place, column) in self.0.iter().enumerate() {
                if place > 0 {
                    json.push(',');
                }
                column.write(row, &mut json);
            }
            json.push(']');
        }
        json.push(']');
        Ok(json)
    }
}

impl Params for Rows {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn sqlite(self) -> std::result::Result<SqliteArguments, BoxDynError> {
        let mut arguments = SqliteArguments::default();
        Arguments::add(&mut arguments, self.json()?)?;
        Ok(arguments)
    }

    fn postgres(self) -> std::result::Result<PgArguments, BoxDynError> {
        let mut arguments = PgArguments::default();
        for column in self.0 {
            match column {
                Column::Numbers(values) => Arguments::add(&mut arguments, values)?,
                Column::MaybeNumbers(values) => Arguments::add(&mut arguments, values)?,
                Column::Texts(values) => Arguments::add(&mut arguments, values)?,
                Column::MaybeTexts(values) => Arguments::add(&mut arguments, values)?,
                Column::Bytes(values) => Arguments::add(&mut arguments, values)?,
            }
        }
        Ok(arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_one_json_text() {
        let rows = Rows(vec![
            Column::Numbers(vec![1, i64::MAX]),
            Column::MaybeTexts(vec![Some("\"é\n".into()), None]),
            Column::MaybeNumbers(vec![None, Some(-7)]),
            Column::Bytes(vec![vec![0, 255], Vec::new()]),
        ]);
        assert_eq!(rows.json().unwrap(), r#"[[1,"\"é\n",null,"00ff"],[9223372036854775807,null,-7,""]]"#);
        assert!(Rows(vec![Column::Numbers(vec![1]), Column::Texts(Vec::new())]).json().is_err());
        assert_eq!(Rows(Vec::new()).json().unwrap(), "[]");
    }
}
