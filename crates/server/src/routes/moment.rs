//! Moments and periods as parameters of an address.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use ladebuch_domain::period;

use crate::problem::{ApiError, Code};

/// A period from its two ends; neither may be missing.
pub fn span(from: &str, to: &str, zone: Tz) -> Result<(DateTime<Utc>, DateTime<Utc>), ApiError> {
    let (from, to) = (moment(from, "from", zone)?, moment(to, "to", zone)?);
    if from >= to {
        return Err(ApiError::new(
            Code::EmptyPeriod,
            "The period ends before it begins. Choose a `to` after `from`.",
        )
        .field("to"));
    }
    Ok((from, to))
}

/// A parameter that must be there.
pub fn given<'a>(
    text: Option<&'a str>,
    field: &'static str,
    example: &str,
) -> Result<&'a str, ApiError> {
    text.filter(|text| !text.is_empty()).ok_or_else(|| {
        ApiError::new(
            Code::BadParameter,
            format!("`{field}` is missing, e.g. {field}={example}."),
        )
        .field(field)
    })
}

/// A local date or an RFC 3339 instant. An unescaped `+` of an offset arrives as a space.
pub fn moment(text: &str, field: &'static str, zone: Tz) -> Result<DateTime<Utc>, ApiError> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Ok(period::day_start(zone, date));
    }
    DateTime::parse_from_rfc3339(&text.replace(' ', "+"))
        .map(|at| at.to_utc())
        .map_err(|_| {
            ApiError::new(
            Code::BadParameter,
            format!(
                "`{field}` must be a local date (2026-11-22) or an instant (2026-11-22T12:00:00Z)."
            ),
        )
        .field(field)
        })
}
