//! Addresses of routes: their parameters filled in.

/// What parameters of paths are filled with.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    /// An attempt.
    pub(crate) attempt: String,
    /// An exam's slug.
    pub(crate) exam: String,
    /// A bank's slug.
    pub(crate) bank: String,
    /// An account's id.
    pub(crate) account: String,
}

impl Names {
    /// The address of a route. A parameter names the thing that the segment before it is a collection of.
    pub(crate) fn fill(&self, template: &str) -> String {
        let mut filled: Vec<&str> = Vec::new();
        for segment in template.split('/') {
            let value = match (filled.last().copied(), segment) {
                (_, plain) if !plain.starts_with('{') => plain,
                (Some("static"), _) => "of-an-earlier-release",
                (_, "{*path}") => "css/examhall.css",
                (Some("attempts"), _) => &self.attempt,
                (Some("exams"), _) => &self.exam,
                (Some("banks"), _) => &self.bank,
                (Some("accounts"), _) => &self.account,
                // The first question of a database, and of a paper.
                (Some("questions"), _) => "1",
                (Some("demo"), _) => "a-key-that-was-never-printed",
                (before, parameter) => panic!("{template}: say what {parameter} after {before:?} is to be"),
            };
            filled.push(value);
        }
        filled.join("/")
    }
}
