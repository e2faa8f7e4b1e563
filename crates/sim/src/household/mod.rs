//! A household with a roof, a battery, two charge points and people who drive.
//!
//! Pure: no input, no output, no clock. [`Household::step`] moves it on in time; everything left to
//! chance is a function of the seed and the instant, so the same seed gives the same year.
//!
//! Signs follow the plain reading of each meter: the grid counts imports positive, the roof counts
//! production positive, the battery charging, charge points what vehicles take.

mod absence;
mod battery;
mod charge_point;
mod history;
mod load;
mod noise;

mod sun;
mod tariff;
mod traffic;
mod vehicle;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

pub use charge_point::{ChargeMode, ChargePoint, Offer, PlugSession};
pub use history::{Course, History, Slot, history};
pub use traffic::PlugError;
pub use vehicle::{MIN_CURRENT_A, PHASE_VOLTS, Vehicle};

use battery::Battery;
use load::Load;

/// Component id of the grid meter in openWB's hierarchy.
pub const GRID: u32 = 0;
/// Component id of the inverter.
pub const PV: u32 = 1;
/// Component id of the battery.
pub const BATTERY: u32 = 2;
/// Ids of the charge points, "Garage" and "Carport".
pub const CHARGE_POINTS: [u32; 2] = [3, 4];
/// Rated power of the roof in W.
pub const PV_PEAK_W: f64 = 9_800.0;

/// Longest stretch that is computed as one while running live.
const LIVE_STEP: TimeDelta = TimeDelta::seconds(10);

/// A meter: power now and energy since it was built in.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Meter {
    /// W; which direction is positive depends on the meter.
    pub power_w: f64,
    /// Wh taken in; never falls.
    pub imported_wh: f64,
    /// Wh given out; never falls.
    pub exported_wh: f64,
}

impl Meter {
    fn run(&mut self, power_w: f64, hours: f64) {
        self.power_w = power_w;
        if power_w > 0.0 {
            self.imported_wh += power_w * hours;
        } else {
            self.exported_wh -= power_w * hours;
        }
    }
}

/// A device with a meter of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Device {
    /// The utility's meter.
    Grid,
    /// The inverter on the roof; production counts as `exported_wh` and positive power.
    Pv,
    /// The battery; charging counts as `imported_wh`.
    Battery,
    /// The house without its charge points.
    Home,
    /// A charge point by id.
    ChargePoint(u32),
}

/// Something a person did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A vehicle was plugged in.
    Plugged {
        /// Charge point.
        charge_point: u32,
        /// Vehicle.
        vehicle: u32,
    },
    /// A tag was held to the reader.
    TagScanned {
        /// Charge point.
        charge_point: u32,
        /// The tag.
        tag: &'static str,
    },
    /// The cable was pulled.
    Unplugged {
        /// Charge point.
        charge_point: u32,
        /// Vehicle.
        vehicle: u32,
    },
}

/// Who decides what charge points offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// The model itself, by each plug-in's [`ChargeMode`].
    Automatic,
    /// Somebody calling [`Household::set_offer`].
    External,
    /// The charging stations alone: whoever is plugged in is offered all that [`Household::set_limit`]
    /// leaves, on three phases.
    Stations,
}

/// Whether people move vehicles by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traffic {
    /// Vehicles leave and arrive by their habits.
    Planned,
    /// Nothing moves but by [`Household::plug`] and [`Household::unplug`].
    ByHand,
}

/// The household at one instant.
#[derive(Debug, Clone)]
pub struct Household {
    seed: u64,
    zone: Tz,
    now: DateTime<Utc>,
    control: Control,
    traffic: Traffic,
    grid: Meter,
    pv: Meter,
    store: Meter,
    home: Meter,
    battery: Battery,
    load: Load,
    charge_points: [ChargePoint; 2],
    vehicles: Vec<Vehicle>,
    pv_override_w: Option<f64>,
    home_override_w: Option<f64>,
    events: Vec<Event>,
    sessions: Vec<PlugSession>,
}

impl Household {
    /// A household at `start`, as its people found it when the meters were built in: charge points
    /// automatic, traffic planned, local time Europe/Berlin.
    #[must_use]
    pub fn new(seed: u64, start: DateTime<Utc>) -> Self {
        let zone = chrono_tz::Europe::Berlin;
        let mut household = Self {
            seed,
            zone,
            now: start,
            control: Control::Automatic,
            traffic: Traffic::Planned,
            grid: Meter {
                power_w: 0.0,
                imported_wh: 4_711_000.0,
                exported_wh: 8_123_100.0,
            },
            pv: Meter {
                power_w: 0.0,
                imported_wh: 0.0,
                exported_wh: 12_345_000.0,
            },
            store: Meter {
                power_w: 0.0,
                imported_wh: 2_100_000.0,
                exported_wh: 1_900_000.0,
            },
            home: Meter {
                power_w: 0.0,
                imported_wh: 6_250_000.0,
                exported_wh: 0.0,
            },
            battery: Battery::new(),
            load: Load::new(seed, zone),
            charge_points: [
                ChargePoint::new(CHARGE_POINTS[0], "Garage", "SIM0003", 1_234_567.0),
                ChargePoint::new(CHARGE_POINTS[1], "Carport", "SIM0004", 2_234_567.0),
            ],
            vehicles: Vehicle::fleet(start),
            pv_override_w: None,
            home_override_w: None,
            events: Vec::new(),
            sessions: Vec::new(),
        };
        household.schedule_everybody();
        household
    }

