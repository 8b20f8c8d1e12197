//! Static files: built into the binary, served under a prefix that changes with any of them, so that they may be kept for
//! ever and modules find each other by relative paths. Scripts and styles go out without their comments.

use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::http::extract::Path;
use crate::http::lean::{Language, lean};
use crate::http::packed::{Effort, Packed};
use crate::http::security::PartOfAPage;
use crate::token;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use rust_embed::Embed;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

#[derive(Embed)]
#[folder = "assets/"]
struct Files;

/// The first 12 hexadecimal digits of the SHA-256 over all names and contents, as they are sent.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let mut hasher = Sha256::new();
    for name in names {
        hasher.update(name.as_bytes());
        if let Some(sent) = plain(&name) {
            hasher.update(sent);
        }
    }
    token::hex(&hasher.finalize()[..6])
});

/// What the names of static files are appended to, with a slash at its end; below `asset_url`, where browsers get them from elsewhere.
#[must_use]
pub fn prefix(asset_url: Option<&str>) -> String {
    format!("{}/static/{}/", asset_url.unwrap_or_default(), *VERSION)
}

/// The scripts that one needs, itself first, as names below the prefix: all modules that it imports, and that those import. A page that tells
/// browsers has them fetch all at once; else they find out about each when they have read the one before.
#[must_use]
pub fn modules(entries: &[&str]) -> Vec<String> {
    let mut modules: Vec<String> = entries.iter().map(|&name| name.to_owned()).collect();
    let mut next = 0;
    while let Some(module) = modules.get(next) {
        let text = plain(module).unwrap_or_default();
        let found = String::from_utf8_lossy(&text);
        let found: Vec<String> = found.lines().filter_map(|line| imported(module, line)).collect();
        for name in found {
            if !modules.contains(&name) {
                modules.push(name);
            }
        }
        next += 1;
    }
    modules
}

/// The module that a line of one imports, if it does: statements end with it, as our formatter has them.
fn imported(by: &str, line: &str) -> Option<String> {
    let (statement, rest) = line.split_once("\"./").map_or_else(|| line.split_once("\"../"), Some)?;
    if !(statement.ends_with("from ") || statement == "import ") {
        return None;
    }
    let path = &line[statement.len() + 1..];
    let path = path.strip_suffix("\";").filter(|_| rest.ends_with(".js\";"))?;
    let mut folders: Vec<&str> = by.split('/').collect();
    folders.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(folders.pop()),
            name => folders.push(name),
        }
    }
    Some(folders.join("/"))
}

/// A file as it is sent, packed when it is first asked for.
struct Sent {
    packed: Packed,
    is_part_of_a_page: bool,
}

static SENT: LazyLock<BTreeMap<Cow<'static, str>, OnceLock<Sent>>> =
    LazyLock::new(|| Files::iter().map(|name| (name, OnceLock::new())).collect());

fn sent(path: &str) -> Option<&'static Sent> {
    let slot = SENT.get(path)?;
    if let Some(sent) = slot.get() {
        return Some(sent);
    }
    let file = Files::get(path)?;
    let kind = HeaderValue::from_str(file.metadata.mimetype());
    let kind = kind.unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
    let is_part_of_a_page = Language::of(file.metadata.mimetype()).is_some();
    let packed = Packed::new(kind, plain(path)?, Effort::Most);
    Some(slot.get_or_init(|| Sent { packed, is_part_of_a_page }))
}

/// What is sent of a file, before it is packed.
fn plain(path: &str) -> Option<Bytes> {
    let file = Files::get(path)?;
    let language = Language::of(file.metadata.mimetype());
    Some(match (language, file.data) {
        (Some(language), text) => Bytes::from(lean(&String::from_utf8_lossy(&text), language)),
        (None, Cow::Borrowed(bytes)) => Bytes::from_static(bytes),
        (None, Cow::Owned(bytes)) => Bytes::from(bytes),
    })
}

/// Packs every file, so that nobody has to wait for it. Takes a while.
pub fn pack_all() {
    for name in SENT.keys() {
        sent(name);
    }
}

