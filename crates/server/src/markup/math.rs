//! Formulas: LaTeX in, MathML out. Anything out of bounds or in error is shown as its source.

use super::escape;
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
    let markup = cleaned(&markup);
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

/// Elements of MathML Core that a formula may consist of.
const ELEMENTS: [&str; 26] = [
    "math",
    "menclose",
    "merror",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
];

/// Attributes that say how they stand. `style` is not among them: the content security policy would refuse it.
const ATTRIBUTES: [&str; 24] = [
    "accent",
    "accentunder",
    "class",
    "columnspan",
    "depth",
    "display",
    "displaystyle",
    "fence",
    "form",
    "height",
    "largeop",
    "linethickness",
    "lspace",
    "mathvariant",
    "maxsize",
    "minsize",
    "movablelimits",
    "rspace",
    "scriptlevel",
    "separator",
    "stretchy",
    "symmetric",
    "voffset",
    "width",
];

/// Lets through elements and attributes of the lists above and turns everything else into text.
///
/// The renderer does not escape everything it writes: 0.8.0 makes `<mo><</mo>` of a less-than sign.
fn cleaned(markup: &str) -> String {
    let mut clean = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some(place) = rest.find(['<', '>', '&']) {
        clean.push_str(&rest[..place]);
        let from = &rest[place..];
        if let Some((tag, after)) = tag_at(from) {
            clean.push_str(&tag);
            rest = after;
        } else {
            let (special, after) = from.split_at(1);
            clean.push_str(if is_entity(from) { special } else { escaped(special) });
            rest = after;
        }
    }
    clean.push_str(rest);
    clean
}

/// The tag at the beginning of a text with the attributes that are let through, and what comes after it.
fn tag_at(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('<')?;
    let mut tag = String::from("<");
    if let Some(after) = rest.strip_prefix('/') {
        tag.push('/');
        rest = after;
    }
    let end = rest.find(|character: char| !character.is_ascii_lowercase())?;
    let (name, after) = rest.split_at(end);
    rest = after;
    if !ELEMENTS.contains(&name) {
        return None;
    }
    tag.push_str(name);
    while let Some(attribute) = rest.strip_prefix(' ').filter(|after| !after.starts_with('/')) {
        let (name, after) = attribute.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        rest = after;
        if value.contains(['<', '>', '&']) || name.contains(['<', '>', ' ']) {
            return None;
        }
        if ATTRIBUTES.contains(&name) {
            tag.push_str(&format!(" {name}=\"{value}\""));
        }
    }
    if let Some(after) = rest.strip_prefix(" /").or_else(|| rest.strip_prefix('/')) {
        tag.push('/');
        rest = after;
    }
    tag.push('>');
    Some((tag, rest.strip_prefix('>')?))
}

fn is_entity(text: &str) -> bool {
    ["&amp;", "&lt;", "&gt;", "&quot;", "&#"].iter().any(|entity| text.starts_with(entity))
}

fn escaped(special: &str) -> &str {
    match special {
        "<" => "&lt;",
        ">" => "&gt;",
        _ => "&amp;",
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokens::{Token, tokens};
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
        let markup = render(r"a < b \& c > d", false);
        assert!(markup.contains("<mo>&lt;</mo>") && markup.contains("&amp;") && markup.contains("&gt;"), "{markup}");
    }

    #[test]
    fn only_known_elements_and_attributes_are_let_through() {
        let cases = [
            ("<mi mathvariant=\"normal\" style=\"color: red\">x</mi>", "<mi mathvariant=\"normal\">x</mi>"),
            ("<mi onclick=\"x\" href=\"y\">x</mi>", "<mi>x</mi>"),
            ("<mo><</mo>", "<mo>&lt;</mo>"),
            ("<mo>&</mo>&lt;", "<mo>&amp;</mo>&lt;"),
            ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
            ("<mi x=\"<\">", "&lt;mi x=\"&lt;\"&gt;"),
            ("<mspace width=\"1em\" />", "<mspace width=\"1em\"/>"),
            ("<mi", "&lt;mi"),
        ];
        for (markup, expected) in cases {
            assert_eq!(cleaned(markup), expected);
        }
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
            let inside = markup.strip_prefix("<code>").and_then(|rest| rest.strip_suffix("</code>"));
            let strays = match inside {
                Some(text) => text.contains(['<', '>']),
                None => tokens(&markup).any(|token| match token {
                    Token::Tag(tag) => tag_at(tag).is_none_or(|(kept, rest)| kept != tag || !rest.is_empty()),
                    Token::Text(text) => text.contains('>'),
                }),
            };
            assert!(!strays, "{source} gives {markup}");
        }
    }
}
