//! Questions, and what is learnt from their answers.

use std::collections::{HashMap, HashSet};
use std::pin::Pin;

use ::elli::reading::{Accumulated, Card, Firmware, Session, Station, TotalCharged};
use ::elli::{Raw, RecordPage};
use chrono::{DateTime, Utc};
use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::units::WattHours;
use serde::Serialize;

use super::ledger::{Document, DocumentKind, LedgerError};
use super::poll::{Failure, Job};
use super::tokens::CallError;
use super::view::{
    AccumulatedView, CardView, Private, SessionView, StationFacts, StationView, Totals,
};
use super::{Worker, chance, readings, records};

/// An answer of Elli's.
pub(super) enum Answer {
    Stations(Vec<Station>),
    Sessions(Vec<Session>),
    /// A page of records; `None` after the last.
    Page(Option<RecordPage>),
    /// A page that came before and is not kept yet.
    PageAgain,
    Total(TotalCharged),
    Cards(Vec<Card>),
    Accumulated(Accumulated),
    Firmware(Firmware),
    Locations(Raw),
    Scheduled(Raw),
}

type Asking<'a> = Pin<Box<dyn Future<Output = Result<Answer, CallError>> + Send + 'a>>;

impl Worker {
    /// Asks a question: at most one request, and another one where a token had to be renewed.
    pub(super) fn ask<'a>(&'a mut self, job: &'a Job) -> Asking<'a> {
        Box::pin(self.ask_it(job))
    }

    async fn ask_it(&mut self, job: &Job) -> Result<Answer, CallError> {
        let tokens = &self.account.tokens;
        match job {
            Job::Stations => tokens
                .call(|client, token| async move { client.stations(&token).await })
                .await
                .map(Answer::Stations),
            Job::Sessions => tokens
                .call(|client, token| async move { client.sessions(&token, true).await })
                .await
                .map(Answer::Sessions),
            Job::Records(station) => {
                let walk = self.walks.of(station, self.clock.now());
                if !walk.page.is_empty() {
                    return Ok(Answer::PageAgain);
                }
                let pages = &walk.pages;
                tokens
                    .call(|client, token| async move {
                        pages.lock().await.next(&client, &token).await
                    })
                    .await
                    .map(Answer::Page)
            }
            Job::Total(station) => tokens
                .call(|client, token| async move { client.total_charged(&token, station).await })
                .await
                .map(Answer::Total),
            Job::Cards => tokens
                .call(|client, token| async move { client.cards(&token).await })
                .await
                .map(Answer::Cards),
            Job::Accumulated(station) => tokens
                .call(|client, token| async move { client.accumulated(&token, station).await })
                .await
                .map(Answer::Accumulated),
            Job::Firmware => tokens
                .call(|client, token| async move { client.firmware(&token).await })
                .await
                .map(Answer::Firmware),
            Job::Locations => tokens
                .call(|client, token| async move { client.locations(&token).await })
                .await
                .map(Answer::Locations),
            Job::Scheduled(station) => tokens
                .call(
                    |client, token| async move { client.scheduled_charging(&token, station).await },
                )
                .await
                .map(Answer::Scheduled),
        }
    }

    /// Takes over what an answer says, and notes when to ask again.
    pub(super) async fn learn(&mut self, job: &Job, answer: Answer) {
        let now = self.clock.now();
        let kept = match answer {
            Answer::Stations(stations) => self.learn_stations(job, stations, now).await,
            Answer::Sessions(sessions) => {
                self.learn_sessions(&sessions, now).await;
                true
            }
            Answer::Page(page) => return self.learn_page(job, page).await,
            Answer::PageAgain => return self.keep_page(job).await,
            Answer::Total(total) => {
                let kind = DocumentKind::TotalCharged;
                self.keep_raw(job, kind, &total.raw, now).await
            }
            Answer::Cards(cards) => {
                let cards: Vec<CardView> = cards.into_iter().map(CardView::from).collect();
                let kept = self.keep_json(job, DocumentKind::Cards, &cards, now).await;
                self.account.show(|view| view.cards = cards);
                kept
            }
            Answer::Accumulated(accumulated) => {
                let sum = AccumulatedView::of(&accumulated);
                self.show_station(job, |station| station.accumulated = sum);
                true
            }
            Answer::Firmware(firmware) => self.learn_firmware(job, &firmware, now).await,
            Answer::Locations(raw) => self.keep_raw(job, DocumentKind::Locations, &raw, now).await,
            Answer::Scheduled(raw) => {
                let kind = DocumentKind::ScheduledCharging;
                self.keep_raw(job, kind, &raw, now).await
            }
        };
        if kept {
            self.schedule.answered(job, now, chance());
        } else {
            self.schedule.failed(job, Failure::Unkept, now, chance());
        }
    }

