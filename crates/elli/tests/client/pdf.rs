//! Elli's own report.

use chrono::DateTime;
use elli::{Error, PdfQuery};
use serde_json::json;

use crate::fake::{Fake, Reply, json as reply, page, token};

fn query(card_id: Option<&str>) -> PdfQuery {
    PdfQuery {
        station_id: "1111".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        created_after: DateTime::from_timestamp(1_761_951_600, 0).unwrap(),
        created_before: DateTime::from_timestamp(1_764_543_600, 500_000_000).unwrap(),
        card_id: card_id.map(str::to_owned),
    }
}

fn file(kind: &'static str, body: &'static [u8]) -> Reply {
    ([("content-type", kind)], body).into()
}

#[tokio::test]
async fn a_report_comes_letter_by_letter() {
    let fake = Fake::start(|_| file("application/pdf", b"%PDF-1.7\n\x00\xff")).await;
    let client = fake.client();
    let pdf = client.records_pdf(&token(), &query(None)).await.unwrap();
    assert_eq!(&pdf.bytes()[..], b"%PDF-1.7\n\x00\xff");
    assert_eq!(format!("{pdf:?}"), "Pdf(11 bytes)");
    let asked = fake.last();
    assert_eq!(asked.path, "/chargeathome/v1/chargingrecords/pdf");
    let expected = [
        ("station_id", "1111"),
        ("pdf_timezone", "Europe/Berlin"),
        ("created_at_after", "2025-10-31T23:00:00Z"),
        ("created_at_before", "2025-11-30T23:00:00.500Z"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(asked.query, expected);
    client
        .records_pdf(&token(), &query(Some("9c1")))
        .await
        .unwrap();
    assert_eq!(fake.last().parameter("rfid_card_id"), Some("9c1"));
}

#[tokio::test]
async fn what_is_no_pdf_is_not_kept() {
    for (kind, body) in [
        ("application/pdf", &b"<html>"[..]),
        ("text/html", b"%PDF-1.7"),
        ("application/json", b"{}"),
        ("application/pdf", b""),
    ] {
        let fake = Fake::start(move |_| file(kind, body)).await;
        assert_eq!(
            fake.client().records_pdf(&token(), &query(None)).await,
            Err(Error::UnexpectedContent {
                expected: "a PDF",
                content_type: Some(kind.into()),
            })
        );
    }
    let fake = Fake::start(|_| file("application/octet-stream", b"%PDF-1.4")).await;
    assert!(
        fake.client()
            .records_pdf(&token(), &query(None))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_report_fails_as_everything_else_does() {
    let fake = Fake::saying(401, &json!({})).await;
    assert_eq!(
        fake.client().records_pdf(&token(), &query(None)).await,
        Err(Error::Unauthorized)
    );
    let fake = Fake::start(|_| page(503)).await;
    let error = fake.client().records_pdf(&token(), &query(None)).await;
    assert_eq!(error.unwrap_err().status(), Some(503));
    let fake = Fake::start(|_| reply(400, r#"{"errors":[{"code":"BAD_ZONE"}]}"#)).await;
    let error = fake.client().records_pdf(&token(), &query(None)).await;
    assert!(error.unwrap_err().to_string().contains("BAD_ZONE"));
}
