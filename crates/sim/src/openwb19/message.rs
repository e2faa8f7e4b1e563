//! Publishing as openWB 1.9 does it: bare words and numbers, retained, mostly only on change.

use super::Core;
use crate::program::Outgoing;

impl Core {
    /// Publishes a value below `openWB/` if it differs from what was published last.
    pub(super) fn show(&mut self, path: &str, value: impl ToString) {
        let payload = value.to_string();
        if self.tree.get(path) != Some(&payload) {
            self.repeat(path, payload);
        }
    }

    /// Publishes a value below `openWB/`, whether it changed or not.
    pub(super) fn repeat(&mut self, path: &str, value: impl ToString) {
        let payload = value.to_string();
        self.raw(format!("openWB/{path}"), payload.clone());
        self.tree.insert(path.to_owned(), payload);
    }

    /// Publishes a state the way the measuring modules do: they write it on the `set` topic, and
    /// `mqttsub.py` hands it on and clears up.
    pub(super) fn through_set(&mut self, path: &str, value: &str) {
        // The modules spell the battery differently.
        let written = format!(
            "openWB/set/{}",
            path.replacen("housebattery", "houseBattery", 1)
        );
        self.raw(written.clone(), value.to_owned());
        self.repeat(path, value);
        self.raw(written, String::new());
    }

    pub(super) fn raw(&mut self, topic: String, payload: String) {
        self.outbox.push(Outgoing {
            topic,
            payload,
            retain: true,
        });
    }
}

/// W and Wh without decimals; never "-0".
pub(super) fn whole(value: f64) -> i64 {
    value.round() as i64
}

/// With so many decimals cut off, not rounded, as `bc` does it.
pub(super) fn cut(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    // A hair above, so that 0.29 does not turn into 0.28 on its way through binary.
    (value * scale + 1e-6).trunc() / scale
}

/// Two decimals, but a plain 0 where there is nothing.
pub(super) fn two_or_zero(value: f64) -> String {
    if value == 0.0 {
        "0".to_owned()
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_cut_off() {
        assert_eq!(cut(0.147, 2), 0.14);
        assert_eq!(cut(0.29, 2), 0.29);
        assert_eq!(cut(4.351_6, 2), 4.35);
        assert_eq!(two_or_zero(0.0), "0");
        assert_eq!(two_or_zero(0.2), "0.20");
    }
}