    /// Whether it could be kept, as with all that is kept here.
    async fn learn_stations(
        &mut self,
        job: &Job,
        stations: Vec<Station>,
        now: DateTime<Utc>,
    ) -> bool {
        let before: HashMap<String, StationFacts> = self
            .stations
            .drain(..)
            .map(|station| (station.id.clone(), station))
            .collect();
        self.stations = stations
            .into_iter()
            .map(|station| {
                let known = before.get(&station.id);
                StationFacts::new(station, known)
            })
            .collect();
        let ids: HashSet<&str> = self.stations.iter().map(|station| &*station.id).collect();
        self.walks.retain(&ids);
        self.running.retain(|station, _| ids.contains(&**station));
        self.strangers.retain(|station| !ids.contains(&**station));
        self.schedule
            .set_stations(self.stations.iter().map(|station| &*station.id), now);
        self.doubt(false, now);
        self.show_stations();
        self.account.show(|view| view.fetched_at = Some(now));
        let facts = self.stations.clone();
        let kept = self
            .keep_json(job, DocumentKind::Stations, &facts, now)
            .await;
        self.sum_up(job).await;
        self.hear(readings::of_stations(&self.stations), false)
            .await;
        kept
    }

    /// What was said of the stations is soon asked again while one is away or not named; `news`: at
    /// once.
    fn doubt(&mut self, news: bool, now: DateTime<Utc>) {
        let away = self.stations.iter().any(readings::is_away);
        let doubtful = away || !self.strangers.is_empty();
        self.schedule.set_doubtful(doubtful, news, now);
    }

    async fn learn_sessions(&mut self, sessions: &[Session], now: DateTime<Utc>) {
        let running: HashMap<String, Session> = self
            .stations
            .iter()
            .filter_map(|station| {
                let session = readings::running(sessions, &station.id)?;
                Some((station.id.clone(), session.clone()))
            })
            .collect();
        for (station, session) in &self.running {
            let goes_on = running
                .get(station)
                .is_some_and(|other| other.id == session.id);
            if !goes_on {
                self.schedule.session_ended(station, now);
            }
        }
        let charging = running
            .values()
            .any(|session| readings::is_charging(session) == Some(true));
        self.schedule
            .set_running(running.keys().map(String::as_str), charging, now);
        self.account.show(|view| {
            for station in &mut view.stations {
                let id = &station.facts.id;
                let (before, session) = (self.running.get(id), running.get(id));
                if before.map(|before| &before.id) != session.map(|session| &session.id) {
                    station.accumulated = None;
                }
                station.session = session.map(SessionView::from);
            }
        });
        self.running = running;
        let strangers: HashSet<String> = sessions
            .iter()
            .filter(|session| session.is_running())
            .filter_map(|session| session.station_id.clone())
            .filter(|id| !self.stations.iter().any(|known| known.id == *id))
            .collect();
        let news = !strangers.is_subset(&self.strangers);
        self.strangers = strangers;
        self.doubt(news, now);
        let told = self.account.view().borrow().fetched_at;
        let heard = readings::of_sessions(&self.stations, told, sessions);
        self.hear(heard, true).await;
    }

    async fn learn_firmware(&mut self, job: &Job, firmware: &Firmware, now: DateTime<Utc>) -> bool {
        if let Firmware::Unavailable { status, .. } = firmware {
            tracing::debug!(source = %self.account.source, status, "Elli cannot tell the firmware");
        }
        for station in &mut self.stations {
            station.decorate(firmware);
        }
        self.show_stations();
        let facts = self.stations.clone();
        let told = self.account.view().borrow().fetched_at;
        if let Some(told) = told
            && !self
                .keep_json(job, DocumentKind::Stations, &facts, told)
                .await
        {
            return false;
        }
        self.keep_json(job, DocumentKind::Firmware, &(), now).await
    }

    async fn learn_page(&mut self, job: &Job, page: Option<RecordPage>) {
        let Job::Records(station) = job else { return };
        let Some(page) = page else {
            let walk = self.walks.of(station, self.clock.now());
            let complete = walk.pages.get_mut().is_complete();
            return self.end_pages(job, complete).await;
        };
        let (received, total) = (page.received, page.total);
        let rows = records::rows(page, &ExternalId::from(&**station));
        self.walks.turn(station, rows, received, total);
        self.keep_page(job).await;
    }

