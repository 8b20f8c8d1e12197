//! The formats by name, and telling them apart.

use crate::decode;

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Moodle's text format.
    Gift,
    /// Choice questions as lines of text.
    Aiken,
    /// A table separated by commas, semicolons or tabs.
    Csv,
    /// A table separated by tabs.
    Tsv,
    /// Our own, which holds everything.
    Archive,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Gift, Self::Aiken, Self::Csv, Self::Tsv, Self::Archive];

    /// The name on the command line and in forms.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gift => "gift",
            Self::Aiken => "aiken",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Archive => "archive",
        }
    }

    /// Reads a name, whatever its case; `json` is the archive.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        if name.eq_ignore_ascii_case("json") {
            return Some(Self::Archive);
        }
        Self::ALL.into_iter().find(|format| format.name().eq_ignore_ascii_case(name))
    }

    /// Tells the format by the file's name, or by its content when the name says nothing. None when neither does.
    #[must_use]
    pub fn detect(file_name: &str, bytes: &[u8]) -> Option<Self> {
        let extension = file_name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        match extension.as_deref() {
            Some("gift") => Some(Self::Gift),
            Some("aiken" | "aik") => Some(Self::Aiken),
            // Reading a workbook as CSV says that it must be saved as CSV first.
            Some("csv" | "xlsx" | "xls" | "ods") => Some(Self::Csv),
            Some("tsv" | "tab") => Some(Self::Tsv),
            Some("json" | "examhall") => Some(Self::Archive),
            _ => Self::of_content(&decode::beginning(bytes)),
        }
    }

    fn of_content(text: &str) -> Option<Self> {
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines().next()?;
        if first.starts_with('{') && text.contains("\"examhall\"") {
            return Some(Self::Archive);
        }
        if crate::table::is_header(first) {
            return Some(if first.contains('\t') { Self::Tsv } else { Self::Csv });
        }
        let is_answer = |line: &str| line.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("answer:"));
        if lines().any(is_answer) {
            return Some(Self::Aiken);
        }
        let is_gift = |line: &str| line.starts_with("::") || line.starts_with("$CATEGORY:") || line.contains('{');
        lines().any(is_gift).then_some(Self::Gift)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_known_by_its_name() {
        for format in Format::ALL {
            assert_eq!(Format::from_name(format.name()), Some(format));
            assert_eq!(Format::from_name(&format.name().to_uppercase()), Some(format));
        }
        assert_eq!(Format::from_name("json"), Some(Format::Archive));
        assert_eq!(Format::from_name("docx"), None);
    }

    #[test]
    fn the_file_name_decides_and_else_the_content() {
        for (name, content, expected) in [
            ("bank.GIFT", "", Some(Format::Gift)),
            ("bank.csv", "{", Some(Format::Csv)),
            ("bank.xlsx", "PK", Some(Format::Csv)),
            ("a.b.tsv", "", Some(Format::Tsv)),
            ("bank.json", "", Some(Format::Archive)),
            ("bank.txt", "\u{feff}What?\nA. x\nB. y\nAnswer: B\n", Some(Format::Aiken)),
            ("bank.txt", "// a comment\n\nIs it? {T}\n", Some(Format::Gift)),
            ("bank.txt", "$CATEGORY: a\n", Some(Format::Gift)),
            ("bank", "{\n  \"examhall\": \"bank\"", Some(Format::Archive)),
            ("bank.txt", "Question;Option A;Option B;Correct\n", Some(Format::Csv)),
            ("bank.txt", "question\toption_a\toption_b\tcorrect_answer\n", Some(Format::Tsv)),
            ("bank.txt", "Just a letter to a friend.\n", None),
            ("bank", "", None),
        ] {
            assert_eq!(Format::detect(name, content.as_bytes()), expected, "{name}: {content}");
        }
    }
}
