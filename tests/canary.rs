//! Nothing that is sent before release holds a key, an explanation or a weight.
//!
//! Two proofs. In the first every secret of an exam carries a mark that occurs nowhere else, and every answer of every route
//! is searched for all of them. In the second two installations differ in nothing but their secrets, and answer every
//! request alike, byte for byte: what cannot be marked, such as which option is right, cannot shine through either.

use crate::contract::Api;
use exam::question::{
    BigDecimal, Blank, BlankKey, ChoiceKey, ChoiceOption, Content, Explanations, Key, NumericAnswer, NumericKey,
    Points, Question, TextAnswer, TextKey, Weight,
};
use exam::release::{ReleasePolicy, When};
use exam::sealed::Sealed;
use memchr::memmem;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use server::http::policy::Policy;
use server::routes::Route;
use std::path::Path;
use store::{Account, Role, Store};
use testkit::{TestApp, Visitor, arrange, both_engines, fresh_store, minutes_after_noon};

/// Secrets that a released result shows.
const SHOWN: &[&str] = &[
    "kanarie01 explains é & one",
    "kanarie02 explains é & two",
    "kanarie03 explains é & three",
    "kanarie04 explains é & four",
    "kanarie05 explains é & five",
    "kanarie06 explains é & six",
    "kanarie07 explains é & seven",
    "kanarie11 rationale é & right",
    "kanarie12 rationale é & wrong",
    "kanarie21 key é & word",
    "kanarie22 key é & blank",
    "918273",
    "564738",
    "kanarie31 domain é & name",
];

/// Secrets that candidates never see.
const HIDDEN: &[&str] = &["kanarie41 half é & right", "61.173", "0.61173", "6117300", "43.719", "0.43719", "4371900"];

/// Marks that a question is worth: shown in a released result, as the API writes them.
const POINTS: &[&str] = &["37.713", "29.377"];

/// Every way in which a secret may be written.
fn ways_to_write(secret: &str) -> Vec<String> {
    let html = secret.replace('&', "&amp;");
    let json = secret.replace('é', "\\u00e9");
    vec![
        secret.to_owned(),
        html.replace('é', "&#233;"),
        html.replace('é', "&eacute;"),
        html.clone(),
        secret.replace('&', "&#38;"),
        json.replace('&', "\\u0026"),
        json,
        html.replace('&', "\\u0026"),
        secret.replace('é', "%C3%A9").replace('&', "%26").replace(' ', "%20"),
        secret.replace('é', "%C3%A9").replace('&', "%26").replace(' ', "+"),
        // The word that no way of writing changes.
        secret.split(' ').next().unwrap_or(secret).to_owned(),
    ]
}

fn secrets() -> Vec<(&'static str, Vec<String>)> {
    let all = SHOWN.iter().chain(HIDDEN).chain(POINTS);
    all.map(|secret| (*secret, ways_to_write(&secret.to_lowercase()).iter().map(|way| way.to_lowercase()).collect()))
        .collect()
}

