//! A browser without scripts: it follows links and redirects, keeps its cookies, fills in the forms that pages show, and
//! looks every page over.

use reqwest::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Method, RequestBuilder, Response};
use server::routes;
use std::collections::BTreeSet;
use testkit::{TestApp, Visitor};

/// A person's browser.
pub(crate) struct Browser {
    visitor: Visitor,
    origin: String,
    /// What it asks for in its settings.
    asks_for: Option<&'static str>,
    /// What its person has chosen on a page.
    chosen: Option<String>,
}

impl Browser {
    /// One that nobody has used.
    pub(crate) fn new(app: &TestApp) -> Self {
        Self::of(app, app.guest())
    }

    /// One in which somebody is signed in.
    pub(crate) fn of(app: &TestApp, visitor: Visitor) -> Self {
        Self { visitor, origin: app.base.clone(), asks_for: None, chosen: None }
    }

    /// The same, set up for languages as the Accept-Language header names them.
    pub(crate) fn asking_for(self, languages: &'static str) -> Self {
        Self { asks_for: Some(languages), ..self }
    }

    /// Its session, for calls of the API.
    pub(crate) fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    /// Opens an address and follows where it leads.
    pub(crate) async fn open(&mut self, path: &str) -> Page {
        let request = self.visitor.request(Method::GET, path);
        self.follow(request, path.to_owned()).await
    }

    /// Follows a link of a page.
    pub(crate) async fn click(&mut self, page: &Page, href: &str) -> Page {
        assert!(
            page.links().any(|link| link == href),
            "{} has no link to {href}: {:?}",
            page.path,
            page.links().collect::<Vec<_>>()
        );
        self.open(href).await
    }

    /// Sends a form as its button does.
    pub(crate) async fn submit(&mut self, form: Form) -> Page {
        let body: String = form
            .fields()
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect::<Vec<_>>()
            .join("&");
        let request = self.visitor.request(Method::POST, &form.action);
        let request = request.header("sec-fetch-site", "same-origin").header("origin", &self.origin);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        self.follow(request, form.action).await
    }

    async fn follow(&mut self, mut request: RequestBuilder, mut path: String) -> Page {
        for _ in 0..5 {
            if let Some(languages) = self.asks_for {
                request = request.header(ACCEPT_LANGUAGE, languages);
            }
            if let Some(chosen) = &self.chosen {
                request = request.header(COOKIE, format!("examhall_language={chosen}"));
            }
            let response = request.send().await.unwrap_or_else(|error| panic!("{path}: {error}"));
            self.keep_cookies(&response);
            let Some(location) = response.headers().get(LOCATION) else {
                let status = response.status().as_u16();
                let html = response.text().await.unwrap_or_else(|error| panic!("{path}: {error}"));
                return Page::read(path, status, &html);
            };
            assert_eq!(response.status(), 303, "{path} leads on to be looked at");
            path = location.to_str().expect("ASCII").to_owned();
            assert!(path.starts_with('/') && !path.starts_with("//"), "{path} is elsewhere");
            request = self.visitor.request(Method::GET, &path);
        }
        panic!("{path}: redirected in a circle")
    }

    fn keep_cookies(&mut self, response: &Response) {
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().expect("ASCII").split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            let value = (!value.is_empty()).then(|| value.to_owned());
            match name {
                "examhall_session" => self.visitor.token = value,
                "examhall_language" => self.chosen = value,
                _ => {}
            }
        }
    }
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// A page as it is shown.
#[derive(Debug)]
pub(crate) struct Page {
    /// Where one is in the end, with the query.
    pub(crate) path: String,
    /// Its status.
    pub(crate) status: u16,
    /// Its text without markup, white space as one blank.
    pub(crate) text: String,
    tokens: Vec<Token>,
}

#[derive(Debug, Clone)]
enum Token {
    Open(Tag),
    Close(String),
    Text(String),
}

#[derive(Debug, Clone)]
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
    empty: bool,
}

impl Tag {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(attribute, _)| attribute == name).map(|(_, value)| value.as_str())
    }
}

const VOID: [&str; 8] = ["meta", "link", "input", "br", "hr", "img", "wbr", "col"];

