//! In which language somebody reads pages: the one they chose, else the one that their browser asks for.

use crate::app::{App, Site};
use crate::http::errors::{Error, Result};
use crate::http::extract::Form;
use crate::http::page::local_path;
use crate::http::session::{cookie, set_named_cookie};
use crate::messages::Language;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};

/// The name of the cookie that keeps a choice.
fn cookie_name(is_https: bool) -> &'static str {
    // As that of the session.
    if is_https { "__Host-examhall_language" } else { "examhall_language" }
}

/// For how long a choice is kept: as long as people may be away between two exams.
const KEPT_S: u64 = 400 * 24 * 3_600;

/// The language of the page at an address, for whoever sends these headers.
#[must_use]
pub fn of(site: &Site, path: &str, headers: &HeaderMap) -> Language {
    read(cookie_name(site.is_https()), path, headers)
}

fn read(cookie_name: &str, path: &str, headers: &HeaderMap) -> Language {
    if is_always_english(path) {
        return Language::English;
    }
    let chosen = cookie(headers, cookie_name).and_then(Language::from_tag);
    let accepted = || {
        let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
        Language::accepted(&lines.collect::<Vec<_>>().join(","))
    };
    chosen.or_else(accepted).unwrap_or_default()
}

/// Whether an address is of the API, or of the staff area, which has no other language: a page half in one and half in another is read
/// well by nobody, and least of all by a program that reads it out.
fn is_always_english(path: &str) -> bool {
    path.starts_with("/api/")
        || path.strip_prefix("/admin").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Says of a page in which language it is, and what that depended on. Pages are not kept by caches (`security`); one that keeps them
/// all the same must not show them to somebody who reads another language, or to another person.
pub(super) fn say(language: Language, headers: &mut HeaderMap) {
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page {
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
        headers.append(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    }
}

/// The header that keeps the choice of a form, if it makes one: the buttons of an open question are part of its form, so that
/// what was typed is saved with the choice.
pub fn chosen(app: &App, form: &Form) -> Option<HeaderValue> {
    // A tag of our own: whatever else was sent does not get into a header.
    let language = Language::from_tag(form.get("language"))?;
    Some(set_named_cookie(&app.site, cookie_name(app.site.is_https()), language.tag(), KEPT_S))
}

/// `POST /language` with `language` and `next`: keeps a choice, and goes back to the page on which it was made.
///
/// # Errors
/// When there is no such language.
pub async fn choose(State(app): State<App>, form: Form) -> Result<Response> {
    let kept =
        chosen(&app, &form).ok_or_else(|| Error::invalid("/language", "Choose one of the languages offered."))?;
    Ok(([(header::SET_COOKIE, kept)], Redirect::to(local_path(form.get("next")))).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, headers: &HeaderMap) -> Language {
        read(cookie_name(false), path, headers)
    }

    fn headers(accepted: &'static str, cookies: &'static str) -> HeaderMap {
        let pairs = [(header::ACCEPT_LANGUAGE, accepted), (header::COOKIE, cookies)];
        pairs.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_choice_counts_more_than_what_the_browser_asks_for() {
        assert_eq!(of("/exams", &HeaderMap::new()), Language::English);
        assert_eq!(of("/exams", &headers("de", "")), Language::German);
        assert_eq!(of("/exams", &headers("de", "a=b; examhall_language=ar")), Language::Arabic);
        assert_eq!(
            of("/exams", &headers("de", "examhall_language=xx")),
            Language::German,
            "a choice of an older version"
        );
    }

    #[test]
    fn over_https_no_other_host_plants_a_choice() {
        let planted = headers("de", "examhall_language=ar");
        assert_eq!(read(cookie_name(true), "/exams", &planted), Language::German);
        let own = headers("de", "__Host-examhall_language=ar");
        assert_eq!(read(cookie_name(true), "/exams", &own), Language::Arabic);
    }

    #[test]
    fn the_staff_area_and_the_api_are_in_english() {
        for path in ["/admin", "/admin/exams", "/api/v1/exams"] {
            assert_eq!(of(path, &headers("de", "examhall_language=ar")), Language::English);
        }
        assert_eq!(of("/administration", &headers("de", "")), Language::German);
    }

    #[test]
    fn a_page_says_what_its_language_depended_on() {
        let mut page = HeaderMap::new();
        page.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        say(Language::Arabic, &mut page);
        assert_eq!(
            (&page[header::CONTENT_LANGUAGE], &page[header::VARY]),
            (&"ar".parse().unwrap(), &"accept-language, cookie".parse().unwrap())
        );
        let mut other = HeaderMap::new();
        other.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        say(Language::Arabic, &mut other);
        assert!(!other.contains_key(header::CONTENT_LANGUAGE) && !other.contains_key(header::VARY));
    }
}
