//! All records of a station, page by page, while others are written.
//!
//! Elli pages by offset, so a record that comes or goes moves all that follow: the next page then
//! repeats some, or leaves some out. In which direction Elli sorts, and how large a page may be, is
//! not known. So pages overlap, records are told apart by their id, and a walk during which
//! something moved is repeated until as many records were seen as there are.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::client::Client;
use crate::error::Error;
use crate::json;
use crate::pdf::instant;
use crate::private::{AccessToken, Raw};
use crate::reading::Record;

/// How many records a page repeats of the one before.
const OVERLAP: u64 = 5;
/// How often a station's records are walked through at most.
const WALKS: u32 = 3;
/// How many pages may bring nothing new before a server counts as one that does not page.
const STALE: u32 = 3;

/// Which records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordQuery {
    /// Id of the station.
    pub station_id: String,
    /// Only records Elli wrote down after this time. That is not when the car charged, and whether
    /// the time itself belongs to it is not known: leave a margin.
    pub created_after: Option<DateTime<Utc>>,
    /// Only records Elli wrote down before this time.
    pub created_before: Option<DateTime<Utc>>,
    /// How many records to ask for at once. 100 is known to work.
    pub page_size: u32,
}

impl RecordQuery {
    /// All records of a station.
    #[must_use]
    pub fn new(station_id: impl Into<String>) -> Self {
        Self {
            station_id: station_id.into(),
            created_after: None,
            created_before: None,
            page_size: 100,
        }
    }
}

/// Where a walk through a station's records has come to.
///
/// An error leaves it where it is: refresh the token or wait, then ask again.
#[derive(Debug, Clone)]
pub struct RecordPages {
    query: RecordQuery,
    seen: HashSet<String>,
    total: Option<u64>,
    /// Records went, so as many as there are need not be those that are there.
    shrunk: bool,
    walk: u32,
    walked: Walk,
    /// Requests the walk may take.
    allowance: u32,
    end: Option<End>,
}

/// One way from the first record to the last.
#[derive(Debug, Clone, Copy, Default)]
struct Walk {
    offset: u64,
    /// How many records of the next page are to be old ones.
    overlap: u64,
    requests: u32,
    /// Records no earlier page held.
    new: u64,
    /// Pages in a row without any.
    stale: u32,
    /// Something moved on the way.
    moved: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Complete,
    Incomplete,
}

/// The new records of one page. Their order is Elli's.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordPage {
    /// Records no page held before. May be empty.
    pub records: Vec<Record>,
    /// Entries without an id.
    pub unreadable: Vec<Raw>,
    /// How many were handed over so far, these included.
    pub received: u64,
    /// How many there are, as far as Elli says.
    pub total: Option<u64>,
}

struct Sheet {
    entries: Vec<Raw>,
    total: Option<u64>,
}

impl RecordPages {
    /// Begins at the beginning. Nothing is sent.
    #[must_use]
    pub fn new(query: RecordQuery) -> Self {
        Self {
            query,
            seen: HashSet::new(),
            total: None,
            shrunk: false,
            walk: 1,
            walked: Walk::default(),
            allowance: u32::MAX,
            end: None,
        }
    }

    /// The next page: one request (`chargeathome/v1/chargingrecords`). `None` at the end.
    ///
    /// # Errors
    ///
    /// If Elli refuses, fails or cannot be understood.
    pub async fn next(
        &mut self,
        client: &Client,
        token: &AccessToken,
    ) -> Result<Option<RecordPage>, Error> {
        if self.end.is_some() {
            return Ok(None);
        }
        let sheet = fetch(client, token, &self.query, self.walked.offset).await?;
        Ok(Some(self.take(sheet)))
    }

    /// Whether the end was reached and everything was seen that Elli says is there. If not, records
    /// came or went faster than they were read: begin anew later.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.end == Some(End::Complete)
    }

    fn received(&self) -> u64 {
        self.seen.len() as u64
    }

    fn take(&mut self, sheet: Sheet) -> RecordPage {
        let length = sheet.entries.len() as u64;
        let (mut records, mut unreadable) = (Vec::new(), Vec::new());
        for entry in sheet.entries {
            match Record::read(entry) {
                Ok(record) if self.seen.insert(record.id.clone()) => records.push(record),
                Err(raw) if self.seen.insert(raw.as_str().to_owned()) => unreadable.push(raw),
                Ok(_) | Err(_) => {}
            }
        }
        self.note(
            length,
            (records.len() + unreadable.len()) as u64,
            sheet.total,
        );
        self.end = self.judge(length);
        RecordPage {
            records,
            unreadable,
            received: self.received(),
            total: self.total,
        }
    }

    fn note(&mut self, length: u64, new: u64, total: Option<u64>) {
        let walk = &mut self.walked;
        let before = self.total.zip(total);
        // Nothing old, although the page began with old ones: some went, and some were left out.
        let gap = walk.overlap > 0 && length > 0 && new == length;
        let changed = walk.requests > 0 && before.is_some_and(|(before, now)| before != now);
        walk.moved |= gap || changed;
        walk.requests += 1;
        walk.new += new;
        walk.stale = if new == 0 { walk.stale + 1 } else { 0 };
        self.shrunk |= gap || before.is_some_and(|(before, now)| now < before);
        self.total = total.or(self.total);
    }

    /// Moves on to the next page, the next walk, or the end.
    fn judge(&mut self, length: u64) -> Option<End> {
        let all = self.total.is_none_or(|total| self.received() >= total);
        if all && self.total.is_some() && !self.shrunk {
            return Some(End::Complete);
        }
        let walk = &mut self.walked;
        let reached = walk.offset.saturating_add(length);
        // A page shorter than asked for is no end: a server may give less at once.
        let at_the_end = match self.total {
            Some(total) => length == 0 || reached >= total,
            None => length <= walk.overlap,
        };
        let in_circles = self.walk == 1 && walk.stale >= STALE;
        if !at_the_end && !in_circles && walk.requests < self.allowance {
            walk.overlap = OVERLAP.min(length / 2);
            walk.offset = reached - walk.overlap;
            return None;
        }
        let clean = at_the_end && !walk.moved;
        let in_vain = self.walk > 1 && clean && walk.new == 0;
        if clean && all {
            Some(End::Complete)
        } else if self.walk >= WALKS || in_circles || in_vain {
            Some(End::Incomplete)
        } else {
            if self.walk == 1 {
                self.allowance = walk.requests.saturating_add(2);
            }
            self.walk += 1;
            self.walked = Walk::default();
            None
        }
    }
}

async fn fetch(
    client: &Client,
    token: &AccessToken,
    query: &RecordQuery,
    offset: u64,
) -> Result<Sheet, Error> {
    let (limit, offset) = (query.page_size.max(1).to_string(), offset.to_string());
    let (after, before) = (
        query.created_after.map(instant),
        query.created_before.map(instant),
    );
    let mut pairs = vec![
        ("station_id", query.station_id.as_str()),
        ("limit", &limit),
        ("offset", &offset),
        ("sort", "created_at"),
    ];
    pairs.extend(after.as_deref().map(|time| ("created_after", time)));
    pairs.extend(before.as_deref().map(|time| ("created_before", time)));
    let path = ["chargeathome", "v1", "chargingrecords"];
    let answer = client.get(token, &path, &pairs).await?.success()?;
    let body = answer.json()?;
    let entries = json::list(body, "charging_records")?
        .into_iter()
        .map(Raw::from)
        .collect();
    Ok(Sheet {
        entries,
        total: json::count(body, "total_count"),
    })
}