impl Page {
    fn read(path: String, status: u16, html: &str) -> Self {
        let tokens = tokens(html);
        let mut text = String::new();
        let mut in_head = false;
        for token in &tokens {
            match token {
                Token::Open(tag) if tag.name == "head" => in_head = true,
                Token::Close(name) if name == "head" => in_head = false,
                Token::Text(part) if !in_head => text.push_str(part),
                _ => text.push(' '),
            }
        }
        let page = Self { path, status, text: squeezed(&text), tokens };
        page.look_over(html);
        page
    }

    /// What is true of every page: it is whole, has one title and one heading, holds nothing inline that the policy forbids,
    /// and leads only to places that there are.
    fn look_over(&self, html: &str) {
        let path = &self.path;
        assert!(html.starts_with("<!doctype html>\n"), "{path} begins with {html:.40}");
        let tags =
            || self.tokens.iter().filter_map(|token| if let Token::Open(tag) = token { Some(tag) } else { None });
        assert!(
            [("en", "ltr"), ("de", "ltr"), ("ar", "rtl")].contains(&self.language()),
            "{path}: {:?}",
            self.language()
        );
        assert_eq!(tags().filter(|tag| tag.name == "h1").count(), 1, "{path} has one main heading");
        assert_eq!(tags().filter(|tag| tag.name == "main").count(), 1, "{path} has one main part");
        assert!(
            self.title().ends_with(" - Examhall") && self.title().len() > 12,
            "{path} is titled {:?}",
            self.title()
        );
        let mut open: Vec<&str> = Vec::new();
        for token in &self.tokens {
            match token {
                Token::Open(tag) if tag.empty || VOID.contains(&tag.name.as_str()) => {}
                Token::Open(tag) => open.push(&tag.name),
                Token::Close(name) => assert_eq!(open.pop(), Some(name.as_str()), "{path}: </{name}> closes nothing"),
                Token::Text(_) => {}
            }
        }
        assert_eq!(open, [""; 0], "{path} leaves elements open");
        let mut ids = BTreeSet::new();
        for tag in tags() {
            for (name, _) in &tag.attributes {
                assert!(name != "style" && !name.starts_with("on"), "{path}: <{} {name}> is inline", tag.name);
            }
            assert!(tag.name != "style", "{path} has an inline style sheet");
            assert!(tag.name != "script" || tag.get("src").is_some(), "{path} has an inline script");
            if let Some(id) = tag.get("id") {
                assert!(ids.insert(id.to_owned()), "{path} has two elements with the id {id}");
            }
        }
        for tag in tags() {
            for name in ["for", "aria-labelledby", "aria-describedby"] {
                for id in tag.get(name).unwrap_or_default().split_whitespace() {
                    assert!(ids.contains(id), "{path}: <{} {name}> names {id}, which is not there", tag.name);
                }
            }
            let (method, target) = match tag.name.as_str() {
                "a" | "link" => (Method::GET, tag.get("href")),
                "script" | "img" => (Method::GET, tag.get("src")),
                "form" => {
                    (tag.get("method").unwrap_or("get").to_uppercase().parse().expect("a method"), tag.get("action"))
                }
                _ => continue,
            };
            let target = target.unwrap_or(path).split(['?', '#']).next().unwrap_or_default();
            assert!(
                target.is_empty() || is_routed(&method, target),
                "{path} leads to {method} {target}, which is not there"
            );
        }
    }

    /// In which language it is, and which way that is written.
    pub(crate) fn language(&self) -> (&str, &str) {
        let root = self.tokens.iter().find_map(|token| if let Token::Open(tag) = token { Some(tag) } else { None });
        let root = root.filter(|tag| tag.name == "html").expect("a root");
        (root.get("lang").expect("a language"), root.get("dir").expect("a direction"))
    }

    /// Its title.
    pub(crate) fn title(&self) -> String {
        self.text_from(|tag| tag.name == "title").expect("a title")
    }

    /// Its main heading.
    pub(crate) fn heading(&self) -> String {
        self.text_from(|tag| tag.name == "h1").expect("a heading")
    }

    /// The text of the element with an id.
    pub(crate) fn text_of(&self, id: &str) -> String {
        self.text_from(|tag| tag.get("id") == Some(id)).unwrap_or_else(|| panic!("{} has no {id}", self.path))
    }

    fn text_from(&self, is_it: impl Fn(&Tag) -> bool) -> Option<String> {
        let start = self.tokens.iter().position(|token| matches!(token, Token::Open(tag) if is_it(tag)))?;
        Some(text_within(&self.tokens[start..]))
    }

