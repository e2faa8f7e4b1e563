//! The API behind `api.elli.eco`: who gets in, and what goes wrong before anything else.

mod account;
mod pdf;
mod records;
mod sessions;
mod stations;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::identity::secret;
use super::{Cloud, Fault, lock};
use crate::ControlError;

/// Requests between two refusals with [`Fault::RateLimit429`].
const QUOTA: u32 = 5;
/// How long such a refusal lasts.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// The token a request came with.
#[derive(Debug, Clone)]
struct Bearer(String);

/// An error as a sibling service of the same backend words it.
#[derive(Debug)]
struct Problem {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", message)
    }

    fn no_station() -> Self {
        Self::missing("The station was not found")
    }

    fn missing(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", message)
    }

    fn failure() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL_SERVER_ERROR",
            "Something went wrong",
        )
    }

    fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "Unauthorized")
    }
}

impl From<ControlError> for Problem {
    fn from(error: ControlError) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "SERVICE_UNAVAILABLE",
            error.to_string(),
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "tracing_id": secret(),
            "errors": [{"message": self.message, "code": self.code}],
        });
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, bearer);
        }
        response
    }
}

type Answer = Result<Json<Value>, Problem>;

pub(super) fn routes(cloud: &Arc<Cloud>) -> Router<Arc<Cloud>> {
    let home = Router::new()
        .route("/stations", get(stations::list))
        .route("/stations/{id}", get(stations::one))
        .route("/stations/{id}/reboot", post(stations::reboot))
        .route("/firmware/updates", get(stations::firmware))
        .route("/locations", get(stations::locations))
        .route("/charging-sessions", get(sessions::list))
        .route("/charging-sessions/accumulated", get(sessions::accumulated))
        .route("/chargingrecords", get(records::list))
        .route("/chargingrecords/total-charged", get(records::total))
        .route("/chargingrecords/pdf", get(records::document));
    Router::new()
        .nest("/chargeathome/v1", home)
        .route("/customer/v1/rfidcards", get(account::cards))
        .route("/identity/v1/userinfo", get(account::user))
        .route(
            "/scheduler-consumer/v1/stations/{id}/scheduled-charging-settings",
            get(stations::schedule),
        )
        .fallback(nothing_here)
        .layer(from_fn_with_state(cloud.clone(), gate))
}

async fn nothing_here() -> Problem {
    Problem::missing("There is no such resource")
}

/// What every request to the API passes.
async fn gate(State(cloud): State<Arc<Cloud>>, mut request: Request, next: Next) -> Response {
    cloud.api_requests.fetch_add(1, Ordering::Relaxed);
    if cloud.faults.strikes(Fault::HtmlError) {
        let page = "<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n\
                    <center><h1>502 Bad Gateway</h1></center>\n</body>\n</html>\n";
        let html = [(header::CONTENT_TYPE, "text/html")];
        return (StatusCode::BAD_GATEWAY, html, page).into_response();
    }
    if cloud.faults.strikes(Fault::Api500) {
        return Problem::failure().into_response();
    }
    if cloud.faults.strikes(Fault::RateLimit429)
        && let Some(wait) = lock(&cloud.quota).refuse(Instant::now())
    {
        let text = "Too many requests";
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", text);
        return ([(header::RETRY_AFTER, wait.to_string())], problem).into_response();
    }
    let moment = match cloud.now().await {
        Ok(moment) => moment,
        Err(error) => return Problem::from(error).into_response(),
    };
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned())
        .filter(|token| lock(&cloud.auth).grants.lets_in(token, moment.felt));
    let Some(token) = token else {
        return Problem::unauthorized().into_response();
    };
    request.extensions_mut().insert(Bearer(token));
    next.run(request).await
}

/// Counts for [`Fault::RateLimit429`]. In real time, since that is what clients wait in.
#[derive(Debug, Default)]
pub(super) struct Quota {
    left: u32,
    closed_until: Option<Instant>,
}

impl Quota {
    /// For how many seconds a request is refused, if it is.
    fn refuse(&mut self, now: Instant) -> Option<u64> {
        match self.closed_until {
            Some(until) if now < until => {
                return Some((until - now).as_secs_f64().ceil() as u64);
            }
            Some(_) => {
                self.closed_until = None;
                self.left = QUOTA;
            }
            None => {}
        }
        if let Some(left) = self.left.checked_sub(1) {
            self.left = left;
            return None;
        }
        self.closed_until = Some(now + RETRY_AFTER);
        Some(RETRY_AFTER.as_secs())
    }
}

/// The same object with what may be absent left out, or with what nobody expects added.
fn dress(cloud: &Cloud, object: Value, indispensable: &[&str]) -> Value {
    let Value::Object(mut fields) = object else {
        return object;
    };
    if cloud.faults.is_on(Fault::SparseFields) {
        fields.retain(|name, _| indispensable.contains(&name.as_str()));
    }
    if cloud.faults.is_on(Fault::ExtraFields) {
        let mut nested = Map::new();
        nested.insert("revision".to_owned(), 2.into());
        fields.insert("x_experiment".to_owned(), nested.into());
        fields.insert("labels".to_owned(), json!(["a", null]));
    }
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_opens_again() {
        let mut quota = Quota::default();
        let start = Instant::now();
        assert_eq!(quota.refuse(start), Some(2));
        assert_eq!(quota.refuse(start + Duration::from_millis(1500)), Some(1));
        for _ in 0..QUOTA {
            assert_eq!(quota.refuse(start + RETRY_AFTER), None);
        }
        assert_eq!(quota.refuse(start + RETRY_AFTER), Some(2));
    }
}
