//! Trying out a connection: what a person wants to see before trusting it.

use std::time::Instant;

use ladebuch_domain::device::DeviceKind;

use super::problems::to_domain;
use super::readings::{NAME, socket};
use crate::charger2::{Client, Error, Info, Status};
use crate::sources::{Charger2Config, TestQuantity, TestReading, TestReport};

/// Reads everything once and reports what came.
pub(in crate::sources) async fn probe(config: &Charger2Config) -> TestReport {
    let begun = Instant::now();
    let read: Result<(Info, Status), Error> = Client::new(&config.host, config.port).read().await;
    let (info, problem) = match read {
        Ok(answer) => (Some(answer), None),
        Err(error) => (None, Some(to_domain(&error))),
    };
    TestReport {
        software_version: info.map(|(info, _)| info.layout_version.to_string()),
        generation: None,
        mqtt_version: None,
        problem,
        readings: info.map_or_else(Vec::new, |(_, status)| summary(&status)),
        elapsed: begun.elapsed(),
    }
}

fn summary(status: &Status) -> Vec<TestReading> {
    let reading = |quantity, value| TestReading {
        kind: DeviceKind::ChargePoint,
        device: NAME.to_owned(),
        quantity,
        value,
    };
    let limit = status.settings.current_limit.amperes().get();
    let mut readings = vec![
        reading(TestQuantity::ApparentPower, status.power.0),
        reading(TestQuantity::ApparentEnergy, status.energy_total.0),
        reading(TestQuantity::CurrentLimit, limit),
    ];
    if let Some(plugged) = socket(status.state).plugged {
        let value = f64::from(u8::from(plugged));
        readings.push(reading(TestQuantity::Plugged, value));
    }
    readings
}
