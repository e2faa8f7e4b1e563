//! Prices of dynamic tariffs.

use ladebuch_domain::ids::SourceId;
use ladebuch_domain::tariff::PriceSlot;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Instant;

/// The prices that a source announces.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tariff {
    /// In order of time.
    pub prices: Vec<Price>,
}

/// A price and when it holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Price {
    /// When it begins.
    pub start: Instant,
    /// When it ends.
    pub end: Instant,
    /// In € per kWh; may be negative.
    #[schema(example = 0.285)]
    pub eur_per_kwh: f64,
}

/// Recorded prices.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceList {
    /// In order of time.
    pub prices: Vec<RecordedPrice>,
}

/// A price, when it held, and who told it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordedPrice {
    /// The source that told it.
    pub source_id: Uuid,
    /// The price.
    #[serde(flatten)]
    pub price: Price,
}

impl Tariff {
    /// The prices of a source.
    #[must_use]
    pub fn new(prices: &[PriceSlot]) -> Self {
        Self {
            prices: prices.iter().map(Price::from).collect(),
        }
    }
}

impl From<&PriceSlot> for Price {
    fn from(slot: &PriceSlot) -> Self {
        Self {
            start: slot.start.into(),
            end: slot.end.into(),
            eur_per_kwh: slot.price.get(),
        }
    }
}

impl From<Vec<(SourceId, PriceSlot)>> for PriceList {
    fn from(prices: Vec<(SourceId, PriceSlot)>) -> Self {
        let recorded = |(source, slot): (SourceId, PriceSlot)| RecordedPrice {
            source_id: source.0,
            price: Price::from(&slot),
        };
        Self {
            prices: prices.into_iter().map(recorded).collect(),
        }
    }
}
