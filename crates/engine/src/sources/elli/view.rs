//! What is known of an account, for those who show it.

use std::fmt;
use std::sync::Arc;

use ::elli::reading::{Accumulated, Card, Firmware, Location, Session, Station, StationFirmware};
use chrono::{DateTime, Utc};
use ladebuch_domain::charge_log::RowSums;
use ladebuch_domain::tag::Tag;
use ladebuch_domain::units::{WattHours, Watts};
use serde::{Deserialize, Serialize};

use super::problem::SyncProblem;
use super::tokens::TokenState;

/// What is known of an account. Survives restarts, but for what happens just now.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountView {
    /// Whether somebody is signed in.
    pub state: TokenState,
    /// When somebody signed in last, if that is known.
    pub signed_in_at: Option<DateTime<Utc>>,
    /// How asking goes.
    pub sync: SyncView,
    /// How the records are fetched.
    pub records: RecordsView,
    /// The stations.
    pub stations: Vec<StationView>,
    /// The cards.
    pub cards: Vec<CardView>,
    /// The places of the stations; JSON of unknown shape.
    pub locations: Option<Private<Arc<str>>>,
    /// When the stations were told last.
    pub fetched_at: Option<DateTime<Utc>>,
}

impl AccountView {
    /// Of an account of which nothing is known yet.
    pub(super) fn new() -> Self {
        Self {
            state: TokenState::Unknown,
            signed_in_at: None,
            sync: SyncView::default(),
            records: RecordsView::default(),
            stations: Vec::new(),
            cards: Vec::new(),
            locations: None,
            fetched_at: None,
        }
    }
}

/// How asking goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncView {
    /// Whether something is being fetched at this moment.
    pub running: bool,
    /// When Elli last answered.
    pub last_run_at: Option<DateTime<Utc>>,
    /// When Elli is asked next; `None`: when somebody signs in.
    pub next_run_at: Option<DateTime<Utc>>,
    /// What is wrong.
    pub problem: Option<SyncProblem>,
}

/// How the records are fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordsView {
    /// Where that stands.
    pub state: RecordsState,
    /// How many records the last walk through all of them has seen so far.
    pub received: u64,
    /// How many there are, as far as Elli says.
    pub total: Option<u64>,
    /// How many are kept, also those that Elli no longer shows.
    pub kept: u64,
    /// How many the last look at each station has brought.
    pub new_records: u64,
    /// How many are kept that cannot be read.
    pub unreadable: u64,
    /// When the last walk or look ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// How complete the records are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordsState {
    /// They were never fetched.
    #[default]
    Never,
    /// All of them are being walked through.
    Running,
    /// All were fetched, and news are looked for.
    Complete,
    /// A walk through them has not reached its end, or they changed on the way.
    Incomplete,
    /// They cannot be kept.
    Failed,
}

/// A station and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct StationView {
    /// What it is.
    pub facts: StationFacts,
    /// The session that runs.
    pub session: Option<SessionView>,
    /// Elli's own sum of it.
    pub accumulated: Option<AccumulatedView>,
    /// Whether the records add up.
    pub totals: Totals,
    /// When it is to charge; JSON of unknown shape.
    pub scheduled_charging: Option<Private<Arc<str>>>,
}

impl StationView {
    pub(super) fn new(facts: StationFacts) -> Self {
        Self {
            facts,
            session: None,
            accumulated: None,
            totals: Totals::default(),
            scheduled_charging: None,
        }
    }
}

/// What a station is, as Elli says; words are Elli's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is what Elli calls so")]
pub struct StationFacts {
    pub id: String,
    pub name: Option<String>,
    pub serial_number: Option<String>,
    pub model: Option<String>,
    pub firmware: Option<String>,
    /// From outside: check it before opening it.
    pub firmware_notes_url: Option<String>,
    pub connection_state: Option<String>,
    pub lifecycle_state: Option<String>,
    pub authorization_mode: Option<String>,
    /// Number and availability of each.
    pub connectors: Vec<(String, Option<String>)>,
    pub last_contact_at: Option<DateTime<Utc>>,
    /// Postal address in one line.
    pub address: Option<Private<String>>,
}

