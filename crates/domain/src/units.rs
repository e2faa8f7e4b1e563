//! Physical quantities as types, so that watts are never added to watt-hours.

use std::ops::{Add, Neg, Sub};

use serde::{Deserialize, Serialize};

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub f64);

        impl $name {
            /// Zero of this quantity.
            pub const ZERO: Self = Self(0.0);

            /// The number without its unit.
            #[must_use]
            pub const fn get(self) -> f64 {
                self.0
            }
        }

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }

        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }

        impl Neg for $name {
            type Output = Self;
            fn neg(self) -> Self {
                Self(-self.0)
            }
        }

        impl std::iter::Sum for $name {
            fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
                items.fold(Self::ZERO, Add::add)
            }
        }
    };
}

quantity! {
    /// Active power in watts.
    Watts
}
quantity! {
    /// Energy, or the reading of an energy meter, in watt-hours.
    WattHours
}
quantity! {
    /// Price of energy in euros per kilowatt-hour, for control and display; money is never added up
    /// in it.
    EurosPerKilowattHour
}
quantity! {
    /// Apparent power in volt-amperes. It is no active power: a car with a power factor below 1 takes
    /// fewer watts.
    VoltAmperes
}
quantity! {
    /// Apparent energy in volt-ampere-hours. It is not what a calibrated meter counts and never the
    /// base of a bill.
    VoltAmpereHours
}
quantity! {
    /// Electric current in amperes.
    Amperes
}
quantity! {
    /// Voltage between a phase and neutral, in volts.
    Volts
}
quantity! {
    /// A share in percent, 0 to 100 (state of charge).
    Percent
}
quantity! {
    /// A distance in kilometres (a vehicle's range).
    Kilometres
}
quantity! {
    /// A temperature in °C.
    Celsius
}

impl VoltAmpereHours {
    /// In kVAh.
    #[must_use]
    pub fn kilo(self) -> f64 {
        self.0 / 1000.0
    }
}
