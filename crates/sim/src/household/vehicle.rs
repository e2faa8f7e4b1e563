//! Vehicles: what they are, how full they are and what they take from a socket.

use chrono::{DateTime, Utc};

use super::absence::{Absence, Habit};

/// Nominal voltage between phase and neutral, on which the model computes.
pub const PHASE_VOLTS: f64 = 230.0;
/// Below this a vehicle does not charge (IEC 61851).
pub const MIN_CURRENT_A: f64 = 6.0;

/// A vehicle. Its number is openWB's vehicle id.
#[derive(Debug, Clone)]
pub struct Vehicle {
    /// 0 is whoever has no profile of their own.
    pub id: u32,
    /// What its people call it.
    pub name: &'static str,
    /// Maker, if known to the household.
    pub manufacturer: Option<&'static str>,
    /// Model, if known to the household.
    pub model: Option<&'static str>,
    /// The RFID tag its driver carries, if any.
    pub tag: Option<&'static str>,
    /// Usable battery in Wh.
    pub battery_wh: f64,
    /// Consumption in Wh per km.
    pub wh_per_km: f64,
    /// Phases of the on-board charger.
    pub phases: u8,
    /// Highest current per phase in A.
    pub max_current_a: f64,
    /// Percent at which the vehicle itself stops charging.
    pub charge_until_percent: f64,
    /// Total distance in km.
    pub odometer_km: f64,
    /// The charge point it uses.
    pub parks_at: u32,
    pub(super) habit: Habit,
    pub(super) stored_wh: f64,
    pub(super) absence: Absence,
    pub(super) home: bool,
    /// When it will plug in, once home and if at all.
    pub(super) plugs_in_at: Option<DateTime<Utc>>,
}

/// Share of the energy from the socket that ends up in the battery.
const EFFICIENCY: f64 = 0.9;

impl Vehicle {
    /// The household's vehicles, all at home and none plugged in.
    pub(super) fn fleet(start: DateTime<Utc>) -> Vec<Self> {
        let nowhere = Absence {
            from: start,
            to: start,
            km: 0.0,
        };
        let any = Self {
            id: 0,
            name: "Standard-Fahrzeug",
            manufacturer: None,
            model: None,
            tag: None,
            battery_wh: 58_000.0,
            wh_per_km: 168.0,
            phases: 3,
            max_current_a: 16.0,
            charge_until_percent: 80.0,
            odometer_km: 21_406.0,
            parks_at: 4,
            habit: Habit::Visitor,
            stored_wh: 26_000.0,
            absence: nowhere,
            home: false,
            plugs_in_at: None,
        };
        vec![
            any.clone(),
            Self {
                id: 1,
                name: "ID.7",
                manufacturer: Some("VW"),
                model: Some("ID.7"),
                tag: Some("0012345678"),
                battery_wh: 77_000.0,
                wh_per_km: 172.0,
                odometer_km: 18_240.0,
                parks_at: 3,
                habit: Habit::Commuter,
                stored_wh: 46_000.0,
                home: true,
                ..any.clone()
            },
            Self {
                id: 2,
                name: "Zoe",
                manufacturer: Some("Renault"),
                model: Some("Zoe"),
                tag: Some("0087654321"),
                battery_wh: 41_000.0,
                wh_per_km: 158.0,
                charge_until_percent: 100.0,
                odometer_km: 64_911.0,
                habit: Habit::Errands,
                stored_wh: 24_000.0,
                home: true,
                ..any
            },
        ]
    }

    /// State of charge in percent.
    #[must_use]
    pub fn soc_percent(&self) -> f64 {
        100.0 * self.stored_wh / self.battery_wh
    }

    /// Distance in km that the content is good for.
    #[must_use]
    pub fn range_km(&self) -> f64 {
        self.stored_wh / self.wh_per_km
    }

    /// Whether the vehicle would take energy at all.
    #[must_use]
    pub fn wants_energy(&self) -> bool {
        self.soc_percent() < self.charge_until_percent - 0.01
    }

    pub(super) fn set_soc_percent(&mut self, percent: f64) {
        self.stored_wh = self.battery_wh * percent.clamp(0.0, 100.0) / 100.0;
    }

    /// Drives; a driver who runs low charges on the way and comes home with a tenth.
    pub(super) fn drive(&mut self, km: f64) {
        self.odometer_km += km;
        self.stored_wh = (self.stored_wh - km * self.wh_per_km).max(0.1 * self.battery_wh);
    }

    /// Charges for `hours` from a socket that offers a current on some phases.
    /// Returns the current per phase it draws and the phases it uses.
    pub(super) fn charge(&mut self, offered_a: f64, phases: u8, hours: f64) -> (f64, u8) {
        if offered_a < MIN_CURRENT_A || !self.wants_energy() || hours <= 0.0 {
            return (0.0, 0);
        }
        let phases = phases.min(self.phases);
        let per_ampere = PHASE_VOLTS * f64::from(phases);
        let room_wh =
            (self.battery_wh * self.charge_until_percent / 100.0 - self.stored_wh) / EFFICIENCY;
        let current = offered_a
            .min(self.max_current_a)
            .min(self.taper_a())
            .min(room_wh / hours / per_ampere);
        self.stored_wh += current * per_ampere * hours * EFFICIENCY;
        (current, phases)
    }

    /// The battery management takes less above 95 %.
    fn taper_a(&self) -> f64 {
        let soc = self.soc_percent();
        if soc < 95.0 {
            self.max_current_a
        } else {
            self.max_current_a * (1.0 - (soc - 95.0) * 0.13).max(0.3)
        }
    }
}
