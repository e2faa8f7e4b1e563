//! What Elli says of stations and sessions, as readings. Pure.

use ::elli::reading::{ChargingState, Session, SessionLifecycle};
use chrono::{DateTime, Utc};
use compact_str::CompactString;
use ladebuch_domain::device::DeviceKind;
use ladebuch_domain::ids::ExternalId;
use ladebuch_domain::reading::{ExternalDevice, Fact, Fault, FaultLevel, Reading};
use ladebuch_domain::tag::Tag;
use ladebuch_domain::units::{WattHours, Watts};

use super::view::StationFacts;

/// The session that runs at a station. Elli may list others that have ended, and in any order: it is
/// the one without an end that began last.
pub(super) fn running<'a>(sessions: &'a [Session], station: &str) -> Option<&'a Session> {
    sessions
        .iter()
        .filter(|session| session.station_id.as_deref() == Some(station) && session.is_running())
        .max_by_key(|session| session.start)
}

/// Whether energy flows in a session, as far as Elli says.
pub(super) fn is_charging(session: &Session) -> Option<bool> {
    match &session.charging_state {
        Some(ChargingState::Charging) => Some(true),
        Some(ChargingState::Other(_)) | None => session.power.map(|power| power > 0.0),
        Some(_) => Some(false),
    }
}

/// What is known of the stations before any session is.
pub(super) fn of_stations(stations: &[StationFacts]) -> Vec<Reading> {
    let mut readings = Vec::new();
    for station in stations {
        let name = station.name.as_deref().unwrap_or(&station.id);
        let serial = station.serial_number.as_deref().map(CompactString::from);
        readings.push(reading(station, Fact::Name(name.into())));
        readings.push(reading(station, Fact::Serial(serial)));
        readings.push(reading(station, Fact::Fault(fault(station))));
    }
    readings
}

/// What happens at the stations, of which Elli told at `told` whether they are connected.
pub(super) fn of_sessions(
    stations: &[StationFacts],
    told: Option<DateTime<Utc>>,
    sessions: &[Session],
) -> Vec<Reading> {
    let mut readings = Vec::new();
    for station in stations {
        let facts = match running(sessions, &station.id) {
            Some(session) => under_way(
                session,
                is_away(station) && !is_back(station, told, session),
            ),
            None => nothing(is_away(station)),
        };
        readings.extend(facts.into_iter().map(|fact| reading(station, fact)));
    }
    readings
}

/// A session runs. What flows is known only while the station talks to Elli.
fn under_way(session: &Session, away: bool) -> [Fact; 5] {
    // A card was accepted, and no car has come yet.
    let car = session.lifecycle != Some(SessionLifecycle::PreAuthorized);
    let card = session.card_number.as_ref();
    [
        Fact::Plugged(Some(car)),
        Fact::Charging(is_charging(session).filter(|_| !away)),
        Fact::Power(session.power.map(Watts).filter(|_| !away)),
        Fact::SincePlugIn(session.energy.map(WattHours)),
        Fact::Tag(card.map(|card| Tag::new(card.as_str()))),
    ]
}

/// Nothing runs. Of a station that is away nobody knows what it does.
fn nothing(away: bool) -> [Fact; 5] {
    let here = (!away).then_some(());
    [
        Fact::Plugged(here.map(|()| false)),
        Fact::Charging(here.map(|()| false)),
        Fact::Power(here.map(|()| Watts::ZERO)),
        Fact::SincePlugIn(None),
        Fact::Tag(None),
    ]
}

/// Whether Elli says that a station is not connected. Some stations' connection is never told.
pub(super) fn is_away(station: &StationFacts) -> bool {
    use ::elli::reading::ConnectionState::{self, Disconnected, Quarantined};
    let state = station
        .connection_state
        .as_deref()
        .map(ConnectionState::from);
    matches!(state, Some(Disconnected | Quarantined))
}

/// Whether Elli has heard of a session since it told of the station. Its own clock decides, where
/// it says when it had heard of the station: ours may be behind.
fn is_back(station: &StationFacts, told: Option<DateTime<Utc>>, session: &Session) -> bool {
    let heard = session.last_updated;
    told.is_some() && heard > told && heard > station.last_contact_at
}

