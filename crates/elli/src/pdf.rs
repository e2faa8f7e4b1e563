//! Elli's own report.

use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::Method;
use reqwest::header::ACCEPT;

use crate::client::Client;
use crate::error::Error;
use crate::private::AccessToken;
use crate::transport::{self, PDF_LIMIT};

/// Which report: one station, one card or all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PdfQuery {
    /// Id of the station.
    pub station_id: String,
    /// Name of the time zone in which the report shows times (IANA), such as `Europe/Berlin`.
    pub time_zone: String,
    /// Records Elli wrote down after this time.
    pub created_after: DateTime<Utc>,
    /// Records Elli wrote down before this time.
    pub created_before: DateTime<Utc>,
    /// Id of a card, or all records, also those without a card.
    pub card_id: Option<String>,
}

/// A report as Elli made it.
#[derive(Clone, PartialEq, Eq)]
pub struct Pdf(Bytes);

impl Pdf {
    /// The file.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.0
    }

    /// The file, to keep.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl fmt::Debug for Pdf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pdf({} bytes)", self.0.len())
    }
}

impl Client {
    /// Elli's own report as a PDF (`chargeathome/v1/chargingrecords/pdf`).
    ///
    /// # Errors
    ///
    /// If Elli refuses or fails, or answers with something else than a PDF.
    pub async fn records_pdf(&self, token: &AccessToken, query: &PdfQuery) -> Result<Pdf, Error> {
        let (after, before) = (instant(query.created_after), instant(query.created_before));
        let mut pairs = vec![
            ("station_id", query.station_id.as_str()),
            ("pdf_timezone", &query.time_zone),
            ("created_at_after", &after),
            ("created_at_before", &before),
        ];
        pairs.extend(query.card_id.as_deref().map(|id| ("rfid_card_id", id)));
        let path = ["chargeathome", "v1", "chargingrecords", "pdf"];
        let request = self
            .request(Method::GET, token, &path)?
            .header(ACCEPT, "application/pdf, application/json;q=0.5")
            .query(&pairs);
        let answer = transport::send(request, PDF_LIMIT).await?.success()?;
        let kind = answer.content_type.as_deref();
        let told = matches!(
            kind,
            None | Some("application/pdf" | "application/octet-stream")
        );
        if told && answer.body.starts_with(b"%PDF-") {
            Ok(Pdf(answer.body))
        } else {
            Err(answer.unexpected("a PDF"))
        }
    }
}

/// A time in the form Elli's app uses.
pub(crate) fn instant(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
