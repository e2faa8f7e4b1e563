//! The box, its settings and its structure.

use super::{Generation, Text};

/// Facts about the box.
#[derive(Debug, Clone, PartialEq)]
pub enum System {
    /// Software version and, by the topic it came on, the generation.
    Version {
        /// Which family of topics this box speaks.
        generation: Generation,
        /// Version text such as `2.3.0-alpha.1` or `1.9.304.0`.
        version: Option<Box<str>>,
    },
    /// Git branch of the software.
    Branch(Option<Box<str>>),
    /// Git commit of the software.
    Commit(Option<Box<str>>),
    /// Newest git commit of the branch the box follows.
    BranchCommit(Option<Box<str>>),
    /// False while the box boots or updates: nothing it says then can be trusted.
    BootDone(Option<bool>),
    /// True while an update runs.
    UpdateInProgress(Option<bool>),
    /// The heartbeat: the box's clock in unix seconds, every ten seconds.
    Time(Option<f64>),
    /// IP address in the home network.
    IpAddress(Option<Box<str>>),
    /// MAC address.
    MacAddress(Option<Box<str>>),
    /// Serial number of the box.
    SerialNumber(Option<Box<str>>),
    /// Host name.
    Hostname(Option<Box<str>>),
    /// Schema version of the box's data: the newest migration it has applied.
    DatastoreVersion(Option<u32>),
    /// Whether the box restricts what each user may see and do (since 2.2.0).
    UserManagementActive(Option<bool>),
    /// A notice for everybody.
    Message {
        /// The notice's key: unix milliseconds.
        id: u64,
        /// The notice; `None` when somebody dismissed it.
        message: Option<Box<Message>>,
    },
}

/// A notice of the box, or the outcome of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Which part of the box speaks, e.g. `command`.
    pub source: Option<Box<str>>,
    /// `info`, `success`, `warning` or `danger`.
    pub kind: Option<Box<str>>,
    /// The notice itself. May contain HTML.
    pub text: Text,
    /// Unix seconds.
    pub at: Option<f64>,
}

/// Settings of the whole installation.
#[derive(Debug, Clone, PartialEq)]
pub enum General {
    /// Length of a control cycle in seconds: 10, 20 or 60.
    ControlInterval(Option<u32>),
    /// Whether writing a charge point's template changes only its working copy
    /// (since 2.1.9; absent on older boxes).
    TemporaryChargeTemplates(Option<bool>),
    /// True when another openWB controls this one: it does not regulate by itself.
    Extern(Option<bool>),
    /// Price of grid energy in € per Wh.
    GridPrice(Option<f64>),
    /// Price of own solar energy in € per Wh.
    PvPrice(Option<f64>),
    /// Price of energy from the home battery in € per Wh.
    BatteryPrice(Option<f64>),
    /// Unit of ranges, e.g. `km`.
    RangeUnit(Option<Box<str>>),
    /// Whether the box answers on its unencrypted port.
    UnencryptedAccess(Option<bool>),
    /// Whether the box's HTTP interface is on.
    HttpApi(Option<bool>),
    /// Who comes first when there is surplus: `ev_mode`, `bat_mode`, `min_soc_bat_mode`.
    SurplusPriority(Option<Box<str>>),
}

/// Optional features.
#[derive(Debug, Clone, PartialEq)]
pub enum Optional {
    /// Whether identification by RFID is switched on.
    RfidActive(Option<bool>),
    /// Whether a dynamic tariff is set up (`optional/ep`, before 2.1.9 `optional/et`).
    TariffConfigured(Option<bool>),
    /// Prices of the dynamic tariff, by start of slot.
    TariffPrices(Option<Box<[PriceSlot]>>),
    /// Whether fields of DC charging are meaningful.
    DcCharging(Option<bool>),
}

/// One slot of a dynamic tariff.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriceSlot {
    /// Start in unix seconds.
    pub start: i64,
    /// Price in € per Wh.
    pub price: f64,
}

/// A node of the hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Id of the component or charge point.
    pub id: u32,
    /// What it is.
    pub kind: NodeKind,
    /// What is connected behind it.
    pub children: Box<[Node]>,
}

/// Kinds of nodes in the hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// A counter.
    Counter,
    /// An inverter.
    Inverter,
    /// A home battery.
    Battery,
    /// A charge point.
    ChargePoint,
    /// A kind this version of the crate does not know.
    Other(Box<str>),
}

/// A configured device, without its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Name given by the owner.
    pub name: Option<Box<str>>,
    /// openWB's name of the driver, e.g. `mqtt`.
    pub driver: Option<Box<str>>,
    /// Vendor as openWB names it.
    pub vendor: Option<Box<str>>,
}

/// A configured component, without its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// The device it belongs to.
    pub device: u32,
    /// Name given by the owner. The only place where counters, inverters and batteries have one.
    pub name: Option<Box<str>>,
    /// What it measures.
    pub kind: ComponentKind,
    /// Colour in openWB's own charts, `#rrggbb`.
    pub color: Option<Box<str>>,
}

/// Kinds of components.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComponentKind {
    /// A counter, see [`super::Metered::Counter`].
    Counter,
    /// An inverter, see [`super::Metered::Inverter`].
    Inverter,
    /// A home battery, see [`super::Metered::Battery`].
    Battery,
    /// A kind this version of the crate does not know, e.g. an IO module.
    Other(Box<str>),
}
