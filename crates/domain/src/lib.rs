//! Ladebuch's nouns and decisions, pure.
//!
//! Nothing here waits, reads a clock, or touches a disk or a socket: time and
//! state come in as arguments and the answer goes out as a value. Whoever wants
//! to know *what Ladebuch decides* reads this crate; whoever wants to know *when
//! and where it happens* reads `ladebuch-engine`.
//!
//! Conventions that hold everywhere:
//!
//! - Units are types ([`units`]); a bare `f64` is never a quantity.
//! - Power into the house, the car or the battery is positive: grid import +,
//!   export −; battery charging +, discharging −. PV production is given as
//!   positive production.
//! - Times are UTC instants. A household's [`chrono_tz::Tz`] is used only where
//!   days and months are meant ([`period`]).
//! - Unknown is `None`, never zero.

pub mod charge_log;
pub mod control;
pub mod device;
pub mod energy;
pub mod house;
pub mod ids;
pub mod period;
pub mod reading;
pub mod sample;
pub mod snapshot;
pub mod source;
pub mod tag;
pub mod tariff;
pub mod units;
