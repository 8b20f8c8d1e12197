//! The fields of an object, taken one by one; what is left in the end is unknown.

use super::node::Node;
use super::numbers;
use crate::draft::quote;
use bigdecimal::BigDecimal;
use exam::question::Weight;

/// Longer lists are not looked at; how long each may be is checked later.
const MOST_MEMBERS: usize = 1_000;

/// An object being read. Its methods add to `reasons` what is wrong and go on, so that an author learns everything at once.
pub(super) struct Fields {
    /// How reasons name it: "The question", "Option 2".
    name: String,
    fields: Vec<(String, Node)>,
}

impl Fields {
    /// None, with a reason, when the node is no object.
    pub(super) fn new(name: impl Into<String>, node: Node, reasons: &mut Vec<String>) -> Option<Self> {
        let name = name.into();
        match node {
            Node::Object(fields) => Some(Self { name, fields }),
            _ => {
                reasons.push(format!("{name} must be an object in {{ }}."));
                None
            }
        }
    }

    /// Whether a field is given and still there.
    pub(super) fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|(name, node)| name == field && *node != Node::Null)
    }

    fn take(&mut self, field: &str) -> Option<Node> {
        let place = self.fields.iter().position(|(name, _)| name == field)?;
        Some(self.fields.remove(place).1).filter(|node| *node != Node::Null)
    }

    fn wrong<T>(&self, field: &str, expected: &str, reasons: &mut Vec<String>) -> Option<T> {
        reasons.push(format!("{}: \"{field}\" must be {expected}.", self.name));
        None
    }

    pub(super) fn missing(&self, field: &str, reasons: &mut Vec<String>) {
        reasons.push(format!("{} lacks \"{field}\".", self.name));
    }

    pub(super) fn text(&mut self, field: &str, reasons: &mut Vec<String>) -> Option<String> {
        match self.take(field)? {
            Node::Text(text) => Some(text),
            _ => self.wrong(field, "a text in quotation marks", reasons),
        }
    }

    pub(super) fn required_text(&mut self, field: &str, reasons: &mut Vec<String>) -> String {
        if !self.has(field) {
            self.missing(field, reasons);
        }
        self.text(field, reasons).unwrap_or_default()
    }

    pub(super) fn flag(&mut self, field: &str, reasons: &mut Vec<String>) -> Option<bool> {
        match self.take(field)? {
            Node::Flag(flag) => Some(flag),
            _ => self.wrong(field, "true or false", reasons),
        }
    }

    pub(super) fn count(&mut self, field: &str, reasons: &mut Vec<String>) -> Option<usize> {
        match self.take(field)? {
            Node::Number(number) if number.as_u64().is_some_and(|number| number <= 1_000) => {
                number.as_u64().and_then(|number| usize::try_from(number).ok())
            }
            _ => self.wrong(field, "a whole number", reasons),
        }
    }

    pub(super) fn float(&mut self, field: &str, reasons: &mut Vec<String>) -> Option<f64> {
        match self.take(field)? {
            Node::Number(number) => number.as_f64(),
            _ => self.wrong(field, "a number", reasons),
        }
    }

    /// An exact number, as a text or as a JSON number.
    pub(super) fn decimal(&mut self, field: &str, reasons: &mut Vec<String>) -> Option<BigDecimal> {
        let number = match self.take(field)? {
            Node::Text(text) => numbers::parse(&text),
            Node::Number(number) => numbers::parse(&number.to_string()),
            _ => None,
        };
        number.or_else(|| self.wrong(field, "a number", reasons))
    }

    /// A weight in percent; None when there is none.
    pub(super) fn weight(&mut self, reasons: &mut Vec<String>, changes: &mut Vec<String>) -> Option<Weight> {
        let percent = self.float("weight", reasons)?;
        match Weight::from_percent(percent) {
            Some(weight) => {
                if (weight.as_percent() - percent).abs() > 1e-9 {
                    crate::draft::remark(changes, "Weights were rounded to five digits after the point.");
                }
                Some(weight)
            }
            None => self.wrong("weight", "between -100 and 100", reasons),
        }
    }

    pub(super) fn list(&mut self, field: &str, reasons: &mut Vec<String>) -> Option<Vec<Node>> {
        match self.take(field)? {
            Node::List(list) if list.len() > MOST_MEMBERS => {
                self.wrong(field, &format!("a list of fewer than {} members", list.len()), reasons)
            }
            Node::List(list) => Some(list),
            _ => self.wrong(field, "a list in [ ]", reasons),
        }
    }

    /// The objects of a list, each with its name in reasons.
    pub(super) fn objects(&mut self, field: &str, each: &str, reasons: &mut Vec<String>) -> Vec<Fields> {
        if !self.has(field) {
            self.missing(field, reasons);
        }
        let list = self.list(field, reasons).unwrap_or_default();
        let fields = |(index, node)| Fields::new(format!("{each} {}", index + 1), node, reasons);
        list.into_iter().enumerate().filter_map(fields).collect()
    }

    /// The texts of a list.
    pub(super) fn texts(&mut self, field: &str, reasons: &mut Vec<String>) -> Option<Vec<String>> {
        let list = self.list(field, reasons)?;
        let texts: Vec<String> = list
            .iter()
            .filter_map(|node| if let Node::Text(text) = node { Some(text.clone()) } else { None })
            .collect();
        if texts.len() == list.len() { Some(texts) } else { self.wrong(field, "a list of texts", reasons) }
    }

    /// The names of the fields that nobody took.
    pub(super) fn unknown(self) -> Vec<String> {
        self.fields.into_iter().map(|(name, _)| name).collect()
    }

    /// Ends the reading: a field that nobody took is a mistake of the author or of a newer version.
    pub(super) fn end(self, reasons: &mut Vec<String>) {
        let name = self.name.clone();
        for field in self.unknown() {
            reasons.push(format!("{name} has the unknown field {}. Remove it or correct its name.", quote(&field)));
        }
    }
}
