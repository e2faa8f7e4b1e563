//! `ladebuch-sim`.
fn main() {}
