//! What an openWB says, as types: one [`Reading`] per message.
//!
//! Units are openWB's own base units throughout: W, Wh, A, V, Hz, %, € per Wh, unix seconds.
//! Signs are openWB's own too (see [`Meter`]); a consumer with other conventions converts.
//! `None` always means *unknown*: the box published `null`, or deleted the retained topic
//! (an empty payload). For a document such as [`ChargePoint::Config`] it means the thing is gone.

mod charge_point;
mod meter;
mod private;
mod system;
mod template;
pub mod v1_9;
mod vehicle;

pub use charge_point::{
    ChargePoint, ChargePointConfig, ConnectedConfig, ConnectedSoc, EnergyBySource, SessionLog,
    VehicleInfo,
};
pub use meter::{FaultState, Meter, Metered, Phases};
pub use private::{Tag, Text};
pub use system::{
    Component, ComponentKind, Device, General, Message, Node, NodeKind, Optional, PriceSlot, System,
};
pub use template::{
    ChargeMode, ChargePointTemplate, ChargeTemplate, Eco, Instant, Limit, LimitKind, Pv,
    ScheduledPlan, TimePlan, VehicleTemplate,
};
pub use vehicle::{SocPolling, Vehicle};

use crate::charge_log::Entry;

/// The two families of openWB software, which speak different topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Generation {
    /// openWB 1.9.x: plain text payloads, `openWB/lp/N/…`.
    V1_9,
    /// openWB 2.x: JSON payloads, `openWB/chargepoint/N/…`.
    V2,
}

impl std::fmt::Display for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::V1_9 => "1.9",
            Self::V2 => "2.x",
        })
    }
}

/// One observed fact.
///
/// Numeric readings hold no heap data; documents are boxed, so the enum stays small enough
/// to be sent by the thousand.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// The box itself: version, heartbeat, boot state, addresses.
    System(System),
    /// Settings that hold for the whole installation.
    General(General),
    /// Optional features: identification, tariffs, DC charging.
    Optional(Optional),
    /// The tree of counters, inverters, batteries and charge points.
    ///
    /// The first root is the grid counter if its kind is [`NodeKind::Counter`]; its id need not be 0.
    /// An empty tree means that nothing is configured and the box does not regulate.
    Hierarchy(Option<Box<[Node]>>),
    /// A configured device (the carrier of components).
    Device {
        /// Device id, a number space of its own.
        id: u32,
        /// What is configured, without its credentials; `None` when the device was removed.
        config: Option<Box<Device>>,
    },
    /// A configured component. Its id is the one used by counters, inverters and batteries.
    Component {
        /// Component id.
        id: u32,
        /// What is configured, without its credentials; `None` when the component was removed.
        config: Option<Box<Component>>,
    },
    /// A measurement or limit of anything that is metered.
    Meter {
        /// What was measured.
        of: Metered,
        /// The measured quantity.
        value: Meter,
    },
    /// A fact about a charge point that is not a plain measurement.
    ChargePoint {
        /// Charge point id.
        id: u32,
        /// The fact.
        value: ChargePoint,
    },
    /// A fact about a vehicle.
    Vehicle {
        /// Vehicle id; 0 is the standard vehicle, which always exists.
        id: u32,
        /// The fact.
        value: Vehicle,
    },
    /// A persistent charge template ("Lade-Profil").
    ChargeTemplate {
        /// Template id.
        id: u32,
        /// The template; `None` when it was removed.
        template: Option<Box<ChargeTemplate>>,
    },
    /// A vehicle template ("Fahrzeug-Profil"): electrical properties of a kind of car.
    VehicleTemplate {
        /// Template id.
        id: u32,
        /// The template; `None` when it was removed.
        template: Option<Box<VehicleTemplate>>,
    },
    /// A charge point template ("Ladepunkt-Profil").
    ChargePointTemplate {
        /// Template id.
        id: u32,
        /// The template; `None` when it was removed.
        template: Option<Box<ChargePointTemplate>>,
    },
    /// The answer to a request for a month of the charge log, row by row in the order of the box.
    /// Empty when there is nothing in that month.
    ChargeLogReply(Box<[Entry]>),
    /// What the box says became of a command of this connection. It is kept until somebody
    /// [removes](crate::command::v2::Command::DeleteMessage) it.
    CommandMessage {
        /// The notice's key: unix milliseconds.
        id: u64,
        /// The notice; `None` when it was removed.
        message: Option<Box<Message>>,
    },
    /// A fact about a box of generation 1.9, apart from its [`System::Version`].
    V1_9(v1_9::Reading),
}
