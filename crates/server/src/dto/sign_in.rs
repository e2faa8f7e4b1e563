//! Signing in, and who asks.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Instant;
use crate::auth::{Door, Scope};

/// Either a one-time code or the owner token.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "kX1vTqg6bN0m2Yw8sRjZ4A"}))]
pub struct SignIn {
    /// The code of a sign-in link.
    #[serde(default)]
    pub code: Option<String>,
    /// The owner token.
    #[serde(default)]
    pub token: Option<String>,
}

/// A one-time link that signs a browser in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInLink {
    /// The link. The code is in its fragment, which browsers do not send to any server.
    #[schema(example = "http://127.0.0.1:8440/sign-in#code=kX1vTqg6bN0m2Yw8sRjZ4A")]
    pub url: String,
    /// When it stops working.
    pub expires_at: Instant,
}

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// Who.
    pub caller: CallerName,
    /// How they showed it.
    pub via: Door,
    /// What they may do.
    pub scopes: Vec<Scope>,
}

/// Who can ask. Until there are accounts, the owner alone.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Caller)]
pub enum CallerName {
    /// Whoever holds the owner token or sits in front of the app.
    Owner,
}
