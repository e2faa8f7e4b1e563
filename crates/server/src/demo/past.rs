//! The demo household's past: thirteen months, lived through at once.

use std::net::SocketAddr;

use chrono::{DateTime, Months, TimeDelta, Utc};
use compact_str::CompactString;
use ladebuch_domain::device::{DeviceKind, Quantity};
use ladebuch_domain::ids::{ExternalId, SourceId};
use ladebuch_domain::sample::{Quality, Slot, SlotValue, Tier, slot_start};
use ladebuch_domain::units::WattHours;
use ladebuch_engine::sources::OpenwbConfig;
use ladebuch_engine::{SeedData, SeedDevice};
use ladebuch_sim::household::{self, BATTERY, CHARGE_POINTS, Course, Device, GRID, Household, PV};
use uuid::{NoContext, Timestamp, Uuid};

/// The same household every time.
const SEED: u64 = 1;
const MONTHS: Months = Months::new(13);
/// Raw samples behind a five-minute slot.
const SAMPLES: u32 = 30;
/// How long the box runs at least before anybody looks: it has then decided about every charge point.
const WARM_UP: TimeDelta = TimeDelta::seconds(30);

/// The household shortly before now, and what it did until then.
pub struct Past {
    /// To be lived on.
    pub household: Household,
    /// By device and quantity.
    pub series: Vec<Series>,
}

/// One quantity of one device.
pub type Series = (ExternalId, Quantity, Vec<Slot>);

/// A device of the household, as openWB lists it.
struct Member {
    external: String,
    kind: DeviceKind,
    name: Option<&'static str>,
    device: Device,
}

fn members() -> Vec<Member> {
    let member = |external: String, kind, name, device| Member {
        external,
        kind,
        name,
        device,
    };
    let [garage, carport] = CHARGE_POINTS;
    let point = |id: u32, name| {
        let device = Device::ChargePoint(id);
        member(
            format!("chargepoint/{id}"),
            DeviceKind::ChargePoint,
            Some(name),
            device,
        )
    };
    vec![
        member(
            format!("counter/{GRID}"),
            DeviceKind::Grid,
            Some("Hausanschluss"),
            Device::Grid,
        ),
        member(
            format!("pv/{PV}"),
            DeviceKind::Pv,
            Some("Dach Süd"),
            Device::Pv,
        ),
        member(
            format!("bat/{BATTERY}"),
            DeviceKind::Battery,
            Some("Hausspeicher"),
            Device::Battery,
        ),
        member("home".to_owned(), DeviceKind::Home, None, Device::Home),
        point(garage, "Garage"),
        point(carport, "Carport"),
    ]
}

/// Which meter readings of a device are recorded.
const fn counters(kind: DeviceKind) -> &'static [Quantity] {
    match kind {
        DeviceKind::Pv => &[Quantity::Produced],
        DeviceKind::Home => &[Quantity::Imported],
        _ => &[Quantity::Imported, Quantity::Exported],
    }
}

/// Lives through the months before `now`. Takes a moment; nothing else runs on its thread.
pub fn live_through(now: DateTime<Utc>) -> Past {
    let step = Tier::FiveMinutes.step();
    let on_grid = |at| slot_start(at, step.to_std().unwrap_or_default());
    let from = on_grid(now.checked_sub_months(MONTHS).unwrap_or(now));
    let to = on_grid(now - WARM_UP);
    let members = members();
    let first = Household::new(SEED, from);
    let mut tracks: Vec<Track> = members
        .iter()
        .map(|member| Track::new(member, &first))
        .collect();
    let mut soc = Vec::new();

    let mut history = household::history(SEED, from, to, step);
    for slot in history.by_ref() {
        let courses = [&slot.grid, &slot.pv, &slot.battery, &slot.home];
        let courses = courses.into_iter().chain(&slot.charge_points);
        for (track, course) in tracks.iter_mut().zip(courses) {
            track.push(slot.start, course);
        }
        let percent = slot.battery_soc_percent;
        soc.push(gauge(slot.start, percent, percent, percent));
    }
    let battery = ExternalId::from(format!("bat/{BATTERY}").as_str());
    let series = tracks.into_iter().flat_map(Track::into_series);
    let series = series.chain([(battery, Quantity::Soc, soc)]).collect();
    Past {
        household: history.into_household(),
        series,
    }
}

/// What the engine is to find in its database.
pub fn seed(series: Vec<Series>, broker: SocketAddr, now: DateTime<Utc>) -> SeedData {
    let config = OpenwbConfig {
        host: broker.ip().to_string(),
        port: broker.port(),
        tls: false,
        pinned_fingerprint: None,
        username: None,
        topic_prefix: None,
        http_port: None,
    };
    let devices = members().into_iter().map(|member| SeedDevice {
        external_id: ExternalId::from(member.external.as_str()),
        kind: member.kind,
        name: member.name.map(CompactString::const_new),
        serial: None,
    });
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    let id = Uuid::new_v7(Timestamp::from_unix(
        NoContext,
        seconds,
        now.timestamp_subsec_nanos(),
    ));
    SeedData {
        source: (SourceId(id), "openWB".to_owned(), config.into()),
        devices: devices.collect(),
        series,
    }
}

/// The record of one device while it grows.
struct Track {
    external: ExternalId,
    power: Vec<Slot>,
    counters: Vec<Counter>,
}

struct Counter {
    quantity: Quantity,
    /// Reading when the record begins.
    base: f64,
    slots: Vec<Slot>,
}

impl Track {
    fn new(member: &Member, household: &Household) -> Self {
        let meter = household.meter(member.device).unwrap_or_default();
        let counter = |&quantity: &Quantity| Counter {
            quantity,
            base: reading(quantity, meter),
            slots: Vec::new(),
        };
        Self {
            external: ExternalId::from(member.external.as_str()),
            power: Vec::new(),
            counters: counters(member.kind).iter().map(counter).collect(),
        }
    }

    fn push(&mut self, start: DateTime<Utc>, course: &Course) {
        self.power
            .push(gauge(start, course.mean_w, course.min_w, course.max_w));
        for counter in &mut self.counters {
            let reading = reading(counter.quantity, course.meter);
            let value = SlotValue::Counter {
                reading: WattHours(reading),
                total: WattHours(reading - counter.base),
            };
            counter.slots.push(Slot {
                start,
                value,
                quality: Quality::Measured,
            });
        }
    }

    fn into_series(self) -> impl Iterator<Item = Series> {
        let external = self.external.clone();
        let counters = self.counters.into_iter();
        counters
            .map(move |counter| (external.clone(), counter.quantity, counter.slots))
            .chain([(self.external, Quantity::Power, self.power)])
    }
}

fn reading(quantity: Quantity, meter: household::Meter) -> f64 {
    match quantity {
        Quantity::Imported => meter.imported_wh,
        // The roof's meter counts what it gives out.
        _ => meter.exported_wh,
    }
}

fn gauge(start: DateTime<Utc>, mean: f64, min: f64, max: f64) -> Slot {
    let value = SlotValue::Gauge {
        mean,
        min,
        max,
        count: SAMPLES,
    };
    Slot {
        start,
        value,
        quality: Quality::Measured,
    }
}
