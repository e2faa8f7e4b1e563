//! The engine's view of an account as it goes over the wire.

use ladebuch_domain::ids::{DeviceId, SourceId};
use ladebuch_domain::snapshot::Snapshot;
use ladebuch_domain::tag::Tag;
use ladebuch_engine::elli as engine;
use serde_json::value::RawValue;

use super::account::{
    Accumulated, Card, Connector, ElliAccount, ElliPdf, ElliPdfList, Records, RecordsState,
    Session, SessionState, Station, Sync, SyncProblem, Totals,
};
use super::{ElliSignIn, Instant};
use crate::dto::SyncTroubleCode;

impl From<engine::Begun> for ElliSignIn {
    fn from(begun: engine::Begun) -> Self {
        Self {
            id: begun.id,
            url: begun.url,
            host: begun.host,
            redirect_uri: begun.redirect_uri,
            expires_at: begun.expires.into(),
        }
    }
}

impl ElliAccount {
    /// The account of a source. The live view tells which charge points its stations are.
    #[must_use]
    pub fn new(source: SourceId, account: engine::AccountView, live: &Snapshot) -> Self {
        let point = |station: &str| -> Option<DeviceId> {
            let mut devices = live.devices.iter();
            devices
                .find(|(_, device)| device.source == source && device.external_id.0 == station)
                .map(|(id, _)| *id)
        };
        Self {
            state: account.state.into(),
            signed_in_at: account.signed_in_at.map(Instant::from),
            sync: account.sync.into(),
            records: account.records.into(),
            stations: account
                .stations
                .into_iter()
                .map(|station| {
                    let point = point(&station.facts.id);
                    Station::new(station, point)
                })
                .collect(),
            cards: account.cards.into_iter().map(Card::from).collect(),
            locations: account.locations.and_then(|json| raw(&json.0)),
            fetched_at: account.fetched_at.map(Instant::from),
        }
    }
}

impl From<engine::TokenState> for SessionState {
    fn from(state: engine::TokenState) -> Self {
        match state {
            engine::TokenState::Unknown => Self::Unknown,
            engine::TokenState::SignedIn => Self::SignedIn,
            engine::TokenState::SignInAgain => Self::SignInAgain,
            engine::TokenState::SignedOut => Self::SignedOut,
        }
    }
}

impl From<engine::SyncView> for Sync {
    fn from(sync: engine::SyncView) -> Self {
        Self {
            running: sync.running,
            last_run_at: sync.last_run_at.map(Instant::from),
            next_run_at: sync.next_run_at.map(Instant::from),
            problem: sync.problem.map(|problem| SyncProblem {
                code: SyncTroubleCode(problem.trouble),
                detail: problem.detail,
                status: problem.status,
            }),
        }
    }
}

impl From<engine::RecordsView> for Records {
    fn from(records: engine::RecordsView) -> Self {
        Self {
            state: match records.state {
                engine::RecordsState::Never => RecordsState::Never,
                engine::RecordsState::Running => RecordsState::Running,
                engine::RecordsState::Complete => RecordsState::Complete,
                engine::RecordsState::Incomplete => RecordsState::Incomplete,
                engine::RecordsState::Failed => RecordsState::Failed,
            },
            received: records.received,
            total: records.total,
            kept: records.kept,
            new_records: records.new_records,
            unreadable: records.unreadable,
            finished_at: records.finished_at.map(Instant::from),
        }
    }
}

impl Station {
    fn new(station: engine::StationView, point: Option<DeviceId>) -> Self {
        let facts = station.facts;
        let connectors = facts.connectors.into_iter();
        Self {
            charge_point_id: point.map(|id| id.0),
            id: facts.id,
            name: facts.name,
            serial_number: facts.serial_number,
            model: facts.model,
            firmware: facts.firmware,
            // From outside: a page opens nothing but a web page.
            firmware_notes_url: facts
                .firmware_notes_url
                .filter(|url| url.starts_with("https://")),
            connection_state: facts.connection_state,
            lifecycle_state: facts.lifecycle_state,
            authorization_mode: facts.authorization_mode,
            connectors: connectors
                .map(|(id, availability)| Connector { id, availability })
                .collect(),
            last_contact_at: facts.last_contact_at.map(Instant::from),
            address: facts.address.map(|address| address.0),
            session: station.session.map(Session::from),
            accumulated: station.accumulated.map(|sum| Accumulated {
                energy_wh: sum.energy.map(|energy| energy.get()),
                power_w: sum.power.map(|power| power.get()),
                started_at: sum.started_at.map(Instant::from),
            }),
            totals: station.totals.into(),
            scheduled_charging: station.scheduled_charging.and_then(|json| raw(&json.0)),
        }
    }
}

impl From<engine::SessionView> for Session {
    fn from(session: engine::SessionView) -> Self {
        Self {
            started_at: session.started_at.map(Instant::from),
            energy_wh: session.energy.map(|energy| energy.get()),
            power_w: session.power.map(|power| power.get()),
            charging_state: session.charging_state,
            lifecycle_state: session.lifecycle_state,
            card: session.card.as_ref().map(Tag::masked),
            authentication_method: session.authentication_method,
            updated_at: session.updated_at.map(Instant::from),
        }
    }
}

impl From<engine::Totals> for Totals {
    fn from(totals: engine::Totals) -> Self {
        let kept = totals.kept;
        Self {
            kept_records: kept.rows,
            kept_energy_wh: kept.energy.get(),
            gone_records: kept.gone,
            gone_energy_wh: kept.gone_energy.get(),
            elli_records: totals.elli_records,
            elli_energy_wh: totals.elli_energy.map(|energy| energy.get()),
            checked_at: totals.checked_at.map(Instant::from),
            agree: totals.agree(),
        }
    }
}

impl From<engine::CardView> for Card {
    fn from(card: engine::CardView) -> Self {
        Self {
            id: card.id,
            number: card.number.as_ref().map(Tag::masked),
            status: card.status,
            public_charging: card.public_charging,
            tenant_name: card.tenant_name,
            created_at: card.created_at.map(Instant::from),
            updated_at: card.updated_at.map(Instant::from),
        }
    }
}

impl From<Vec<engine::KeptPdf>> for ElliPdfList {
    fn from(pdfs: Vec<engine::KeptPdf>) -> Self {
        let pdf = |pdf: engine::KeptPdf| ElliPdf {
            id: pdf.id,
            station: pdf.station.to_string(),
            card: pdf.card_id,
            card_number: pdf.card.as_ref().map(Tag::masked),
            from: pdf.from.into(),
            to: pdf.to.into(),
            fetched_at: pdf.fetched.into(),
            bytes: pdf.bytes,
            sha256: pdf.sha256,
        };
        Self {
            pdfs: pdfs.into_iter().map(pdf).collect(),
        }
    }
}

/// JSON of unknown shape, as it was kept.
fn raw(json: &str) -> Option<Box<RawValue>> {
    serde_json::from_str(json).ok()
}
