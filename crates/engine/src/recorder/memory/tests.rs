//! What the recorder makes of snapshots, slot by slot.

use chrono::TimeDelta;
use ladebuch_domain::device::DeviceKind;
use ladebuch_domain::ids::SourceId;
use ladebuch_domain::reading::Fact;
use ladebuch_domain::snapshot::Device;
use ladebuch_domain::source::{SourceKind, SourceState, SourceView};
use uuid::Uuid;

use super::*;

const START: DateTime<Utc> = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
const STEP: Duration = Duration::from_secs(10);
const SOURCE: SourceId = SourceId(Uuid::from_u128(1));
const DEVICE: DeviceId = DeviceId(Uuid::from_u128(2));

fn slot(number: i64) -> DateTime<Utc> {
    START + TimeDelta::seconds(10 * number)
}

fn seconds(number: i64) -> Duration {
    Duration::from_secs(u64::try_from(10 * number).unwrap())
}

fn snapshot(state: SourceState, imported: f64, now: DateTime<Utc>) -> Snapshot {
    let mut snapshot = Snapshot::default();
    let view = SourceView {
        state,
        ..SourceView::new(SourceKind::Openwb, "Box".into(), now)
    };
    snapshot.set_source(SOURCE, view);
    let device = Device::new(SOURCE, "counter/0".into(), DeviceKind::Grid, 0, now);
    snapshot.insert(DEVICE, device);
    snapshot.apply(DEVICE, Fact::Imported(Some(WattHours(imported))), now);
    snapshot
}

/// Records a slot in which the meter shows `imported`.
fn tick(memory: &mut Memory, number: i64, state: SourceState, imported: f64) -> Tick {
    let end = slot(number + 1);
    let snapshot = snapshot(state, imported, end);
    memory.tick(&snapshot, slot(number), STEP, end, seconds(number + 1))
}

fn fresh() -> Memory {
    Memory::new(Vec::new(), Vec::new(), None)
}

#[test]
fn rises_of_a_counter_add_up_from_its_first_reading() {
    let mut memory = fresh();
    let first = tick(&mut memory, 0, SourceState::Live, 4_711_000.0);
    assert_eq!(
        first.devices.len(),
        1,
        "a new device is stored with its first value"
    );
    assert_eq!(first.samples[0].total, Some(WattHours(0.0)));
    let second = tick(&mut memory, 1, SourceState::Live, 4_711_030.0);
    assert_eq!(second.devices, [], "and only then");
    assert_eq!(second.samples[0].value, 4_711_030.0);
    assert_eq!(second.samples[0].total, Some(WattHours(30.0)));
    assert_eq!(second.samples[0].quality, Quality::Measured);
}

#[test]
fn an_offline_source_leaves_a_gap_and_its_energy_is_recovered() {
    let mut memory = fresh();
    tick(&mut memory, 0, SourceState::Live, 1000.0);
    tick(&mut memory, 1, SourceState::Offline, 1000.0);
    let gap = tick(&mut memory, 2, SourceState::Offline, 1000.0);
    assert_eq!(gap.samples, []);
    assert_eq!(
        gap.gaps,
        [GapSpan {
            source: Some(SOURCE),
            device: None,
            cause: GapCause::SourceOffline,
            from: slot(1),
            until: slot(3),
        }]
    );
    let back = tick(&mut memory, 3, SourceState::Live, 1060.0);
    assert_eq!(back.gaps, []);
    assert_eq!(back.samples[0].quality, Quality::Recovered);
    assert_eq!(back.samples[0].total, Some(WattHours(60.0)));
}

#[test]
fn the_time_between_two_runs_is_a_gap() {
    let track = CounterTrack::new(WattHours(1000.0), slot(10));
    let known = KnownDevice {
        id: DEVICE,
        source: SOURCE,
        external_id: "counter/0".into(),
        kind: DeviceKind::Grid,
        name: None,
        serial: None,
        linked_to: None,
        color_slot: 0,
    };
    let tracks = vec![(DEVICE, Quantity::Imported, track)];
    let mut memory = Memory::new(tracks, vec![known], Some(slot(10)));
    let snapshot = snapshot(SourceState::Live, 1500.0, slot(371));
    let tick = memory.tick(&snapshot, slot(370), STEP, slot(371), seconds(1));
    let gap = GapSpan {
        source: None,
        device: None,
        cause: GapCause::RecorderOff,
        from: slot(10),
        until: slot(370),
    };
    assert_eq!(tick.gaps, [gap]);
    assert_eq!(tick.samples[0].quality, Quality::Recovered);
    assert_eq!(tick.samples[0].total, Some(WattHours(500.0)));
}

