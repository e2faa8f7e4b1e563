//! Trying out a connection: what a person wants to see before trusting it.

use std::collections::BTreeMap;
use std::time::Duration;

use compact_str::CompactString;
use ladebuch_domain::device::DeviceKind;
use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::reading::{Fact, Reading};
use openwb::link::LinkConfig;

use super::dialect::Dialect;
use super::problems::to_domain;
use super::said::{Message, Said};
use crate::sources::{TestQuantity, TestReading, TestReport};

/// Longest that somebody has to look at a spinner.
const DEADLINE: Duration = Duration::from_secs(8);

/// Connects once and reports what came.
pub(in crate::sources) async fn probe(config: &LinkConfig) -> TestReport {
    let probe = openwb::link::probe(config, DEADLINE).await;
    let mut dialect = Dialect::default();
    let (mut said, mut readings) = (Said::default(), Vec::new());
    for received in probe.readings {
        let message = Message {
            reading: received.reading,
            retained: received.retained,
        };
        dialect.take(message, &mut said, &mut readings);
    }
    dialect.settle(&mut said, &mut readings);
    TestReport {
        software_version: probe.version.map(String::from),
        generation: probe.generation.map(|generation| generation.to_string()),
        mqtt_version: probe.protocol.map(|protocol| protocol.to_string()),
        problem: probe.problem.as_ref().map(to_domain),
        readings: summary(readings),
        elapsed: probe.elapsed,
    }
}

/// One line per value worth seeing, by device, in the order of the kinds.
fn summary(readings: Vec<Reading>) -> Vec<TestReading> {
    let mut names: BTreeMap<ExternalId, CompactString> = BTreeMap::new();
    let mut values: BTreeMap<(DeviceKind, ExternalId, TestQuantity), f64> = BTreeMap::new();
    for Reading { device, fact } in readings {
        let (quantity, value) = match fact {
            Fact::Name(name) => {
                names.insert(device.id, name);
                continue;
            }
            Fact::Power(Some(power)) => (TestQuantity::Power, power.get()),
            Fact::Soc(Some(soc)) => (TestQuantity::Soc, soc.get()),
            Fact::Imported(Some(energy)) if device.kind == DeviceKind::ChargePoint => {
                (TestQuantity::Imported, energy.get())
            }
            Fact::Plugged(Some(plugged)) => (TestQuantity::Plugged, f64::from(u8::from(plugged))),
            _ => continue,
        };
        values.insert((device.kind, device.id, quantity), value);
    }
    values
        .into_iter()
        .map(|((kind, id, quantity), value)| TestReading {
            kind,
            device: names
                .get(&id)
                .map_or_else(|| id.to_string(), ToString::to_string),
            quantity,
            value,
        })
        .collect()
}
