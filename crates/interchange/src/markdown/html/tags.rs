//! The HTML tags by what becomes of them.

/// What becomes of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::markdown) enum Kind {
    /// Kept as inline HTML.
    Inline,
    Break,
    /// A paragraph of its own.
    Block,
    Heading(usize),
    Rule,
    List {
        ordered: bool,
    },
    Item,
    Quote,
    Preformatted,
    Table,
    TablePart,
    Link,
    Image,
    /// Removed without a trace; its content stays.
    Transparent,
    /// Removed; its content stays.
    Unsupported,
    /// Removed with its content.
    Hidden,
    /// Not HTML: text that happens to stand in angle brackets, like a type parameter.
    Unknown,
}

/// Tells a tag by its name, whatever its case.
pub(in crate::markdown) fn kind(name: &str) -> Kind {
    if name.len() > 12 {
        return Kind::Unknown;
    }
    match name.to_ascii_lowercase().as_str() {
        "b" | "strong" | "i" | "em" | "u" | "s" | "del" | "ins" | "sub" | "sup" | "code" | "kbd" | "samp" | "var"
        | "small" | "mark" | "q" | "abbr" | "cite" | "dfn" => Kind::Inline,
        "br" => Kind::Break,
        "p" | "div" | "section" | "article" | "header" | "footer" | "main" | "aside" | "figure" | "figcaption"
        | "address" | "dl" | "dt" | "dd" | "fieldset" | "legend" | "details" | "summary" => Kind::Block,
        "h1" => Kind::Heading(1),
        "h2" => Kind::Heading(2),
        "h3" => Kind::Heading(3),
        "h4" => Kind::Heading(4),
        "h5" => Kind::Heading(5),
        "h6" => Kind::Heading(6),
        "hr" => Kind::Rule,
        "ul" => Kind::List { ordered: false },
        "ol" => Kind::List { ordered: true },
        "li" => Kind::Item,
        "blockquote" => Kind::Quote,
        "pre" => Kind::Preformatted,
        "table" => Kind::Table,
        "caption" | "thead" | "tbody" | "tfoot" | "tr" | "th" | "td" => Kind::TablePart,
        "a" => Kind::Link,
        "img" => Kind::Image,
        "span" | "html" | "body" | "label" | "tt" | "wbr" | "colgroup" | "col" | "time" | "bdi" => Kind::Transparent,
        "font" | "center" | "big" | "strike" | "form" | "input" | "button" | "ruby" | "rt" | "rp" | "bdo" | "meta"
        | "link" | "embed" | "source" | "track" | "nobr" | "marquee" | "blink" => Kind::Unsupported,
        "script" | "style" | "head" | "title" | "iframe" | "object" | "video" | "audio" | "svg" | "math" | "canvas"
        | "template" | "select" | "textarea" | "noscript" => Kind::Hidden,
        name if name.starts_with("o:") || name.starts_with("w:") || name.starts_with("v:") => Kind::Unsupported,
        _ => Kind::Unknown,
    }
}
