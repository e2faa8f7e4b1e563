//! Charging on what the roof has left over: thresholds, waiting times, phases.

use chrono::{DateTime, TimeDelta, Utc};

use crate::household::{MIN_CURRENT_A, PHASE_VOLTS};

/// Waiting times and thresholds as configured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rules {
    /// W per phase above which charging starts.
    pub(super) switch_on_w: f64,
    /// How long it must stay above.
    pub(super) switch_on_delay: TimeDelta,
    /// How long a deficit is borne.
    pub(super) switch_off_delay: TimeDelta,
    /// How long three phases must look possible before one becomes three.
    pub(super) phase_switch_delay: TimeDelta,
    /// Whether the hardware can change between one and three phases.
    pub(super) can_switch_phases: bool,
    /// A the vehicle takes at most.
    pub(super) max_current_a: f64,
}

/// Where surplus charging stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Surplus {
    Off,
    /// Enough sun since an instant.
    Waiting(DateTime<Utc>),
    /// Charging on so many phases; if there is one, room for three since an instant.
    On {
        phases: u8,
        roomy_since: Option<DateTime<Utc>>,
    },
    /// Too little sun since an instant.
    Ending {
        phases: u8,
        since: DateTime<Utc>,
    },
}

/// What to offer, and the sentence that explains it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    /// A per phase, 0 to pause.
    pub(super) current_a: f64,
    pub(super) phases: u8,
    /// `None`: nothing to explain.
    pub(super) sentence: Option<String>,
}

impl Surplus {
    /// Decides with `spare_w` to spend.
    pub(super) fn decide(&mut self, spare_w: f64, rules: Rules, now: DateTime<Utc>) -> Verdict {
        match *self {
            Self::Off => self.look_for_sun(spare_w, rules, now, now),
            Self::Waiting(since) => self.look_for_sun(spare_w, rules, now, since),
            Self::On {
                phases,
                roomy_since,
            } => self.go_on(spare_w, rules, now, phases, roomy_since),
            Self::Ending { phases, since } => {
                if spare_w >= least_w(phases) {
                    *self = Self::On {
                        phases,
                        roomy_since: None,
                    };
                    return self.decide(spare_w, rules, now);
                }
                self.end(spare_w, rules, now, phases, since)
            }
        }
    }

    fn look_for_sun(
        &mut self,
        spare_w: f64,
        rules: Rules,
        now: DateTime<Utc>,
        since: DateTime<Utc>,
    ) -> Verdict {
        let pause = |sentence: &str| Verdict {
            current_a: 0.0,
            phases: 3,
            sentence: Some(sentence.to_owned()),
        };
        let three = spare_w >= 3.0 * rules.switch_on_w;
        let one = rules.can_switch_phases && spare_w >= rules.switch_on_w;
        if !three && !one {
            *self = Self::Off;
            return pause(
                "Die Ladung kann nicht gestartet werden, da die Einschaltschwelle nicht erreicht wird.",
            );
        }
        let left = (rules.switch_on_delay - (now - since)).num_seconds() - 1;
        if now - since > rules.switch_on_delay {
            let phases = if three { 3 } else { 1 };
            *self = Self::On {
                phases,
                roomy_since: None,
            };
            let phases_sentence = if rules.can_switch_phases && three {
                "Der Überschuss ist ausreichend, um direkt mit 3 Phasen zu laden."
            } else {
                ""
            };
            let sentence = format!(
                "Einschaltschwelle für die Dauer der Wartezeit überschritten.{phases_sentence}"
            );
            return Verdict {
                current_a: MIN_CURRENT_A,
                phases,
                sentence: Some(sentence),
            };
        }
        *self = Self::Waiting(since);
        // A waiting time that is just over reads like this on a real box, too.
        let left = if left > 0 {
            format!("{left} Sek.")
        } else {
            "None".to_owned()
        };
        pause(&format!(
            "Die Ladung wird gestartet, sobald in {left} die Wartezeit abgelaufen ist."
        ))
    }

