//! The charge log: one line per charge, kept in a file a month, newest first.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::message::cut;
use super::{Core, REPLY_STAYS};
use crate::household::{CHARGE_POINTS, ChargeMode, Household};

/// Loops without power after which a charge is written down.
const IDLE_LOOPS: u32 = 6;
/// Topics a month is spread over.
const PARTS: usize = 12;
/// Lines per topic.
const PART_LINES: usize = 25;
/// Lines of a month that are sent at most.
const MAX_LINES: usize = 299;
/// The order in which the parts come on a real box, which starts a program for each.
const PART_ORDER: [usize; PARTS] = [10, 9, 1, 3, 12, 8, 7, 5, 2, 4, 6, 11];
/// Highest month the request takes.
const LAST_MONTH: i64 = 205_012;

/// A charge that is going on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Charge {
    pub(super) begin: DateTime<Utc>,
    /// The meter at its beginning, Wh.
    pub(super) start_wh: f64,
    pub(super) mode: u8,
    /// Loops without power since it last had some.
    pub(super) idle_loops: u32,
}

/// A line and the month whose file it is in, as `202611`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    month: String,
    line: String,
}

/// What a line is made of.
struct Facts<'a> {
    begin: DateTime<Utc>,
    end: DateTime<Utc>,
    wh: f64,
    lp: usize,
    mode: u8,
    tag: Option<&'a str>,
    /// €/kWh.
    price: f64,
    /// kWh per 100 km.
    consumption: f64,
}

impl Facts<'_> {
    fn row(&self, zone: Tz) -> Row {
        let local = |at: DateTime<Utc>| at.with_timezone(&zone).format("%d.%m.%y-%H:%M");
        let kwh = cut(self.wh / 1000.0, 2);
        let seconds = (self.end - self.begin).num_seconds().max(1);
        let kw = cut(kwh * 3600.0 / seconds as f64, 2);
        let line = format!(
            "{},{},{},{kwh:.2},{kw:.2},{},{},{},{},{}",
            local(self.begin),
            local(self.end),
            (kwh / self.consumption * 100.0) as i64,
            duration(seconds / 60),
            self.lp,
            self.mode,
            self.tag.unwrap_or("0"),
            euros(kwh * self.price),
        );
        Row {
            month: self.end.with_timezone(&zone).format("%Y%m").to_string(),
            line,
        }
    }
}

/// As `bc` writes it: cents cut off, no zero before the point.
fn euros(value: f64) -> String {
    let cents = (cut(value, 2) * 100.0).round() as i64;
    match cents {
        0 => "0".to_owned(),
        1..100 => format!(".{cents:02}"),
        _ => format!("{}.{:02}", cents / 100, cents % 100),
    }
}

/// `1 H 5 Min`, or without hours.
pub(super) fn duration(minutes: i64) -> String {
    if minutes >= 60 {
        format!("{} H {} Min", minutes / 60, minutes % 60)
    } else {
        format!("{minutes} Min")
    }
}

/// What a box that had always been there would have written down, oldest first.
pub(super) fn past_rows(household: &Household) -> Vec<Row> {
    let mut rows: Vec<(DateTime<Utc>, Row)> = household
        .past_sessions()
        .iter()
        .filter_map(|session| {
            let lp = 1 + CHARGE_POINTS
                .iter()
                .position(|id| *id == session.charge_point)?;
            let wh = session.imported_at_end_wh - session.imported_at_start_wh;
            let unplugged_at = session.unplugged_at?;
            let charging = TimeDelta::seconds(session.charging_s as i64);
            // As if charged in one go; the minute is what the program waits for more.
            let end = (session.plugged_at + charging).min(unplugged_at) + TimeDelta::minutes(1);
            let mode = match session.mode {
                ChargeMode::Instant => 0,
                ChargeMode::Surplus => 2,
            };
            let facts = Facts {
                begin: session.plugged_at,
                end,
                wh,
                lp,
                mode,
                tag: session.tag,
                price: 0.30,
                consumption: 17.0,
            };
            (wh >= 10.0).then(|| (facts.end, facts.row(household.zone())))
        })
        .collect();
    // The household remembers them in the order of unplugging.
    rows.sort_by_key(|(end, _)| *end);
    rows.into_iter().map(|(_, row)| row).collect()
}

