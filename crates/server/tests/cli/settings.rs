//! `config explain`.

use crate::program::Hall;

#[test]
fn every_setting_is_told_with_where_it_comes_from_and_no_secret() {
    let hall = Hall::new()
        .with("GUNICORN_KEEPALIVE", "2")
        .with("KEEPALIVE", "")
        .with("DB_POOL_MAX", "4")
        .with("METRICS_TOKEN", "0123456789abcdef")
        .with("DATABASE_URL", "postgres://ana:s3cret@127.0.0.1:1/exams");
    hall.file("examhall.toml", "port = 7001\nsign_up = \"invite\"\nkeepalive = 20\n");
    let out = hall.run("config explain --host 0.0.0.0").expect(0).out;
    for told in [
        "HOST = 0.0.0.0\n    from: --host (flag)\n",
        "PORT = 7001\n    from: port in examhall.toml\n",
        "SIGN_UP = invite\n    from: sign_up in examhall.toml\n",
        "KEEPALIVE = 2\n    from: GUNICORN_KEEPALIVE (environment)\n    does not count: keepalive in examhall.toml\n",
        "DB_POOL_MIN = 4\n    from: default\n    Lowered with DB_POOL_MAX.\n",
        "DATABASE_URL = postgres://127.0.0.1:1/exams\n    from: DATABASE_URL (environment)\n",
        "METRICS_TOKEN = set, not shown\n    from: METRICS_TOKEN (environment)\n",
        "PUBLIC_URL = (unset)\n    from: default\n    Links begin with http://localhost:7001.\n",
    ] {
        assert!(out.contains(told), "{told}\nis not in\n{out}");
    }
    assert!(!out.contains("s3cret") && !out.contains("0123456789abcdef"), "{out}");
    assert_eq!(hall.names(), ["examhall.toml"], "nothing was made");
}

#[test]
fn an_explanation_is_there_for_programs_too() {
    let hall = Hall::new().with("GUNICORN_WORKERS", "5");
    let out = hall.run("config explain --json").expect(0).out;
    let page: serde_json::Value = serde_json::from_str(&out).expect("it is JSON");
    let settings = page["settings"].as_array().expect("a list");
    let of = |name: &str| settings.iter().find(|setting| setting["name"] == name).expect("it is told");
    assert_eq!(of("WORKERS")["value"], "5");
    assert_eq!(of("WORKERS")["from"], serde_json::json!({"kind": "variable", "name": "GUNICORN_WORKERS"}));
    assert_eq!(of("WORKERS")["aliases"], serde_json::json!(["GUNICORN_WORKERS"]));
    assert_eq!(of("PASSWORD_THREADS")["value"], serde_json::Value::Null);
    assert_eq!(of("PASSWORD_THREADS")["comes_to"], "2: half of the workers, one at least.");
    assert_eq!(of("PORT")["from"]["kind"], "default");
}

#[test]
fn wrong_settings_are_told_instead_of_explained() {
    let hall = Hall::new().with("PORT", "http").with("WORKERS", "0");
    let ended = hall.run("config explain").expect(64);
    assert!(ended.err.contains("PORT (environment)") && ended.err.contains("WORKERS (environment)"), "{}", ended.err);
    assert_eq!(ended.out, "");
}
