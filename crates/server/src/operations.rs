//! Every operation of the API, and what its caller must be allowed to do. This is the one place
//! where operations are registered.

use axum::middleware::from_fn_with_state;
use utoipa::OpenApi as _;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

use crate::app::Shared;
use crate::auth::{COOKIE, Scope, require};
use crate::csv::Flavour;
use crate::dto::live::LiveMessage;
use crate::problem::Problem;
use crate::routes::{
    charge_log, commands, demo, elli, health, history, link, live, prices, settings, sign_in,
    sources, status,
};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Ladebuch",
        description = "The one API of Ladebuch, the charging logbook.\n\nTimes are RFC 3339 in \
            UTC; local dates are meant in the household's zone. Power into the house, the car or \
            the battery is positive. `null` is unknown and never 0.\n\nErrors are \
            `application/problem+json` (RFC 9457) with a stable `code` and a sentence that says \
            what to do.\n\nSend the owner token (file `owner-token` in the data directory) as \
            `Authorization: Bearer`, or sign in with a browser and use its cookie.",
        license(name = "MIT", identifier = "MIT")
    ),
    servers((url = "/", description = "This instance")),
    tags(
        (name = "live", description = "What is happening now"),
        (name = "control", description = "Commands to charge points"),
        (name = "history", description = "What was recorded"),
        (name = "sources", description = "Connections to boxes"),
        (name = "elli", description = "The Elli account"),
        (name = "settings", description = "Settings and the demo household"),
        (name = "access", description = "Signing in"),
        (name = "program", description = "How Ladebuch itself is doing"),
    ),
    components(schemas(Problem, LiveMessage, Flavour))
)]
struct Document;

/// The API document.
#[must_use]
pub fn openapi() -> OpenApi {
    operations().into_openapi()
}

/// The operations with their document.
pub fn operations() -> OpenApiRouter<Shared> {
    let read = |routes| scoped(Scope::Read, routes);
    let control = |routes| scoped(Scope::Control, routes);
    let reports = |routes| scoped(Scope::Reports, routes);
    let own = |routes| scoped(Scope::Own, routes);
    let admin = |routes| scoped(Scope::Admin, routes);
    let mut document = Document::openapi();
    secure(&mut document);
    OpenApiRouter::with_openapi(document)
        .routes(open(routes!(health::health)))
        .routes(open(routes!(sign_in::sign_in)))
        .routes(own(routes!(sign_in::sign_out)))
        .routes(admin(routes!(sign_in::create_sign_in_link)))
        .routes(own(routes!(sign_in::me)))
        .routes(read(routes!(live::live_snapshot)))
        .routes(read(routes!(live::live_feed)))
        .routes(control(routes!(commands::command_charge_point)))
        .routes(read(routes!(commands::list_commands)))
        .routes(read(routes!(commands::charge_point_mode)))
        .routes(control(routes!(commands::set_charge_point_mode)))
        .routes(read(routes!(history::list_series)))
        .routes(read(routes!(history::power_history)))
        .routes(read(routes!(history::power_history_csv)))
        .routes(read(routes!(history::energy_history)))
        .routes(read(routes!(history::energy_history_csv)))
        .routes(read(routes!(prices::list_prices)))
        .routes(read(routes!(charge_log::charge_log)))
        .routes(admin(routes!(charge_log::import_charge_log)))
        .routes(read(routes!(charge_log::charge_log_import)))
        .routes(admin(routes!(sources::list_sources)))
        .routes(admin(routes!(sources::add_source)))
        .routes(admin(routes!(sources::change_source)))
        .routes(admin(routes!(sources::remove_source)))
        .routes(admin(routes!(sources::test_source)))
        .routes(admin(routes!(sources::source_topics)))
        .routes(admin(routes!(sources::source_diagnostics)))
        .routes(admin(routes!(link::link_charge_point)))
        .routes(admin(routes!(elli::sign_in::begin_elli_sign_in)))
        .routes(admin(routes!(elli::sign_in::finish_elli_sign_in)))
        .routes(admin(routes!(elli::sign_in::cancel_elli_sign_in)))
        .routes(admin(routes!(elli::sign_in::sign_out_of_elli)))
        .routes(admin(routes!(elli::sign_in::hand_over_elli)))
        .routes(admin(routes!(elli::sign_in::take_over_elli)))
        .routes(read(routes!(elli::account::elli_account)))
        .routes(control(routes!(elli::account::sync_elli)))
        .routes(control(routes!(elli::account::reboot_elli_station)))
        .routes(reports(routes!(elli::pdf::elli_records_pdf)))
        .routes(reports(routes!(elli::pdf::list_elli_pdfs)))
        .routes(reports(routes!(elli::pdf::elli_pdf)))
        .routes(read(routes!(settings::settings)))
        .routes(admin(routes!(settings::change_settings)))
        .routes(admin(routes!(demo::switch_demo)))
        .routes(read(routes!(status::status)))
}

/// An operation that anybody may call.
fn open((schemas, mut paths, routes): UtoipaMethodRouter<Shared>) -> UtoipaMethodRouter<Shared> {
    for operation in paths.paths.values_mut().flat_map(all) {
        operation.security = Some(Vec::new());
        fails(operation);
    }
    (schemas, paths, routes)
}

/// An operation for callers who may do what the scope stands for.
fn scoped(
    scope: Scope,
    (schemas, mut paths, routes): UtoipaMethodRouter<Shared>,
) -> UtoipaMethodRouter<Shared> {
    for operation in paths.paths.values_mut().flat_map(all) {
        operation.security = Some(vec![
            SecurityRequirement::new::<_, [&str; 0], &str>("bearer", []),
            SecurityRequirement::new::<_, [&str; 0], &str>("cookie", []),
        ]);
        operation.extensions = Some(
            ExtensionsBuilder::new()
                .add("x-scope", scope.name())
                .build(),
        );
        fails(operation);
        let responses = &mut operation.responses.responses;
        responses.insert("401".to_owned(), problem("Nobody is signed in.").into());
        responses.insert(
            "403".to_owned(),
            problem("The caller may not do this.").into(),
        );
        responses.insert("503".to_owned(), problem("The program is starting.").into());
    }
    // Only the routes themselves: an unknown method stays an unknown method.
    let routes = routes.route_layer(from_fn_with_state(scope, require));
    (schemas, paths, routes)
}

fn all(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.patch,
    ]
    .into_iter()
    .flatten()
}

fn fails(operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    for response in responses.values_mut() {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            "The answer.".clone_into(&mut response.description);
        }
    }
    responses.insert(
        "default".to_owned(),
        problem("Something went wrong.").into(),
    );
}

fn problem(description: &str) -> Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content)
        .build()
}

fn secure(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.description = Some("The owner token.".to_owned());
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let cookie = ApiKeyValue::with_description(COOKIE, "Given by `POST /api/v1/sign-in`.");
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
}