    /// An attribute of the first element that has another one so.
    pub(crate) fn attribute(&self, having: (&str, &str), name: &str) -> Option<&str> {
        self.tokens.iter().find_map(|token| match token {
            Token::Open(tag) if tag.get(having.0) == Some(having.1) => Some(tag.get(name)),
            _ => None,
        })?
    }

    /// Whether it runs a script of this name.
    pub(crate) fn runs(&self, script: &str) -> bool {
        self.tokens.iter().any(|token| match token {
            Token::Open(tag) => tag.name == "script" && tag.get("src").is_some_and(|source| source.ends_with(script)),
            _ => false,
        })
    }

    /// How often it says something.
    pub(crate) fn times(&self, text: &str) -> usize {
        self.text.matches(text).count()
    }

    /// Fails unless the page says something.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) {
        assert!(self.text.contains(text), "{} ({}) does not say {text:?} but {}", self.path, self.status, self.text);
    }

    /// Fails when the page says something.
    #[track_caller]
    pub(crate) fn keeps_quiet_about(&self, text: &str) {
        assert!(!self.text.contains(text), "{} says {text:?}", self.path);
    }

    /// Where its links lead.
    pub(crate) fn links(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().filter_map(|token| match token {
            Token::Open(tag) if tag.name == "a" => tag.get("href"),
            _ => None,
        })
    }

    /// The form that is sent to an address that ends so.
    #[track_caller]
    pub(crate) fn form(&self, action: &str) -> Form {
        let is_it = |token: &Token| matches!(token, Token::Open(tag) if tag.name == "form" && tag.get("action").is_some_and(|to| to.ends_with(action)));
        let start = self.tokens.iter().position(is_it);
        let start = start.unwrap_or_else(|| panic!("{} has no form for {action}: {}", self.path, self.text));
        Form::read(&self.tokens[start..])
    }

    /// Whether there is a form that is sent to an address that ends so.
    pub(crate) fn has_form(&self, action: &str) -> bool {
        let is_it = |tag: &Tag| tag.name == "form" && tag.get("action").is_some_and(|to| to.ends_with(action));
        self.tokens.iter().any(|token| matches!(token, Token::Open(tag) if is_it(tag)))
    }
}

/// Whether the table has a route for an address.
fn is_routed(method: &Method, path: &str) -> bool {
    routes::table().iter().any(|route| {
        if route.method != *method {
            return false;
        }
        let (wanted, given): (Vec<_>, Vec<_>) = (route.path.split('/').collect(), path.split('/').collect());
        let same = |(wanted, given): (&&str, &&str)| wanted == given || (wanted.starts_with('{') && !given.is_empty());
        let rest = route.path.contains("{*") && given.len() >= wanted.len();
        (rest || wanted.len() == given.len()) && wanted.iter().zip(&given).all(same)
    })
}

/// The text of the element that begins the tokens.
fn text_within(tokens: &[Token]) -> String {
    let mut depth = 0;
    let mut text = String::new();
    for token in tokens {
        match token {
            Token::Open(tag) if tag.empty || VOID.contains(&tag.name.as_str()) => text.push(' '),
            Token::Open(_) => {
                depth += 1;
                text.push(' ');
            }
            Token::Close(_) => {
                depth -= 1;
                text.push(' ');
            }
            Token::Text(part) => text.push_str(part),
        }
        if depth == 0 {
            break;
        }
    }
    squeezed(&text)
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A form as somebody fills it in.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    action: String,
    controls: Vec<Control>,
    buttons: Vec<(Option<String>, String)>,
    /// Where some of them send it instead, by what they send.
    elsewhere: Vec<(Option<String>, String, String)>,
    pressed: Option<(String, String)>,
}

#[derive(Debug, Clone)]
struct Control {
    name: String,
    kind: String,
    value: String,
    /// Whether it is sent: a box that is not ticked is not.
    on: bool,
    /// What stands beside a box.
    label: String,
    /// Of a list to choose from: (value, text).
    options: Vec<(String, String)>,
}

impl Form {
    fn read(tokens: &[Token]) -> Self {
        let mut form = Self {
            action: String::new(),
            controls: Vec::new(),
            buttons: Vec::new(),
            elsewhere: Vec::new(),
            pressed: None,
        };
        for (index, token) in tokens.iter().enumerate() {
            match token {
                Token::Open(tag) => form.read_tag(tag, &tokens[index..]),
                Token::Close(name) if name == "form" => break,
                _ => {}
            }
        }
        form
    }

