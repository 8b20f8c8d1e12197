//! What holds for every address: headers, methods, who may send forms, sizes, and bytes that nobody means.

use crate::contract::{self, Api};
use crate::paths::Names;
use reqwest::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use store::Role;
use testkit::{NOON, TestApp, TestStore, Visitor, arrange, both_engines};

/// The largest body, in bytes.
const BODY_MAX: usize = 4 * 1024 * 1024;
const SMALL_BODY: usize = 16 * 1024;

/// A candidate with an open attempt, and the names to address it by.
async fn candidate_in_an_exam(t: &TestStore, app: &TestApp) -> (Visitor, Names) {
    let exam = arrange::exam("cloud").publish(t).await;
    let ada = app.candidate().await;
    let account = ada.account.clone().expect("an account");
    let attempt = arrange::start(t, &exam, &account, NOON).await.public_id;
    let account = account.id.to_string();
    (ada, Names { attempt, exam: "cloud".to_owned(), bank: "cloud".to_owned(), account })
}

async fn sent(request: RequestBuilder) -> Response {
    request.send().await.expect("an answer")
}

fn form(visitor: &Visitor, method: Method, path: &str, body: &str) -> RequestBuilder {
    let request = visitor.request(method, path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    request.body(body.to_owned())
}

/// What everything carries; all that a script or a style of a page needs, which is no document.
fn assert_sent_as_it_is(what: &str, headers: &HeaderMap) {
    let value = |name: &str| headers.get(name).map_or("", |value| value.to_str().expect("ASCII"));
    assert_eq!(value("x-content-type-options"), "nosniff", "{what}");
    assert!(!value("x-request-id").is_empty(), "{what}");
    assert!(!value("cache-control").is_empty(), "{what}");
}

fn assert_guarded(what: &str, headers: &HeaderMap) {
    let value = |name: &str| headers.get(name).map_or("", |value| value.to_str().expect("ASCII"));
    assert_sent_as_it_is(what, headers);
    let policy = value("content-security-policy");
    for part in
        ["default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"]
    {
        assert!(policy.split("; ").any(|directive| directive == part), "{what} lacks {part}: {policy:?}");
    }
    assert!(!policy.contains("unsafe"), "{what}: {policy}");
    assert_eq!(value("x-frame-options"), "DENY", "{what}");
    assert_eq!(value("referrer-policy"), "same-origin", "{what}");
    assert_eq!(value("cross-origin-opener-policy"), "same-origin", "{what}");
    assert!(value("permissions-policy").contains("camera=()"), "{what}");
}

both_engines!(every_answer_carries_the_headers_that_guard_browsers, async |t| {
    let app = TestApp::start(&t).await;
    let (ada, names) = candidate_in_an_exam(&t, &app).await;
    for route in app.routes() {
        let path = names.fill(route.path);
        for visitor in [app.guest(), app.sign_in(ada.account.as_ref().expect("an account")).await] {
            for method in [route.method.clone(), Method::PATCH] {
                let what = format!("{method} {path}");
                let response = sent(form(&visitor, method, &path, "")).await;
                if path.starts_with("/static/") && response.status() == 200 {
                    assert_sent_as_it_is(&what, response.headers());
                    assert!(!response.headers().contains_key("content-security-policy"), "{what}");
                } else {
                    assert_guarded(&what, response.headers());
                }
                let everybodys =
                    ["/static/", "/favicon", "/attempts/worker.js", "/api/v1/openapi.json", "/api/v1/exams"];
                let is_of_a_person = path.starts_with("/api/v1/exams/");
                let is_private = is_of_a_person || !everybodys.iter().any(|public| path.starts_with(public));
                assert!(!is_private || response.headers()["cache-control"] == "no-store", "{what} may be kept");
            }
        }
    }
    for document in ["/static/x/favicon.svg", "/attempts/worker.js"] {
        let response = app.guest().get(document).await;
        assert_eq!(response.status(), 200, "{document}");
        assert_guarded(document, response.headers());
    }
    for nowhere in ["/nowhere", "/api/nowhere", "/static/x/nowhere.js", "/attempts/%ff"] {
        let response = app.guest().get(nowhere).await;
        assert_guarded(nowhere, response.headers());
    }
    let forged = ada.request(Method::POST, "/sign-out").header("sec-fetch-site", "cross-site");
    assert_guarded("a forged request", sent(forged).await.headers());
});

both_engines!(what_is_not_there_is_told_in_the_language_of_the_asker, async |t| {
    let app = TestApp::start(&t).await;
    app.guest().read("/api/v1/nowhere").await.refused(404, "not_found");
    app.guest().post("/api/nowhere", json!({})).await.refused(404, "not_found");
    for nowhere in
        ["/nowhere", "/exams/nowhere", "/static/x/nowhere.css", "/exams/", "//", "/static/x/../../Cargo.toml"]
    {
        let response = app.guest().get(nowhere).await;
        assert_eq!(response.status(), 404, "{nowhere}");
        assert_eq!(response.headers()[CONTENT_TYPE], "text/html; charset=utf-8", "{nowhere}");
    }
});

both_engines!(a_wrong_method_is_told_the_right_ones, async |t| {
    let app = TestApp::start(&t).await;
    let (ada, names) = candidate_in_an_exam(&t, &app).await;
    let mut methods: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for route in app.routes() {
        let of_path = methods.entry(route.path).or_default();
        of_path.insert(route.method.to_string());
        if route.method == Method::GET {
            of_path.insert("HEAD".to_owned());
        }
    }
    for (template, right) in methods {
        let path = names.fill(template);
        for wrong in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            if right.contains(wrong.as_str()) {
                continue;
            }
            let request = ada.request(wrong.clone(), &path);
            let headers = if path.starts_with("/api/") {
                let answer = contract::answer(request).await;
                let headers = answer.headers.clone();
                answer.refused(405, "method_not_allowed");
                headers
            } else {
                let response = sent(request).await;
                assert_eq!(response.status(), 405, "{wrong} {path}");
                response.headers().clone()
            };
            let allow = headers.get("allow").unwrap_or_else(|| panic!("{wrong} {path} does not say what is allowed"));
            let told: BTreeSet<_> =
                allow.to_str().expect("ASCII").split(',').map(|one| one.trim().to_owned()).collect();
            assert_eq!(told, right, "{wrong} {path}");
        }
    }
});

