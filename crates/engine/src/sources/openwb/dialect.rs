//! The two generations of openWB behind one face.
//!
//! Which one it is shows in the topics alone. A box that was upgraded in place may have kept those
//! of its 1.9 days, so 2.x wins.

use ladebuch_domain::control::Command;
use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::reading::Reading;
use openwb::Generation;
use openwb::command::v2::Inbox;
use openwb::command::{Refusal, Write};

use super::said::{Message, Said};
use super::{v1_9, v2};

/// Translates the messages of one box, whatever it speaks.
#[derive(Debug)]
pub struct Dialect {
    v2: v2::Translator,
    v1_9: v1_9::Translator,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            v2: v2::Translator::new(),
            v1_9: v1_9::Translator::new(),
        }
    }
}

impl Dialect {
    /// Takes one message; its facts go to `out`.
    pub fn take(&mut self, message: Message, said: &mut Said, out: &mut Vec<Reading>) {
        use openwb::Reading as R;
        use openwb::reading::System;
        match message.reading {
            R::V1_9(_) if self.v2.is_openwb() => {}
            R::V1_9(reading) => self.v1_9.take(reading, message.retained, said, out),
            R::System(System::Version {
                generation: Generation::V1_9,
                version,
            }) => {
                if let Some(version) = version.filter(|_| !self.v2.is_openwb()) {
                    said.version = Some((&*version).into());
                }
            }
            _ => self.v2.take(message, said, out),
        }
    }

    /// The retained tree is complete: what is missing now will not come.
    pub fn settle(&mut self, said: &mut Said, out: &mut Vec<Reading>) {
        self.v2.stop_holding_back(out);
        if !self.v2.is_openwb() && self.v1_9.is_openwb() {
            self.v1_9.stop_holding_back(said, out);
        }
    }

    /// Whether anything showed that this broker belongs to an openWB.
    pub fn is_openwb(&self) -> bool {
        self.v2.is_openwb() || self.v1_9.is_openwb()
    }

    /// The generation of the box, once that is known.
    pub fn generation(&self) -> Option<Generation> {
        if self.v2.is_openwb() {
            Some(Generation::V2)
        } else {
            self.v1_9.is_openwb().then_some(Generation::V1_9)
        }
    }

    /// Where a 2.x box expects commands: since user management exists each has a topic of its own.
    pub fn inbox(&self) -> Inbox {
        if self.v2.has_user_management() {
            Inbox::ByCommand
        } else {
            Inbox::Shared
        }
    }

    /// Charge points that the box hides from this user, and whether it shows any at all.
    pub fn hidden_points(&self) -> (Vec<ExternalId>, bool) {
        (self.v2.hidden_points(), self.v2.shows_points())
    }

    /// Whether the box is starting or updating.
    pub fn booting(&self) -> bool {
        self.v2.booting() || (!self.v2.is_openwb() && self.v1_9.updating())
    }

    /// What to send so that a charge point does what it is asked.
    ///
    /// # Errors
    /// If this box cannot be asked for it.
    pub fn messages(&self, command: &Command, device: &ExternalId) -> Result<Vec<Write>, Refusal> {
        if self.v2.is_openwb() {
            v2::messages(command, device, self.v2.settings())
        } else {
            v1_9::messages(command, device)
        }
    }

    /// What to send so that a setting is as it was before; `None` if it is no longer as it was set.
    ///
    /// # Errors
    /// If this box cannot be asked for it, or does not show the setting at present.
    pub fn put_back(
        &self,
        scope: &str,
        back: &Command,
        set_to: &[Command],
    ) -> Result<Option<Vec<Write>>, Refusal> {
        if self.v2.is_openwb() {
            v2::put_back(scope, back, set_to, self.v2.settings())
        } else {
            v1_9::put_back(scope, back, set_to, self.v1_9.settings())
        }
    }
}
