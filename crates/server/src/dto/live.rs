//! The live view: the snapshot, and what changed since.

use chrono::{DateTime, Utc};
use ladebuch_domain::device::DeviceKind;
use ladebuch_domain::house::{self, house};
use ladebuch_domain::ids::{DeviceId, SourceId};
use ladebuch_domain::reading::FaultLevel;
use ladebuch_domain::snapshot::{Device, Snapshot};
use ladebuch_domain::source::{self, SourceView};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::charge_point::LiveChargePoint;
use super::prices::Tariff;
use super::{Instant, Kind, ProblemCode};

/// The latest of everything.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveSnapshot {
    /// When it was taken.
    pub at: Instant,
    /// Rises with every change.
    pub revision: u64,
    /// Whether this is the demo household.
    pub demo: bool,
    /// IANA zone of the household.
    #[schema(example = "Europe/Berlin")]
    pub zone: &'static str,
    /// The house as one picture.
    pub house: House,
    /// Every configured source.
    pub sources: Vec<LiveSource>,
    /// Every device that a source has at present.
    pub devices: Vec<LiveDevice>,
}

/// What the live feed sends: one snapshot first, then changes; a snapshot again whenever the view
/// switches to or from the demo household, and when the household's zone is changed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LiveMessage {
    /// Replaces everything.
    Snapshot {
        /// The latest of everything.
        snapshot: LiveSnapshot,
    },
    /// Whole objects that replace those of the same id.
    Changes(LiveChanges),
}

/// What changed since the last message.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveChanges {
    /// When the message was made.
    pub at: Instant,
    /// Revision after these changes.
    pub revision: u64,
    /// The house as one picture.
    pub house: House,
    /// Sources that changed.
    pub sources: Vec<LiveSource>,
    /// Devices that changed.
    pub devices: Vec<LiveDevice>,
    /// Devices that are gone.
    pub removed: Vec<Uuid>,
    /// Sources that are gone.
    pub removed_sources: Vec<Uuid>,
}

/// Both sides of the house.
#[derive(Debug, Serialize, ToSchema)]
pub struct House {
    /// PV production, grid import, battery discharge.
    pub inputs: Vec<Flow>,
    /// Home, charge points, battery charging, grid export.
    pub outputs: Vec<Flow>,
    /// Sum of the inputs in W.
    #[schema(required)]
    pub input_w: Option<f64>,
    /// Sum of the outputs in W.
    #[schema(required)]
    pub output_w: Option<f64>,
    /// Inputs − outputs in W where both are known and differ by 50 W or more.
    #[schema(required)]
    pub unknown_w: Option<f64>,
}

/// Power that comes from or goes to a device.
#[derive(Debug, Serialize, ToSchema)]
pub struct Flow {
    /// The part the device plays.
    pub role: Kind,
    /// The device.
    pub device_id: Uuid,
    /// In W, at least 0.
    pub power_w: f64,
    /// Whether the value is old.
    pub stale: bool,
}

/// A source and whether it can be believed.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveSource {
    /// Its id.
    pub id: Uuid,
    /// What it is.
    pub kind: SourceKind,
    /// The name its owner gave it.
    pub name: String,
    /// Whether its values can be believed.
    pub state: SourceState,
    /// Since when it is in that state.
    pub since: Instant,
    /// Last sign of life.
    #[schema(required)]
    pub last_heard_at: Option<Instant>,
    /// Version of the software on the other side.
    #[schema(required, example = "2.2.0")]
    pub software_version: Option<String>,
    /// What is wrong.
    #[schema(required)]
    pub problem: Option<SourceProblem>,
    /// When the next attempt to connect begins.
    #[schema(required)]
    pub retry_at: Option<Instant>,
    /// Its dynamic tariff, if it has one.
    #[schema(required)]
    pub tariff: Option<Tariff>,
    /// Messages on topics that this version does not know.
    pub unknown_topics: u64,
    /// Messages that could not be understood.
    pub malformed: u64,
    /// The last of them.
    #[schema(required)]
    pub last_malformed: Option<Malformed>,
}

/// Kinds of sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// An openWB.
    Openwb,
    /// An account of the Elli cloud.
    Elli,
    /// An Elli Charger 2 on the local network.
    Charger2,
}

impl From<source::SourceKind> for SourceKind {
    fn from(kind: source::SourceKind) -> Self {
        match kind {
            source::SourceKind::Openwb => Self::Openwb,
            source::SourceKind::Elli => Self::Elli,
            source::SourceKind::Charger2 => Self::Charger2,
        }
    }
}