both_engines!(head_is_get_without_the_body, async |t| {
    let app = TestApp::start(&t).await;
    let (ada, names) = candidate_in_an_exam(&t, &app).await;
    for route in app.routes().into_iter().filter(|route| route.method == Method::GET) {
        let path = names.fill(route.path);
        let get = ada.get(&path).await;
        let head = sent(ada.request(Method::HEAD, &path)).await;
        assert_eq!(head.status(), get.status(), "{path}");
        assert_eq!(head.headers().get(CONTENT_TYPE), get.headers().get(CONTENT_TYPE), "{path}");
        assert_eq!(head.headers().get("location"), get.headers().get("location"), "{path}");
        assert_eq!(head.text().await.expect("no body"), "", "{path}");
    }
});

both_engines!(other_sites_cannot_send_anything_in_ones_name, async |t| {
    let app = TestApp::start(&t).await;
    let (ada, names) = candidate_in_an_exam(&t, &app).await;
    let account = ada.account.clone().expect("an account");
    let forged: [&[(&str, &str)]; 5] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
    ];
    let own_origin: &[(&str, &str)] = &[("origin", &app.base)];
    let honest = [&[][..], &[("sec-fetch-site", "same-origin")], &[("sec-fetch-site", "none")], own_origin];
    let with = |request: RequestBuilder, headers: &[(&str, &str)]| {
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    };
    for route in app.routes().into_iter().filter(|route| route.method != Method::GET) {
        let path = names.fill(route.path);
        for headers in forged {
            let what = format!("{} {path} with {headers:?}", route.method);
            let request = with(form(&ada, route.method.clone(), &path, ""), headers);
            if path.starts_with("/api/") {
                contract::answer(request).await.refused(403, "cross_site");
            } else {
                assert_eq!(sent(request).await.status(), 403, "{what}");
            }
        }
        for headers in honest {
            let visitor = app.sign_in(&account).await;
            let response = sent(with(form(&visitor, route.method.clone(), &path, ""), headers)).await;
            let text = format!("{} {path} with {headers:?}: {response:?}", route.method);
            let body = response.text().await.expect("a body");
            assert!(!body.contains("cross_site") && !body.contains("another site"), "{text}");
        }
    }
    // The honest ones came with sessions of their own.
    ada.read(&format!("/api/v1/attempts/{}", names.attempt)).await.ok(200);
});

