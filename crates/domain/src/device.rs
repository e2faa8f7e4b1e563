//! What kinds of things a household has, and which of their quantities are worth recording.

/// The part a device plays in the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeviceKind {
    /// The meter at the grid connection point (EVU counter).
    Grid,
    /// A photovoltaic system or inverter.
    Pv,
    /// A home battery.
    Battery,
    /// Everything in the house but the charge points.
    Home,
    /// One socket or cable that charges one car.
    ChargePoint,
    /// Any other meter; measured, but not part of the balance.
    Meter,
}

impl DeviceKind {
    /// All kinds, in the order in which people expect to see them.
    pub const ALL: [Self; 6] = [
        Self::Grid,
        Self::Pv,
        Self::Battery,
        Self::Home,
        Self::ChargePoint,
        Self::Meter,
    ];

    /// Stable name, used in the store and the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Pv => "pv",
            Self::Battery => "battery",
            Self::Home => "home",
            Self::ChargePoint => "charge_point",
            Self::Meter => "meter",
        }
    }

    /// The kind of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A quantity that is recorded over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantity {
    /// Power; a gauge in W with the sign convention of the crate.
    Power,
    /// State of charge; a gauge in %.
    Soc,
    /// Energy in the direction of positive power (grid import, charging); a counter in Wh.
    Imported,
    /// Energy in the direction of negative power (grid export, discharging); a counter in Wh.
    Exported,
    /// Energy produced by a PV system; a counter in Wh.
    Produced,
}

impl Quantity {
    /// All quantities.
    pub const ALL: [Self; 5] = [
        Self::Power,
        Self::Soc,
        Self::Imported,
        Self::Exported,
        Self::Produced,
    ];

    /// Stable name, used in the store and the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Power => "power",
            Self::Soc => "soc",
            Self::Imported => "imported",
            Self::Exported => "exported",
            Self::Produced => "produced",
        }
    }

    /// The quantity of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|quantity| quantity.name() == name)
    }

    /// `W`, `%` or `Wh`.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Power => "W",
            Self::Soc => "%",
            Self::Imported | Self::Exported | Self::Produced => "Wh",
        }
    }

    /// Whether the quantity is a meter reading that only rises.
    #[must_use]
    pub const fn is_counter(self) -> bool {
        matches!(self, Self::Imported | Self::Exported | Self::Produced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_values() {
        for kind in DeviceKind::ALL {
            assert_eq!(DeviceKind::from_name(kind.name()), Some(kind));
        }
        for quantity in Quantity::ALL {
            assert_eq!(Quantity::from_name(quantity.name()), Some(quantity));
        }
        assert_eq!(DeviceKind::from_name("boiler"), None);
        assert_eq!(Quantity::from_name(""), None);
    }
}
