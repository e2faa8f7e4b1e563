//! Cards: who may charge.

use chrono::{DateTime, Utc};

use crate::json::Fields;
use crate::private::CardNumber;

/// An RFID card of the account. Elli knows no name for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Id, as records name it.
    pub id: String,
    /// The number printed on it.
    pub number: Option<CardNumber>,
    /// Whether it is in use; `active` is the only word known.
    pub status: Option<String>,
    /// Whether it opens public stations too.
    pub public_charging: Option<bool>,
    /// Whose brand is printed on it.
    pub brand_id: Option<u64>,
    /// What is printed on it.
    pub design_template: Option<u64>,
    /// Id of the subscriber it belongs to.
    pub subscriber_id: Option<String>,
    /// Id of the company it comes from.
    pub tenant_id: Option<String>,
    /// Name of the company it comes from.
    pub tenant_name: Option<String>,
    /// When it was made known to Elli.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

impl Card {
    pub(crate) fn read(fields: Fields<'_>) -> Option<Self> {
        Some(Self {
            id: fields.text("id")?,
            number: fields.text("number").map(CardNumber::new),
            status: fields.text("status"),
            public_charging: fields.flag("public_charging"),
            brand_id: fields.count("brand_id"),
            design_template: fields.count("design_template"),
            subscriber_id: fields.text("subscriber_id"),
            tenant_id: fields.text("tenant_id"),
            tenant_name: fields.text("tenant_name"),
            created_at: fields.time("created_at"),
            updated_at: fields.time("updated_at"),
        })
    }
}
