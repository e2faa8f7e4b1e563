//! Where a station hangs.

use std::fmt;

use crate::json::Fields;

/// Where a station hangs. Often only the id is told.
#[derive(Clone, PartialEq)]
pub struct Location {
    /// Id.
    pub id: Option<String>,
    /// Postal address.
    pub address: Option<Address>,
    /// Latitude and longitude in degrees.
    pub coordinates: Option<(f64, f64)>,
    /// What the owner calls it.
    pub description: Option<String>,
}

/// A postal address.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// Street and number.
    pub street: Option<String>,
    /// Postal code.
    pub zip: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// Country, as Elli writes it.
    pub country: Option<String>,
}

impl Location {
    pub(super) fn read(fields: Fields<'_>) -> Self {
        Self {
            id: fields.text("id"),
            address: fields.within("address").map(|address| Address {
                street: address.text("street"),
                zip: address.text("zip"),
                city: address.text("city"),
                country: address.text("country"),
            }),
            coordinates: fields
                .within("geo_location")
                .and_then(|place| place.number("latitude").zip(place.number("longitude"))),
            description: fields.text("description"),
        }
    }
}

/// Shows the id only: the rest says where somebody lives.
impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Location")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Shows nothing: it says where somebody lives.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}
