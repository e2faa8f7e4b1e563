//! What can go wrong between Ladebuch and the box, in words a person can act on.

use super::registers::{OutOfRange, Unfamiliar};

/// Why the box could not be read or told something. The text says what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The name does not resolve.
    #[error("No host named “{host}” was found. Check the spelling, or use the box's IP address.")]
    HostNotFound {
        /// The name.
        host: Box<str>,
    },
    /// The host refuses connections on the port.
    #[error(
        "The host refuses connections on port {port}. Switch the Modbus server on, in the box's web page as Service User: Connections, Modbus server. Its port is usually 502."
    )]
    ConnectionRefused {
        /// The port.
        port: u16,
    },
    /// The host does not answer, or there is no way to it.
    #[error(
        "The host cannot be reached ({detail}). Check the address, that the box is switched on, and that it is in the same network; over mobile data it has no Modbus."
    )]
    Unreachable {
        /// What the network says.
        detail: Box<str>,
    },
    /// Connected, but a request got no answer in time.
    #[error(
        "The host took the connection but did not answer within 5 seconds. Another program may be talking to the box, which serves few at a time; close it and try again. If that does not help, check that the port is the one of the Modbus server."
    )]
    NoAnswer,
    /// The connection broke, and broke again when it was made anew.
    #[error(
        "The connection broke off ({detail}). Another program may be talking to the box, which serves few at a time; close it and try again. If that does not help, check that the port is the one of the Modbus server."
    )]
    ConnectionLost {
        /// How.
        detail: Box<str>,
    },
    /// Something answers that speaks another protocol.
    #[error(
        "Something answers on port {port}, but it does not speak Modbus TCP. Check the address and the port; the box's Modbus server is usually at 502."
    )]
    NotModbus {
        /// The port.
        port: u16,
    },
    /// A Modbus device that is no Charger 2.
    #[error(
        "A Modbus device answers, but it is no Elli Charger 2 that Ladebuch knows: {0}. Check the address. If it is a Charger 2, a newer Ladebuch may know it."
    )]
    NotACharger2(Unfamiliar),
    /// The box cannot do it at the moment.
    #[error(
        "The box is not able to answer at the moment (Modbus exception {code}). Try again in a minute; if that does not help, restart the box."
    )]
    Unable {
        /// The exception's number.
        code: u8,
    },
    /// An answer contradicts the question.
    #[error(
        "An answer of the box makes no sense ({detail}). Try again; if it stays so, a Modbus proxy in between may mix up answers."
    )]
    Nonsense {
        /// What is wrong with it.
        detail: Box<str>,
    },
    /// A current that the box does not take; nothing was sent.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// The box refuses the value or the register.
    #[error(
        "The box refuses {asked} as {setting} (Modbus exception {code}). The value before is still in force."
    )]
    Refused {
        /// What was to be set.
        setting: &'static str,
        /// The value, with its unit.
        asked: Box<str>,
        /// The exception's number.
        code: u8,
    },
    /// This box is one of those that take no 0 as fail-safe current.
    #[error(
        "This box does not take 0 A as fail-safe current. The value before is still in force. Choose 6 A, the least current there is, or switch the watchdog off."
    )]
    NoZeroFailsafe,
    /// The box took the value, but reads back another.
    #[error(
        "The box was told {asked} as {setting} but reports {found}. Another program or the box's own PV surplus charging may be setting it too; switch that off and try again."
    )]
    NotTaken {
        /// What was to be set.
        setting: &'static str,
        /// The value, with its unit.
        asked: Box<str>,
        /// What is reported instead, with its unit.
        found: Box<str>,
    },
}
