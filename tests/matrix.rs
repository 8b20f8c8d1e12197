//! Who may do what: every role at every route of the table, and every route's policy written down a second time.

use crate::paths::Names;
use reqwest::{Method, Response, StatusCode};
use serde_json::json;
use server::routes::{self, Route};
use store::Role;
use testkit::{NOON, TestApp, TestStore, Visitor, arrange, both_engines};

/// The policy of every route, so that changing one by mistake fails here. Add new routes with the policy they are meant to
/// have.
#[rustfmt::skip]
const POLICIES: &[(&str, &str, &str)] = &[
    ("GET",    "/healthz",                          "Public"),
    ("GET",    "/readyz",                           "Public"),
    ("GET",    "/metrics",                          "Machine"),
    ("GET",    "/static/{version}/{*path}",         "Public"),
    ("GET",    "/favicon.ico",                      "Public"),

    ("GET",    "/api/v1/openapi.json",              "Public"),
    ("POST",   "/api/v1/accounts",                  "Public"),
    ("POST",   "/api/v1/session",                   "Public"),
    ("GET",    "/api/v1/session",                   "SignedIn"),
    ("DELETE", "/api/v1/session",                   "Public"),
    ("GET",    "/api/v1/exams",                     "Public"),
    ("POST",   "/api/v1/exams/{slug}/attempts",     "SignedIn"),
    ("GET",    "/api/v1/attempts",                  "SignedIn"),
    ("GET",    "/api/v1/attempts/{id}",             "SignedIn"),
    ("POST",   "/api/v1/attempts/{id}/writers",     "SignedIn"),
    ("PUT",    "/api/v1/attempts/{id}/answers",     "SignedIn"),
    ("POST",   "/api/v1/attempts/{id}/submit",      "SignedIn"),
    ("POST",   "/api/v1/attempts/{id}/questions/{number}/check", "SignedIn"),
    ("PUT",    "/api/v1/attempts/{id}/questions/{number}/bookmark", "SignedIn"),
    ("DELETE", "/api/v1/attempts/{id}/questions/{number}/bookmark", "SignedIn"),
    ("GET",    "/api/v1/attempts/{id}/result",      "SignedIn"),

    ("GET",    "/",                                 "Anyone"),
    ("GET",    "/sign-up",                          "Anyone"),
    ("POST",   "/sign-up",                          "Anyone"),
    ("GET",    "/sign-in",                          "Anyone"),
    ("POST",   "/sign-in",                          "Anyone"),
    ("POST",   "/sign-out",                         "Anyone"),
    ("GET",    "/setup",                            "Anyone"),
    ("POST",   "/setup",                            "Anyone"),
    ("GET",    "/new-password",                     "Anyone"),
    ("POST",   "/new-password",                     "Anyone"),
    ("GET",    "/demo/{key}",                       "Anyone"),
    ("POST",   "/demo/{key}",                       "Anyone"),
    ("POST",   "/language",                         "Public"),
    ("GET",    "/exams",                            "Anyone"),
    ("GET",    "/exams/{slug}",                     "Anyone"),
    ("GET",    "/exams/{slug}/trial",               "Anyone"),

    ("GET",    "/account/password",                 "SignedIn"),
    ("POST",   "/account/password",                 "SignedIn"),

    ("POST",   "/exams/{slug}/attempts",            "SignedIn"),
    ("GET",    "/attempts/{id}",                    "SignedIn"),
    ("GET",    "/attempts/worker.js",               "Public"),
    ("GET",    "/attempts/{id}/questions",          "SignedIn"),
    ("POST",   "/attempts/{id}/questions/{number}", "SignedIn"),
    ("POST",   "/attempts/{id}/questions/{number}/bookmark", "SignedIn"),
    ("GET",    "/attempts/{id}/review",             "SignedIn"),
    ("POST",   "/attempts/{id}/submit",             "SignedIn"),
    ("GET",    "/attempts/{id}/result",             "SignedIn"),
    ("GET",    "/results",                          "SignedIn"),
    ("GET",    "/dashboard",                        "SignedIn"),

    ("GET",    "/admin",                            "Staff"),
    ("GET",    "/admin/operations",                 "Staff"),
    ("GET",    "/admin/operations/figures",         "Staff"),
    ("GET",    "/admin/attempts",                   "Staff"),
    ("GET",    "/admin/attempts/{id}",              "Staff"),
    ("GET",    "/admin/exams",                      "Author"),
    ("POST",   "/admin/exams",                      "Author"),
    ("GET",    "/admin/exams/new",                  "Author"),
    ("GET",    "/admin/exams/{slug}",               "Author"),
    ("POST",   "/admin/exams/{slug}",               "Author"),
    ("GET",    "/admin/exams/{slug}/edit",          "Author"),
    ("POST",   "/admin/exams/{slug}/publish",       "Author"),
    ("GET",    "/admin/banks",                      "Author"),
    ("POST",   "/admin/banks",                      "Author"),
    ("GET",    "/admin/banks/{slug}",               "Author"),
    ("POST",   "/admin/banks/{slug}/import",        "Author"),
    ("GET",    "/admin/banks/{slug}/export",        "Author"),
    ("GET",    "/admin/banks/{slug}/questions/{id}","Author"),
    ("GET",    "/admin/accounts",                   "Admin"),
    ("POST",   "/admin/accounts",                   "Admin"),
    ("GET",    "/admin/accounts/{id}",              "Admin"),
    ("POST",   "/admin/accounts/{id}/role",         "Admin"),
    ("POST",   "/admin/accounts/{id}/disable",      "Admin"),
    ("POST",   "/admin/accounts/{id}/enable",       "Admin"),
    ("POST",   "/admin/accounts/{id}/password-link","Admin"),
];

