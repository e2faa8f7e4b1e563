//! The live task, event by event.

use ladebuch_domain::units::Watts;

use uuid::Uuid;

use super::*;
use crate::clock::SystemClock;

const START: DateTime<Utc> = DateTime::from_timestamp(1_800_000_000, 0).unwrap();

fn at(seconds: i64) -> DateTime<Utc> {
    START + chrono::TimeDelta::seconds(seconds)
}

fn task(known: Vec<KnownDevice>) -> LiveTask {
    live(Arc::new(SystemClock::default()), known).1
}

fn power(kind: DeviceKind, id: &str, watts: f64) -> Reading {
    let device = ExternalDevice {
        kind,
        id: id.into(),
    };
    Reading {
        device,
        fact: Fact::Power(Some(Watts(watts))),
    }
}

fn heard(heartbeat: bool, readings: Vec<Reading>) -> SourceEvent {
    SourceEvent::Heard(Heard {
        heartbeat,
        readings,
        ..Heard::default()
    })
}

fn source() -> SourceId {
    SourceId(Uuid::from_u128(1))
}

/// A configured, connected source.
fn connected() -> LiveTask {
    let mut task = task(Vec::new());
    task.take(
        source(),
        SourceEvent::Configured {
            kind: SourceKind::Openwb,
            name: "Box".into(),
        },
        at(0),
    );
    let connection = Connection::Up {
        since: at(0),
        heard: None,
    };
    let event = SourceEvent::Connection {
        connection,
        problem: None,
        retry_at: None,
    };
    task.take(source(), event, at(0));
    task
}

#[test]
fn a_source_is_live_with_its_first_heartbeat_and_stale_without_more() {
    let mut task = connected();
    let state = |task: &LiveTask| task.snapshot.sources[&source()].state;
    task.take(
        source(),
        heard(false, vec![power(DeviceKind::Grid, "counter/0", 1.0)]),
        at(1),
    );
    assert_eq!(
        state(&task),
        SourceState::Connecting,
        "values alone may be days old"
    );
    task.take(source(), heard(true, Vec::new()), at(2));
    assert_eq!(state(&task), SourceState::Live);
    task.change_source(source(), at(33), |_| ());
    assert_eq!(state(&task), SourceState::Stale);
    let problem = task.snapshot.sources[&source()].problem.clone().unwrap();
    assert_eq!(problem.kind, ProblemKind::CoreNotRunning);
    task.take(source(), heard(true, Vec::new()), at(40));
    assert_eq!(state(&task), SourceState::Live);
    assert_eq!(task.snapshot.sources[&source()].problem, None);
}

#[test]
fn a_device_keeps_its_identity_and_colour_over_a_restart() {
    let mut first = connected();
    let garage = power(DeviceKind::ChargePoint, "chargepoint/3", 0.0);
    let carport = power(DeviceKind::ChargePoint, "chargepoint/4", 0.0);
    first.take(source(), heard(true, vec![garage, carport.clone()]), at(1));
    let colors: Vec<u8> = first
        .snapshot
        .devices
        .values()
        .map(|device| device.color_slot)
        .collect();
    assert_eq!(colors, [0, 1]);
    let known: Vec<KnownDevice> = first.known.values().cloned().collect();

    let mut second = task(known);
    second.take(
        source(),
        SourceEvent::Configured {
            kind: SourceKind::Openwb,
            name: "Box".into(),
        },
        at(9),
    );
    second.take(source(), heard(true, vec![carport]), at(10));
    let (id, device) = second.snapshot.devices.iter().next().unwrap();
    assert!(first.snapshot.devices.contains_key(id));
    assert_eq!(device.color_slot, 1);
}

#[test]
fn the_role_of_a_device_may_become_known_later() {
    let mut task = connected();
    task.take(
        source(),
        heard(true, vec![power(DeviceKind::Meter, "counter/7", 5.0)]),
        at(1),
    );
    task.take(
        source(),
        heard(true, vec![power(DeviceKind::Grid, "counter/7", 6.0)]),
        at(2),
    );
    let device = task.snapshot.devices.values().next().unwrap();
    assert_eq!(task.snapshot.devices.len(), 1);
    assert_eq!(device.kind, DeviceKind::Grid);
    assert_eq!(device.meter.power.unwrap().value, Watts(6.0));
}

#[test]
fn what_a_removed_source_still_had_on_its_way_is_dropped() {
    let mut task = connected();
    task.take(
        source(),
        heard(true, vec![power(DeviceKind::Grid, "counter/0", 1.0)]),
        at(1),
    );
    task.take(source(), SourceEvent::Removed, at(2));
    task.take(
        source(),
        heard(true, vec![power(DeviceKind::Grid, "counter/0", 2.0)]),
        at(3),
    );
    assert!(task.snapshot.devices.is_empty());
    assert!(task.snapshot.sources.is_empty());
}

#[test]
fn a_device_that_was_never_there_is_not_made_to_be_removed() {
    let mut task = connected();
    let device = ExternalDevice {
        kind: DeviceKind::ChargePoint,
        id: "chargepoint/9".into(),
    };
    let removed = Reading {
        device,
        fact: Fact::Removed,
    };
    task.take(source(), heard(true, vec![removed]), at(1));
    assert!(task.known.is_empty());
}

#[test]
fn a_clock_that_is_set_back_does_not_make_a_source_deaf() {
    let mut task = connected();
    task.take(source(), heard(true, Vec::new()), at(2));
    task.take(source(), heard(true, Vec::new()), at(-3600));
    assert_eq!(task.snapshot.sources[&source()].state, SourceState::Live);
}

#[test]
fn a_booting_box_is_not_believed() {
    let mut task = connected();
    task.take(source(), heard(true, Vec::new()), at(1));
    task.take(source(), SourceEvent::Unreliable, at(2));
    assert_ne!(task.snapshot.sources[&source()].state, SourceState::Live);
}

#[test]
fn what_a_source_no_longer_lists_is_gone_even_if_it_went_while_offline() {
    let mut task = connected();
    let readings = vec![
        power(DeviceKind::Grid, "counter/0", 1.0),
        power(DeviceKind::ChargePoint, "chargepoint/3", 1.0),
    ];
    task.take(source(), heard(true, readings), at(1));
    let inventory = Some(vec![ExternalId::from("counter/0")]);
    task.take(
        source(),
        SourceEvent::Heard(Heard {
            inventory,
            ..Heard::default()
        }),
        at(60),
    );
    let left: Vec<&str> = task
        .snapshot
        .devices
        .values()
        .map(|device| device.external_id.as_str())
        .collect();
    assert_eq!(left, ["counter/0"]);
}
