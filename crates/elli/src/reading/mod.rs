//! What Elli says.
//!
//! Energies are Wh, powers W, times UTC. Nearly everything may be missing: `None` is *unknown*, also
//! for what came in a form that makes no sense. Words that are not known are kept as they came.

mod accumulated;
mod card;
mod firmware;
mod location;
mod record;
mod session;
mod station;
mod word;

pub use accumulated::{Accumulated, CurrentSession, TotalCharged};
pub use card::Card;
pub use firmware::{Firmware, InstalledFirmware, StationFirmware};
pub use location::{Address, Location};
pub use record::Record;
pub use session::Session;
pub use station::{Connector, Station};
pub use word::{
    AuthenticationMethod, AuthorizationMode, ChargingState, ConnectionState, FaultCause,
    SessionLifecycle,
};