#[test]
fn every_route_has_the_policy_that_is_written_down_here() {
    let mut written: Vec<(String, String, String)> =
        POLICIES.iter().map(|(m, p, w)| ((*m).to_owned(), (*p).to_owned(), (*w).to_owned())).collect();
    let mut declared: Vec<(String, String, String)> = routes::table()
        .iter()
        .map(|route| (route.method.to_string(), route.path.to_owned(), format!("{:?}", route.policy)))
        .collect();
    written.sort();
    declared.sort();
    let only_in = |these: &[(String, String, String)], those: &[(String, String, String)]| {
        these.iter().filter(|line| !those.contains(line)).cloned().collect::<Vec<_>>()
    };
    let (missing, stale) = (only_in(&declared, &written), only_in(&written, &declared));
    assert!(missing.is_empty() && stale.is_empty(), "not written down: {missing:#?}\nnot in the table: {stale:#?}");
    assert_eq!(written.len(), declared.len(), "a line stands twice");
}

/// Things of other people, for routes that name some.
async fn names(t: &TestStore, app: &TestApp) -> Names {
    let exam = arrange::exam("cloud").publish(t).await;
    let owner = arrange::account(app.store(), "Olga", Role::Candidate).await;
    let bystander = arrange::account(app.store(), "Bea", Role::Candidate).await;
    let attempt = arrange::start(t, &exam, &owner, NOON).await;
    Names {
        attempt: attempt.public_id,
        exam: "cloud".to_owned(),
        bank: "cloud".to_owned(),
        account: bystander.id.to_string(),
    }
}

/// Calls a route with an empty body of its kind.
async fn call(visitor: &Visitor, route: &Route, path: &str) -> Response {
    if route.method == Method::GET {
        visitor.get(path).await
    } else if path.starts_with("/api/") {
        visitor.call(route.method.clone(), path, &json!({})).await
    } else {
        visitor.post_form(path, &[]).await
    }
}

fn leads_to_sign_in(response: &Response) -> bool {
    let location = response.headers().get("location").map(|location| location.to_str().expect("ASCII"));
    response.status() == StatusCode::SEE_OTHER
        && location.is_some_and(|to| to.starts_with("/sign-in?required&next=%2F"))
}

both_engines!(every_role_meets_every_route_as_its_policy_says, async |t| {
    let app = TestApp::start(&t).await;
    let names = names(&t, &app).await;
    let mut people = vec![(None, None)];
    for role in Role::ALL {
        people.push((Some(role), app.person(role).await.account));
    }
    for route in app.routes() {
        let path = names.fill(route.path);
        for (role, account) in &people {
            // A new session each time: some routes end it.
            let visitor = match account {
                Some(account) => app.sign_in(account).await,
                None => app.guest(),
            };
            let response = call(&visitor, &route, &path).await;
            let status = response.status();
            let who = role.map_or("a guest", Role::name);
            let what = format!("{who} at {} {path} ({:?}) got {status}", route.method, route.policy);
            let is_page = !path.starts_with("/api/");
            match (route.policy.admits(*role), role) {
                (true, _) => {
                    let refused = matches!(status.as_u16(), 401 | 403) || leads_to_sign_in(&response);
                    assert!(!refused && !status.is_server_error(), "{what}");
                }
                (false, None) if is_page => assert!(leads_to_sign_in(&response), "{what}"),
                (false, None) => {
                    assert_eq!(status, 401, "{what}");
                    assert!(response.text().await.expect("a body").contains(r#""code":"signed_out""#), "{what}");
                }
                (false, Some(_)) => assert_eq!(status, 403, "{what}"),
            }
        }
    }
});

both_engines!(somebody_elses_attempt_is_nowhere_for_any_role, async |t| {
    let app = TestApp::start(&t).await;
    let names = names(&t, &app).await;
    let nowhere = Names { attempt: "0".repeat(32), ..names.clone() };
    let operation = json!({"seq": 1, "question": 1, "response": {"choice": ["a"]}});
    let body = json!({"operations": [operation]});
    let own = |path: &str| path.starts_with("/attempts/{id}") || path.starts_with("/api/v1/attempts/{id}");
    let mut routes = app.routes();
    routes.retain(|route| own(route.path));
    assert!(routes.len() >= 10, "the routes of attempts are looked at");

    for role in Role::ALL {
        let eve = app.person(role).await;
        for route in &routes {
            let mut answers = Vec::new();
            for names in [&names, &nowhere] {
                let path = names.fill(route.path);
                let response = match route.method.as_str() {
                    "PUT" => eve.call(Method::PUT, &path, &body).await,
                    "DELETE" => eve.call(Method::DELETE, &path, &json!({})).await,
                    "POST" if path.starts_with("/api/") => eve.call(Method::POST, &path, &json!({})).await,
                    "POST" => eve.post_form(&path, &[("choice", "a"), ("go", "next")]).await,
                    _ => eve.get(&path).await,
                };
                assert_eq!(response.status(), 404, "{} at {} {path}", role.name(), route.method);
                let code = response.headers()["x-request-id"].to_str().expect("ASCII").to_owned();
                answers.push(response.text().await.expect("a body").replace(&code, "").replace(&names.attempt, ""));
            }
            assert_eq!(answers[0], answers[1], "{}: whether it exists must not be told", route.path);
        }
    }
    let attempt = t.find_attempt_for_staff(&names.attempt).await.expect("it can be read").expect("it is there");
    assert_eq!((attempt.state.name(), attempt.pen_holder), ("open", 0), "nothing of it was changed");
    assert!(t.operation_log(attempt.id).await.expect("it can be read").is_empty());
});