both_engines!(a_forged_request_changes_nothing, async |t| {
    let app = TestApp::start(&t).await;
    let (ada, names) = candidate_in_an_exam(&t, &app).await;
    let forge = |path: &str| form(&ada, Method::POST, path, "").header("sec-fetch-site", "cross-site");
    sent(forge("/sign-out")).await;
    sent(forge(&format!("/attempts/{}/submit", names.attempt))).await;
    let attempt = ada.read(&format!("/api/v1/attempts/{}", names.attempt)).await.ok(200);
    assert_eq!(attempt["state"], "open");
});

both_engines!(a_nul_is_refused_and_never_a_fault_of_the_server, async |t| {
    let app = TestApp::start(&t).await;
    let (ada, names) = candidate_in_an_exam(&t, &app).await;
    let account = ada.account.clone().expect("an account");
    let bodies = [
        "email=%00&name=%00&password=%00&token=%00&current_password=%00&new_password=%00&choice=%00&idempotency_key=%00",
        "%00=%00",
        "a\0b=c",
    ];
    for route in app.routes() {
        let visitor = app.sign_in(&account).await;
        let poisoned = Names {
            attempt: "%00".to_owned(),
            exam: "a%00b".to_owned(),
            bank: "%00".to_owned(),
            account: "%00".to_owned(),
        };
        let plain = names.fill(route.path);
        let with_nul = poisoned.fill(route.path);
        if route.policy.admits(Some(account.role)) && with_nul != plain {
            let response = sent(form(&visitor, route.method.clone(), &with_nul, "{}")).await;
            assert!(matches!(response.status().as_u16(), 400 | 404 | 422), "{with_nul}: {response:?}");
        }
        let response =
            sent(form(&visitor, route.method.clone(), &format!("{plain}?token=%00&next=%00&question=%00"), "")).await;
        assert!(!response.status().is_server_error(), "{plain}: {response:?}");
        for body in bodies {
            if route.method != Method::GET {
                let visitor = app.sign_in(&account).await;
                let response = sent(form(&visitor, route.method.clone(), &plain, body)).await;
                assert!(!response.status().is_server_error(), "{} {plain} {body:?}: {response:?}", route.method);
            }
        }
        if plain.starts_with("/api/") && route.method != Method::GET {
            let nul = "a\u{0}b";
            let body = json!({"email": nul, "name": nul, "password": nul, "idempotency_key": nul, "operations": [
                {"seq": 1, "question": 1, "response": {"text": nul}}]});
            let visitor = app.sign_in(&account).await;
            let response = visitor.call(route.method.clone(), &plain, &body).await;
            assert!(!response.status().is_server_error(), "{} {plain}: {response:?}", route.method);
        }
    }
});

both_engines!(a_nul_in_a_form_is_a_wrong_value_on_both_engines, async |t| {
    let app = TestApp::start(&t).await;
    let author = app.person(Role::Author).await;
    let nul = "week%001";
    for (path, body) in [
        ("/admin/banks", format!("slug=week-1&title={nul}")),
        ("/admin/exams", format!("slug=week-1&title={nul}&bank={nul}")),
        ("/sign-up", format!("name={nul}&email=ana@example.org&password=seven+red+umbrellas")),
    ] {
        let response = sent(form(&author, Method::POST, path, &body)).await;
        assert_eq!(response.status(), 422, "{path}");
    }
    assert_eq!(t.list_banks().await.expect("the database answers").len(), 0);
    let list = author.read("/api/v1/attempts?state=%00").await;
    assert_eq!(list.wrong_values(), ["/state"]);
});

