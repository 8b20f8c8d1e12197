//! The OpenAPI document: it is what is served, it names exactly the routes there are, and its examples obey it. That the
//! server's answers obey it too is seen to by every call of the API in this suite, see [`crate::contract`].

use crate::contract::{self, DOCUMENT};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;
use server::http::policy::Policy;
use server::routes;
use std::collections::BTreeSet;
use testkit::{TestApp, both_engines};

/// All operations of the document as ("GET", "/path").
fn operations() -> BTreeSet<(String, String)> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &'static Value)| {
        let methods = item.as_object().expect("an object").keys().filter(|key| *key != "parameters");
        methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

#[test]
fn the_document_names_exactly_the_routes_of_the_api() {
    let is_public_contract = |path: &str| path.starts_with("/api/") || matches!(path, "/healthz" | "/readyz");
    let routes = routes::table().into_iter().filter(|route| is_public_contract(route.path));
    let routes: BTreeSet<_> = routes.map(|route| (route.method.to_string(), route.path.to_owned())).collect();
    assert_eq!(operations(), routes);
}

#[test]
fn the_document_asks_for_a_session_where_the_route_does() {
    for route in routes::table() {
        let Some((_, operation)) = contract::operation(&route.method, route.path) else { continue };
        let what = format!("{} {}", route.method, route.path);
        // An empty requirement among them makes all of them optional.
        let security = operation.get("security").unwrap_or(&DOCUMENT["security"]).as_array().expect("a list");
        let wants_a_session = !security.is_empty() && security.iter().all(|one| one != &serde_json::json!({}));
        assert_eq!(wants_a_session, !matches!(route.policy, Policy::Public | Policy::Anyone), "{what}");
        assert_eq!(
            operation["responses"]["401"]["$ref"] == "#/components/responses/SignedOut",
            wants_a_session,
            "{what}"
        );
    }
}

#[test]
fn every_reference_of_the_document_leads_somewhere_and_every_example_obeys_its_schema() {
    let mut examples = 0;
    walk(&DOCUMENT, &mut |value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            assert!(DOCUMENT.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
        let Some(schema) = value.get("schema") else { return };
        let several = value.get("examples").and_then(Value::as_object).into_iter().flat_map(|named| named.values());
        let several = several.map(|example| &contract::resolved(example)["value"]);
        for example in several.chain(value.get("example")) {
            examples += 1;
            contract::hold("an example", &schema.to_string(), schema, &example.to_string());
        }
    });
    assert!(examples > 30, "only {examples} examples were found");
}

fn walk(value: &'static Value, visit: &mut impl FnMut(&'static Value)) {
    visit(value);
    match value {
        Value::Object(fields) => fields.values().for_each(|value| walk(value, visit)),
        Value::Array(items) => items.iter().for_each(|value| walk(value, visit)),
        _ => {}
    }
}

both_engines!(the_document_is_served_as_it_is_in_the_repository, async |t| {
    let app = TestApp::start(&t).await;
    let response = app.guest().get("/api/v1/openapi.json").await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    assert_eq!(response.text().await.expect("a body"), contract::TEXT);
    for probe in ["/healthz", "/readyz"] {
        contract::answer(app.guest().request(Method::GET, probe)).await.ok(200);
    }
});

#[test]
fn an_answer_that_the_document_does_not_allow_is_noticed() {
    let schema = &DOCUMENT["components"]["schemas"]["Writer"];
    contract::hold("a writer", "a writer", schema, r#"{"writer": 1}"#);
    for wrong in [r#"{"writer": "1"}"#, r#"{"writer": 1, "key": "a"}"#, "{}"] {
        let held = std::panic::catch_unwind(|| contract::hold("a writer", "a writer", schema, wrong));
        assert!(held.is_err(), "{wrong} passed");
    }
}
