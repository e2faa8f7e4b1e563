//! The one shape of errors: RFC 9457 `application/problem+json` with a stable `code`.
//!
//! The table below is the only place that joins codes and statuses. A code exists only where a
//! client does something of its own with it. The cause of an error is logged and never sent.

use std::borrow::Cow;
use std::fmt::Display;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $status:ident, $title:literal;)*) => {
        /// Stable codes of errors.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// As it is sent.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self {
                    $(Self::$variant => StatusCode::$status,)*
                }
            }

            const fn title(self) -> &'static str {
                match self {
                    $(Self::$variant => $title,)*
                }
            }
        }
    };
}

codes! {
    /// The database is still being opened.
    Starting = "starting", SERVICE_UNAVAILABLE, "Starting";
    /// The database could not be opened.
    StartFailed = "start_failed", SERVICE_UNAVAILABLE, "Start failed";
    /// The program is ending.
    Stopping = "stopping", SERVICE_UNAVAILABLE, "Stopping";
    /// Nobody is signed in.
    NotSignedIn = "not_signed_in", UNAUTHORIZED, "Not signed in";
    /// Code or token is wrong, used or expired.
    SignInRefused = "sign_in_refused", UNAUTHORIZED, "Sign-in refused";
    /// Too many wrong guesses.
    TooManyAttempts = "too_many_attempts", TOO_MANY_REQUESTS, "Too many attempts";
    /// The caller may not do this.
    Forbidden = "forbidden", FORBIDDEN, "Not allowed";
    /// The request was addressed to another name.
    HostNotAllowed = "host_not_allowed", MISDIRECTED_REQUEST, "Host not allowed";
    /// The request comes from another site's page.
    OriginNotAllowed = "origin_not_allowed", FORBIDDEN, "Origin not allowed";
    /// There is nothing at this address.
    NotFound = "not_found", NOT_FOUND, "Not found";
    /// The address does not know this method.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "Method not allowed";
    /// The body is not what the operation takes.
    BadBody = "bad_body", BAD_REQUEST, "Bad body";
    /// The body is not declared as JSON.
    NotJson = "not_json", UNSUPPORTED_MEDIA_TYPE, "Not JSON";
    /// The body is too large.
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE, "Body too large";
    /// A parameter of the address is wrong.
    BadParameter = "bad_parameter", BAD_REQUEST, "Bad parameter";
    /// A value was understood and cannot be.
    InvalidValue = "invalid_value", UNPROCESSABLE_ENTITY, "Invalid value";
    /// A WebSocket was expected.
    UpgradeRequired = "upgrade_required", UPGRADE_REQUIRED, "WebSocket expected";
    /// There is no such source.
    UnknownSource = "unknown_source", NOT_FOUND, "No such source";
    /// The source is of another kind.
    WrongSource = "wrong_source", CONFLICT, "Another kind of source";
    /// The two cannot be one wallbox.
    NotLinkable = "not_linkable", CONFLICT, "Not one wallbox";
    /// The address is not that at which this sign-in with Elli ended.
    ElliCallbackInvalid = "elli_callback_invalid", UNPROCESSABLE_ENTITY, "Not the address of this sign-in";
    /// Elli, or the person, said no.
    ElliSignInRefused = "elli_sign_in_refused", CONFLICT, "Sign-in with Elli refused";
    /// The sign-in with Elli is unknown, used or too old.
    ElliSignInExpired = "elli_sign_in_expired", GONE, "Sign-in with Elli expired";
    /// Somebody else signed in than before.
    ElliOtherAccount = "elli_other_account", CONFLICT, "Another Elli account";
    /// Elli asks the person to sign in again.
    ElliSignInAgain = "elli_sign_in_again", CONFLICT, "Sign in with Elli again";
    /// Elli cannot be reached, or fails.
    ElliUnreachable = "elli_unreachable", BAD_GATEWAY, "Elli unreachable";
    /// Elli asks to wait.
    ElliBusy = "elli_busy", TOO_MANY_REQUESTS, "Elli asks to wait";
    /// Elli does not do what was asked.
    ElliRefused = "elli_refused", BAD_GATEWAY, "Elli refused";
    /// The text is no handed-over session.
    ElliTicketInvalid = "elli_ticket_invalid", UNPROCESSABLE_ENTITY, "Not a handed-over session";
    /// There is no such charge point at present.
    UnknownChargePoint = "unknown_charge_point", NOT_FOUND, "No such charge point";
    /// The charge point's box cannot be reached; nothing was sent.
    ChargePointOffline = "charge_point_offline", CONFLICT, "Charge point offline";
    /// The charge point cannot do that; nothing was sent.
    CommandNotPossible = "command_not_possible", CONFLICT, "Command not possible";
    /// The card that was scanned decides which vehicle it is.
    CardDecides = "card_decides", CONFLICT, "The card decides";
    /// The box does not let its user do that.
    CommandNotAllowed = "command_not_allowed", FORBIDDEN, "Command not allowed";
    /// Too many commands are under way.
    TooManyCommands = "too_many_commands", TOO_MANY_REQUESTS, "Too many commands";
    /// The connection to the box broke while the command was on its way.
    ConnectionLost = "connection_lost", BAD_GATEWAY, "Connection lost";
    /// The box did not report in time what was asked for.
    NotConfirmed = "not_confirmed", GATEWAY_TIMEOUT, "Not confirmed";
    /// The box does not take the value, or keeps another.
    BoxRefused = "box_refused", CONFLICT, "The box refused";
    /// The charge log is being imported already.
    ImportRunning = "import_running", CONFLICT, "Import running";
    /// There is no such series.
    UnknownSeries = "unknown_series", NOT_FOUND, "No such series";
    /// The series is of the other sort.
    WrongSeries = "wrong_series", UNPROCESSABLE_ENTITY, "Wrong series";
    /// The period ends before it begins.
    EmptyPeriod = "empty_period", UNPROCESSABLE_ENTITY, "Empty period";
    /// More points or bars than one answer holds.
    PeriodTooLong = "period_too_long", UNPROCESSABLE_ENTITY, "Period too long";
    /// The demo household's source cannot be changed.
    DemoLocked = "demo_locked", CONFLICT, "Not in the demo";
    /// The demo household could not be started.
    DemoFailed = "demo_failed", INTERNAL_SERVER_ERROR, "Demo failed";
    /// The program does not listen on any address.
    NotListening = "not_listening", CONFLICT, "Not listening";
    /// The host's place for passwords does not answer.
    SecretsUnavailable = "secrets_unavailable", INTERNAL_SERVER_ERROR, "Passwords unavailable";
    /// The disk is full.
    DiskFull = "disk_full", INSUFFICIENT_STORAGE, "Disk full";
    /// The data directory cannot be written.
    ReadOnly = "read_only", INTERNAL_SERVER_ERROR, "Read-only";
    /// The answer took too long.
    TimedOut = "timed_out", GATEWAY_TIMEOUT, "Timed out";
    /// A bug, or a broken disk.
    Internal = "internal", INTERNAL_SERVER_ERROR, "Internal error";
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl PartialSchema for Code {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(Self::ALL.iter().map(|code| code.name())))
            .into()
    }
}

