//! What is said of a box to a person.

use super::At;
use ladebuch_engine::charger2::{Current, Info, Limit, Settings, State, Status, Watchdog};

/// Elli's register list gives 0 in the range and calls it unsupported in a note.
pub(super) const ZERO_FAILSAFE: &str = "Do not rely on this to stop a charge: Elli's notes say that a fail-safe current of 0 A is not supported, \
     even where the box takes it.";

/// Everything the box reports.
pub(super) fn status(host: &str, info: &Info, status: &Status) -> String {
    let [i1, i2, i3] = status.currents.map(|current| current.get());
    let [u1, u2, u3] = status.voltages.map(|voltage| voltage.get());
    let settings = &status.settings;
    let lines = [
        format!(
            "An Elli Charger 2 answers at {host}. It is made for {} to {} per phase; its register layout is {}.",
            info.min_current, info.max_current, info.layout_version
        ),
        state(status.state),
        format!(
            "The phases carry {i1:.1} A, {i2:.1} A and {i3:.1} A at {u1} V, {u2} V and {u3} V."
        ),
        format!("The apparent power is {} VA.", status.power.0),
        format!(
            "The apparent energy is {:.3} kVAh since the box was switched on and {:.3} kVAh since it was installed. \
             It is not the calibrated meter's: do not bill by it.",
            status.energy_since_power_on.kilo(),
            status.energy_total.kilo()
        ),
        in_force(settings.current_limit),
        silence(settings.watchdog, settings.failsafe_current),
        format!("The circuit board has {:.1} °C.", status.pcb_temperature.0),
    ];
    lines.join("\n")
}

fn state(state: State) -> String {
    let meaning = match state {
        State::A1 => "no car is plugged in, and charging is not allowed",
        State::A2 => "no car is plugged in",
        State::B1 => "a car is plugged in, and charging is not allowed",
        State::B2 => "a car is plugged in and does not ask for charge",
        State::C1 => "the car asks for charge and is not allowed to",
        State::C2 => "the car is charging",
        State::Derating => "the box is too warm and charges with less than it is allowed",
        State::E => "the box has found a fault of the cable or the car",
        State::F => "the box is not available",
        State::Error => "the box has an error",
        State::Unlisted(number) => {
            return format!("The box reports the state {number}, which Ladebuch does not know.");
        }
    };
    let name = state.name().unwrap_or_default();
    format!("In state {name}, {meaning}.")
}

fn in_force(limit: Current) -> String {
    if limit == Current::ZERO {
        return "The limit in force is 0 A: charging is paused.".to_owned();
    }
    format!("The limit in force is {limit} per phase.")
}

/// What became of a new limit.
pub(super) fn limit(limit: &Limit) -> String {
    let Limit { asked, in_force } = limit;
    if limit.is_narrower() {
        let allowed = if *in_force == Current::ZERO {
            "allows no current at the moment".to_owned()
        } else {
            format!("allows {in_force} per phase")
        };
        return format!(
            "{asked} were asked for, but the box {allowed}: a narrower limit is in force, by heat, load management or another program."
        );
    }
    if *asked == Current::ZERO {
        return "Charging is paused: the box allows no current.".to_owned();
    }
    format!("The box allows {in_force} per phase now, as asked.")
}

/// That a limit will not last, if so: a command line falls silent as soon as it has said this.
pub(super) fn passing(at: &At, limit: &Limit, settings: &Settings) -> Option<String> {
    let lasts = settings.watchdog.is_off() || settings.failsafe_current == limit.in_force;
    (!lasts).then(|| {
        format!(
            "To keep the limit without a program that talks to the box, switch the watchdog off: ladebuch-server charger watchdog {at} 0"
        )
    })
}

/// What happens once nobody talks to the box any more.
pub(super) fn silence(watchdog: Watchdog, failsafe: Current) -> String {
    if watchdog.is_off() {
        return "The watchdog is off: the limit holds until something else changes it.".to_owned();
    }
    format!(
        "Once no program has talked to the box for {watchdog}, its watchdog sets the limit to {failsafe} (the fail-safe current)."
    )
}