/// Whether a source's values can be believed.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// Not yet heard of since the connection began.
    Connecting,
    /// Connected and alive.
    Live,
    /// Connected, but silent: values may be old.
    Stale,
    /// Not connected.
    Offline,
}

/// What is wrong with a source.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceProblem {
    /// Stable code.
    pub code: ProblemCode,
    /// What happened and what to do, in English.
    pub detail: String,
    /// SHA-256 of the certificate that was not trusted, in hex.
    #[schema(required)]
    pub fingerprint: Option<String>,
}

/// A message that could not be understood.
#[derive(Debug, Serialize, ToSchema)]
pub struct Malformed {
    /// Where it arrived.
    pub topic: String,
    /// What is wrong with it.
    pub reason: String,
    /// When it arrived.
    pub at: Instant,
}

/// A device and the latest of its readings. Grid: + import, − export; battery: + charging; PV:
/// positive production; charge point: + charging.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveDevice {
    /// Its id.
    pub id: Uuid,
    /// The source that sees it.
    pub source_id: Uuid,
    /// The part it plays.
    pub kind: Kind,
    /// Its name; the source's own designation where it has none.
    pub name: String,
    /// The source's own designation.
    #[schema(example = "chargepoint/3")]
    pub external_id: String,
    /// On an Elli station: the charge point that is the same box, seen from near.
    #[schema(required)]
    pub linked_to: Option<Uuid>,
    /// Place in the palette of its kind.
    pub color_slot: u8,
    /// When anything was last heard of it.
    pub updated_at: Instant,
    /// Whether its values can no longer be taken for the present ones.
    pub stale: bool,
    /// Trouble that the source reports.
    #[schema(required)]
    pub fault: Option<Fault>,
    /// Power, all phases.
    #[schema(required)]
    pub power_w: Option<f64>,
    /// Power of L1, L2, L3.
    #[schema(required)]
    pub powers_w: Option<[f64; 3]>,
    /// Current of L1, L2, L3.
    #[schema(required)]
    pub currents_a: Option<[f64; 3]>,
    /// Voltage of L1, L2, L3.
    #[schema(required)]
    pub voltages_v: Option<[f64; 3]>,
    /// Apparent power, all phases, of a device that measures no active power. Not counted in the house.
    #[schema(required)]
    pub apparent_power_va: Option<f64>,
    /// Apparent energy since the device was installed. Not what a calibrated meter counts.
    #[schema(required)]
    pub apparent_energy_vah: Option<f64>,
    /// Meter reading in the direction of positive power.
    #[schema(required)]
    pub imported_wh: Option<f64>,
    /// Meter reading in the direction of negative power.
    #[schema(required)]
    pub exported_wh: Option<f64>,
    /// Meter reading of PV production.
    #[schema(required)]
    pub produced_wh: Option<f64>,
    /// State of charge of a home battery.
    #[schema(required)]
    pub soc_percent: Option<f64>,
    /// What only charge points have.
    #[schema(required)]
    pub charge_point: Option<LiveChargePoint>,
}

/// Trouble that a source reports for a device.
#[derive(Debug, Serialize, ToSchema)]
pub struct Fault {
    /// How bad it is.
    pub level: FaultLevelName,
    /// The source's own words.
    pub text: String,
}

/// How bad a fault is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FaultLevel)]
pub enum FaultLevelName {
    /// The values still hold.
    Warning,
    /// The last values may be old.
    Error,
}

impl LiveSnapshot {
    /// All of the snapshot.
    #[must_use]
    pub fn new(snapshot: &Snapshot, demo: bool, zone: &'static str, now: DateTime<Utc>) -> Self {
        Self {
            at: now.into(),
            revision: snapshot.revision,
            demo,
            zone,
            house: house(snapshot, now).into(),
            sources: sources(snapshot, 0),
            devices: devices(snapshot, 0, now),
        }
    }
}

impl LiveChanges {
    /// What of the snapshot changed since that revision, apart from what is gone.
    #[must_use]
    pub fn since(revision: u64, snapshot: &Snapshot, now: DateTime<Utc>) -> Self {
        Self {
            at: now.into(),
            revision: snapshot.revision,
            house: house(snapshot, now).into(),
            sources: sources(snapshot, revision),
            devices: devices(snapshot, revision, now),
            removed: Vec::new(),
            removed_sources: Vec::new(),
        }
    }
}