impl StationFacts {
    /// What Elli says of a station, and what it said of its firmware before.
    pub(super) fn new(station: Station, before: Option<&Self>) -> Self {
        let installed = station.installed_firmware.as_ref();
        Self {
            firmware: station
                .firmware_version
                .or_else(|| installed.and_then(|installed| installed.version.clone()))
                .or_else(|| before.and_then(|before| before.firmware.clone())),
            firmware_notes_url: installed
                .and_then(|installed| installed.release_notes.clone())
                .or_else(|| before.and_then(|before| before.firmware_notes_url.clone())),
            id: station.id,
            name: station.name,
            serial_number: station.serial_number,
            model: station.model,
            connection_state: station.connection_state.map(|state| state.to_string()),
            lifecycle_state: station.lifecycle_state,
            authorization_mode: station.authorization_mode.map(|mode| mode.to_string()),
            connectors: station
                .connectors
                .into_iter()
                .map(|connector| (connector.id, connector.availability))
                .collect(),
            last_contact_at: station.last_contact,
            address: station.location.and_then(address).map(Private),
        }
    }

    /// Adds what Elli says of the firmware; what it cannot tell stays as it was.
    pub(super) fn decorate(&mut self, firmware: &Firmware) {
        let Firmware::Known(known) = firmware else {
            return;
        };
        let own = known.iter().find(|known| known.station_id == self.id);
        if let Some(StationFirmware {
            installed: Some(installed),
            ..
        }) = own
        {
            if let Some(version) = &installed.version {
                self.firmware = Some(version.clone());
            }
            if let Some(notes) = &installed.release_notes {
                self.firmware_notes_url = Some(notes.clone());
            }
        }
    }
}

/// The session that runs at a station; words are Elli's own.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each field is what Elli calls so")]
pub struct SessionView {
    pub started_at: Option<DateTime<Utc>>,
    pub energy: Option<WattHours>,
    pub power: Option<Watts>,
    pub charging_state: Option<String>,
    pub lifecycle_state: Option<String>,
    pub card: Option<Tag>,
    pub authentication_method: Option<String>,
    /// When Elli last heard of it.
    pub updated_at: Option<DateTime<Utc>>,
}

impl From<&Session> for SessionView {
    fn from(session: &Session) -> Self {
        Self {
            started_at: session.start,
            energy: session.energy.map(WattHours),
            power: session.power.map(Watts),
            charging_state: session.charging_state.as_ref().map(ToString::to_string),
            lifecycle_state: session.lifecycle.as_ref().map(ToString::to_string),
            card: session
                .card_number
                .as_ref()
                .map(|card| Tag::new(card.as_str())),
            authentication_method: session
                .authentication_method
                .as_ref()
                .map(ToString::to_string),
            updated_at: session.last_updated,
        }
    }
}

/// Elli's own sum of the session that runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AccumulatedView {
    /// Energy charged so far.
    pub energy: Option<WattHours>,
    /// Power at the moment.
    pub power: Option<Watts>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
}

impl AccumulatedView {
    /// `None` if no car is plugged in.
    pub(super) fn of(accumulated: &Accumulated) -> Option<Self> {
        match accumulated {
            Accumulated::NoCar => None,
            Accumulated::Session(session) => Some(Self {
                energy: session.energy.map(WattHours),
                power: session.power.map(Watts),
                started_at: session.start,
            }),
        }
    }
}

/// Whether the records that are kept of a station add up to what Elli says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// What is kept.
    pub kept: RowSums,
    /// How many records there are, as Elli says.
    pub elli_records: Option<u64>,
    /// Their energy, as Elli says.
    pub elli_energy: Option<WattHours>,
    /// When Elli said so.
    pub checked_at: Option<DateTime<Utc>>,
}

