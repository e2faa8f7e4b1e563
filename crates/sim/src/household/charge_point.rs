//! A charge point's hardware: plug, contactor, meter. What it may offer is decided elsewhere.

use chrono::{DateTime, Utc};

use super::Meter;

/// How a charge without a controller behind it is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeMode {
    /// 16 A on three phases at once.
    Instant,
    /// Only what the roof has left over.
    Surplus,
}

/// What a station of this household is built for, in A per phase.
pub(super) const RATED_A: f64 = 16.0;

/// One socket.
#[derive(Debug, Clone)]
pub struct ChargePoint {
    /// openWB's component id.
    pub id: u32,
    /// What its people call it.
    pub name: &'static str,
    /// Serial number of its meter.
    pub serial_number: &'static str,
    /// Active power and energy; `imported_wh` is what vehicles got.
    pub meter: Meter,
    /// Current per phase in A.
    pub currents_a: [f64; 3],
    /// Phases that carried current last; keeps its value when charging ends.
    pub phases_in_use: u8,
    /// The vehicle on the cable, if any.
    pub vehicle: Option<u32>,
    /// What the controller allows: current per phase in A (0 = pause) and phases.
    pub offer: Offer,
    /// What the station itself lets through at most, in A per phase, whatever a controller offers.
    pub limit_a: f64,
    /// The plug-in that is going on.
    pub(super) session: Option<PlugSession>,
}

/// What a controller allows a vehicle to take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offer {
    /// A per phase; below 6 A nothing flows.
    pub current_a: f64,
    /// 1 or 3.
    pub phases: u8,
}

impl Offer {
    /// No charging.
    pub const NONE: Self = Self {
        current_a: 0.0,
        phases: 3,
    };
}

/// One plug-in from plugging to unplugging, as the household itself remembers it.
#[derive(Debug, Clone, PartialEq)]
pub struct PlugSession {
    /// Charge point.
    pub charge_point: u32,
    /// Vehicle.
    pub vehicle: u32,
    /// Tag held to the reader, if somebody did.
    pub tag: Option<&'static str>,
    /// How it was charged.
    pub mode: ChargeMode,
    /// Plugged in.
    pub plugged_at: DateTime<Utc>,
    /// Unplugged; `None` while it lasts.
    pub unplugged_at: Option<DateTime<Utc>>,
    /// Meter reading at plugging in, Wh.
    pub imported_at_start_wh: f64,
    /// Meter reading at unplugging (or now), Wh.
    pub imported_at_end_wh: f64,
    /// Seconds with energy flowing.
    pub charging_s: f64,
    /// Vehicle's state of charge at plugging in, percent.
    pub soc_at_start_percent: f64,
    /// Vehicle's state of charge at unplugging (or now), percent.
    pub soc_at_end_percent: f64,
}

impl ChargePoint {
    pub(super) fn new(id: u32, name: &'static str, serial_number: &'static str, wh: f64) -> Self {
        Self {
            id,
            name,
            serial_number,
            meter: Meter {
                power_w: 0.0,
                imported_wh: wh,
                exported_wh: 0.0,
            },
            currents_a: [0.0; 3],
            phases_in_use: 3,
            vehicle: None,
            offer: Offer::NONE,
            limit_a: RATED_A,
            session: None,
        }
    }

    /// Whether energy flows.
    #[must_use]
    pub fn is_charging(&self) -> bool {
        self.meter.power_w > 0.0
    }

    /// What the vehicle is told it may take, in A per phase.
    #[must_use]
    pub fn allowed_a(&self) -> f64 {
        self.offer.current_a.min(self.limit_a)
    }

    /// The plug-in that is going on, if any.
    #[must_use]
    pub fn session(&self) -> Option<&PlugSession> {
        self.session.as_ref()
    }
}