impl ToSchema for Code {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ErrorCode")
    }
}

/// What is sent when something goes wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Problem", example = json!({
    "type": "about:blank", "title": "Empty period", "status": 422, "code": "empty_period",
    "detail": "The period ends before it begins. Choose a later end.", "field": "to"
}))]
pub struct Problem {
    /// Always `about:blank`; `code` tells problems apart.
    #[serde(rename = "type")]
    kind: &'static str,
    /// What kind of problem, in a few words.
    title: &'static str,
    /// The HTTP status again.
    status: u16,
    /// A sentence that a person can act on.
    detail: Cow<'static, str>,
    /// Stable code for programs.
    code: Code,
    /// The field or parameter that is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    field: Option<Cow<'static, str>>,
}

/// Why a request fails.
#[derive(Debug, thiserror::Error)]
#[error("{}: {detail}", code.name())]
pub struct ApiError {
    /// Stable code.
    pub code: Code,
    /// A sentence that a person can act on.
    pub detail: Cow<'static, str>,
    /// The field or parameter that is to blame.
    pub field: Option<Cow<'static, str>>,
    cause: Option<String>,
    retry_after: Option<Duration>,
}

impl ApiError {
    /// An error with a sentence that says what to do.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            field: None,
            cause: None,
            retry_after: None,
        }
    }

    /// Names the field or parameter that is to blame.
    #[must_use]
    pub fn field(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says when to try again, where somebody else said so.
    #[must_use]
    pub fn retry_after(mut self, pause: Option<Duration>) -> Self {
        self.retry_after = pause;
        self
    }

    /// Adds what is behind it, for the log alone.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// An error that the user can do nothing about.
    #[must_use]
    pub fn internal(cause: impl Display) -> Self {
        Self::new(
            Code::Internal,
            "Something went wrong inside Ladebuch. Its log says what; recording is not affected.",
        )
        .caused_by(cause)
    }

    /// There is nothing at this address.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(
            Code::NotFound,
            "There is nothing at this address. GET /docs lists what there is.",
        )
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.code.status();
        let cause = self.cause.as_deref().unwrap_or_default();
        if status.is_server_error() && self.code != Code::Starting {
            tracing::error!(code = self.code.name(), cause, "{}", self.detail);
        } else {
            tracing::debug!(code = self.code.name(), cause, "{}", self.detail);
        }
        let problem = Problem {
            kind: "about:blank",
            title: self.code.title(),
            status: status.as_u16(),
            detail: self.detail,
            code: self.code,
            field: self.field,
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self.code {
            Code::NotSignedIn | Code::SignInRefused => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Code::Starting | Code::TooManyCommands => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Code::TooManyAttempts => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
            }
            _ => {}
        }
        if let Some(pause) = self.retry_after {
            // Rounded up: asking too early is asking twice.
            let seconds = pause.as_secs() + u64::from(pause.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
