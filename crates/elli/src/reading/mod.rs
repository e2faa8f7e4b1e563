//! What Elli says.
//!
//! Energies are Wh, powers W, times UTC. Nearly everything may be missing: `None` is *unknown*, also
//! for what came in a form that makes no sense. Words that are not known are kept as they came.

mod accumulated;
mod card;
mod firmware;
mod location;
mod record;
mod session;
mod station;
mod word;

pub use accumulated::{Accumulated, CurrentSession, TotalCharged};
pub use card::Card;
pub use firmware::{Firmware, InstalledFirmware, StationFirmware};
pub use location::{Address, Location};
pub use record::Record;
pub use session::Session;
pub use station::{Connector, Station};
pub use word::{
    AuthenticationMethod, AuthorizationMode, ChargingState, ConnectionState, FaultCause,
    SessionLifecycle,
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::to_raw_value;
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::json::Fields;
    use crate::private::Raw;

    const NAMES: &[&str] = &[
        "id",
        "name",
        "connectors",
        "location",
        "geo_location",
        "latitude",
        "installed_firmware",
        "last_contact",
        "energy_consumption_wh",
        "accumulated_energy_wh",
        "total_energy_wh",
        "total_count",
        "momentary_charging_speed_watts",
        "start_date_time",
        "end_date_time",
        "session_faulted",
        "lifecycle_state",
        "number",
        "brand_id",
    ];

    fn anything() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            "[0-9]{1,5}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,12})?Z?"
                .prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 40, 8, |inner| {
            let name = prop::sample::select(NAMES).prop_map(str::to_owned);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((name, inner), 0..12)
                    .prop_map(|fields| Value::Object(Map::from_iter(fields))),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_is_sent_can_be_read(value in anything()) {
            let raw = || Raw::from(to_raw_value(&value).unwrap());
            let _current = CurrentSession::read(raw());
            let _total = TotalCharged::read(raw());
            let record = Record::read(raw());
            if let Some(fields) = Fields::of(&value) {
                let named = fields.text("id").is_some();
                prop_assert_eq!(Station::read(fields).is_some(), named);
                prop_assert_eq!(Session::read(fields).is_some(), named);
                prop_assert_eq!(Card::read(fields).is_some(), named);
                prop_assert_eq!(StationFirmware::read(fields).is_some(), named);
                prop_assert_eq!(record.is_ok(), named);
            } else {
                prop_assert!(record.is_err());
            }
        }

        #[test]
        fn energy_is_the_same_however_it_is_written(energy in 0_u32..) {
            let read = |value: Value| {
                let record = json!({ "id": "a", "total_energy_wh": value });
                Record::read(Raw::from(to_raw_value(&record).unwrap()))
                    .ok()
                    .and_then(|record| record.energy)
            };
            let expected = Some(f64::from(energy));
            prop_assert_eq!(read(json!(energy)), expected);
            prop_assert_eq!(read(json!(energy.to_string())), expected);
            prop_assert_eq!(read(json!(f64::from(energy))), expected);
        }
    }
}