    /// Where the household has got to.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The seed it was made with.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The household's time zone.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// Moves on by `by`, in strides of at most ten seconds.
    pub fn step(&mut self, by: TimeDelta) {
        self.run(by, LIVE_STEP, |_| {});
    }

    fn run(&mut self, by: TimeDelta, stride: TimeDelta, mut after_each: impl FnMut(&Self)) {
        let end = self.now + by;
        while self.now < end {
            let stride = stride.min(end - self.now);
            self.stride(stride);
            after_each(self);
        }
    }

    /// One stretch of constant powers.
    fn stride(&mut self, by: TimeDelta) {
        self.traffic();
        let hours = by.num_milliseconds() as f64 / 3_600_000.0;
        let middle = self.now + by / 2;
        let middle_s = middle.timestamp_millis() as f64 / 1000.0;
        let pv_w = self
            .pv_override_w
            .unwrap_or_else(|| sun::pv_power_w(self.seed, middle_s, PV_PEAK_W));
        let home_w = self
            .home_override_w
            .unwrap_or_else(|| self.load.power_w(middle));
        match self.control {
            Control::Automatic => self.offer_by_mode(pv_w - home_w),
            Control::Stations => self.offer_everything(),
            Control::External => {}
        }
        let charging_w = self.charge(hours, by);
        let spare_w = pv_w - home_w;
        // The battery feeds the house, not the cars: discharging stops at the house's own need.
        let wanted_w = if spare_w > 0.0 {
            (spare_w - charging_w).max(0.0)
        } else {
            spare_w
        };
        let battery_w = self.battery.run(wanted_w, hours);

        self.home.run(home_w, hours);
        self.pv.power_w = pv_w;
        self.pv.exported_wh += pv_w * hours;
        self.store.run(battery_w, hours);
        self.grid.run(home_w + charging_w + battery_w - pv_w, hours);
        self.now += by;
    }

    /// Runs both charge points and returns their power.
    fn charge(&mut self, hours: f64, by: TimeDelta) -> f64 {
        let mut total_w = 0.0;
        for point in &mut self.charge_points {
            let Some(vehicle) = point
                .vehicle
                .and_then(|id| self.vehicles.iter_mut().find(|vehicle| vehicle.id == id))
            else {
                point.currents_a = [0.0; 3];
                point.meter.run(0.0, hours);
                continue;
            };
            let (current_a, phases) = vehicle.charge(point.allowed_a(), point.offer.phases, hours);
            let mut currents = [0.0; 3];
            currents[..usize::from(phases)].fill(current_a);
            point.currents_a = currents;
            if phases > 0 {
                point.phases_in_use = phases;
            }
            let power_w = current_a * PHASE_VOLTS * f64::from(phases);
            point.meter.run(power_w, hours);
            total_w += power_w;
            if let Some(session) = &mut point.session {
                session.imported_at_end_wh = point.meter.imported_wh;
                session.soc_at_end_percent = vehicle.soc_percent();
                if power_w > 0.0 {
                    session.charging_s += by.num_milliseconds() as f64 / 1000.0;
                }
            }
        }
        total_w
    }

    fn offer_everything(&mut self) {
        for point in &mut self.charge_points {
            point.offer = if point.vehicle.is_some() {
                Offer {
                    current_a: charge_point::RATED_A,
                    phases: 3,
                }
            } else {
                Offer::NONE
            };
        }
    }

    /// What charge points offer when no controller is attached: 16 A, or the roof's surplus on three
    /// phases, on one when it is too little for three.
    fn offer_by_mode(&mut self, mut spare_w: f64) {
        for point in &mut self.charge_points {
            let Some(session) = &point.session else {
                point.offer = Offer::NONE;
                continue;
            };
            point.offer = match session.mode {
                ChargeMode::Instant => Offer {
                    current_a: 16.0,
                    phases: 3,
                },
                ChargeMode::Surplus => {
                    let three = spare_w / (3.0 * PHASE_VOLTS);
                    let one = spare_w / PHASE_VOLTS;
                    if three >= MIN_CURRENT_A {
                        Offer {
                            current_a: three.min(16.0),
                            phases: 3,
                        }
                    } else if one >= MIN_CURRENT_A {
                        Offer {
                            current_a: one.min(16.0),
                            phases: 1,
                        }
                    } else {
                        Offer::NONE
                    }
                }
            };
            spare_w -= point.offer.current_a * PHASE_VOLTS * f64::from(point.offer.phases);
        }
    }
}