fn sources(snapshot: &Snapshot, after: u64) -> Vec<LiveSource> {
    let all = snapshot.sources.iter();
    all.filter(|(_, source)| after == 0 || source.revision > after)
        .map(|(&id, source)| LiveSource::new(id, source))
        .collect()
}

fn devices(snapshot: &Snapshot, after: u64, now: DateTime<Utc>) -> Vec<LiveDevice> {
    let all = snapshot.devices.iter();
    all.filter(|(_, device)| after == 0 || device.revision > after)
        .map(|(&id, device)| LiveDevice::new(id, device, snapshot.is_stale(device, now)))
        .collect()
}

impl From<house::House> for House {
    fn from(house: house::House) -> Self {
        let flows = |flows: Vec<house::Flow>| flows.into_iter().map(Flow::from).collect();
        Self {
            inputs: flows(house.inputs),
            outputs: flows(house.outputs),
            input_w: house.input.map(|power| power.get()),
            output_w: house.output.map(|power| power.get()),
            unknown_w: house.unknown.map(|power| power.get()),
        }
    }
}

impl From<house::Flow> for Flow {
    fn from(flow: house::Flow) -> Self {
        Self {
            role: Kind(flow.kind),
            device_id: flow.device.0,
            power_w: flow.power.get(),
            stale: flow.stale,
        }
    }
}

impl LiveSource {
    /// One source.
    #[must_use]
    pub fn new(id: SourceId, source: &SourceView) -> Self {
        Self {
            id: id.0,
            kind: source.kind.into(),
            name: source.name.to_string(),
            state: source.state.into(),
            since: source.since.into(),
            last_heard_at: source.last_heard.map(Instant),
            software_version: source.software_version.as_ref().map(ToString::to_string),
            problem: source.problem.clone().map(SourceProblem::from),
            retry_at: source.retry_at.map(Instant),
            tariff: source.prices.as_deref().map(Tariff::new),
            unknown_topics: source.unknown_topics,
            malformed: source.malformed,
            last_malformed: source.last_malformed.clone().map(|malformed| Malformed {
                topic: malformed.topic.into(),
                reason: malformed.reason.into(),
                at: malformed.at.into(),
            }),
        }
    }
}

impl From<source::SourceState> for SourceState {
    fn from(state: source::SourceState) -> Self {
        match state {
            source::SourceState::Connecting => Self::Connecting,
            source::SourceState::Live => Self::Live,
            source::SourceState::Stale => Self::Stale,
            source::SourceState::Offline => Self::Offline,
        }
    }
}

impl From<source::Problem> for SourceProblem {
    fn from(problem: source::Problem) -> Self {
        Self {
            code: ProblemCode(problem.kind),
            detail: problem.detail.into(),
            fingerprint: problem.fingerprint.map(String::from),
        }
    }
}

impl LiveDevice {
    fn new(id: DeviceId, device: &Device, stale: bool) -> Self {
        let meter = &device.meter;
        Self {
            id: id.0,
            source_id: device.source.0,
            kind: Kind(device.kind),
            name: match &device.name {
                Some(name) if !name.is_empty() => name.to_string(),
                _ => device.external_id.to_string(),
            },
            external_id: device.external_id.to_string(),
            linked_to: device.linked_to.map(|id| id.0),
            color_slot: device.color_slot,
            updated_at: device.updated.into(),
            stale,
            fault: device.fault.as_ref().map(|fault| Fault {
                level: match fault.level {
                    FaultLevel::Warning => FaultLevelName::Warning,
                    FaultLevel::Error => FaultLevelName::Error,
                },
                text: fault.text.to_string(),
            }),
            power_w: meter.power.map(|power| power.value.get()),
            powers_w: meter.phase_powers.map(|all| all.value.map(|one| one.get())),
            currents_a: meter
                .phase_currents
                .map(|all| all.value.map(|one| one.get())),
            voltages_v: meter
                .phase_voltages
                .map(|all| all.value.map(|one| one.get())),
            apparent_power_va: meter.apparent_power.map(|power| power.value.get()),
            apparent_energy_vah: meter.apparent_energy.map(|energy| energy.value.get()),
            imported_wh: meter.imported.map(|energy| energy.value.get()),
            exported_wh: meter.exported.map(|energy| energy.value.get()),
            produced_wh: meter.produced.map(|energy| energy.value.get()),
            soc_percent: meter.soc.map(|soc| soc.value.get()),
            charge_point: (device.kind == DeviceKind::ChargePoint)
                .then(|| LiveChargePoint::new(device.iec61851(), &device.charge_point)),
        }
    }
}
