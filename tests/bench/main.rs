//! The figures that Ladebuch promises, measured on this machine and printed as one table.
//!
//! Everything but decoding is measured from outside, on the `ladebuch-server` next to this program:
//! build both with optimisations.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program for developers: what goes wrong ends it, and its output is its purpose"
)]

mod control;
mod decode;
mod elli;
mod flood;
mod history;
mod idle;
mod import;
mod latency;
mod modbus;
mod recorded_year;
mod size;
mod start;
mod table;

use clap::Parser;

use crate::recorded_year::RecordedYear;
use crate::table::Row;

/// Measures what Ladebuch promises.
#[derive(Parser)]
struct Args {
    /// Measure only these: decode, latency, control, modbus, import, elli, flood, history, idle, start, size
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    only: Vec<String>,
    /// Shorter runs: for a first impression, not for the record
    #[arg(long)]
    quick: bool,
}

const NAMES: [&str; 11] = [
    "decode", "latency", "control", "modbus", "import", "elli", "flood", "history", "idle",
    "start", "size",
];

#[tokio::main]
async fn main() {
    let args = Args::parse();
    if let Some(name) = args
        .only
        .iter()
        .find(|name| !NAMES.contains(&name.as_str()))
    {
        panic!("there is no figure {name}, only {}", NAMES.join(", "));
    }
    let chosen = |name: &str| args.only.is_empty() || args.only.iter().any(|only| only == name);
    let mut rows: Vec<Row> = Vec::new();
    let mut add = |new: Vec<Row>| {
        for row in &new {
            println!("{row}");
        }
        rows.extend(new);
    };
    if chosen("decode") {
        add(decode::measure(args.quick));
    }
    if ["size", "start", "history"].into_iter().any(chosen) {
        let year = RecordedYear::write().await;
        if chosen("size") {
            add(size::measure(&year).await);
        }
        if chosen("start") {
            add(start::measure(&year, args.quick).await);
        }
        if chosen("history") {
            add(history::measure(&year, args.quick).await);
        }
    }
    if chosen("latency") {
        add(latency::measure(args.quick).await);
    }
    if chosen("control") {
        add(control::measure(args.quick).await);
    }
    if chosen("modbus") {
        add(modbus::measure(args.quick).await);
    }
    if chosen("import") {
        add(import::measure().await);
    }
    if chosen("elli") {
        add(elli::measure(args.quick).await);
    }
    if chosen("flood") {
        add(flood::measure(args.quick).await);
    }
    if chosen("idle") {
        add(idle::measure(args.quick).await);
    }
    table::print(&rows);
    if rows.iter().any(|row| row.ok == Some(false)) {
        std::process::exit(1);
    }
}
