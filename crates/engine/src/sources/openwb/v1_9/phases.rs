//! Values of three phases, which arrive one by one.

use std::collections::HashMap;

use ladebuch_domain::units::{Amperes, Volts, Watts};
use openwb::reading::v1_9::{Metered, Phase};

/// The latest of each phase.
#[derive(Debug, Default)]
pub struct Phases {
    powers: HashMap<Metered, [Option<f64>; 3]>,
    currents: HashMap<Metered, [Option<f64>; 3]>,
    voltages: HashMap<Metered, [Option<f64>; 3]>,
}

impl Phases {
    /// Takes a power; gives all three once they are known, `Some(None)` when one no longer is.
    pub fn power(
        &mut self,
        of: Metered,
        phase: Phase,
        value: Option<f64>,
    ) -> Option<Option<[Watts; 3]>> {
        let all = put(&mut self.powers, of, phase, value)?;
        Some(all.map(|all| all.map(Watts)))
    }

    /// Takes a current.
    pub fn current(
        &mut self,
        of: Metered,
        phase: Phase,
        value: Option<f64>,
    ) -> Option<Option<[Amperes; 3]>> {
        let all = put(&mut self.currents, of, phase, value)?;
        Some(all.map(|all| all.map(Amperes)))
    }

    /// Takes a voltage. A box without such a meter says 0 V.
    pub fn voltage(
        &mut self,
        of: Metered,
        phase: Phase,
        value: Option<f64>,
    ) -> Option<Option<[Volts; 3]>> {
        let value = value.filter(|voltage| *voltage > 0.0);
        let all = put(&mut self.voltages, of, phase, value)?;
        Some(all.map(|all| all.map(Volts)))
    }
}

/// `None` as long as nothing is known that was not known before.
fn put(
    values: &mut HashMap<Metered, [Option<f64>; 3]>,
    of: Metered,
    phase: Phase,
    value: Option<f64>,
) -> Option<Option<[f64; 3]>> {
    let values = values.entry(of).or_default();
    let complete = |[one, two, three]: [Option<f64>; 3]| Some([one?, two?, three?]);
    let before = complete(*values);
    let [one, two, three] = values;
    *match phase {
        Phase::L1 => one,
        Phase::L2 => two,
        Phase::L3 => three,
    } = value;
    let now = complete(*values);
    (now.is_some() || before.is_some()).then_some(now)
}