/// The secrets that a text holds.
fn found_in(text: &str, secrets: &[(&'static str, Vec<String>)]) -> Vec<&'static str> {
    let text = text.to_lowercase();
    // Not by `contains`, which is compiled with this file, for finding bugs and not for finding texts in megabytes.
    let holds = |ways: &[String]| ways.iter().any(|way| memmem::find(text.as_bytes(), way.as_bytes()).is_some());
    secrets.iter().filter(|(_, ways)| holds(ways)).map(|(secret, _)| *secret).collect()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn weight(percent: f64) -> Weight {
    Weight::from_percent(percent).expect("a percentage")
}

/// A question of every kind. The public part is always the same; `secret` chooses between two sets of secrets.
fn questions(secret: bool) -> Vec<Question> {
    let option = |text: &&str| ChoiceOption { text: (*text).to_owned(), pinned: false };
    let options = |names: &[&str]| names.iter().map(option).collect::<Vec<_>>();
    let number = |text: &str| NumericKey {
        accepted: vec![NumericAnswer::within(&NumericKey::parse_number(text).expect("a number"), &BigDecimal::from(0))],
    };
    let words = |full: &str, half: &str, percent: f64| TextKey {
        accepted: vec![
            TextAnswer { pattern: full.to_owned(), weight: Weight::FULL },
            TextAnswer { pattern: half.to_owned(), weight: weight(percent) },
        ],
        case_sensitive: false,
        accent_sensitive: false,
    };
    let pick = |first: Key, second: Key| if secret { first } else { second };
    let mut number_of = 0;
    let mut question = |prompt: &str, content: Content, key: Key| {
        number_of += 1;
        let rationales = ["kanarie11 rationale é & right", "kanarie12 rationale é & wrong"];
        let is_choice = matches!(content, Content::Choice { .. });
        let per_option = rationales.iter().map(|text| Some((*text).to_owned())).collect();
        let explanations = if secret {
            let general = Some(SHOWN[number_of - 1].to_owned());
            Explanations { general, per_option: if is_choice { per_option } else { Vec::new() } }
        } else {
            Explanations::default()
        };
        Question {
            prompt: prompt.to_owned(),
            content,
            key: Sealed::new(key),
            explanations: Sealed::new(explanations),
            domains: texts(&[if secret { "kanarie31 domain é & name" } else { "ordinary" }]),
            difficulty: None,
            points: if secret { Points([37_713, 29_377][number_of % 2]) } else { Points::ONE },
        }
    };
    let choice = Content::Choice { options: options(&["red", "green", "blue"]), multiple: false, choose: None };
    let several = Content::Choice { options: options(&["oak", "elm", "cat", "dog"]), multiple: true, choose: Some(2) };
    let blanks = vec![Blank::Text {}, Blank::Number {}, Blank::Dropdown { options: texts(&["inward", "outward"]) }];
    let cloze_key = |word: &str, figure: &str, correct: usize| Key::Cloze {
        blanks: vec![
            BlankKey::Text(words(word, "something else", 43.719)),
            BlankKey::Number(number(figure)),
            BlankKey::Dropdown { correct },
        ],
    };
    vec![
        question(
            "Which colour?",
            choice,
            pick(
                Key::Choice(ChoiceKey::Weighted { weights: vec![weight(100.0), weight(43.719), weight(-61.173)] }),
                Key::Choice(ChoiceKey::Correct { options: [2].into() }),
            ),
        ),
        question(
            "Which two trees?",
            several,
            pick(
                Key::Choice(ChoiceKey::Weighted {
                    weights: vec![weight(61.173), weight(38.827), weight(-43.719), weight(-43.719)],
                }),
                Key::Choice(ChoiceKey::Correct { options: [2, 3].into() }),
            ),
        ),
        question(
            "How far is it?",
            Content::Numeric { unit: Some("km".to_owned()) },
            pick(Key::Numeric(number("918273")), Key::Numeric(number("5"))),
        ),
        question(
            "Which word is meant?",
            Content::ShortText {},
            pick(
                Key::ShortText(words("kanarie21 key é & word", "kanarie41 half é & right", 61.173)),
                Key::ShortText(words("plain", "simple", 50.0)),
            ),
        ),
        question(
            "Which belong together?",
            Content::Matching { stems: texts(&["one", "two"]), choices: texts(&["north", "south", "west"]) },
            pick(Key::Matching { pairs: vec![0, 1] }, Key::Matching { pairs: vec![2, 0] }),
        ),
        question(
            "In which order?",
            Content::Ordering { items: texts(&["spring", "summer", "autumn"]) },
            pick(Key::Ordering { order: vec![0, 1, 2] }, Key::Ordering { order: vec![2, 1, 0] }),
        ),
        question(
            "It moves {{1}} by {{2}}, {{3}}.",
            Content::Cloze { blanks },
            pick(cloze_key("kanarie22 key é & blank", "564738", 0), cloze_key("plain", "5", 1)),
        ),
    ]
}

/// The exams that share the questions, by when they show results.
const OPEN: &str = "shows-at-submit";
const NEVER: &str = "never-shows";
const AT_CLOSE: &str = "shows-at-close";
const EXAMS: [&str; 3] = [OPEN, NEVER, AT_CLOSE];

async fn publish(store: &Store, secret: bool) {
    for (slug, release) in [
        (OPEN, ReleasePolicy::default()),
        (NEVER, ReleasePolicy { marks: When::Never, keys: When::Never, explanations: When::Never }),
        (AT_CLOSE, ReleasePolicy { marks: When::AtClose, keys: When::AtClose, explanations: When::AtClose }),
    ] {
        let change = |settings: &mut exam::settings::Settings| {
            settings.release = release;
            settings.closes_at = Some(minutes_after_noon(60));
        };
        arrange::exam(slug).asking(questions(secret)).set(change).publish(store).await;
    }
}

/// Answers that everybody may give, right by one key or the other or by none.
fn operations() -> Value {
    json!([
        {"seq": 1, "question": 1, "response": {"choice": ["a"]}},
        {"seq": 2, "question": 2, "response": {"choice": ["a", "b"]}},
        {"seq": 3, "question": 3, "response": {"number": "5"}},
        {"seq": 4, "question": 4, "response": {"text": "plain"}},
        {"seq": 5, "question": 5, "response": {"match": {"1": "a", "2": "b"}}},
        {"seq": 6, "question": 6, "response": {"order": ["a", "b", "c"]}},
        {"seq": 7, "question": 7, "response": {"blanks": {"1": "plain", "2": "5", "3": "a"}}},
    ])
}

/// An answer as it came: who asked what, and everything that was sent back.
struct Heard {
    what: String,
    sent: String,
}

async fn heard(what: String, response: Response) -> Heard {
    let mut sent = format!("{:?} {}\n", response.version(), response.status());
    for (name, value) in response.headers() {
        // The one thing that depends on the hour at which the test runs.
        if name != "date" {
            sent.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
        }
    }
    let body = response.bytes().await.unwrap_or_else(|error| panic!("{what}: {error}"));
    sent.push('\n');
    sent.push_str(&String::from_utf8_lossy(&body));
    Heard { what, sent }
}

/// All static files, as the folder of the repository has them.
fn static_files() -> Vec<String> {
    fn below(folder: &Path, prefix: &str, files: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("the folder of static files") {
            let entry = entry.expect("an entry");
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                below(&entry.path(), &format!("{name}/"), files);
            } else {
                files.push(name);
            }
        }
    }
    let mut files = Vec::new();
    below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/server/assets"), "", &mut files);
    files.sort();
    assert!(files.len() > 5, "{files:?}");
    files
}

/// The addresses of a route for all attempts and exams there are, and for some that are not there.
fn addresses(template: &str, attempts: &[String]) -> Vec<String> {
    let mut addresses = vec![String::new()];
    for segment in template.split('/').skip(1) {
        let before = addresses[0].rsplit('/').next().unwrap_or_default().to_owned();
        let strings = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
        let values = match (before.as_str(), segment) {
            (_, plain) if !plain.starts_with('{') => vec![plain.to_owned()],
            ("attempts", _) => [attempts, &strings(&["nonsense", "%00"])].concat(),
            ("exams", _) => [strings(&EXAMS), strings(&["nonsense"])].concat(),
            ("questions", _) => strings(&["1", "2", "3", "4", "5", "6", "7", "8", "0", "x"]),
            (_, "{*path}") => [static_files(), strings(&["../openapi.json", "nonsense"])].concat(),
            ("banks", _) => strings(&["never-shows-1", "nonsense"]),
            _ => strings(&["1"]),
        };
        addresses =
            addresses.iter().flat_map(|start| values.iter().map(move |value| format!("{start}/{value}"))).collect();
    }
    addresses
}

const QUERIES: [&str; 12] = [
    "?question=1",
    "?question=2",
    "?question=3&notice=saved",
    "?question=4&notice=late",
    "?question=5&notice=superseded",
    "?question=6",
    "?question=7",
    "?question=99",
    "?show=missed&submitted",
    "?show=all",
    "?state=submitted&limit=1",
    "?cursor=nonsense&limit=0&token=nonsense&next=//elsewhere&required",
];

const FORMS: [&str; 14] = [
    "",
    "choice=a&go=next",
    "choice=z&number=x&text=plain&go=review",
    "choice=a&choice=b&number=5&go=previous",
    "order.a=1&order.b=2&order.c=3&match.1=a&match.2=b&blank.1=plain&blank.2=5&blank.3=a&go=4",
    "order.a=1&order.b=1&match.9=a&blank.9=x&blank.3=z",
    "go=clear",
    "writer=99&seq=-1&choice=b",
    "question_count=5&idempotency_key=k",
    "writer=0&seq=9&choice=a&number=5&text=plain&go=check&checked=1",
    "to=on&from=missed",
    "email=x@example.org&password=wrong&name=&next=/&token=x",
    "%ff=%ff&a",
    "text=%00",
];

fn bodies() -> Vec<String> {
    vec![
        String::new(),
        "{}".to_owned(),
        "{".to_owned(),
        "[]".to_owned(),
        "\"key\"".to_owned(),
        json!({"operations": operations()}).to_string(),
        json!({"writer": 7, "operations": operations()}).to_string(),
        json!({"operations": [{"seq": 0, "question": 1, "response": null}]}).to_string(),
        json!({"operations": [
            {"seq": 90, "question": 99, "response": {"choice": ["a"]}},
            {"seq": 91, "question": 1, "response": {"choice": ["z"]}},
            {"seq": 92, "question": 3, "response": {"text": "x"}},
            {"seq": 1, "question": 1, "response": {"choice": ["b"]}},
        ]})
        .to_string(),
        json!({"email": "x@example.org", "password": "wrong", "name": 5}).to_string(),
        json!({"question_count": 5, "idempotency_key": "k"}).to_string(),
        json!({"operations": "key", "key": true}).to_string(),
    ]
}

/// Everything that a person can hear from the whole table, asking sensibly and otherwise. Does not hand in what is theirs.
async fn tour(app: &TestApp, account: Option<&Account>, attempts: &[String], own: &[String]) -> Vec<Heard> {
    let who = account.map_or("a guest", |account| account.name.as_str());
    let visitor = async || match account {
        Some(account) => app.sign_in(account).await,
        None => app.guest(),
    };
    let person = visitor().await;
    let mut all = Vec::new();
    // What programs are told of the machine differs from moment to moment.
    for route in app.routes().into_iter().filter(|route| route.policy != Policy::Machine) {
        for address in addresses(route.path, attempts) {
            for (method, query, body) in ways_to_ask(&route, account.map(|account| account.role), own, &address) {
                // Routes that end the session get one of their own.
                let ends =
                    route.path.ends_with("/session") || matches!(route.path, "/sign-out" | "/sign-in" | "/sign-up");
                let asker = if ends { visitor().await } else { person.clone() };
                let what = format!("{who} asked {method} {address}{query} {body}");
                let kind =
                    if address.starts_with("/api/") { "application/json" } else { "application/x-www-form-urlencoded" };
                let request = asker.request(method, &format!("{address}{query}")).header(CONTENT_TYPE, kind).body(body);
                all.push(heard(what, request.send().await.expect("an answer")).await);
            }
        }
    }
    all
}

/// The ways in which a person asks a route: all of them where something may come back that is the person's own, else a few.
fn ways_to_ask(route: &Route, role: Option<Role>, own: &[String], address: &str) -> Vec<(Method, String, String)> {
    let is_own = own.iter().any(|attempt| address.contains(attempt.as_str()));
    let is_beyond_the_paper = ["/8", "/0", "/x"].iter().any(|end| address.ends_with(end));
    let names_an_attempt = route.path.contains("attempts/{id}");
    let is_fruitful = route.policy.admits(role) && !is_beyond_the_paper && (is_own || !names_an_attempt);
    let some = |ways: usize| if is_fruitful { ways } else { 2 };
    let mut ways = vec![(Method::HEAD, String::new(), String::new())];
    if address.starts_with("/static/") {
        ways.push((Method::GET, String::new(), String::new()));
    } else if route.method == Method::GET {
        let queries = std::iter::once(&"").chain(&QUERIES).take(some(QUERIES.len() + 1));
        ways.extend(queries.map(|query| (Method::GET, (*query).to_owned(), String::new())));
    } else if !(is_own && route.path.ends_with("/submit")) {
        let bodies = if address.starts_with("/api/") { bodies() } else { FORMS.map(str::to_owned).to_vec() };
        let bodies = bodies.into_iter().take(some(12));
        ways.extend(bodies.map(|body| (route.method.clone(), String::new(), body)));
    }
    ways
}

/// Starts all exams and answers some of their questions; the attempts in order of [`EXAMS`].
async fn sit(person: &Visitor) -> Vec<String> {
    let mut attempts = Vec::new();
    for slug in EXAMS {
        let attempt = person.post(&format!("/api/v1/exams/{slug}/attempts"), json!({})).await.ok(201);
        let attempt = attempt["id"].as_str().expect("an id").to_owned();
        let body = json!({"operations": operations()});
        let saved = person.put(&format!("/api/v1/attempts/{attempt}/answers"), body).await.ok(200);
        assert_eq!(saved["rejected"], json!([]));
        attempts.push(attempt);
    }
    attempts
}

/// Hands an attempt in, once by the page and once by the API.
async fn hand_in(person: &Visitor, attempt: &str) -> Vec<Heard> {
    let page = person.post_form(&format!("/attempts/{attempt}/submit"), &[]).await;
    let page = heard("the form handed in".to_owned(), page).await;
    let receipt = person.call(Method::POST, &format!("/api/v1/attempts/{attempt}/submit"), &json!({})).await;
    vec![page, heard("the API handed in".to_owned(), receipt).await]
}

/// Everything that can be heard before release: while the attempts are open, at the submit of those that withhold their
/// results, and after it.
async fn before_release(app: &TestApp) -> (Visitor, Vec<String>, Vec<Heard>) {
    let (ada, eve) = (app.candidate().await, app.candidate().await);
    let attempts = sit(&ada).await;
    let everybody: [(Option<&Account>, &[String]); 3] =
        [(ada.account.as_ref(), &attempts), (eve.account.as_ref(), &[]), (None, &[])];
    let mut all = Vec::new();
    for (who, own) in everybody {
        all.extend(tour(app, who, &attempts, own).await);
    }
    for attempt in &attempts[1..] {
        all.extend(hand_in(&ada, attempt).await);
    }
    for (who, own) in everybody {
        all.extend(tour(app, who, &attempts, own).await);
    }
    (ada, attempts, all)
}

both_engines!(no_answer_before_release_holds_a_secret, async |t| {
    publish(&t, true).await;
    let app = TestApp::start(&t).await;
    let secrets = secrets();
    let (ada, attempts, all) = before_release(&app).await;
    assert!(all.len() > 1_000, "only {} answers were heard", all.len());
    for heard in &all {
        let found = found_in(&heard.sent, &secrets);
        assert!(found.is_empty(), "{} and heard {found:?} in\n{}", heard.what, heard.sent);
        assert!(!heard.sent.starts_with("HTTP/1.1 500"), "{} and heard\n{}", heard.what, heard.sent);
    }

    // The search finds what is there: after release, everything that a result shows, and never what it does not.
    let search = async |path: String| found_in(&heard(path.clone(), ada.get(&path).await).await.sent, &secrets);
    let result = |attempt: &str| [format!("/api/v1/attempts/{attempt}/result"), format!("/attempts/{attempt}/result")];
    let [api, page] = result(&attempts[0]);
    hand_in(&ada, &attempts[0]).await;
    assert_eq!(search(api).await, [SHOWN, POINTS].concat());
    assert_eq!(search(page).await, SHOWN, "pages round marks to hundredths");
    for path in [&result(&attempts[1])[..], &result(&attempts[2])[..]].concat() {
        assert_eq!(search(path).await, [""; 0]);
    }
    app.clock.set(minutes_after_noon(60));
    let [api, page] = result(&attempts[2]);
    assert_eq!(search(api).await, [SHOWN, POINTS].concat(), "the exam has closed");
    assert_eq!(search(page).await, SHOWN, "the exam has closed");
    for path in result(&attempts[1]) {
        assert_eq!(search(path).await, [""; 0], "never is never");
    }
});

both_engines!(what_is_sent_before_release_does_not_depend_on_the_secrets, async |t| {
    let other = fresh_store(t.engine()).await;
    let mut heard = Vec::new();
    let mut results = Vec::new();
    for (store, secret) in [(&t, true), (&other, false)] {
        publish(store, secret).await;
        let app = TestApp::start(store).await;
        let (ada, attempts, all) = before_release(&app).await;
        heard.push(all);
        hand_in(&ada, &attempts[0]).await;
        results.push(ada.read(&format!("/api/v1/attempts/{}/result", attempts[0])).await.ok(200));
    }
    assert_eq!(heard[0].len(), heard[1].len());
    for (one, two) in heard[0].iter().zip(&heard[1]) {
        assert_eq!(one.what, two.what);
        assert_eq!(one.sent, two.sent, "{} and could tell the keys from the answer", one.what);
    }
    assert_ne!(results[0], results[1], "after release it does depend on them");
});

both_engines!(an_open_attempt_has_no_field_that_could_hold_a_secret, async |t| {
    publish(&t, true).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempts = sit(&ada).await;
    let attempt = ada.read(&format!("/api/v1/attempts/{}", attempts[0])).await.ok(200);
    let mut names = std::collections::BTreeSet::new();
    collect_names(&attempt["questions"], &mut names);
    let harmless = [
        "blanks",
        "choose",
        "html",
        "id",
        "kind",
        "multiple",
        "number",
        "options",
        "prompt_html",
        "stems",
        "text",
        "unit",
    ];
    assert_eq!(names.into_iter().collect::<Vec<_>>(), harmless, "whatever is new must hold nothing secret");
});

fn collect_names(value: &Value, names: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            names.insert(name.clone());
            collect_names(value, names);
        }),
        Value::Array(items) => items.iter().for_each(|value| collect_names(value, names)),
        _ => {}
    }
}
