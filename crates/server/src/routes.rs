//! Every URL in one table, each with its policy (who may call it) and class (how it is treated under load). A route cannot
//! be added without both; the role x route matrix of the tests is made from this table.

use crate::app::App;
use crate::http::at_hand::Front;
use crate::http::errors::Error;
use crate::http::gate::gate;
use crate::http::policy::{self, Class, Classes, Policy};
use crate::http::{assets, health, language};
use crate::{account, admin, api_document, exams, operations, results, take};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, MethodRouter, on};
use std::collections::BTreeMap;
use std::sync::Arc;
use tower::ServiceBuilder;
use tower_http::csrf::{ConfigError, CsrfLayer};

/// The largest body of a request, in bytes, where its route says nothing else: 500 operations of long answers.
pub const BODY_MAX: usize = 4 * 1024 * 1024;

/// A line of the table.
pub struct Route {
    /// GET also answers HEAD.
    pub method: Method,
    /// Its path, with parameters in braces.
    pub path: &'static str,
    /// Who may call it.
    pub policy: Policy,
    /// How it is treated under load.
    pub class: Class,
    handler: MethodRouter<App>,
}

/// A line of the table. Without a policy it does not compile:
///
/// ```
/// use axum::http::Method;
/// use server::http::policy::{Class, Policy};
/// use server::routes::route;
///
/// let line = route(Method::GET, "/", Policy::Public, Class::Browse, async || "home");
/// ```
///
/// ```compile_fail,E0061
/// use axum::http::Method;
/// use server::http::policy::{Class, Policy};
/// use server::routes::route;
///
/// let line = route(Method::GET, "/", Class::Browse, async || "home"); // an argument of type `Policy` is missing
/// ```
pub fn route<H, T>(method: Method, path: &'static str, policy: Policy, class: Class, handler: H) -> Route
where
    H: Handler<T, App>,
    T: 'static,
{
    // All methods of the table are ordinary ones.
    let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
    Route { method, path, policy, class, handler: on(filter, handler) }
}

/// The table.
#[must_use]
#[rustfmt::skip]
pub fn table() -> Vec<Route> {
    use Class::{Browse, Probe, Report, Save, SignIn, Sitting, Start};
    use Policy::{Admin, Anyone, Author, Machine, Public, SignedIn, Staff};
    let (get, post, put, delete) = (|| Method::GET, || Method::POST, || Method::PUT, || Method::DELETE);
    vec![
        // Probes and static files
        route(get(),    "/healthz",                               Public,   Probe,   health::healthz),
        route(get(),    "/readyz",                                Public,   Probe,   health::readyz),
        route(get(),    "/metrics",                               Machine,  Probe,   operations::scrape),
        route(get(),    "/static/{version}/{*path}",              Public,   Sitting, assets::file),
        route(get(),    "/favicon.ico",                           Public,   Sitting, assets::favicon),

        // The API: a contract, see docs/api.md
        route(get(),    "/api/v1/openapi.json",                   Public,   Browse,  api_document::openapi),
        route(post(),   "/api/v1/accounts",                       Public,   SignIn,  account::api::create),
        route(post(),   "/api/v1/session",                        Public,   SignIn,  account::api::sign_in),
        route(get(),    "/api/v1/session",                        SignedIn, Sitting, account::api::signed_in),
        route(delete(), "/api/v1/session",                        Public,   SignIn,  account::api::sign_out),
        route(get(),    "/api/v1/exams",                          Public,   Browse,  exams::api::list),
        route(post(),   "/api/v1/exams/{slug}/attempts",          SignedIn, Start,   take::api::start),
        route(get(),    "/api/v1/attempts",                       SignedIn, Browse,  results::api::list),
        route(get(),    "/api/v1/attempts/{id}",                  SignedIn, Sitting, take::api::get),
        route(post(),   "/api/v1/attempts/{id}/writers",          SignedIn, Sitting, take::api::take_pen),
        route(put(),    "/api/v1/attempts/{id}/answers",          SignedIn, Save,    take::api::save),
        route(post(),   "/api/v1/attempts/{id}/submit",           SignedIn, Save,    take::api::submit),
        route(post(),   "/api/v1/attempts/{id}/questions/{number}/check", SignedIn, Sitting, take::practice::api::check_question),
        route(put(),    "/api/v1/attempts/{id}/questions/{number}/bookmark", SignedIn, Browse, take::practice::api::add_bookmark),
        route(delete(), "/api/v1/attempts/{id}/questions/{number}/bookmark", SignedIn, Browse, take::practice::api::remove_bookmark),
        route(get(),    "/api/v1/attempts/{id}/result",           SignedIn, Browse,  results::api::result),

        // Pages for everybody
        route(get(),    "/",                                      Anyone,   Browse,  exams::pages::home),
        route(get(),    "/sign-up",                               Anyone,   SignIn,  account::pages::sign_up_form),
        route(post(),   "/sign-up",                               Anyone,   SignIn,  account::pages::sign_up),
        route(get(),    "/sign-in",                               Anyone,   SignIn,  account::pages::sign_in_form),
        route(post(),   "/sign-in",                               Anyone,   SignIn,  account::pages::sign_in),
        route(post(),   "/sign-out",                              Anyone,   SignIn,  account::pages::sign_out),
        route(get(),    "/setup",                                 Anyone,   SignIn,  account::pages::set_up_form),
        route(post(),   "/setup",                                 Anyone,   SignIn,  account::pages::set_up),
        route(get(),    "/new-password",                          Anyone,   SignIn,  account::password::new_form),
        route(post(),   "/new-password",                          Anyone,   SignIn,  account::password::set_new),
        route(get(),    "/demo/{key}",                            Anyone,   SignIn,  account::demo_entrance::entrance),
        route(post(),   "/demo/{key}",                            Anyone,   SignIn,  account::demo_entrance::sign_in),
        // Among the pages of sittings: whoever waits before the door must be able to read what is said there.
        route(post(),   "/language",                              Public,   Sitting, language::choose),
        route(get(),    "/exams",                                 Anyone,   Browse,  exams::pages::catalogue),
        route(get(),    "/exams/{slug}",                          Anyone,   Browse,  exams::pages::intro),
        route(get(),    "/exams/{slug}/trial",                    Anyone,   Browse,  exams::trial::trial),

        // One's own account
        route(get(),    "/account/password",                      SignedIn, Browse,  account::password::change_form),
        route(post(),   "/account/password",                      SignedIn, SignIn,  account::password::change),

        // Sitting and results
        route(post(),   "/exams/{slug}/attempts",                 SignedIn, Start,   take::pages::start),
        route(get(),    "/attempts/worker.js",                    Public,   Sitting, assets::worker),
        route(get(),    "/attempts/{id}",                         SignedIn, Sitting, take::pages::attempt),
        route(get(),    "/attempts/{id}/questions",               SignedIn, Sitting, take::pages::questions),
        route(post(),   "/attempts/{id}/questions/{number}",      SignedIn, Save,    take::pages::answer),
        route(post(),   "/attempts/{id}/questions/{number}/bookmark", SignedIn, Browse, take::practice::pages::bookmark),
        route(get(),    "/attempts/{id}/review",                  SignedIn, Sitting, take::pages::review),
        route(post(),   "/attempts/{id}/submit",                  SignedIn, Save,    take::pages::submit),
        route(get(),    "/attempts/{id}/result",                  SignedIn, Browse,  results::pages::result),
        route(get(),    "/results",                               SignedIn, Browse,  results::pages::history),
        route(get(),    "/dashboard",                             SignedIn, Browse,  results::dashboard::dashboard),

        // The staff area
        route(get(),    "/admin",                                 Staff,    Report,  admin::overview::overview),
        // Needed most when everything else is refused: watched like a probe, which is never refused and counts among nothing else.
        route(get(),    "/admin/operations",                      Staff,    Probe,   operations::page),
        route(get(),    "/admin/operations/figures",              Staff,    Probe,   operations::told),
        route(get(),    "/admin/attempts",                        Staff,    Report,  admin::attempts::list),
        route(get(),    "/admin/attempts/{id}",                   Staff,    Browse,  admin::attempts::attempt),
        route(get(),    "/admin/exams",                           Author,   Report,  admin::exams::list),
        route(post(),   "/admin/exams",                           Author,   Browse,  admin::exams::create),
        route(get(),    "/admin/exams/new",                       Author,   Browse,  admin::exams::new),
        route(get(),    "/admin/exams/{slug}",                    Author,   Browse,  admin::exams::exam),
        route(post(),   "/admin/exams/{slug}",                    Author,   Browse,  admin::exams::save),
        route(get(),    "/admin/exams/{slug}/edit",               Author,   Browse,  admin::exams::edit),
        route(post(),   "/admin/exams/{slug}/publish",            Author,   Browse,  admin::exams::publish),
        route(get(),    "/admin/banks",                           Author,   Report,  admin::banks::list),
        route(post(),   "/admin/banks",                           Author,   Browse,  admin::banks::create),
        route(get(),    "/admin/banks/{slug}",                    Author,   Report,  admin::banks::bank),
        route(post(),   "/admin/banks/{slug}/import",             Author,   Report,  admin::import::import.layer(admin::import::body_limit())),
        route(get(),    "/admin/banks/{slug}/export",             Author,   Report,  admin::banks::export),
        route(get(),    "/admin/banks/{slug}/questions/{id}",     Author,   Browse,  admin::questions::question),
        route(get(),    "/admin/accounts",                        Admin,    Report,  admin::accounts::list),
        route(post(),   "/admin/accounts",                        Admin,    Browse,  admin::accounts::create),
        route(get(),    "/admin/accounts/{id}",                   Admin,    Browse,  admin::accounts::account),
        route(post(),   "/admin/accounts/{id}/role",              Admin,    Browse,  admin::accounts::change_role),
        route(post(),   "/admin/accounts/{id}/disable",           Admin,    Browse,  admin::accounts::disable),
        route(post(),   "/admin/accounts/{id}/enable",            Admin,    Browse,  admin::accounts::enable),
        route(post(),   "/admin/accounts/{id}/password-link",     Admin,    Browse,  admin::accounts::make_password_link),
    ]
}

/// The application as it answers: the table behind what all requests share, and before it what is at hand.
///
/// # Errors
/// When PUBLIC_URL is no origin.
pub fn front(app: &App) -> Result<Front, ConfigError> {
    let mut by_path: BTreeMap<&'static str, MethodRouter<App>> = BTreeMap::new();
    let mut classes = Classes::default();
    for route in table() {
        classes.add(route.path, route.method, route.class);
        let guarded = route.handler.layer(policy::enforce(app.clone(), route.policy, route.class));
        let merged = match by_path.remove(route.path) {
            Some(others) => others.merge(guarded),
            None => guarded,
        };
        by_path.insert(route.path, merged);
    }
    let mut router = Router::new();
    for (path, handlers) in by_path {
        router = router.route(path, handlers);
    }
    let mut csrf = CsrfLayer::new();
    if let Some(origin) = &app.site.public_url {
        csrf = csrf.add_trusted_origin(origin)?;
    }
    let classes = Arc::new(classes);
    let shared = ServiceBuilder::new()
        .layer(gate(app.clone(), Arc::clone(&classes)))
        .layer(csrf.with_rejection_response(|_| Error::CrossSite.into_response()))
        .layer(DefaultBodyLimit::max(BODY_MAX));
    let router = router
        .fallback(async || Error::NotFound)
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        .layer(shared)
        .with_state(app.clone());
    Ok(Front::new(router, app.clone(), classes))
}
