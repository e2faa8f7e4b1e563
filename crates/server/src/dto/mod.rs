//! What goes over the wire. These types mirror the domain's and belong to the API alone: a field
//! renamed inside does not change the contract, and nothing secret has a field here.
//!
//! Every key is always present; `null` means unknown or absent and is never 0.

pub mod charge_log;
pub mod charge_point;
pub mod charge_settings;
pub mod command;
pub mod elli;
pub mod history;
pub mod live;
pub mod prices;
pub mod raw;
pub mod settings;
pub mod sign_in;
pub mod source_input;
pub mod sources;
pub mod status;

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use ladebuch_domain::device::{DeviceKind, Quantity};
use ladebuch_domain::source::ProblemKind;
use ladebuch_engine::control::Reason;
use ladebuch_engine::elli::SyncTrouble;
use ladebuch_engine::import::ImportTrouble;
use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// A moment: RFC 3339 in UTC with milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant(pub DateTime<Utc>);

impl From<DateTime<Utc>> for Instant {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl PartialSchema for Instant {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("A moment in UTC, RFC 3339."))
            .examples(["2026-11-22T12:30:00.000Z"])
            .into()
    }
}

impl ToSchema for Instant {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Instant")
    }
}

/// A type on the wire for a domain type whose values have stable names.
macro_rules! named {
    ($(#[$doc:meta])* $wire:ident($domain:ty) as $schema:literal, $all:expr, $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $wire(pub $domain);

        impl Serialize for $wire {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0.$name())
            }
        }

        impl PartialSchema for $wire {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .enum_values(Some($all.iter().map(|value| value.$name())))
                    .into()
            }
        }

        impl ToSchema for $wire {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($schema)
            }
        }
    };
}

named! {
    /// The part a device plays in the house.
    Kind(DeviceKind) as "DeviceKind", DeviceKind::ALL, name
}
named! {
    /// A recorded quantity.
    QuantityName(Quantity) as "Quantity", Quantity::ALL, name
}
named! {
    /// What keeps a source from being live.
    ProblemCode(ProblemKind) as "SourceProblemCode", ProblemKind::ALL, code
}
named! {
    /// Why a command did not reach the box.
    Refusal(Reason) as "CommandRefusal", Reason::ALL, code
}
named! {
    /// Why an import broke off.
    ImportTroubleCode(ImportTrouble) as "ImportTrouble", ImportTrouble::ALL, code
}
named! {
    /// What keeps an Elli account from being read.
    SyncTroubleCode(SyncTrouble) as "ElliSyncTrouble", SyncTrouble::ALL, code
}