#[cfg(test)]
pub(super) mod tests {
    use ladebuch_domain::units::{Amperes, Celsius, VoltAmpereHours, VoltAmperes, Volts};
    use ladebuch_engine::charger2::LayoutVersion;

    use super::*;

    pub(in super::super) fn info() -> Info {
        Info {
            layout_version: LayoutVersion {
                major: 1,
                minor: 0,
                patch: 0,
            },
            max_current: Current::from_tenths(160),
            min_current: Current::from_tenths(60),
        }
    }

    pub(in super::super) fn status() -> Status {
        Status {
            state: State::C2,
            currents: [Amperes(10.1), Amperes(10.2), Amperes(10.3)],
            pcb_temperature: Celsius(32.5),
            voltages: [Volts(231.0), Volts(229.0), Volts(232.0)],
            power: VoltAmperes(7_080.0),
            energy_since_power_on: VoltAmpereHours(4_321.0),
            energy_total: VoltAmpereHours(1_234_567.0),
            settings: Settings {
                current_limit: Current::from_tenths(160),
                failsafe_current: Current::from_tenths(60),
                watchdog: Watchdog::from_millis(15_000),
            },
        }
    }

    #[test]
    fn a_status_is_told_in_sentences() {
        let told = super::status("garage", &info(), &status());
        let expected = "\
An Elli Charger 2 answers at garage. It is made for 6 A to 16 A per phase; its register layout is 1.0.0.
In state C2, the car is charging.
The phases carry 10.1 A, 10.2 A and 10.3 A at 231 V, 229 V and 232 V.
The apparent power is 7080 VA.
The apparent energy is 4.321 kVAh since the box was switched on and 1234.567 kVAh since it was installed. It is not the calibrated meter's: do not bill by it.
The limit in force is 16 A per phase.
Once no program has talked to the box for 15 s, its watchdog sets the limit to 6 A (the fail-safe current).
The circuit board has 32.5 °C.";
        assert_eq!(told, expected);
        let odd = super::state(State::Unlisted(12));
        assert!(odd.contains("state 12"), "{odd}");
    }

    #[test]
    fn a_limit_is_in_force_or_the_narrower_one_is_said() {
        let told = |asked, in_force| {
            super::limit(&Limit {
                asked: Current::from_tenths(asked),
                in_force: Current::from_tenths(in_force),
            })
        };
        assert_eq!(
            told(100, 100),
            "The box allows 10 A per phase now, as asked."
        );
        assert!(told(0, 0).contains("paused"));
        let narrower = told(160, 105);
        assert!(
            narrower.contains("16 A were asked for") && narrower.contains("allows 10.5 A"),
            "{narrower}"
        );
        assert!(told(160, 0).contains("allows no current"));
    }

    #[test]
    fn silence_is_explained() {
        let off = silence(Watchdog::OFF, Current::LEAST);
        assert!(off.contains("watchdog is off"), "{off}");
        let on = silence(Watchdog::from_millis(2_500), Current::from_tenths(105));
        assert!(on.contains("2.5 s") && on.contains("10.5 A"), "{on}");
    }

    fn garage() -> At {
        At {
            host: "garage".to_owned(),
            port: 1502,
        }
    }

    #[test]
    fn a_limit_that_the_watchdog_would_change_is_called_passing() {
        let limit = Limit {
            asked: Current::ZERO,
            in_force: Current::ZERO,
        };
        let settings = status().settings;
        let advice = passing(&garage(), &limit, &settings).unwrap();
        assert!(
            advice.ends_with("charger watchdog garage --port 1502 0"),
            "{advice}"
        );
        for lasting in [
            Settings {
                watchdog: Watchdog::OFF,
                ..settings
            },
            Settings {
                failsafe_current: Current::ZERO,
                ..settings
            },
        ] {
            assert_eq!(passing(&garage(), &limit, &lasting), None);
        }
    }
}
