//! What to publish so that a box does something. Pure: nothing is sent here.
//!
//! Each generation has an enum of its own, [`v2::Command`] and [`v1_9::Command`], which turns
//! into a [`Write`]. Every value is checked before anything leaves: a box says nothing about a
//! write it refuses, and some it takes without checking.
//!
//! A write is never confirmed by the box either. It took effect when the state topic it aims at
//! shows the new value.

mod document;
pub mod v1_9;
pub mod v2;
mod write;

use std::ops::RangeInclusive;

use thiserror::Error;

pub use write::Write;

/// Why a command is not sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Settings are changed in the charge point's last charge template, and none was received.
    #[error("the charge point has not said yet how it charges")]
    TemplateUnknown,
    /// The charge template is no whole one. The box would take what is missing for its defaults,
    /// and keep those.
    #[error("the charge template of the box is incomplete: it has no “{missing}”")]
    Incomplete {
        /// The first key that is missing.
        missing: &'static str,
    },
    /// A value the box does not know or would change.
    #[error("{what} must be {allowed}")]
    OutOfRange {
        /// Which value.
        what: &'static str,
        /// What it may be.
        allowed: &'static str,
    },
    /// A charge mode this generation cannot be switched to.
    #[error("this openWB has no charge mode “{mode}” to switch to")]
    UnknownMode {
        /// The mode, as this generation writes it.
        mode: Box<str>,
    },
    /// Something this generation has no topic for.
    #[error("this openWB cannot be told {what}")]
    NotOffered {
        /// What it was to be told.
        what: &'static str,
    },
    /// A state of charge of 0 %: the box takes it for no entry at all.
    #[error("the box ignores a state of charge of 0 %: enter 1 % or more")]
    ZeroSoc,
}

/// Lets a value pass that is in range.
fn within<T: PartialOrd>(
    value: T,
    range: RangeInclusive<T>,
    what: &'static str,
    allowed: &'static str,
) -> Result<T, Refusal> {
    if range.contains(&value) {
        Ok(value)
    } else {
        Err(Refusal::OutOfRange { what, allowed })
    }
}