/// `GET /static/{version}/{*path}`: a page of an earlier version may still ask for its files and gets the present ones,
/// which are then not to be kept.
pub async fn file(
    State(app): State<App>,
    Path((version, path)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    answer(&app, &version, &path, &headers).ok_or(Error::NotFound)
}

/// A file, asked for with these headers under this version; None when there is none of the name.
pub(super) fn answer(app: &App, version: &str, path: &str, headers: &HeaderMap) -> Option<Response> {
    let file = sent(path)?;
    let caching = if version == *VERSION { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut answer = file.packed.answer(headers, HeaderValue::from_static(caching));
    if file.is_part_of_a_page {
        answer.extensions_mut().insert(PartOfAPage);
    }
    // Modules are asked for across origins when browsers get them from elsewhere; everybody may have them.
    if app.site.asset_url.is_some() {
        answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    Some(answer)
}

/// `GET /favicon.ico`: browsers ask for it whatever the page says.
pub async fn favicon(headers: HeaderMap) -> Result<Response> {
    let file = sent("favicon.svg").ok_or(Error::NotFound)?;
    Ok(file.packed.answer(&headers, HeaderValue::from_static("public, max-age=86400")))
}

/// `GET /attempts/worker.js`: the script that keeps an open attempt at hand without a network. Its address says what it may see, which is
/// attempts and nothing else, and stays the same, so that browsers find a newer one.
pub async fn worker(headers: HeaderMap) -> Result<Response> {
    let file = sent("js/player/worker.js").ok_or(Error::NotFound)?;
    Ok(file.packed.answer(&headers, HeaderValue::from_static("no-cache")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> impl Iterator<Item = (String, Language, String)> {
        Files::iter().filter_map(|name| {
            let file = Files::get(&name).expect("it was listed");
            let language = Language::of(file.metadata.mimetype())?;
            Some((name.into_owned(), language, String::from_utf8(file.data.into_owned()).expect("text")))
        })
    }

    /// What `lean` relies on.
    #[test]
    fn no_text_within_a_script_or_a_style_runs_over_a_line() {
        let mut seen = 0;
        for (name, language, text) in texts() {
            for (at, line) in lean(&text, language).lines().enumerate() {
                for quote in ['`', '"'] {
                    let quotes = line.matches(quote).count() - line.matches(&format!("\\{quote}")).count();
                    assert!(quotes.is_multiple_of(2), "{name}:{}: {line}", at + 1);
                }
                seen += 1;
            }
        }
        assert!(seen > 1_000);
    }

    #[test]
    fn scripts_and_styles_are_sent_without_their_comments() {
        for (name, _, text) in texts().filter(|(_, _, text)| text.len() > 2_000) {
            let sent = plain(&name).unwrap();
            assert!(sent.len() < text.len() * 9 / 10, "{name}: {} of {}", sent.len(), text.len());
        }
    }

    #[test]
    fn the_modules_of_a_script_are_all_that_it_comes_to_import() {
        let modules = modules(&["js/take.js", "js/marks/marks.js"]);
        assert_eq!(&modules[..2], ["js/take.js", "js/marks/marks.js"]);
        for name in ["js/player/outbox.js", "js/player/device.js", "js/marks/device.js", "js/clock.js"] {
            assert_eq!(modules.iter().filter(|&module| module == name).count(), 1, "{name} of {modules:?}");
        }
        assert!(modules.iter().all(|name| Files::get(name).is_some()), "{modules:?}");
        assert!(!modules.contains(&"js/operations.js".to_owned()));
    }

    #[test]
    fn an_import_is_found_where_it_is_from() {
        assert_eq!(imported("js/take.js", "import { a } from \"./player/b.js\";").as_deref(), Some("js/player/b.js"));
        assert_eq!(imported("js/player/b.js", "} from \"../c.js\";").as_deref(), Some("js/c.js"));
        assert_eq!(imported("js/a.js", "import \"./b.js\";").as_deref(), Some("js/b.js"));
        for line in ["fetch(\"./b.js\");", "const from = \"./b.js\";", "import { a } from \"elsewhere\";"] {
            assert_eq!(imported("js/a.js", line), None, "{line}");
        }
    }
}
