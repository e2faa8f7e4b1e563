//! What belongs to the account and to no station.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::identity::{iso, uuid};
use super::super::{Cloud, auth};
use super::dress;

/// A bare array.
pub(super) async fn cards(State(cloud): State<Arc<Cloud>>) -> Json<Value> {
    let since = iso(member_since());
    let id = |kind| uuid(cloud.seed, kind, "");
    let cards = cloud.cards.iter().map(|card| {
        let card = json!({
            "id": card.id,
            "number": card.number,
            "brand_id": 1,
            "created_at": since,
            "design_template": 2,
            "public_charging": true,
            "status": "active",
            "subscriber_id": id("subscriber"),
            "tenant_id": id("tenant"),
            "tenant_name": "Elli",
            "updated_at": since,
        });
        dress(&cloud, card, &["id", "number"])
    });
    Json(cards.collect())
}

pub(super) async fn user(State(cloud): State<Arc<Cloud>>) -> Json<Value> {
    let account = &cloud.config.account.user;
    Json(json!({"sub": auth::SUBJECT, "email": account, "email_verified": true}))
}

fn member_since() -> DateTime<Utc> {
    // 1 March 2025, 9 o'clock.
    DateTime::from_timestamp(1_740_819_600, 0).unwrap_or_default()
}
