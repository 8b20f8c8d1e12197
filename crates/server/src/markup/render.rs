//! Markdown to sanitised markup, block and inline, and to plain text.

use super::blanks::name_blanks_in_text;
use super::tokens::{Token, tokens};
use super::{Html, math};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html::push_html};
use std::sync::LazyLock;

/// The longest text that is rendered, in bytes; a longer one is shown as typed.
const LONGEST: usize = 100_000;
/// The deepest nesting of quotes, lists and emphasis that is rendered.
const DEEPEST: usize = 40;
/// The most tags of the author's own that are looked at.
const MOST_RAW_TAGS: usize = 2_000;
/// The most formulas that are set in one text.
const MOST_FORMULAS: usize = 200;

/// The element that holds a formula's place. Only this file makes it: authors' tags of this name are shown as text.
const PLACE: &str = "x-formula";

/// Elements that may stand in a line.
const INLINE: [&str; 26] = [
    "a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "s",
    "samp", "small", "strong", "sub", "sup", "u", "var", "wbr", PLACE,
];

/// Elements that stand on their own.
const BLOCK: [&str; 23] = [
    "blockquote",
    "caption",
    "dd",
    "div",
    "dl",
    "dt",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];

static BLOCK_SANITISER: LazyLock<ammonia::Builder<'static>> =
    LazyLock::new(|| sanitiser(INLINE.iter().chain(&BLOCK).copied()));
static INLINE_SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| sanitiser(INLINE.iter().copied()));

/// Renders a text with paragraphs, lists, tables and code.
#[must_use]
pub fn render(markdown: &str) -> Html {
    rendered(markdown, Shape::Block)
}

/// Renders a text that stands in a line, such as an option: blocks are flattened, paragraphs become line breaks.
#[must_use]
pub fn render_inline(markdown: &str) -> Html {
    rendered(markdown, Shape::Inline)
}

/// The text without any markup, on one line.
#[must_use]
pub fn plain_text(markdown: &str) -> String {
    let mut text = String::new();
    for event in Parser::new_ext(clipped(markdown), options()) {
        match event {
            Event::Text(part) | Event::Code(part) | Event::InlineMath(part) | Event::DisplayMath(part) => {
                text.push_str(&part);
            }
            Event::SoftBreak | Event::HardBreak | Event::End(_) if !matches!(event, Event::End(end) if is_inline(end)) =>
            {
                text.push(' ');
            }
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The beginning of the plain text, at most so many characters, cut at a space; blanks to fill are numbers in brackets.
#[must_use]
pub fn excerpt(markdown: &str, most: usize) -> String {
    let text = name_blanks_in_text(&plain_text(markdown));
    let Some((end, _)) = text.char_indices().nth(most) else {
        return text;
    };
    let end = text[..end].rfind(' ').filter(|place| *place > end / 2).unwrap_or(end);
    format!("{}…", text[..end].trim_end())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Block,
    Inline,
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH
}

fn is_inline(end: TagEnd) -> bool {
    matches!(
        end,
        TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Link
            | TagEnd::Image
            | TagEnd::Superscript
            | TagEnd::Subscript
    )
}

/// The text up to the greatest length, ending between two characters.
fn clipped(markdown: &str) -> &str {
    &markdown[..markdown.floor_char_boundary(LONGEST)]
}

fn rendered(markdown: &str, shape: Shape) -> Html {
    let Some(draft) = Draft::read(markdown, shape) else {
        return as_typed(markdown);
    };
    let sanitiser = if shape == Shape::Block { &BLOCK_SANITISER } else { &INLINE_SANITISER };
    let clean = sanitiser.clean(&draft.markup).to_string();
    Html::trusted(finished(clean.trim(), &draft.formulas))
}

/// A text that is out of bounds, shown as its author typed it.
fn as_typed(markdown: &str) -> Html {
    Html::element("span", &[("class", "as-typed")], clipped(markdown))
}

/// A rendered text before it is sanitised.
struct Draft {
    markup: String,
    /// The formulas as MathML, in the order of their places.
    formulas: Vec<String>,
}

impl Draft {
    /// None when the text is longer or nested more deeply than is rendered.
    fn read(markdown: &str, shape: Shape) -> Option<Self> {
        if markdown.len() > LONGEST {
            return None;
        }
        let (mut depth, mut raw_tags) = (0_usize, 0_usize);
        let mut formulas = Vec::new();
        let mut events = Vec::new();
        for event in Parser::new_ext(markdown, options()) {
            match &event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth = depth.saturating_sub(1),
                Event::Html(raw) | Event::InlineHtml(raw) => raw_tags += raw.matches('<').count(),
                _ => {}
            }
            if depth > DEEPEST || raw_tags > MOST_RAW_TAGS {
                return None;
            }
            let event = match event {
                Event::InlineMath(source) => formula(&source, false, &mut formulas),
                Event::DisplayMath(source) => formula(&source, true, &mut formulas),
                // A forged place would show another formula of the same text; harmless, but not the author's business.
                Event::Html(raw) | Event::InlineHtml(raw) if raw.to_ascii_lowercase().contains(PLACE) => {
                    Event::Text(raw)
                }
                other => other,
            };
            match shape {
                Shape::Block => events.extend(as_block(event)),
                Shape::Inline => events.extend(as_inline(event)),
            }
        }
        let mut markup = String::with_capacity(markdown.len() * 3 / 2);
        push_html(&mut markup, events.into_iter());
        Some(Self { markup, formulas })
    }
}

fn formula<'a>(source: &str, display: bool, formulas: &mut Vec<String>) -> Event<'a> {
    if formulas.len() >= MOST_FORMULAS {
        return Event::Code(source.to_owned().into());
    }
    formulas.push(math::render(source, display));
    Event::InlineHtml(format!("<{PLACE} data-n=\"{}\"></{PLACE}>", formulas.len() - 1).into())
}

/// Headings start below the page's own; of an image only its text alternative is kept.
fn as_block(event: Event<'_>) -> Option<Event<'_>> {
    match event {
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Heading { level, .. }) => {
            let level = lowered(level);
            Some(Event::Start(Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() }))
        }
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(lowered(level)))),
        Event::Start(Tag::CodeBlock(_)) => Some(Event::Start(Tag::CodeBlock(CodeBlockKind::Indented))),
        other => Some(other),
    }
}

