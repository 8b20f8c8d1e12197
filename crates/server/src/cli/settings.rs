//! `examhall config explain`

use super::{Failure, Outcome, print};
use crate::config::{Config, Explained, Place};
use crate::machine;
use serde::Serialize;
use std::fmt::Write as _;

/// The settings.
#[derive(Debug, clap::Subcommand)]
pub enum Settings {
    /// Print every setting, its value, where it comes from and what it does
    Explain(Explain),
}

/// What is to be printed.
#[derive(Debug, clap::Args)]
pub struct Explain {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Settings {
    pub(super) fn run(&self, config: &Config) -> Result<Outcome, Failure> {
        let Self::Explain(explain) = self;
        let files = machine::files().hard;
        let told: Vec<Told<'_>> = config.told().map(|explained| Told::of(explained, config, files)).collect();
        let text = if explain.json {
            let json = serde_json::to_string_pretty(&Page { settings: told });
            json.map_err(|error| Failure::Fault(error.to_string()))? + "\n"
        } else {
            told.iter().map(Told::lines).collect::<Vec<_>>().join("\n")
        };
        print(&text)?;
        Ok(Outcome::Done)
    }
}

/// Everything, as JSON.
#[derive(Serialize)]
struct Page<'a> {
    settings: Vec<Told<'a>>,
}

/// A setting, as it is printed.
#[derive(Serialize)]
struct Told<'a> {
    name: &'static str,
    value: Option<&'a str>,
    from: Origin<'a>,
    /// Where there is another value that does not count.
    overruled: Vec<Origin<'a>>,
    /// What it comes to here, where the value does not say it.
    comes_to: Option<String>,
    meaning: &'static str,
    /// Its other variables.
    aliases: &'static [&'static str],
    key: &'static str,
}

/// A place.
#[derive(Serialize)]
struct Origin<'a> {
    kind: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

impl<'a> Origin<'a> {
    fn of(place: &'a Place) -> Self {
        let of = |kind, name| Self { kind, name, file: None };
        match place {
            Place::Flag(name) => of("flag", name),
            Place::Variable(name) => of("variable", name),
            Place::File(path, key) => Self { file: Some(path.display().to_string()), ..of("file", key) },
            Place::WholeFile(path) => Self { file: Some(path.display().to_string()), ..of("file", "") },
            Place::Default(key) => of("default", key),
        }
    }

    fn in_words(&self) -> String {
        match (self.kind, &self.file) {
            ("variable", _) => format!("{} (environment)", self.name),
            ("flag", _) => format!("{} (flag)", self.name),
            (_, Some(file)) => format!("{} in {file}", self.name),
            (kind, None) => kind.into(),
        }
    }
}

impl<'a> Told<'a> {
    fn of(explained: &'a Explained, config: &Config, files: usize) -> Self {
        Self {
            name: explained.name(),
            value: explained.value.as_deref(),
            from: Origin::of(&explained.place),
            overruled: explained.overruled.iter().map(Origin::of).collect(),
            comes_to: config.comes_to(explained, files),
            meaning: explained.meaning,
            aliases: explained.variables.get(1..).unwrap_or_default(),
            key: explained.key,
        }
    }

    fn lines(&self) -> String {
        let value = self.value.unwrap_or("(unset)");
        let mut text = format!("{} = {value}\n    from: {}\n", self.name, self.from.in_words());
        // Writing to a String cannot fail.
        if !self.overruled.is_empty() {
            let places: Vec<String> = self.overruled.iter().map(Origin::in_words).collect();
            let _ = writeln!(text, "    does not count: {}", places.join(", "));
        }
        if let Some(comes_to) = &self.comes_to {
            let _ = writeln!(text, "    {comes_to}");
        }
        let _ = writeln!(text, "    {}", self.meaning);
        text
    }
}