    fn read_tag(&mut self, tag: &Tag, rest: &[Token]) {
        let own = |name: &str| tag.get(name).unwrap_or_default().to_owned();
        match tag.name.as_str() {
            "form" => {
                self.action = own("action");
                assert_eq!(tag.get("method"), Some("post"), "forms that change something are sent by POST");
            }
            "button" if tag.get("type") != Some("button") && tag.get("disabled").is_none() => {
                let name = tag.get("name").map(str::to_owned);
                if let Some(action) = tag.get("formaction") {
                    self.elsewhere.push((name.clone(), own("value"), action.to_owned()));
                }
                self.buttons.push((name, own("value")));
            }
            "input" => {
                let kind = own("type");
                let is_box = matches!(kind.as_str(), "radio" | "checkbox");
                let on = !is_box || tag.get("checked").is_some();
                // A box stands in its label, before its text.
                let end = rest.iter().position(|token| matches!(token, Token::Close(name) if name == "label"));
                let label = match end {
                    Some(end) if is_box => {
                        let texts =
                            rest[..end].iter().map(|token| if let Token::Text(text) = token { text } else { " " });
                        squeezed(&texts.collect::<String>())
                    }
                    _ => String::new(),
                };
                let control = Control { name: own("name"), value: own("value"), options: Vec::new(), kind, on, label };
                self.controls.push(control);
            }
            "select" => {
                let mut options = Vec::new();
                let mut selected = None;
                for (index, token) in rest.iter().enumerate() {
                    match token {
                        Token::Open(tag) if tag.name == "option" => {
                            let value = tag.get("value").unwrap_or_default().to_owned();
                            if tag.get("selected").is_some() {
                                selected = Some(value.clone());
                            }
                            options.push((value, text_within(&rest[index..])));
                        }
                        Token::Close(name) if name == "select" => break,
                        _ => {}
                    }
                }
                let value = selected.or_else(|| options.first().map(|(value, _)| value.clone())).unwrap_or_default();
                let control = Control {
                    name: own("name"),
                    kind: "select".to_owned(),
                    value,
                    on: true,
                    label: String::new(),
                    options,
                };
                self.controls.push(control);
            }
            _ => {}
        }
    }

    /// Types into a field, or sets a hidden one or a list to a value.
    #[track_caller]
    pub(crate) fn fill(mut self, name: &str, value: &str) -> Self {
        let known: Vec<String> = self.controls.iter().map(|control| control.name.clone()).collect();
        let control = self.controls.iter_mut().find(|control| control.name == name);
        let control = control.unwrap_or_else(|| panic!("{} has no field {name}, only {known:?}", self.action));
        let offered = control.options.is_empty() || control.options.iter().any(|(option, _)| option == value);
        assert!(offered, "{name} does not offer {value:?}: {:?}", control.options);
        control.value = value.to_owned();
        self
    }

    /// Ticks the box with a label; of radio buttons, only that one.
    #[track_caller]
    pub(crate) fn tick(mut self, label: &str) -> Self {
        let chosen = self.controls.iter().position(|control| control.label == label);
        let labels: Vec<_> = self.controls.iter().map(|control| control.label.clone()).collect();
        let chosen = chosen.unwrap_or_else(|| panic!("nothing is labelled {label}: {labels:?}"));
        if self.controls[chosen].kind == "radio" {
            let name = self.controls[chosen].name.clone();
            self.controls.iter_mut().filter(|control| control.name == name).for_each(|control| control.on = false);
        }
        self.controls[chosen].on = true;
        self
    }

    /// Chooses from a list by its text.
    #[track_caller]
    pub(crate) fn choose(self, name: &str, text: &str) -> Self {
        let control = self.controls.iter().find(|control| control.name == name);
        let options = &control.unwrap_or_else(|| panic!("there is no list {name}")).options;
        let value = options.iter().find(|(_, option)| option == text || option.ends_with(&format!(". {text}")));
        let value = value.unwrap_or_else(|| panic!("{name} does not offer {text:?}: {options:?}")).0.clone();
        self.fill(name, &value)
    }