fn lowered(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    }
}

/// Blocks lose their elements; where one ends, a line ends.
fn as_inline(event: Event<'_>) -> Option<Event<'_>> {
    match event {
        Event::Start(Tag::CodeBlock(_)) => Some(Event::InlineHtml("<code>".into())),
        Event::End(TagEnd::CodeBlock) => Some(Event::InlineHtml("</code>".into())),
        Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. }) => Some(event),
        Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link) => Some(event),
        Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::TableRow | TagEnd::Heading(_)) => Some(Event::HardBreak),
        Event::End(TagEnd::TableCell) => Some(Event::Text(" ".into())),
        Event::Rule => Some(Event::HardBreak),
        Event::Start(_) | Event::End(_) => None,
        other => Some(other),
    }
}

fn sanitiser(tags: impl Iterator<Item = &'static str>) -> ammonia::Builder<'static> {
    let mut sanitiser = ammonia::Builder::empty();
    sanitiser
        .add_tags(tags)
        .add_clean_content_tags(["script", "style", "svg", "math", "template", "iframe", "object", "noscript"])
        .add_generic_attributes(["lang"])
        .add_tag_attributes("a", ["href"])
        .add_tag_attributes("bdo", ["dir"])
        .add_tag_attributes("ol", ["start"])
        .add_tag_attributes("td", ["colspan", "rowspan"])
        .add_tag_attributes("th", ["colspan", "rowspan", "scope"])
        .add_tag_attributes(PLACE, ["data-n"])
        .add_url_schemes(["http", "https", "mailto"])
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener nofollow"))
        .strip_comments(true);
    sanitiser
}

/// Puts formulas in their places, and makes what may be wider than the page scroll by keyboard too.
fn finished(clean: &str, formulas: &[String]) -> String {
    let mut markup = String::with_capacity(clean.len());
    for token in tokens(clean) {
        match token {
            Token::Tag("<pre>") => markup.push_str("<pre tabindex=\"0\">"),
            Token::Tag("<table>") => markup.push_str("<div class=\"scroll\" tabindex=\"0\"><table>"),
            Token::Tag("</table>") => markup.push_str("</table></div>"),
            Token::Tag(tag) if tag.starts_with(&format!("<{PLACE}")) => markup.push_str(formula_at(tag, formulas)),
            Token::Tag(tag) if tag.starts_with(&format!("</{PLACE}")) => {}
            Token::Tag(other) | Token::Text(other) => markup.push_str(other),
        }
    }
    // A paragraph that ended as a line break leaves one too many.
    while let Some(shorter) = markup.strip_suffix("<br>") {
        markup.truncate(shorter.trim_end().len());
    }
    markup
}

fn formula_at<'a>(tag: &str, formulas: &'a [String]) -> &'a str {
    let number = tag.split('"').nth(1).and_then(|number| number.parse::<usize>().ok());
    number.and_then(|number| formulas.get(number)).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn block(markdown: &str) -> String {
        render(markdown).to_string()
    }

    fn inline(markdown: &str) -> String {
        render_inline(markdown).to_string()
    }

    #[test]
    fn blocks_are_rendered() {
        assert_eq!(block("One *two*\n\n- three"), "<p>One <em>two</em></p>\n<ul>\n<li>three</li>\n</ul>");
        assert_eq!(block("# Top"), "<h3>Top</h3>");
        assert_eq!(block("```rust\nlet a = 1 < 2;\n```"), "<pre tabindex=\"0\"><code>let a = 1 &lt; 2;\n</code></pre>");
        let table = block("| a | b |\n|--:|---|\n| 1 | 2 |");
        assert!(
            table.starts_with("<div class=\"scroll\" tabindex=\"0\"><table><thead>") && !table.contains("style"),
            "{table}"
        );
    }

    #[test]
    fn lines_have_no_blocks() {
        assert_eq!(inline("One *two*"), "One <em>two</em>");
        assert_eq!(inline("One\n\nTwo"), "One<br>\nTwo");
        assert_eq!(inline("- a\n- b"), "a<br>\nb");
        assert_eq!(inline("```\na\n  b\n```"), "<code>a\n  b\n</code>");
        assert_eq!(inline("<div><p>a</p></div>"), "a");
    }

    #[test]
    fn a_picture_leaves_its_text_alternative() {
        assert_eq!(inline("See ![a map](https://example.org/map.png)."), "See a map.");
        assert!(!block("<img src=x onerror=alert(1) alt=a>").contains('<'));
    }

    #[test]
    fn links_go_out_safely_or_not_at_all() {
        assert_eq!(
            inline("[a](https://example.org/?b=1&c=2)"),
            "<a href=\"https://example.org/?b=1&amp;c=2\" rel=\"noopener nofollow\">a</a>"
        );
        for target in
            ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "/admin", "//evil.example", "vbscript:x"]
        {
            let markup = inline(&format!("[a]({target})"));
            assert!(!markup.contains("href"), "{target}: {markup}");
        }
    }

    #[test]
    fn formulas_become_mathml() {
        let markup = inline("Area $\\pi r^2$.");
        assert!(markup.starts_with("Area <math") && markup.ends_with("</math>."), "{markup}");
        assert!(markup.contains("<msup>") && !markup.contains("style="), "{markup}");
        assert!(block("$$\\frac{1}{2}$$").contains("display=\"block\""));
    }

    #[test]
    fn a_formula_in_error_shows_its_source() {
        assert_eq!(inline("$\\nosuchcommand{<b>}$"), "<code>\\nosuchcommand{&lt;b&gt;}</code>");
        assert_eq!(inline("$\\def\\a{\\a\\a}\\a$"), "<code>\\def\\a{\\a\\a}\\a</code>");
    }

    #[test]
    fn the_place_of_a_formula_cannot_be_forged() {
        let forged = inline("$x$ <x-formula data-n=\"0\"></x-formula> <X-FORMULA data-n=0>");
        assert_eq!(forged.matches("<math").count(), 1, "{forged}");
        let link = inline("$x$ [a](https://example.org/<x-formula data-n=\"0\">)");
        assert_eq!(link.matches("<math").count(), 1, "{link}");
    }

    /// Each of these once got through some sanitiser, or tries to get through this one.
    const ATTACKS: [&str; 30] = [
        "<script>alert(1)</script>",
        "<ScRiPt src=//evil.example></sCrIpT>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<math><annotation-xml encoding=\"text/html\"><script>alert(1)</script></annotation-xml></math>",
        "<a href=\"javascript:alert(1)\">a</a>",
        "<a href=\"java\nscript:alert(1)\">a</a>",
        "<a href=\"&#106;avascript:alert(1)\">a</a>",
        "<a href='https://a/\" onmouseover=\"alert(1)'>a</a>",
        "[a](<javascript:alert(1)>)",
        "<b onclick=alert(1)>b</b>",
        "<p style=\"background:url(//evil.example)\">p</p>",
        "<style>body{display:none}</style>",
        "<link rel=stylesheet href=//evil.example>",
        "<meta http-equiv=refresh content=0;url=//evil.example>",
        "<base href=//evil.example>",
        "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
        "<object data=x></object><embed src=x>",
        "<form action=//evil.example><input name=password><button>Go</button></form>",
        "<details open ontoggle=alert(1)>",
        "<template><script>alert(1)</script></template>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<textarea><script>alert(1)</script>",
        "<!--><img src=x onerror=alert(1)>-->",
        "<p id=main class=notice>p</p>",
        "`</code><script>alert(1)</script>`",
        "$\\text{<script>alert(1)</script>}$",
        "$\\href{javascript:alert(1)}{x}$ $\\color{red\" onload=\"alert(1)}x$",
    ];

    #[test]
    fn no_attack_gets_through() {
        for attack in ATTACKS {
            for markup in [block(attack), inline(attack), block(&format!("- > {attack}\n\n| {attack} |\n|---|\n"))] {
                for token in tokens(&markup) {
                    let Token::Tag(tag) = token else { continue };
                    // Only names are judged here; what an address may be has its own test.
                    let tag: String = tag.to_ascii_lowercase().split('"').step_by(2).collect();
                    for bad in [
                        "script", "<img", "<svg", "<style", " style", " on", "<iframe", "<form", "<input", " id=",
                        "<object", "<meta", "<link", "<base",
                    ] {
                        assert!(!tag.contains(bad), "{attack} gives {markup}");
                    }
                    let own_class = tag == "<div class= tabindex=>" || tag.starts_with("<m");
                    assert!(own_class || !tag.contains(" class="), "{attack} gives {markup}");
                }
            }
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "how long it really takes is what this test is about")]
    fn hostile_texts_are_rendered_in_little_time() {
        let deep = [
            "> ".repeat(20_000),
            "- ".repeat(20_000),
            "*a **a ".repeat(10_000),
            "[".repeat(50_000),
            "![[](".repeat(20_000),
            "<b>".repeat(30_000),
            "<div>\n".repeat(15_000),
            "<table><tr><td>".repeat(6_000),
            "`".repeat(99_999),
            "$x$ ".repeat(20_000),
            format!("${}$", "{".repeat(40_000)),
            format!("${}$", "\\sqrt".repeat(199)),
            "| a ".repeat(20_000) + "\n" + &"|---".repeat(20_000) + "\n",
            "a".repeat(10_000_000),
            "&#x41;".repeat(16_000),
            "<a href=\"".repeat(10_000),
            "<!--".repeat(20_000),
        ];
        for text in deep {
            let start = Instant::now();
            let (block, inline) = (render(&text), render_inline(&text));
            let took = start.elapsed();
            let beginning: String = text.chars().take(20).collect();
            assert!(took < Duration::from_secs(5), "{beginning} took {took:?}");
            assert!(block.as_str().len() + inline.as_str().len() < 10 * LONGEST, "{beginning}");
            let _ = (plain_text(&text), excerpt(&text, 80));
        }
    }

    #[test]
    fn plain_text_has_no_markup() {
        assert_eq!(plain_text("# One\n\n*two* `three`\n- $x^2$\n- <b>four</b>"), "One two three x^2 four");
        assert_eq!(plain_text("![a map](x)"), "a map");
    }

    #[test]
    fn an_excerpt_ends_at_a_word() {
        assert_eq!(excerpt("The quick brown fox", 12), "The quick…");
        assert_eq!(excerpt("The quick brown fox", 19), "The quick brown fox");
        assert_eq!(excerpt("ééééééé", 3), "ééé…");
        assert_eq!(excerpt("TCP is {{1}}, UDP is {{2}} and {{x}}", 80), "TCP is [1], UDP is [2] and {{x}}");
    }
}