    fn go_on(
        &mut self,
        spare_w: f64,
        rules: Rules,
        now: DateTime<Utc>,
        phases: u8,
        roomy_since: Option<DateTime<Utc>>,
    ) -> Verdict {
        if spare_w < least_w(phases) {
            *self = Self::Ending { phases, since: now };
            return self.end(spare_w, rules, now, phases, now);
        }
        let has_room = phases == 1 && rules.can_switch_phases && spare_w >= 3.0 * rules.switch_on_w;
        let roomy_since = has_room.then(|| roomy_since.unwrap_or(now));
        let phases = match roomy_since {
            Some(since) if now - since >= rules.phase_switch_delay => 3,
            _ => phases,
        };
        *self = Self::On {
            phases,
            roomy_since: roomy_since.filter(|_| phases == 1),
        };
        let current = (spare_w / PHASE_VOLTS / f64::from(phases)).min(rules.max_current_a);
        Verdict {
            current_a: (current * 10.0).floor() / 10.0,
            phases,
            sentence: None,
        }
    }

    fn end(
        &mut self,
        spare_w: f64,
        rules: Rules,
        now: DateTime<Utc>,
        phases: u8,
        since: DateTime<Utc>,
    ) -> Verdict {
        let left = (rules.switch_off_delay - (now - since)).num_seconds() - 1;
        if left > 0 {
            let sentence =
                format!("Ladevorgang wird nach Ablauf der Wartezeit in {left} Sek. gestoppt.");
            return Verdict {
                current_a: MIN_CURRENT_A,
                phases,
                sentence: Some(sentence),
            };
        }
        if phases == 3 && rules.can_switch_phases && spare_w >= least_w(1) {
            *self = Self::On {
                phases: 1,
                roomy_since: None,
            };
            return self.decide(spare_w, rules, now);
        }
        *self = Self::Off;
        let sentence = "Abschaltschwelle für die Dauer der Wartezeit unterschritten.";
        Verdict {
            current_a: 0.0,
            phases: 3,
            sentence: Some(sentence.to_owned()),
        }
    }
}

/// W that the smallest current takes.
fn least_w(phases: u8) -> f64 {
    MIN_CURRENT_A * PHASE_VOLTS * f64::from(phases)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;

    fn rules(can_switch_phases: bool) -> Rules {
        Rules {
            switch_on_w: 1500.0,
            switch_on_delay: TimeDelta::seconds(30),
            switch_off_delay: TimeDelta::seconds(60),
            phase_switch_delay: TimeDelta::minutes(7),
            can_switch_phases,
            max_current_a: 16.0,
        }
    }

    /// Currents that a row of surpluses leads to, one per ten-second cycle.
    fn run(spare: &[f64], can_switch_phases: bool) -> Vec<(f64, u8)> {
        let start = Utc.with_ymd_and_hms(2026, 5, 1, 12, 0, 2).unwrap();
        let mut surplus = Surplus::Off;
        spare
            .iter()
            .zip(0..)
            .map(|(spare, n)| {
                let verdict = surplus.decide(
                    *spare,
                    rules(can_switch_phases),
                    start + TimeDelta::seconds(10 * n),
                );
                (verdict.current_a, verdict.phases)
            })
            .collect()
    }

    #[test]
    fn charging_starts_at_the_minimum_after_the_waiting_time() {
        let offered = run(&[8000.0; 6], false);
        assert_eq!(
            offered,
            [(0.0, 3), (0.0, 3), (0.0, 3), (0.0, 3), (6.0, 3), (11.5, 3)]
        );
    }

    #[test]
    fn a_cloud_while_waiting_starts_the_wait_again() {
        let offered = run(
            &[8000.0, 8000.0, 0.0, 8000.0, 8000.0, 8000.0, 8000.0],
            false,
        );
        assert!(offered.iter().all(|(current, _)| *current == 0.0));
    }

    #[test]
    fn a_deficit_is_borne_for_a_minute() {
        let mut spare = vec![8000.0; 6];
        spare.extend([0.0; 8]);
        let offered = run(&spare, false);
        assert_eq!(offered[6..12], [(6.0, 3); 6]);
        assert_eq!(offered[12], (0.0, 3));
    }

    #[test]
    fn little_sun_charges_on_one_phase_if_the_hardware_can() {
        assert_eq!(run(&[2300.0; 6], true)[5], (10.0, 1));
        assert_eq!(run(&[2300.0; 6], false)[5], (0.0, 3));
    }
}