#[test]
fn a_reset_counter_is_told_and_goes_on_from_there() {
    let mut memory = fresh();
    tick(&mut memory, 0, SourceState::Live, 5000.0);
    let reset = tick(&mut memory, 1, SourceState::Live, 0.0);
    let event = &reset.counter_events[0];
    assert_eq!(
        (event.kind, event.before),
        (CounterEventKind::Reset, WattHours(5000.0))
    );
    let after = tick(&mut memory, 2, SourceState::Live, 20.0);
    assert_eq!(after.samples[0].total, Some(WattHours(20.0)));
}

#[test]
fn energy_of_an_hour_that_the_clock_repeats_is_not_taken_for_a_jump() {
    let mut memory = fresh();
    tick(&mut memory, 0, SourceState::Live, 1000.0);
    // An hour passes, but the clock was set back by as much.
    let snapshot = snapshot(SourceState::Live, 12_000.0, slot(2));
    let hour_later = seconds(1) + Duration::from_secs(3610);
    let tick = memory.tick(&snapshot, slot(1), STEP, slot(2), hour_later);
    assert_eq!(tick.counter_events.len(), 0);
    assert_eq!(tick.samples[0].total, Some(WattHours(11_000.0)));
}

#[test]
fn slots_that_never_reach_the_disk_hand_on_what_only_they_knew() {
    let mut memory = fresh();
    for number in 0..3 {
        let reading = 1000.0 + 10.0 * number as f64;
        let tick = tick(&mut memory, number, SourceState::Live, reading);
        memory.pending.push_back(tick);
    }
    memory.give_up_oldest();
    memory.give_up_oldest();
    assert_eq!(memory.pending.len(), 1);
    assert_eq!(
        memory.pending[0].devices.len(),
        1,
        "the device row came with the first slot"
    );
    let next = tick(&mut memory, 3, SourceState::Live, 1030.0);
    let gap = &next.gaps[0];
    assert_eq!(
        (gap.cause, gap.from, gap.until),
        (GapCause::WriteFailed, slot(0), slot(2))
    );
}

#[test]
fn energy_read_by_a_clock_that_lags_behind_its_own_log_is_kept() {
    let track = CounterTrack::new(WattHours(1000.0), slot(100));
    let tracks = vec![(DEVICE, Quantity::Imported, track)];
    let mut memory = Memory::new(tracks, Vec::new(), Some(slot(100)));
    memory.clock_went_back(slot(10));
    let tick = tick(&mut memory, 10, SourceState::Live, 3000.0);
    assert_eq!(tick.counter_events, []);
    assert_eq!(tick.samples[0].total, Some(WattHours(2000.0)));
    assert_eq!(tick.samples[0].quality, Quality::Recovered);
}

#[test]
fn the_end_of_a_repeated_time_is_marked_once() {
    let mut memory = fresh();
    tick(&mut memory, 5, SourceState::Live, 1000.0);
    memory.clock_went_back(slot(4));
    assert_eq!(tick(&mut memory, 4, SourceState::Live, 1000.0).gaps, []);
    assert_eq!(tick(&mut memory, 5, SourceState::Live, 1000.0).gaps, []);
    let marked = tick(&mut memory, 6, SourceState::Live, 1000.0).gaps;
    assert_eq!(marked.len(), 1);
    assert_eq!(
        (marked[0].cause, marked[0].from),
        (GapCause::ClockSetBack, slot(6))
    );
    assert_eq!(tick(&mut memory, 7, SourceState::Live, 1000.0).gaps, []);
}

#[test]
fn a_long_time_without_the_database_is_one_gap_told_until_it_is_stored() {
    let mut memory = fresh();
    for number in 0..4 {
        let tick = tick(&mut memory, number, SourceState::Offline, 0.0);
        memory.pending.push_back(tick);
        if number > 0 {
            memory.give_up_oldest();
        }
    }
    let last = tick(&mut memory, 4, SourceState::Live, 1000.0);
    let lost: Vec<_> = last
        .gaps
        .iter()
        .map(|gap| (gap.cause, gap.from, gap.until))
        .collect();
    assert_eq!(lost, [(GapCause::WriteFailed, slot(0), slot(3))]);
    let again = tick(&mut memory, 5, SourceState::Live, 1000.0);
    assert_eq!(again.gaps.len(), 1, "until the database knows");
    memory.stored(&[again]);
    assert_eq!(tick(&mut memory, 6, SourceState::Live, 1000.0).gaps, []);
}
