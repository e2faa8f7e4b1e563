//! Faults that somebody switched on.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Which faults of a device are on, and which wait to happen once.
#[derive(Debug)]
pub(crate) struct Switches<F>(Mutex<Vec<Switch<F>>>);

#[derive(Debug)]
struct Switch<F> {
    fault: F,
    once: bool,
}

impl<F: Copy + PartialEq> Switches<F> {
    /// With some on from the start.
    pub(crate) fn new(on: &[F]) -> Self {
        let on = on.iter().map(|fault| Switch {
            fault: *fault,
            once: false,
        });
        Self(Mutex::new(on.collect()))
    }

    /// Switches a fault on or off.
    pub(crate) fn set(&self, fault: F, on: bool) {
        let mut switches = self.lock();
        switches.retain(|switch| switch.fault != fault);
        if on {
            switches.push(Switch { fault, once: false });
        }
    }

    /// Lets a fault happen at the next opportunity, and then no more.
    pub(crate) fn once(&self, fault: F) {
        self.lock().push(Switch { fault, once: true });
    }

    /// All is well again.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Whether a fault is on or waits to happen; does not use it up.
    pub(crate) fn is_on(&self, fault: F) -> bool {
        self.lock().iter().any(|switch| switch.fault == fault)
    }

    /// Whether a fault happens now.
    pub(crate) fn strikes(&self, fault: F) -> bool {
        let mut switches = self.lock();
        let Some(n) = switches.iter().position(|switch| switch.fault == fault) else {
            return false;
        };
        if switches[n].once {
            switches.remove(n);
        }
        true
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Switch<F>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A fault of that name does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no fault {0:?}")]
pub struct UnknownFault(pub String);

/// Declares an enum of faults with a name each, for people to type.
macro_rules! faults {
    ($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$inner])* $variant,)+
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name to type.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::fault::UnknownFault;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|fault| fault.name() == name)
                    .ok_or_else(|| $crate::fault::UnknownFault(name.to_owned()))
            }
        }
    };
}
pub(crate) use faults;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_stays_and_what_waits_happens_once() {
        let switches = Switches::new(&["on"]);
        switches.once("soon");
        assert!(switches.strikes("on") && switches.strikes("on"));
        assert!(switches.is_on("soon"));
        assert!(switches.strikes("soon") && !switches.strikes("soon"));
        switches.set("on", false);
        assert!(!switches.strikes("on"));
    }
}
