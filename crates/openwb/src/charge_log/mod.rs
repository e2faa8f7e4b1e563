//! The charge log of a box, in the forms of both generations, as [`Row`]s. Pure.
//!
//! A row that makes no sense is an [`Unreadable`] one and harms no other. Times are the box's own
//! local ones, without a zone.

mod row;
pub mod v1_9;
pub mod v2;

pub use row::{Mode, PowerSources, Reason, Row, Unreadable, Vehicle};

/// One row, if it can be read.
pub type Entry = Result<Row, Unreadable>;