    /// Presses the button `go` with a value.
    #[track_caller]
    pub(crate) fn press(self, value: &str) -> Self {
        self.press_button("go", value)
    }

    /// Presses the button with a name and a value.
    #[track_caller]
    pub(crate) fn press_button(mut self, name: &str, value: &str) -> Self {
        let pressed = (Some(name.to_owned()), value.to_owned());
        assert!(self.buttons.contains(&pressed), "there is no button {value:?} to press: {:?}", self.buttons);
        let is_it = |(other, sent, _): &&(Option<String>, String, String)| (other, sent) == (&pressed.0, &pressed.1);
        if let Some((.., action)) = self.elsewhere.iter().find(is_it) {
            self.action.clone_from(action);
        }
        self.pressed = Some((name.to_owned(), value.to_owned()));
        self
    }

    /// What a field holds.
    #[track_caller]
    pub(crate) fn value(&self, name: &str) -> &str {
        let control = self.controls.iter().find(|control| control.name == name);
        &control.unwrap_or_else(|| panic!("{} has no field {name}", self.action)).value
    }

    /// The labels of the boxes that are ticked.
    pub(crate) fn ticked(&self) -> Vec<&str> {
        let boxes = self.controls.iter().filter(|control| matches!(control.kind.as_str(), "radio" | "checkbox"));
        boxes.filter(|control| control.on).map(|control| control.label.as_str()).collect()
    }

    /// The names of its fields that begin so.
    pub(crate) fn names(&self, prefix: &str) -> Vec<String> {
        let names = self.controls.iter().map(|control| control.name.clone());
        names.filter(|name| name.starts_with(prefix)).collect()
    }

    fn fields(&self) -> Vec<(String, String)> {
        let sent = self.controls.iter().filter(|control| control.on && !control.name.is_empty());
        let sent = sent.map(|control| (control.name.clone(), control.value.clone()));
        // Enter in a field presses the first button.
        let first = || self.buttons.first().and_then(|(name, value)| Some((name.clone()?, value.clone())));
        sent.chain(self.pressed.clone().or_else(first)).collect()
    }
}

/// Splits HTML as our templates write it: attributes are quoted, and scripts have no text.
fn tokens(html: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        if start > 0 {
            tokens.push(Token::Text(unescaped(&rest[..start])));
        }
        rest = &rest[start..];
        if rest.starts_with("<!") {
            let end = if rest.starts_with("<!--") { rest.find("-->").map(|at| at + 2) } else { rest.find('>') };
            rest = &rest[end.expect("a comment ends") + 1..];
            continue;
        }
        let mut quoted = false;
        let end = rest.find(|c: char| {
            quoted ^= c == '"';
            c == '>' && !quoted
        });
        let end = end.unwrap_or_else(|| panic!("a tag does not end: {rest:.80}"));
        let inside = &rest[1..end];
        rest = &rest[end + 1..];
        // What scripts make something of is no part of the page without them.
        if inside == "template" || inside.starts_with("template ") {
            let end = rest.find("</template>").expect("a template ends");
            rest = &rest[end + "</template>".len()..];
            continue;
        }
        if let Some(name) = inside.strip_prefix('/') {
            tokens.push(Token::Close(name.trim().to_owned()));
        } else {
            tokens.push(Token::Open(tag(inside)));
        }
    }
    tokens.push(Token::Text(unescaped(rest)));
    tokens
}

fn tag(inside: &str) -> Tag {
    let empty = inside.ends_with('/');
    let inside = inside.trim_end_matches('/').trim();
    let (name, mut rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Tag { name: name.to_owned(), attributes, empty };
        }
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let attribute = rest[..end].to_owned();
        rest = &rest[end..];
        let value = match rest.strip_prefix("=\"") {
            Some(after) => {
                let close = after.find('"').unwrap_or_else(|| panic!("{inside} is not quoted to its end"));
                rest = &after[close + 1..];
                unescaped(&after[..close])
            }
            None => {
                assert!(!rest.starts_with('='), "{inside} has an attribute without quotes");
                String::new()
            }
        };
        assert!(!attributes.iter().any(|(known, _)| *known == attribute), "<{inside}> has {attribute} twice");
        attributes.push((attribute, value));
    }
}

fn unescaped(text: &str) -> String {
    let mut plain = text.to_owned();
    for (entity, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&nbsp;", " "),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(entity, character);
    }
    plain
}
