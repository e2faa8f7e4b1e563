//! Elli's own reports, as they were downloaded.

use chrono::{DateTime, Utc};
use ladebuch_domain::ids::{ExternalId, SourceId};
use ladebuch_domain::tag::Tag;

use super::column::instant;
use super::{Store, StoreError};

/// A report that is kept, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPdf {
    /// Its number.
    pub id: i64,
    /// The station.
    pub station: ExternalId,
    /// Elli's id of the card; `None`: all records.
    pub card_id: Option<String>,
    /// The card's number, if it was known.
    pub card: Option<Tag>,
    /// Records that Elli wrote down after this time.
    pub from: DateTime<Utc>,
    /// Records that Elli wrote down before this time.
    pub to: DateTime<Utc>,
    /// When it was downloaded first.
    pub fetched: DateTime<Utc>,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// Size of the file.
    pub bytes: u64,
}

impl Store {
    /// Keeps a report; its number is given out here. The same report of the same question is kept once: the one that was there
    /// is given back.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn keep_pdf(
        &self,
        source: SourceId,
        pdf: KeptPdf,
        bytes: &[u8],
    ) -> Result<KeptPdf, StoreError> {
        let mut tx = self.begin().await?;
        let there: Option<(i64, i64)> = sqlx::query_as(
            "select id, fetched from elli_pdf
             where source_id = $1 and station_id = $2 and coalesce(card_id, '') = $3
                 and from_ts = $4 and to_ts = $5 and sha256 = $6",
        )
        .bind(source.to_string())
        .bind(pdf.station.as_str())
        .bind(pdf.card_id.as_deref().unwrap_or_default())
        .bind(pdf.from.timestamp_millis())
        .bind(pdf.to.timestamp_millis())
        .bind(&pdf.sha256)
        .fetch_optional(&mut *tx)
        .await?;
        if let Some((id, fetched)) = there {
            let fetched = instant(fetched)?;
            return Ok(KeptPdf { id, fetched, ..pdf });
        }
        sqlx::query(
            "insert into elli_pdf_file (sha256, bytes) values ($1, $2)
             on conflict (sha256) do nothing",
        )
        .bind(&pdf.sha256)
        .bind(bytes)
        .execute(&mut *tx)
        .await?;
        let id = sqlx::query_scalar(
            "insert into elli_pdf
                 (source_id, station_id, card_id, card_number, from_ts, to_ts, fetched, sha256)
             values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
        )
        .bind(source.to_string())
        .bind(pdf.station.as_str())
        .bind(&pdf.card_id)
        .bind(pdf.card.as_ref().map(Tag::number))
        .bind(pdf.from.timestamp_millis())
        .bind(pdf.to.timestamp_millis())
        .bind(pdf.fetched.timestamp_millis())
        .bind(&pdf.sha256)
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(KeptPdf { id, ..pdf })
    }

    /// The reports of an account that are kept, the latest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn pdfs(&self, source: SourceId) -> Result<Vec<KeptPdf>, StoreError> {
        type Row = (
            i64,
            String,
            Option<String>,
            Option<String>,
            i64,
            i64,
            i64,
            String,
            i64,
        );
        let rows: Vec<Row> = sqlx::query_as(
            "select id, station_id, card_id, card_number, from_ts, to_ts, fetched, pdf.sha256,
                 length(bytes)
             from elli_pdf as pdf join elli_pdf_file as file on file.sha256 = pdf.sha256
             where source_id = $1 order by id desc",
        )
        .bind(source.to_string())
        .fetch_all(&self.0.readers)
        .await?;
        rows.into_iter()
            .map(
                |(id, station, card_id, card, from, to, fetched, sha256, bytes)| {
                    Ok(KeptPdf {
                        id,
                        station: ExternalId::from(station.as_str()),
                        card_id,
                        card: card.map(|number| Tag::new(&number)),
                        from: instant(from)?,
                        to: instant(to)?,
                        fetched: instant(fetched)?,
                        sha256,
                        bytes: bytes.unsigned_abs(),
                    })
                },
            )
            .collect()
    }

    /// The bytes of a report that is kept.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn pdf(&self, source: SourceId, id: i64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(sqlx::query_scalar(
            "select bytes from elli_pdf as pdf
             join elli_pdf_file as file on file.sha256 = pdf.sha256
             where source_id = $1 and id = $2",
        )
        .bind(source.to_string())
        .bind(id)
        .fetch_optional(&self.0.readers)
        .await?)
    }
}
