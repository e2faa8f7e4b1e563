//! The register list, v1.0 of 15 October 2025. Addresses that are not in it do not exist, and a read
//! that touches one fails as a whole.

/// Version 1.0.0 of the layout.
pub(super) const LAYOUT: u16 = 0x0100;

/// What the input registers are made of.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Readings {
    /// [`super::State`]'s number.
    pub(super) state: u16,
    /// 0.1 A, L1 to L3.
    pub(super) currents_da: [u16; 3],
    /// 0.1 °C.
    pub(super) temperature_dc: i16,
    /// V, L1 to L3.
    pub(super) voltages_v: [u16; 3],
    /// VA.
    pub(super) power_va: u16,
    /// VAh since the power came on.
    pub(super) since_power_on_vah: u32,
    /// VAh since the box was installed.
    pub(super) since_installation_vah: u32,
    /// A, highest and lowest the hardware is built for.
    pub(super) hardware_a: [u16; 2],
}

impl Readings {
    /// An input register (function 4).
    pub(super) fn input(&self, address: u16) -> Option<u16> {
        let high = |value: u32| (value >> 16) as u16;
        let low = |value: u32| (value & 0xFFFF) as u16;
        Some(match address {
            4 => LAYOUT,
            5 => self.state,
            6..=8 => self.currents_da[usize::from(address - 6)],
            9 => self.temperature_dc.cast_unsigned(),
            10..=12 => self.voltages_v[usize::from(address - 10)],
            14 => self.power_va,
            15 => high(self.since_power_on_vah),
            16 => low(self.since_power_on_vah),
            17 => high(self.since_installation_vah),
            18 => low(self.since_installation_vah),
            100 | 101 => self.hardware_a[usize::from(address - 100)],
            _ => return None,
        })
    }
}

/// The holding registers (functions 3 and 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holding {
    /// Milliseconds without a word after which the fail-safe current applies; 0 switches that off.
    Watchdog,
    /// 0.1 A per phase; reads back what is in force.
    Limit,
    /// 0.1 A per phase once the watchdog has struck.
    Failsafe,
}

impl Holding {
    pub(super) fn at(address: u16) -> Option<Self> {
        Some(match address {
            257 => Self::Watchdog,
            261 => Self::Limit,
            262 => Self::Failsafe,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_have_their_high_word_first_and_gaps_are_gaps() {
        let readings = Readings {
            temperature_dc: -55,
            since_installation_vah: 0x0012_D687,
            ..Readings::default()
        };
        assert_eq!(readings.input(17), Some(0x0012));
        assert_eq!(readings.input(18), Some(0xD687));
        assert_eq!(readings.input(9), Some(0xFFC9));
        let known: Vec<u16> = (0..300)
            .filter(|address| readings.input(*address).is_some())
            .collect();
        let listed: Vec<u16> = (4..=12).chain(14..=18).chain(100..=101).collect();
        assert_eq!(known, listed);
    }
}
