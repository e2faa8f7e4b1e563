//! Elli's own reports: fetched for one station, one card or all, and a period; and kept.

use std::fmt::Write as _;

use ::elli::PdfQuery;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use ladebuch_domain::ids::{ExternalId, SourceId};
use ladebuch_domain::tag::Tag;
use sha2::{Digest as _, Sha256};

use super::{Elli, ElliError};
use crate::sources::elli::records::card_id;
use crate::sources::elli::view::CardView;
use crate::store::KeptPdf;

/// How many records of a card are looked at for its id.
const RECORDS_OF_CARD: u32 = 1;

impl Elli {
    /// Fetches Elli's own report of what a station has charged, with one card – its number, or Elli's
    /// id of it – or all, and keeps it if it can be kept. The period counts by when Elli wrote records
    /// down; times in the report are those of `zone`.
    ///
    /// # Errors
    /// When there is no such account or card, or Elli does not answer.
    pub async fn pdf(
        &self,
        source: SourceId,
        station: &str,
        card: Option<&str>,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        zone: Tz,
    ) -> Result<Vec<u8>, ElliError> {
        let account = self.open(source).await?;
        let card = match card {
            Some(card) => {
                let cards = account.view().borrow().cards.clone();
                Some(self.card(source, &cards, card).await?)
            }
            None => None,
        };
        let (id, number) = card.map_or((None, None), |(id, number)| (Some(id), number));
        let query = &PdfQuery {
            station_id: station.to_owned(),
            time_zone: zone.name().to_owned(),
            created_after: from,
            created_before: to,
            card_id: id,
        };
        let fetched = account
            .tokens
            .call(|client, token| async move { client.records_pdf(&token, query).await })
            .await?;
        let bytes = fetched.into_bytes();
        let kept = KeptPdf {
            // Given out by the store.
            id: 0,
            station: ExternalId::from(station),
            card_id: query.card_id.clone(),
            card: number,
            from,
            to,
            fetched: self.0.clock.now(),
            sha256: hex(&Sha256::digest(&bytes)),
            bytes: bytes.len() as u64,
        };
        if let Err(error) = self.0.store.keep_pdf(source, kept, &bytes).await {
            // Whoever asked has it all the same.
            tracing::warn!(%source, %error, "a report of Elli's could not be kept");
        }
        Ok(bytes.into())
    }

    /// The reports that are kept, the latest first.
    ///
    /// # Errors
    /// When there is no such account, or the database cannot be read.
    pub async fn pdfs(&self, source: SourceId) -> Result<Vec<KeptPdf>, ElliError> {
        self.0.sources.account(source).await?;
        Ok(self.0.store.pdfs(source).await?)
    }

    /// A report that is kept; `None` if there is none of that number.
    ///
    /// # Errors
    /// When there is no such account, or the database cannot be read.
    pub async fn kept_pdf(
        &self,
        source: SourceId,
        number: i64,
    ) -> Result<Option<Vec<u8>>, ElliError> {
        self.0.sources.account(source).await?;
        Ok(self.0.store.pdf(source, number).await?)
    }

    /// Elli's id of a card, and its number if known. A card that the account no longer has is known
    /// from the records that name it.
    async fn card(
        &self,
        source: SourceId,
        cards: &[CardView],
        wanted: &str,
    ) -> Result<(String, Option<Tag>), ElliError> {
        let tag = Tag::new(wanted);
        let listed = cards
            .iter()
            .find(|card| card.id == wanted || card.number.as_ref() == Some(&tag));
        if let Some(card) = listed {
            return Ok((card.id.clone(), card.number.clone()));
        }
        let store = &self.0.store;
        let records = store.rows_of_card(source, wanted, RECORDS_OF_CARD).await?;
        if let Some(id) = records.iter().find_map(|record| card_id(record)) {
            return Ok((id, Some(tag)));
        }
        // Elli's ids are UUIDs; whether there is such a card it knows best.
        let id = uuid::Uuid::parse_str(wanted).map_err(|_| ElliError::UnknownCard)?;
        Ok((id.to_string(), None))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}
