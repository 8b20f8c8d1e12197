//! What Prometheus reads, and who may.

use reqwest::Method;
use server::config::MetricsToken;
use server::metrics;
use testkit::{TestApp, TestStore, Visitor, both_engines};

const TOKEN: &str = "0123456789abcdef0123";

async fn scrape(visitor: &Visitor, headers: &[(&str, &str)]) -> reqwest::Response {
    let request = visitor.request(Method::GET, "/metrics");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.expect("an answer")
}

/// The value of a sample.
fn sample(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in\n{text}")).parse().expect("a number")
}

both_engines!(every_metric_is_told_with_its_kind_and_its_help, async |t: TestStore| {
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    for _ in 0..3 {
        assert_eq!(ada.get("/results").await.status(), 200);
    }
    assert_eq!(ada.get("/nowhere").await.status(), 404);
    let response = scrape(&app.guest(), &[]).await;
    assert!(response.headers()["content-type"].to_str().expect("letters").starts_with("application/openmetrics-text"));
    let text = response.text().await.expect("text");
    let on_sqlite = app.store().engine() == "sqlite";
    for metric in metrics::ALL {
        let is_there = text.contains(&format!("# HELP {} {}\n", metric.name, metric.help));
        let other = if on_sqlite { "(PostgreSQL)" } else { "(SQLite)" };
        assert_eq!(is_there, !metric.help.ends_with(other), "{} in\n{text}", metric.name);
    }
    assert!(text.ends_with("# EOF\n"));
    assert!(sample(&text, r#"examhall_http_requests_total{class="browse",status="2xx"}"#) >= 3.0);
    assert!(sample(&text, r#"examhall_http_requests_total{class="browse",status="4xx"}"#) >= 1.0);
    let all = r#"examhall_http_request_duration_seconds_bucket{le="+Inf",class="browse"}"#;
    assert!(sample(&text, all) >= 4.0);
    assert!(sample(&text, "examhall_people_inside") >= 1.0);
    assert!(sample(&text, r#"examhall_http_connections{state="open"}"#) >= 1.0);
    assert!(sample(&text, "process_resident_memory_bytes") > 1e6);
    let idle = sample(&text, r#"examhall_db_pool_connections{state="idle"}"#);
    assert!(idle + sample(&text, r#"examhall_db_pool_connections{state="in_use"}"#) >= 1.0);
    if on_sqlite {
        assert!(sample(&text, "examhall_disk_free_bytes") > 0.0);
    } else {
        assert!(sample(&text, r#"examhall_db_backends{state="active"}"#) >= 1.0);
    }
    assert!(!text.contains(&ada.account.expect("it has one").email), "nothing of anybody");
});

both_engines!(metrics_are_for_this_machine_and_for_those_with_the_token, async |t: TestStore| {
    let token = MetricsToken::parse(TOKEN).expect("it is long enough");
    let app = TestApp::start_with(&t, |site| site.metrics_token = Some(token)).await;
    let guest = app.guest();
    assert_eq!(scrape(&guest, &[]).await.status(), 200, "from this machine");
    for header in ["x-forwarded-for", "forwarded", "x-real-ip", "via"] {
        assert_eq!(scrape(&guest, &[(header, "198.51.100.7")]).await.status(), 403, "through a proxy: {header}");
    }
    let shown = format!("Bearer {TOKEN}");
    let forwarded = ("x-forwarded-for", "198.51.100.7");
    assert_eq!(scrape(&guest, &[forwarded, ("authorization", &shown)]).await.status(), 200);
    for wrong in ["Bearer 0123456789abcdef0124", "Bearer ", "Basic 0123456789abcdef0123"] {
        assert_eq!(scrape(&guest, &[forwarded, ("authorization", wrong)]).await.status(), 403, "{wrong}");
    }
});
