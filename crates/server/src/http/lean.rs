//! Scripts and styles without what only people read.

/// Leaves out comments that stand on lines of their own, or at the beginning of one, and indentation. Lines stay where they are, if empty:
/// an error in a browser names the line of the source.
///
/// It knows of no strings. No line within a text may begin as a comment does; `assets.rs` has a test that holds our files to that.
pub(super) fn lean(text: &str, language: Language) -> String {
    let mut lean = String::with_capacity(text.len());
    let mut is_within = false;
    for line in text.lines() {
        let mut rest = line.trim();
        while is_within || rest.starts_with("/*") {
            let from = if is_within { 0 } else { 2 };
            let end = rest[from..].find("*/").map(|end| from + end + 2);
            is_within = end.is_none();
            rest = end.map_or("", |end| rest[end..].trim_start());
            if is_within {
                break;
            }
        }
        if !(language == Language::Script && rest.starts_with("//")) {
            lean.push_str(rest);
        }
        lean.push('\n');
    }
    lean
}

/// What a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// Comments run to the end of a line as well.
    Script,
    /// They do not.
    Style,
}

impl Language {
    /// By a file's media type; None for what is neither.
    pub(super) fn of(kind: &str) -> Option<Self> {
        match kind {
            "text/javascript" => Some(Self::Script),
            "text/css" => Some(Self::Style),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_go_and_lines_stay() {
        let script = "\
// @ts-check
/** @typedef {number} N */
/**
 * Adds. // not code
 * @param {N} a
 */
export function add(a, b) {
  // Both.
  const sum = a /* left */ + b; // stays
  return /** @type {N} */ (sum);
  /** @type {N} */ (sum).toFixed(); /* and */
  /* a */ /* b */ done();
  /*/ opened only */ more();
}
";
        let expected = "\n\n\n\n\n\nexport function add(a, b) {\n\nconst sum = a /* left */ + b; // stays\n\
                        return /** @type {N} */ (sum);\n(sum).toFixed(); /* and */\ndone();\nmore();\n}\n";
        assert_eq!(lean(script, Language::Script), expected);
        assert_eq!(lean(script, Language::Script).lines().count(), script.lines().count());
    }

    #[test]
    fn two_slashes_begin_a_comment_in_scripts_only() {
        assert_eq!(lean("  // a\nb", Language::Script), "\nb\n");
        assert_eq!(lean("  // a\nb", Language::Style), "// a\nb\n");
    }

    #[test]
    fn a_comment_that_never_ends_takes_the_rest_along() {
        assert_eq!(lean("a\n/* b\nc", Language::Style), "a\n\n\n");
    }
}