both_engines!(an_address_that_is_not_utf_8_names_nothing, async |t| {
    let app = TestApp::start(&t).await;
    let (ada, _) = candidate_in_an_exam(&t, &app).await;
    let bytes = |bytes: &str| Names {
        attempt: bytes.to_owned(),
        exam: bytes.to_owned(),
        bank: bytes.to_owned(),
        account: bytes.to_owned(),
    };
    let account = ada.account.clone().expect("an account");
    for route in app.routes() {
        for broken in ["%ff", "%c3%28", "%ed%a0%80"] {
            let path = bytes(broken).fill(route.path);
            if !path.contains(broken) || !route.policy.admits(Some(account.role)) {
                continue;
            }
            let visitor = app.sign_in(&account).await;
            let response = sent(form(&visitor, route.method.clone(), &path, "")).await;
            assert_eq!(response.status(), 404, "{} {path}", route.method);
        }
    }
    assert_eq!(ada.get("/static/x/%ff.css").await.status(), 404);
    assert_eq!(ada.get("/%ff").await.status(), 404);
    assert_eq!(ada.get("/demo/%ff").await.status(), 404);
});

both_engines!(a_body_may_have_four_mebibytes_and_not_a_byte_more, async |t| {
    let app = TestApp::start(&t).await;
    let (ada, names) = candidate_in_an_exam(&t, &app).await;
    let answers = format!("/api/v1/attempts/{}/answers", names.attempt);
    let padded = |length: usize| {
        let bare = r#"{"operations": [], "padding": ""}"#;
        format!(r#"{{"operations": [], "padding": "{}"}}"#, "x".repeat(length - bare.len()))
    };
    assert_eq!(padded(BODY_MAX).len(), BODY_MAX);

    ada.send_text(Method::PUT, &answers, padded(BODY_MAX)).await.ok(200);
    ada.send_text(Method::PUT, &answers, padded(BODY_MAX + 1)).await.refused(413, "too_large");
    // What guests send is shorter.
    let form = form(&ada, Method::POST, "/sign-in", &format!("email={}", "x".repeat(SMALL_BODY)));
    let response = sent(form).await;
    assert_eq!(response.status(), 413);
    assert!(response.text().await.expect("a page").contains("<h1"));
});

both_engines!(a_body_that_is_no_form_is_answered_with_a_page, async |t| {
    let app = TestApp::start(&t).await;
    let (ada, names) = candidate_in_an_exam(&t, &app).await;
    let question = format!("/attempts/{}/questions/1", names.attempt);
    for strange in ["{}", "%", "%zz=%", "&&&===", "choice", "choice=a&choice=b&choice=c", &"a=&".repeat(10_000)] {
        let others = [
            "/sign-in",
            "/sign-up",
            "/exams/cloud/attempts",
            "/account/password",
            "/new-password",
            "/new-password?token=x",
        ];
        for path in others.into_iter().chain([question.as_str()]) {
            let response = sent(form(&ada, Method::POST, path, strange)).await;
            assert!(!response.status().is_server_error(), "{path} {strange:.20}: {response:?}");
        }
    }
    let attempt = ada.read(&format!("/api/v1/attempts/{}", names.attempt)).await;
    assert_eq!(attempt.ok(200)["answers"], json!({}), "nothing of it is an answer");
});

both_engines!(static_files_are_kept_for_ever_under_their_version_only, async |t| {
    let app = TestApp::start(&t).await;
    let home = app.guest().get("/").await.text().await.expect("a page");
    let start = home.find("/static/").expect("pages have style sheets");
    let path = &home[start..start + home[start..].find('"').expect("an attribute")];
    let response = app.guest().get(path).await;
    assert_eq!(response.status(), 200, "{path}");
    assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable");
    let old = app.guest().get("/static/000000000000/css/examhall.css").await;
    assert_eq!((old.status().as_u16(), &old.headers()["cache-control"]), (200, &"no-cache".parse().expect("ASCII")));
    assert_eq!(app.guest().get("/favicon.ico").await.headers()[CONTENT_TYPE], "image/svg+xml");
    assert_ne!(response.headers().get(CONTENT_LENGTH), None);
    assert_eq!(response.headers().get(ACCESS_CONTROL_ALLOW_ORIGIN), None);
    let elsewhere = TestApp::start_with(&t, |site| site.asset_url = Some("https://cdn.example.org".to_owned())).await;
    let response = elsewhere.guest().get(path).await;
    assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "*", "modules are asked for across origins");
});