impl Core {
    /// Writes a charge down that has been idle for long enough.
    pub(super) fn end_idle_charge(&mut self, n: usize) {
        let now = self.now();
        let point = &self.points[n];
        let (lp, wh) = (point.lp, point.charged_wh);
        let Some(charge) = point
            .charge
            .filter(|charge| charge.idle_loops >= IDLE_LOOPS)
        else {
            return;
        };
        let facts = Facts {
            begin: charge.begin,
            end: now,
            wh,
            lp,
            mode: charge.mode,
            tag: point.tag.as_deref(),
            price: self.number("system/priceForKWh"),
            consumption: self
                .number(&format!("lp/{lp}/energyConsumptionPer100km"))
                .max(1.0),
        };
        let row = facts.row(self.household.zone());
        // A vehicle that only tried leaves no line.
        if wh >= 10.0 {
            self.rows.push(row);
        }
        let point = &mut self.points[n];
        point.charge = None;
        if !point.was_plugged {
            point.tag = None;
        }
        self.show(&format!("lp/{lp}/TimeRemaining"), "--");
    }

    fn lines(&self, month: &str) -> Vec<&str> {
        self.rows
            .iter()
            .rev()
            .filter(|row| row.month == month)
            .map(|row| row.line.as_str())
            .collect()
    }

    /// A month's file, by year and month as `202611`; `None` for a month without lines.
    pub(super) fn charge_log_file(&self, month: &str) -> Option<String> {
        let lines = self.lines(month);
        // The file was an empty line before the first one was put on top.
        (!lines.is_empty()).then(|| lines.join("\n") + "\n\n")
    }

    /// Sends a month in parts. What is no month gets the reply an old one ends in.
    pub(super) fn send_month(&mut self, month: i64) {
        if !(1..=LAST_MONTH).contains(&month) {
            self.empty_parts();
            return;
        }
        let mut lines = self.lines(&month.to_string());
        lines.truncate(MAX_LINES);
        let parts: Vec<String> = (0..PARTS)
            .map(|part| {
                lines
                    .iter()
                    .skip(part * PART_LINES)
                    .take(PART_LINES)
                    .copied()
                    .collect::<Vec<_>>()
                    .join("\n")
            })
            .collect();
        for part in PART_ORDER {
            self.raw(
                format!("openWB/system/MonthLadelogData{part}"),
                parts[part - 1].clone(),
            );
        }
        self.reply_over = Some(self.now() + REPLY_STAYS);
    }

    /// The script that sent a month takes its request back, which empties the parts.
    pub(super) fn end_reply(&mut self) {
        self.raw(
            "openWB/set/graph/RequestMonthLadelog".to_owned(),
            "0".to_owned(),
        );
        self.empty_parts();
    }

    fn empty_parts(&mut self) {
        for part in 1..=PARTS {
            self.raw(
                format!("openWB/system/MonthLadelogData{part}"),
                "empty".to_owned(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;

    /// The line a real box wrote: begin and end known to the second from its messages.
    #[test]
    fn a_line_reads_as_on_a_real_box() {
        let facts = Facts {
            begin: Utc.with_ymd_and_hms(2026, 11, 22, 7, 43, 6).unwrap(),
            end: Utc.with_ymd_and_hms(2026, 11, 22, 7, 46, 8).unwrap(),
            wh: 223.0,
            lp: 1,
            mode: 0,
            tag: Some("0012345678"),
            price: 0.30,
            consumption: 17.0,
        };
        let row = facts.row(Tz::UTC);
        assert_eq!(
            row.line,
            "22.11.26-07:43,22.11.26-07:46,1,0.22,4.35,3 Min,1,0,0012345678,.06"
        );
        assert_eq!(row.month, "202611");
    }

    #[test]
    fn money_and_time_are_written_as_the_scripts_write_them() {
        assert_eq!(euros(0.066), ".06");
        assert_eq!(euros(0.3), ".30");
        assert_eq!(euros(3.456), "3.45");
        assert_eq!(euros(0.0), "0");
        assert_eq!(duration(65), "1 H 5 Min");
        assert_eq!(duration(3), "3 Min");
    }
}