    /// Keeps the page that is there, before the next one is asked for.
    async fn keep_page(&mut self, job: &Job) {
        let Job::Records(station) = job else { return };
        let now = self.clock.now();
        let walk = self.walks.of(station, now);
        let kept = self.ledger.keep_rows(&walk.page, now).await;
        let complete = walk.pages.get_mut().is_complete();
        match kept {
            Ok(kept) => self.walks.page_kept(station, kept),
            Err(error) => return self.stop_walk(job, &error).await,
        }
        self.sum_up(job).await;
        if complete {
            self.end_pages(job, true).await;
        } else {
            self.schedule.turned_page(job, now);
        }
    }

    /// The walk has seen all pages.
    async fn end_pages(&mut self, job: &Job, complete: bool) {
        let Job::Records(station) = job else { return };
        let now = self.clock.now();
        let walk = self.walks.of(station, now);
        if complete && walk.full {
            let id = ExternalId::from(&**station);
            if let Err(error) = self.ledger.mark_gone(&id, walk.shown(), now).await {
                return self.stop_walk(job, &error).await;
            }
        }
        let (needs_total, full) = (walk.needs_total(), walk.full);
        if let Some(document) = self.walks.seen(station, complete, now) {
            if !self.keep(job, document).await {
                return self.schedule.failed(job, Failure::Unkept, now, chance());
            }
            self.walks.noted(station);
        }
        self.sum_up(job).await;
        if needs_total {
            self.schedule.want_total(station, full, now);
        }
        let news = self.walks.end(station).is_some_and(|walk| walk.has_news());
        self.schedule.walked(job, news, now, chance());
    }

    /// A page cannot be kept. It stays in hand, and nothing more is asked until it is.
    async fn stop_walk(&mut self, job: &Job, error: &LedgerError) {
        let Job::Records(station) = job else { return };
        self.walks.page_not_kept(station);
        self.note_unkept(job, error);
        let now = self.clock.now();
        self.schedule.failed(job, Failure::Unkept, now, chance());
        self.show_records();
    }

    /// Adds up what is kept.
    pub(super) async fn sum_up(&mut self, job: &Job) {
        match self.ledger.sums().await {
            Ok(sums) => self.walks.set_sums(sums, self.clock.now()),
            Err(error) => self.note_unkept(job, &error),
        }
        self.show_records();
    }

    fn show_records(&self) {
        self.account.show(|view| {
            view.records = self.walks.view();
            for station in &mut view.stations {
                station.totals.kept = self.walks.sums(&station.facts.id);
            }
        });
    }

    async fn keep_raw(
        &mut self,
        job: &Job,
        kind: DocumentKind,
        raw: &Raw,
        now: DateTime<Utc>,
    ) -> bool {
        let document = Document {
            kind,
            station: job.station().map(str::to_owned),
            json: raw.as_str().to_owned(),
            fetched: now,
        };
        self.show_document(&document);
        self.keep(job, document).await
    }

    async fn keep_json<T: Serialize>(
        &mut self,
        job: &Job,
        kind: DocumentKind,
        value: &T,
        now: DateTime<Utc>,
    ) -> bool {
        let json = match serde_json::to_string(value) {
            Ok(json) => json,
            Err(error) => {
                self.note_unkept(job, &LedgerError(error.to_string()));
                return false;
            }
        };
        let document = Document {
            kind,
            station: None,
            json,
            fetched: now,
        };
        self.keep(job, document).await
    }

    /// Shows what Elli sent, as it is.
    pub(super) fn show_document(&self, document: &Document) {
        let text = || Some(Private(document.json.as_str().into()));
        self.account.show(|view| {
            let station = view
                .stations
                .iter_mut()
                .find(|known| Some(&known.facts.id) == document.station.as_ref());
            match (document.kind, station) {
                (DocumentKind::Locations, _) => view.locations = text(),
                (DocumentKind::ScheduledCharging, Some(station)) => {
                    station.scheduled_charging = text();
                }
                (DocumentKind::TotalCharged, Some(station)) => {
                    station.totals = checked(document, station.totals);
                }
                _ => {}
            }
        });
    }

    fn show_station(&self, job: &Job, change: impl FnOnce(&mut StationView)) {
        self.account.show(|view| {
            let station = view
                .stations
                .iter_mut()
                .find(|known| Some(&*known.facts.id) == job.station());
            if let Some(station) = station {
                change(station);
            }
        });
    }
}

/// What is kept beside what Elli says.
fn checked(document: &Document, totals: Totals) -> Totals {
    let raw = serde_json::value::RawValue::from_string(document.json.clone());
    let total = raw.ok().map(|raw| TotalCharged::read(raw.into()));
    Totals {
        elli_records: total.as_ref().and_then(|total| total.records),
        elli_energy: total.and_then(|total| total.energy).map(WattHours),
        checked_at: Some(document.fetched),
        ..totals
    }
}

#[cfg(test)]
mod tests;
