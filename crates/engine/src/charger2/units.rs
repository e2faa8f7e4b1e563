//! Quantities of the box, in its own resolution where it is asked for something.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use ladebuch_domain::units::Amperes;

/// A current per phase as the box takes and gives it, in steps of 0.1 A.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Current(u16);

impl Current {
    /// No current: nothing is allowed.
    pub const ZERO: Self = Self(0);
    /// The least current a charge can have (IEC 61851).
    pub const LEAST: Self = Self(60);

    /// From tenths of an ampere.
    #[must_use]
    pub const fn from_tenths(tenths: u16) -> Self {
        Self(tenths)
    }

    /// In tenths of an ampere.
    #[must_use]
    pub const fn tenths(self) -> u16 {
        self.0
    }

    /// From amperes in steps of 0.1; `None` for what cannot be written so.
    #[must_use]
    pub fn from_amperes(amperes: Amperes) -> Option<Self> {
        steps(amperes.get(), 10.0).map(Self)
    }

    /// In amperes.
    #[must_use]
    pub fn amperes(self) -> Amperes {
        Amperes(f64::from(self.0) / 10.0)
    }
}

/// `6 A`, `10.5 A`.
impl fmt::Display for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} A", self.amperes().get())
    }
}

/// What was written is no current that the box could be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a current: write amperes in steps of 0.1, e.g. 6 or 10.5")]
pub struct InvalidCurrent(String);

/// Amperes: `6`, `10.5`.
impl FromStr for Current {
    type Err = InvalidCurrent;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        number(text)
            .and_then(|amperes| steps(amperes, 10.0))
            .map(Self)
            .ok_or_else(|| InvalidCurrent(text.to_owned()))
    }
}

/// How long nobody may talk to the box before the fail-safe current applies; zero switches that off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Watchdog(u16);

impl Watchdog {
    /// It never strikes.
    pub const OFF: Self = Self(0);

    /// From milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u16) -> Self {
        Self(millis)
    }

    /// In milliseconds.
    #[must_use]
    pub const fn millis(self) -> u16 {
        self.0
    }

    /// From a time, in whole milliseconds; `None` if it is too long.
    #[must_use]
    pub fn from_timeout(timeout: Duration) -> Option<Self> {
        u16::try_from(timeout.as_millis()).ok().map(Self)
    }

    /// As a time; zero when it is off.
    #[must_use]
    pub const fn timeout(self) -> Duration {
        Duration::from_millis(self.0 as u64)
    }

    /// Whether it never strikes.
    #[must_use]
    pub const fn is_off(self) -> bool {
        self.0 == 0
    }
}

/// `15 s`, `2.5 s`; `0 s` when it is off.
impl fmt::Display for Watchdog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", f64::from(self.0) / 1000.0)
    }
}

/// What was written is no time-out that the box could be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a watchdog time-out: write seconds from 0 (off) to 65.535, e.g. 15 or 2.5")]
pub struct InvalidTimeout(String);

/// Seconds: `15`, `2.5`, `0`.
impl FromStr for Watchdog {
    type Err = InvalidTimeout;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        number(text)
            .and_then(|seconds| steps(seconds, 1000.0))
            .map(Self)
            .ok_or_else(|| InvalidTimeout(text.to_owned()))
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

/// The number as a register holds it, if it has no finer steps than that and fits. Nothing is
/// rounded: who asks for 6.04 A shall not believe to have it.
fn steps(number: f64, per_unit: f64) -> Option<u16> {
    let scaled = number * per_unit;
    let whole = scaled.round();
    let fits = (0.0..=f64::from(u16::MAX)).contains(&whole) && number >= 0.0;
    // The product of a decimal fraction is off by far less than this.
    (fits && (scaled - whole).abs() < 1e-6).then_some(whole as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currents_are_written_in_amperes_and_never_rounded() {
        for (text, tenths) in [
            ("0", 0),
            ("6", 60),
            ("6.0", 60),
            ("10.1", 101),
            ("15.9", 159),
            (" 16 ", 160),
            ("6553.5", u16::MAX),
        ] {
            assert_eq!(text.parse(), Ok(Current::from_tenths(tenths)), "{text}");
        }
        for text in [
            "", "six", "6A", "6,5", "-6", "-0.01", "6.04", "6.05", "NaN", "inf", "6553.6", "1e9",
        ] {
            let refused = text.parse::<Current>().unwrap_err();
            assert!(refused.to_string().contains("steps of 0.1"), "{text}");
        }
        assert_eq!(Current::from_tenths(60).to_string(), "6 A");
        assert_eq!(Current::from_tenths(105).to_string(), "10.5 A");
        assert_eq!(Current::from_tenths(105).amperes(), Amperes(10.5));
    }

    #[test]
    fn time_outs_are_written_in_seconds_and_never_rounded() {
        for (text, millis) in [
            ("0", 0),
            ("15", 15_000),
            ("2.5", 2_500),
            ("65.535", u16::MAX),
        ] {
            assert_eq!(text.parse(), Ok(Watchdog::from_millis(millis)), "{text}");
        }
        for text in ["", "15s", "-1", "65.536", "0.0005", "NaN", "-inf"] {
            let refused = text.parse::<Watchdog>().unwrap_err();
            assert!(refused.to_string().contains("65.535"), "{text}");
        }
        assert_eq!(Watchdog::from_millis(2_500).to_string(), "2.5 s");
        assert_eq!(
            Watchdog::from_millis(2_500).timeout(),
            Duration::from_millis(2_500)
        );
        assert!(Watchdog::OFF.is_off());
    }

    #[test]
    fn quantities_that_a_register_cannot_hold_are_none() {
        let tenths = |amperes| Current::from_amperes(Amperes(amperes)).map(Current::tenths);
        assert_eq!(tenths(10.5), Some(105));
        for amperes in [-6.0, 6.04, f64::NAN, 6_553.6] {
            assert_eq!(tenths(amperes), None, "{amperes}");
        }
        let millis = |millis| Watchdog::from_timeout(Duration::from_millis(millis));
        assert_eq!(millis(65_535), Some(Watchdog::from_millis(u16::MAX)));
        assert_eq!(millis(65_536), None);
    }
}
