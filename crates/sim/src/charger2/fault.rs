//! What can go wrong on the wire.

use crate::fault::faults;

faults! {
    /// What a Charger 2 or the network before it can be made to do wrong.
    Charger2Fault {
        /// An answer to an earlier request comes before every answer.
        StaleAnswer = "modbus-stale-answer",
        /// Answers take six seconds, longer than clients wait.
        LateAnswer = "modbus-late-answer",
        /// The connection breaks in the middle of an answer.
        CutFrame = "modbus-cut-frame",
        /// Answers arrive byte by byte. Nothing is wrong with that.
        SplitFrame = "modbus-split-frame",
        /// Requests are swallowed.
        Silence = "modbus-silence",
        /// Everything is refused with exception 6, server device busy.
        Busy = "modbus-busy",
        /// Everything is refused with exception 4, server device failure.
        DeviceFailure = "modbus-device-failure",
        /// The answer to a write names another value than was written.
        WrongEcho = "modbus-wrong-echo",
        /// A fail-safe current of 0 is refused, as the note in the register list has it.
        NoZeroFailsafe = "modbus-no-zero-failsafe",
    }
}