impl Totals {
    /// Whether what Elli still shows adds up. `None` until Elli was asked, and while records have
    /// come since.
    #[must_use]
    pub fn agree(&self) -> Option<bool> {
        let checked_at = self.checked_at?;
        if self.kept.added.is_some_and(|added| added > checked_at) {
            return None;
        }
        let records = self.elli_records? == self.kept.rows - self.kept.gone;
        let shown = self.kept.energy - self.kept.gone_energy;
        // Elli counts whole Wh, and its records may have fractions.
        let tolerance = 0.5 + 0.5e-3 * self.kept.rows as f64;
        Some(records && (self.elli_energy? - shown).get().abs() <= tolerance)
    }
}

/// A card of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is what Elli calls so")]
pub struct CardView {
    pub id: String,
    #[serde(with = "number")]
    pub number: Option<Tag>,
    pub status: Option<String>,
    pub public_charging: Option<bool>,
    pub tenant_name: Option<String>,
    pub created_at: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
}

impl From<Card> for CardView {
    fn from(card: Card) -> Self {
        Self {
            id: card.id,
            number: card.number.map(|number| Tag::new(number.as_str())),
            status: card.status,
            public_charging: card.public_charging,
            tenant_name: card.tenant_name,
            created_at: card.created_at,
            updated_at: card.updated_at,
        }
    }
}

mod number {
    use ladebuch_domain::tag::Tag;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(tag: &Option<Tag>, serializer: S) -> Result<S::Ok, S::Error> {
        tag.as_ref().map(Tag::number).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Tag>, D::Error> {
        let number = Option::<String>::deserialize(deserializer)?;
        Ok(number.map(|number| Tag::new(&number)))
    }
}

/// Something that says where somebody lives, or names their cards: never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Private<T>(pub T);

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Private(…)")
    }
}

/// An address in one line; `None` if nothing of it is told.
fn address(location: Location) -> Option<String> {
    let address = location.address?;
    let town = [address.zip, address.city];
    let town = town.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let town = Some(town).filter(|town| !town.is_empty());
    let parts: Vec<String> = [address.street, town, address.country]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(rows: u64, energy: f64) -> Totals {
        Totals {
            kept: RowSums {
                rows,
                energy: WattHours(energy),
                ..RowSums::default()
            },
            elli_records: Some(3),
            elli_energy: Some(WattHours(1000.0)),
            checked_at: DateTime::from_timestamp(1_800_000_000, 0),
        }
    }

    #[test]
    fn sums_agree_when_records_and_energy_do() {
        assert_eq!(totals(3, 1000.0).agree(), Some(true));
        assert_eq!(totals(3, 1000.4).agree(), Some(true));
        assert_eq!(totals(3, 1001.0).agree(), Some(false));
        assert_eq!(totals(2, 1000.0).agree(), Some(false));
    }

    #[test]
    fn what_elli_has_deleted_is_left_out_of_the_comparison() {
        let mut totals = totals(5, 1250.0);
        assert_eq!(totals.agree(), Some(false));
        totals.kept.gone = 2;
        totals.kept.gone_energy = WattHours(250.0);
        assert_eq!(totals.agree(), Some(true));
    }

    #[test]
    fn what_elli_has_not_said_is_not_judged() {
        let mut totals = totals(3, 1000.0);
        totals.kept.added = totals
            .checked_at
            .map(|at| at + chrono::TimeDelta::seconds(1));
        assert_eq!(totals.agree(), None, "a record has come since");
        totals.kept.added = None;
        totals.elli_energy = None;
        assert_eq!(totals.agree(), None);
        assert_eq!(Totals::default().agree(), None);
    }

    #[test]
    fn nothing_private_is_printed() {
        let card = CardView {
            id: "c1".to_owned(),
            number: Some(Tag::new("ELLI-ABCD1234-XY12-1")),
            status: None,
            public_charging: None,
            tenant_name: None,
            created_at: None,
            updated_at: None,
        };
        assert!(!format!("{card:?}").contains("ABCD"));
        let json = serde_json::to_string(&card).unwrap();
        assert_eq!(serde_json::from_str::<CardView>(&json).unwrap(), card);
        assert_eq!(format!("{:?}", Private("Lindenweg 7")), "Private(…)");
    }
}
