//! Figures as rows of a table.

use std::fmt;
use std::time::Duration;

/// One figure.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was measured.
    pub what: String,
    /// What is promised; empty if nothing is.
    pub target: String,
    /// What came out.
    pub measured: String,
    /// Whether the promise is kept; `None` where there is none.
    pub ok: Option<bool>,
}

impl Row {
    /// A figure with a promise.
    pub fn new(what: &str, target: &str, measured: String, ok: bool) -> Self {
        Self {
            what: what.to_owned(),
            target: target.to_owned(),
            measured,
            ok: Some(ok),
        }
    }

    /// A figure to know.
    pub fn note(what: &str, measured: String) -> Self {
        Self {
            what: what.to_owned(),
            target: String::new(),
            measured,
            ok: None,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            target,
            measured,
            ..
        } = self;
        let ok = match self.ok {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "",
        };
        write!(
            f,
            "| {what:<54} | {target:<14} | {measured:<58} | {ok:<3} |"
        )
    }
}

/// Prints all figures as one table.
pub fn print(rows: &[Row]) {
    println!();
    println!(
        "| {:<54} | {:<14} | {:<58} | ok  |",
        "what", "target", "measured"
    );
    println!("|{:-<56}|{:-<16}|{:-<60}|-----|", "", "", "");
    for row in rows {
        println!("{row}");
    }
}

/// Durations in order.
pub struct Sorted(Vec<Duration>);

impl Sorted {
    /// Sorts them.
    ///
    /// # Panics
    /// If there are none.
    pub fn new(mut durations: Vec<Duration>) -> Self {
        assert!(!durations.is_empty(), "nothing was measured");
        durations.sort();
        Self(durations)
    }

    /// The smallest duration that so many percent of all do not exceed.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index"
    )]
    pub fn percentile(&self, percent: f64) -> Duration {
        let index = (self.0.len() as f64 * percent / 100.0).ceil() as usize;
        self.0[index.clamp(1, self.0.len()) - 1]
    }

    /// Median, 99th percentile and maximum in milliseconds.
    pub fn spread(&self) -> String {
        let ms = |percent| self.percentile(percent).as_secs_f64() * 1e3;
        let (median, p99, max) = (ms(50.0), ms(99.0), ms(100.0));
        format!(
            "median {median:.1} ms, p99 {p99:.1} ms, max {max:.1} ms (n = {})",
            self.0.len()
        )
    }
}