fn fault(station: &StationFacts) -> Option<Fault> {
    is_away(station).then(|| Fault {
        level: FaultLevel::Warning,
        text: "The wallbox is not connected to Elli.".into(),
    })
}

fn reading(station: &StationFacts, fact: Fact) -> Reading {
    let device = ExternalDevice {
        kind: DeviceKind::ChargePoint,
        id: ExternalId::from(station.id.as_str()),
    };
    Reading { device, fact }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn station(id: &str, connection: Option<&str>) -> StationFacts {
        StationFacts {
            id: id.to_owned(),
            name: Some("Wallbox".to_owned()),
            serial_number: None,
            model: None,
            firmware: None,
            firmware_notes_url: None,
            connection_state: connection.map(str::to_owned),
            lifecycle_state: None,
            authorization_mode: None,
            connectors: Vec::new(),
            last_contact_at: None,
            address: None,
        }
    }

    /// When Elli told of the stations.
    const TOLD: &str = "2026-11-20T18:00:00Z";

    fn at(text: &str) -> Option<DateTime<Utc>> {
        Some(text.parse().unwrap())
    }

    fn session(id: &str, station: &str) -> Session {
        Session {
            id: id.to_owned(),
            station_id: Some(station.to_owned()),
            connector_id: None,
            start: at("2026-11-20T17:02:11Z"),
            end: None,
            energy: Some(8123.0),
            power: Some(10_874.31),
            lifecycle: Some(SessionLifecycle::Active),
            charging_state: Some(ChargingState::Charging),
            authentication_method: None,
            authorization_mode: None,
            card_id: None,
            card_number: Some(::elli::CardNumber::new("ELLI-ABCD1234-XY12-1")),
            last_updated: None,
        }
    }

    fn facts(stations: &[StationFacts], sessions: &[Session], id: &str) -> Vec<Fact> {
        of_sessions(stations, at(TOLD), sessions)
            .into_iter()
            .filter(|reading| reading.device.id.as_str() == id)
            .map(|reading| reading.fact)
            .collect()
    }

    fn power(stations: &[StationFacts], sessions: &[Session], id: &str) -> Option<f64> {
        facts(stations, sessions, id)
            .into_iter()
            .find_map(|fact| match fact {
                Fact::Power(power) => Some(power.map(Watts::get)),
                _ => None,
            })
            .unwrap()
    }

    #[test]
    fn a_running_session_tells_everything() {
        let stations = [station("garage", Some("connected"))];
        assert_eq!(
            facts(&stations, &[session("s", "garage")], "garage"),
            [
                Fact::Plugged(Some(true)),
                Fact::Charging(Some(true)),
                Fact::Power(Some(Watts(10_874.31))),
                Fact::SincePlugIn(Some(WattHours(8123.0))),
                Fact::Tag(Some(Tag::new("ELLI-ABCD1234-XY12-1"))),
            ]
        );
    }

    #[test]
    fn two_stations_of_one_name_stay_two() {
        let stations = [station("garage", None), station("carport", None)];
        let sessions = [session("s", "carport")];
        assert_eq!(power(&stations, &sessions, "garage"), Some(0.0));
        assert_eq!(power(&stations, &sessions, "carport"), Some(10_874.31));
        assert_eq!(of_stations(&stations).len(), 6);
    }

    #[test]
    fn no_stations_have_no_readings() {
        assert_eq!(of_stations(&[]), []);
        assert_eq!(of_sessions(&[], at(TOLD), &[session("s", "garage")]), []);
    }

    #[test]
    fn sessions_that_have_ended_are_the_past() {
        let stations = [station("garage", Some("connected"))];
        let ended = Session {
            end: at("2026-11-21T05:00:00Z"),
            start: at("2026-11-21T01:00:00Z"),
            ..session("old", "garage")
        };
        let completed = Session {
            lifecycle: Some(SessionLifecycle::Completed),
            start: at("2026-11-21T02:00:00Z"),
            ..session("completed", "garage")
        };
        let forgotten = Session {
            start: at("2026-10-01T02:00:00Z"),
            ..session("forgotten", "garage")
        };
        let undated = Session {
            start: None,
            ..session("undated", "garage")
        };
        let runs = session("runs", "garage");
        let all = [ended.clone(), forgotten, runs, completed.clone(), undated];
        assert_eq!(running(&all, "garage").unwrap().id, "runs");
        assert_eq!(power(&stations, &[ended, completed], "garage"), Some(0.0));
    }

    #[test]
    fn nothing_is_said_to_be_0_that_nobody_knows() {
        let away = [station("garage", Some("disconnected"))];
        assert_eq!(power(&away, &[], "garage"), None);
        assert_eq!(power(&away, &[session("s", "garage")], "garage"), None);
        assert_eq!(
            facts(&away, &[], "garage")[0],
            Fact::Plugged(None),
            "nobody knows"
        );
        let here = [station("garage", Some("connected"))];
        let silent = Session {
            power: None,
            charging_state: None,
            energy: None,
            card_number: None,
            ..session("s", "garage")
        };
        assert_eq!(
            facts(&here, &[silent], "garage"),
            [
                Fact::Plugged(Some(true)),
                Fact::Charging(None),
                Fact::Power(None),
                Fact::SincePlugIn(None),
                Fact::Tag(None),
            ]
        );
        let quarantined = station("garage", Some("connected_in_quarantine_mode"));
        let fault = of_stations(&[quarantined]).pop().unwrap().fact;
        assert!(matches!(fault, Fact::Fault(Some(fault)) if fault.level == FaultLevel::Warning));
    }

    #[test]
    fn a_station_of_which_elli_has_heard_since_is_there_again() {
        let away = [station("garage", Some("disconnected"))];
        let heard = |text| Session {
            last_updated: at(text),
            ..session("s", "garage")
        };
        assert_eq!(power(&away, &[heard(TOLD)], "garage"), None);
        let since = [heard("2026-11-20T18:01:00Z")];
        assert_eq!(power(&away, &since, "garage"), Some(10_874.31));
        assert_eq!(
            facts(&away, &since, "garage")[1],
            Fact::Charging(Some(true))
        );
        let own_clock = [StationFacts {
            last_contact_at: at("2026-11-20T18:01:00Z"),
            ..away[0].clone()
        }];
        assert_eq!(power(&own_clock, &since, "garage"), None, "it is ahead");
        let nobody_told = of_sessions(&away, None, &since);
        assert_eq!(nobody_told[2].fact, Fact::Power(None));
    }

    #[test]
    fn both_sets_of_words_and_none_tell_whether_energy_flows() {
        let with = |word: Option<&str>, power: Option<f64>| {
            is_charging(&Session {
                charging_state: word.map(ChargingState::from),
                power,
                ..session("s", "garage")
            })
        };
        for (word, power, expected) in [
            (Some("charging"), Some(0.0), Some(true)),
            (Some("Charging"), None, Some(true)),
            (Some("paused"), Some(0.0), Some(false)),
            (Some("SuspendedEVSE"), Some(3.0), Some(false)),
            (Some("EVDetected"), None, Some(false)),
            (Some("something new"), Some(11.5), Some(true)),
            (Some("something new"), None, None),
            (None, Some(0.0), Some(false)),
            (None, None, None),
        ] {
            assert_eq!(with(word, power), expected, "{word:?} {power:?}");
        }
    }

    #[test]
    fn a_card_without_a_car_is_no_plugged_car() {
        let stations = [station("garage", None)];
        let waiting = Session {
            lifecycle: Some(SessionLifecycle::PreAuthorized),
            ..session("s", "garage")
        };
        assert_eq!(
            facts(&stations, &[waiting], "garage")[0],
            Fact::Plugged(Some(false))
        );
    }

    #[test]
    fn a_station_without_a_name_is_called_by_its_id() {
        let nameless = StationFacts {
            name: None,
            ..station("garage", None)
        };
        assert_eq!(
            of_stations(&[nameless])[0].fact,
            Fact::Name("garage".into())
        );
    }
}
