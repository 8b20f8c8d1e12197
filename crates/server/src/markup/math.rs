//! Formulas: LaTeX in, MathML out. Anything out of bounds or in error is shown as its source.

use super::escape;
use super::tokens::{Token, tokens};
use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Parser, Storage, push_mathml};

/// The longest formula that is set, in bytes of source. Nesting costs stack, and every level takes a byte at least.
const LONGEST: usize = 1_000;
/// The most events a formula may have.
const MOST_EVENTS: usize = 4_000;

/// Commands that define commands: a few of them can make a formula of any size.
const DEFINITIONS: [&str; 9] =
    ["def", "gdef", "edef", "xdef", "let", "futurelet", "newcommand", "renewcommand", "providecommand"];

/// A formula as MathML, or its source in `<code>`.
pub(super) fn render(source: &str, display: bool) -> String {
    // The parser panics on some broken sources (0.8.0: `\\char é`); one author's slip is not to fail a whole page.
    let set = std::panic::catch_unwind(|| mathml(source, display)).unwrap_or(None);
    set.unwrap_or_else(|| format!("<code>{}</code>", escape(source)))
}

fn mathml(source: &str, display: bool) -> Option<String> {
    if !is_bounded(source) {
        return None;
    }
    let storage = Storage::new();
    let events: Vec<_> = Parser::new(source, &storage).take(MOST_EVENTS + 1).collect();
    if events.len() > MOST_EVENTS || events.iter().any(Result::is_err) {
        return None;
    }
    let display_mode = if display { DisplayMode::Block } else { DisplayMode::Inline };
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    let mut markup = String::new();
    push_mathml(&mut markup, events.into_iter(), config).ok()?;
    let markup = without_styles(&markup);
    // A formula on its own line may be wider than the page; it then scrolls, by keyboard too.
    Some(markup.replacen("<math display=\"block\"", "<math display=\"block\" tabindex=\"0\"", 1))
}

/// Whether a formula can be set in little time and on a small stack.
fn is_bounded(source: &str) -> bool {
    let mut names = source.split('\\').skip(1).map(|rest| {
        let end = rest.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(rest.len());
        &rest[..end]
    });
    source.len() <= LONGEST && !names.any(|name| DEFINITIONS.contains(&name))
}

/// Takes out style attributes, which the content security policy would refuse.
fn without_styles(markup: &str) -> String {
    let mut kept = String::with_capacity(markup.len());
    for token in tokens(markup) {
        match token {
            Token::Text(text) => kept.push_str(text),
            Token::Tag(tag) => match tag.split_once(" style=\"") {
                Some((before, after)) => {
                    kept.push_str(before);
                    kept.push_str(after.split_once('"').map_or(">", |(_, rest)| rest));
                }
                None => kept.push_str(tag),
            },
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_set() {
        for source in
            ["x^2", r"\frac{a}{b}", r"\sqrt{2}", r"\sum_{i=0}^n i", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"a < b"]
        {
            let markup = render(source, false);
            assert!(markup.starts_with("<math") && markup.ends_with("</math>"), "{source}: {markup}");
            assert!(!markup.contains("style="), "{source}: {markup}");
        }
    }

    #[test]
    fn texts_inside_formulas_are_escaped() {
        let markup = render(r"\text{<b onclick=x>}", false);
        assert!(!markup.contains("<b"), "{markup}");
    }

    #[test]
    fn a_formula_out_of_bounds_shows_its_source() {
        for source in ["{".repeat(5_000), r"\newcommand{\a}{b}\a".to_owned(), r"\let\a=b".to_owned()] {
            assert!(render(&source, true).starts_with("<code>"), "{source:.40}");
        }
    }

    #[test]
    fn deeply_nested_formulas_fit_a_small_stack() {
        let sources = [
            "{",
            r"\sqrt",
            r"\frac",
            "^",
            "x^",
            r"\left(",
            r"\hat ",
            r"\begin{matrix}",
            r"\text{",
            "{}",
            r"\over ",
            "'",
        ];
        let work = move || {
            for source in sources {
                let nested = source.repeat(LONGEST / source.len());
                let _ = render(&nested, false);
                let _ = render(&format!("{nested}x{}", "}".repeat(40)), true);
            }
            let balanced = format!("{}x{}", r"\sqrt{".repeat(140), "}".repeat(140));
            let _ = render(&balanced, false);
        };
        // As much as a thread of the server has.
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("a thread starts");
        thread.join().expect("no formula overflows the stack or panics");
    }

    #[test]
    fn no_source_fails_or_leaves_our_markup() {
        const PARTS: [&str; 34] = [
            r"\frac",
            r"\sqrt",
            r"\left",
            r"\right",
            r"\begin{matrix}",
            r"\end{matrix}",
            "&",
            r"\\",
            "{",
            "}",
            "^",
            "_",
            "'",
            r"\text",
            r"\color{red}",
            r"\hspace{1em}",
            "é",
            r"\operatorname",
            "[",
            "]",
            "#1",
            "%",
            r"\begin{array}{c|c}",
            r"\end{array}",
            r"\hline",
            r"\not",
            r"\begin{cases}",
            r"\end{cases}",
            r"\genfrac",
            r"\char",
            "<b>",
            "\"",
            "x",
            "12",
        ];
        // A linear congruential generator (Numerical Recipes): the same formulas on every run.
        let mut state: u32 = 1;
        let mut next = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as usize % below
        };
        for _ in 0..3_000 {
            let source: String = (0..next(40)).map(|_| PARTS[next(PARTS.len())]).collect();
            let markup = render(&source, false);
            for token in tokens(&markup) {
                let Token::Tag(tag) = token else { continue };
                let ours = ["<m", "</m", "<code>", "</code>"].iter().any(|start| tag.starts_with(start));
                assert!(ours && !tag.contains(" style="), "{source} gives {markup}");
            }
        }
    }
}
