//! How much a file may hold. What goes beyond is refused with the limit in the reason, never cut silently.

/// The largest file.
pub const FILE_BYTES: usize = 32 * 1024 * 1024;
/// The most questions in one file.
pub const QUESTIONS: usize = 50_000;
/// The most people on one list.
pub const PEOPLE: usize = 100_000;
/// The longest question text, and the longest explanation.
pub const PROMPT_BYTES: usize = 64 * 1024;
/// The longest option, item, stem, choice, accepted text or rationale.
pub const PART_BYTES: usize = 16 * 1024;
/// The longest question in an archive or a GIFT file, as it stands in the file.
pub const QUESTION_BYTES: usize = 1024 * 1024;
/// The most accepted answers of one question or blank.
pub const ACCEPTED: usize = 100;
/// The most blanks of a cloze question.
pub const BLANKS: usize = 50;
/// The most domains of one question.
pub const DOMAINS: usize = 20;
/// The longest name: a domain, a unit, an id.
pub const NAME_CHARS: usize = 200;
/// The most columns of a table.
pub const COLUMNS: usize = 200;
