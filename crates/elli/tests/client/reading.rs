//! Every endpoint, with answers as they are, as they were, and as they may be.

use elli::Error;
use elli::reading::{
    Accumulated, AuthenticationMethod, AuthorizationMode, ChargingState, ConnectionState, Firmware,
    SessionLifecycle,
};
use serde_json::{Value, json};

use crate::fake::{Fake, json as reply, token};

const GARAGE: &str = "11111111-1111-4111-8111-111111111111";

fn garage() -> Value {
    json!({
        "id": GARAGE, "name": "Garage", "serial_number": "E2P00012345",
        "model": "Elli Charger Pro 2", "firmware_version": "R04.004.045.303",
        "connection_state": "connected", "lifecycle_state": "activated",
        "authorization_mode": "authorization_csms",
        "connectors": [{ "id": "1", "availability": "available" }, { "id": 2 }, {}],
        "last_connect": "2026-11-20T17:00:00.000Z",
        "location": {
            "id": "0f", "address": { "street": "Secret Street 1", "city": "Berlin" },
            "geo_location": { "latitude": "52.5", "longitude": "13.4" },
        },
    })
}

#[tokio::test]
async fn stations_with_everything_and_with_nothing() {
    let carport = json!({
        "id": "2222", "name": "Garage", "serial_number": null, "model": null,
        "connection_state": "on_the_moon", "connectors": null, "brand_new": [1],
    });
    let stations = json!({ "stations": [garage(), carport, { "name": "no id" }], "more": 1 });
    let fake = Fake::saying(200, &stations).await;
    let stations = fake.client().stations(&token()).await.unwrap();
    assert_eq!(stations.len(), 2);
    let (garage, carport) = (&stations[0], &stations[1]);
    assert_eq!(garage.id, GARAGE);
    assert_eq!(garage.serial_number.as_deref(), Some("E2P00012345"));
    assert_eq!(garage.connection_state, Some(ConnectionState::Connected));
    assert_eq!(garage.authorization_mode, Some(AuthorizationMode::Csms));
    let connectors: Vec<_> = garage.connectors.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(connectors, ["1", "2"]);
    assert_eq!(garage.last_contact.unwrap().timestamp(), 1_795_194_000);
    let location = garage.location.as_ref().unwrap();
    assert_eq!(location.coordinates, Some((52.5, 13.4)));
    assert!(!format!("{garage:?}").contains("Secret"));
    assert_eq!(carport.model, None);
    assert_eq!(
        carport.connection_state,
        Some(ConnectionState::Other("on_the_moon".into()))
    );
    assert!(carport.connectors.is_empty());

    let asked = fake.last();
    assert_eq!(
        (&*asked.method, &*asked.path),
        ("GET", "/chargeathome/v1/stations")
    );
    assert_eq!(asked.header("authorization"), Some("Bearer access-1"));
    assert_eq!(asked.header("accept"), Some("application/json"));
    assert_eq!(asked.header("platform"), Some("iOS"));
    assert!(asked.header("user-agent").unwrap().starts_with("elli-rs/"));
    assert_eq!(asked.query, []);
}

#[tokio::test]
async fn no_stations_are_told_from_another_shape() {
    for body in [
        json!({ "stations": [] }),
        json!([]),
        json!({ "stations": null }),
    ] {
        let fake = Fake::saying(200, &body).await;
        assert_eq!(fake.client().stations(&token()).await, Ok(vec![]));
    }
    for body in [
        json!({}),
        json!({ "errors": [] }),
        json!({ "stations": "none" }),
    ] {
        let fake = Fake::saying(200, &body).await;
        assert_eq!(
            fake.client().stations(&token()).await,
            Err(Error::UnexpectedShape {
                expected: "stations"
            })
        );
    }
}

#[tokio::test]
async fn firmware_decorates_what_says_nothing_itself() {
    let fake = Fake::start(|asked| {
        let body = if asked.path.ends_with("/stations") {
            json!({ "stations": [garage(), { "id": "2222" }, { "id": "3333" }] })
        } else {
            let firmware = |version| json!({ "id": "7c", "version": version });
            json!({ "stations": [
                { "id": GARAGE, "installed_firmware": firmware("other") },
                { "id": "2222", "installed_firmware": firmware("R03") },
                { "id": "4444", "installed_firmware": null },
            ]})
        };
        reply(200, &body.to_string())
    })
    .await;
    let client = fake.client();
    let mut stations = client.stations(&token()).await.unwrap();
    let firmware = client.firmware(&token()).await.unwrap();
    assert_eq!(fake.last().path, "/chargeathome/v1/firmware/updates");
    firmware.decorate(&mut stations);
    let versions: Vec<_> = stations
        .iter()
        .map(|station| station.firmware_version.as_deref())
        .collect();
    assert_eq!(versions, [Some("R04.004.045.303"), Some("R03"), None]);
}

#[tokio::test]
async fn firmware_that_elli_cannot_tell_is_no_error() {
    let outage = json!({
        "tracing_id": "t",
        "errors": [{ "message": "Failed to fetch firmware", "code": "FETCH_FIRMWARE_FAILURE" }],
    });
    for status in [500, 404] {
        let fake = Fake::saying(status, &outage).await;
        let Firmware::Unavailable { status: told, code } =
            fake.client().firmware(&token()).await.unwrap()
        else {
            panic!("{status}");
        };
        assert_eq!(told, status);
        assert_eq!(code.unwrap().as_str(), "FETCH_FIRMWARE_FAILURE");
    }
    let fake = Fake::saying(401, &json!({})).await;
    assert_eq!(
        fake.client().firmware(&token()).await,
        Err(Error::Unauthorized)
    );
}

#[tokio::test]
async fn sessions_with_fractions_and_words_of_both_sets() {
    let fake = Fake::saying(
        200,
        &json!({ "charging_sessions": [
            {
                "id": "5b0", "station_id": GARAGE, "start_date_time": "2026-11-20T17:02:11.000Z",
                "end_date_time": null, "energy_consumption_wh": "8123",
                "momentary_charging_speed_watts": 10874.31, "lifecycle_state": "ACTIVE",
                "charging_state": "SuspendedEVSE", "connector_id": 1,
                "authentication_method": "private_card_owned", "rfid_card_id": "9c1",
                "rfid_card_serial_number": "ELLI-ABCD1234-XY12-1",
            },
            { "id": "5b1", "end_date_time": "2026-11-20T18:00:00Z", "charging_state": "dancing" },
            { "id": "5b2", "lifecycle_state": "Closed" },
        ]}),
    )
    .await;
    let client = fake.client();
    let sessions = client.sessions(&token(), true).await.unwrap();
    let first = &sessions[0];
    assert_eq!(first.energy, Some(8123.0));
    assert_eq!(first.power, Some(10874.31));
    assert_eq!(first.lifecycle, Some(SessionLifecycle::Active));
    assert_eq!(
        first.charging_state,
        Some(ChargingState::SuspendedByStation)
    );
    assert_eq!(
        first.authentication_method,
        Some(AuthenticationMethod::OwnCard)
    );
    assert_eq!(first.connector_id.as_deref(), Some("1"));
    assert!(!format!("{first:?}").contains("ABCD"));
    let running: Vec<_> = sessions
        .iter()
        .map(elli::reading::Session::is_running)
        .collect();
    assert_eq!(running, [true, false, false]);
    assert_eq!(
        sessions[1].charging_state,
        Some(ChargingState::Other("dancing".into()))
    );
    let asked = fake.last();
    assert_eq!(asked.path, "/chargeathome/v1/charging-sessions");
    assert_eq!(
        asked.parameter("include_momentary_charging_speed_watts"),
        Some("true")
    );
    client.sessions(&token(), false).await.unwrap();
    assert_eq!(fake.last().query, []);
}

#[tokio::test]
async fn the_running_session_under_either_name() {
    for (body, energy) in [
        (
            json!({
                "accumulated_energy_wh": 8123, "momentary_charging_speed_watts": 10874.31,
                "start_date_time": "2026-11-20T17:02:11.000Z",
            }),
            Some(8123.0),
        ),
        (json!({ "energy_consumption_wh": "8.5" }), Some(8.5)),
        (json!({ "total_sessions": 3 }), None),
    ] {
        let fake = Fake::saying(200, &body).await;
        let Accumulated::Session(session) =
            fake.client().accumulated(&token(), GARAGE).await.unwrap()
        else {
            panic!("{body}");
        };
        assert_eq!(session.energy, energy);
        assert_eq!(session.raw.to_value(), body);
        let asked = fake.last();
        assert_eq!(asked.path, "/chargeathome/v1/charging-sessions/accumulated");
        assert_eq!(asked.parameter("station_id"), Some(GARAGE));
    }
}

#[tokio::test]
async fn no_car_is_an_answer() {
    let fake = Fake::start(|_| reply(409, "")).await;
    assert_eq!(
        fake.client().accumulated(&token(), GARAGE).await,
        Ok(Accumulated::NoCar)
    );
}

#[tokio::test]
async fn the_total_as_numbers_and_as_texts() {
    for body in [
        json!({ "total_count": 137, "total_energy_wh": 1_234_567 }),
        json!({ "total_count": "137", "total_energy_wh": "1234567" }),
    ] {
        let fake = Fake::saying(200, &body).await;
        let total = fake.client().total_charged(&token(), GARAGE).await.unwrap();
        assert_eq!(
            (total.records, total.energy),
            (Some(137), Some(1_234_567.0))
        );
        let asked = fake.last();
        assert_eq!(asked.path, "/chargeathome/v1/chargingrecords/total-charged");
        assert_eq!(asked.parameter("station_id"), Some(GARAGE));
    }
}

#[tokio::test]
async fn cards_are_a_bare_list() {
    let card = json!({
        "id": "9c1", "number": "ELLI-ABCD1234-XY12-1", "brand_id": 1,
        "created_at": "2025-03-01T09:00:00.000Z", "design_template": 2, "public_charging": true,
        "status": "active", "subscriber_id": "s1", "tenant_id": "t1", "tenant_name": "Elli",
        "updated_at": null,
    });
    let fake = Fake::saying(200, &json!([card, { "id": "9c2" }])).await;
    let cards = fake.client().cards(&token()).await.unwrap();
    assert_eq!(fake.last().path, "/customer/v1/rfidcards");
    assert_eq!(
        cards[0].number.as_ref().unwrap().as_str(),
        "ELLI-ABCD1234-XY12-1"
    );
    assert_eq!(cards[0].public_charging, Some(true));
    assert_eq!(cards[1].number, None);
    assert!(!format!("{cards:?}").contains("ABCD"));
}

#[tokio::test]
async fn what_has_no_known_shape_comes_as_it_is() {
    let body = r#"{ "data" : {"result":1.50} }"#;
    let fake = Fake::start(move |_| reply(200, body)).await;
    let client = fake.client();
    assert_eq!(client.locations(&token()).await.unwrap().as_str(), body);
    assert_eq!(fake.last().path, "/chargeathome/v1/locations");
    let settings = client.scheduled_charging(&token(), GARAGE).await.unwrap();
    assert_eq!(settings.as_str(), body);
    assert_eq!(
        fake.last().path,
        format!("/scheduler-consumer/v1/stations/{GARAGE}/scheduled-charging-settings")
    );
    client
        .raw(&token(), &["identity", "v1", "userinfo"])
        .await
        .unwrap();
    assert_eq!(fake.last().path, "/identity/v1/userinfo");
}

#[tokio::test]
async fn a_station_is_restarted() {
    let fake = Fake::start(|_| reply(200, "")).await;
    fake.client().reboot(&token(), GARAGE).await.unwrap();
    let asked = fake.last();
    assert_eq!(asked.method, "POST");
    assert_eq!(
        asked.path,
        format!("/chargeathome/v1/stations/{GARAGE}/reboot")
    );
    assert_eq!(
        asked.body,
        json!({ "reboot_mode": "immediate", "station_id": GARAGE })
    );
    let fake = Fake::saying(404, &json!({})).await;
    assert_eq!(
        fake.client().reboot(&token(), GARAGE).await,
        Err(Error::Refused {
            status: 404,
            code: None
        })
    );
}

#[tokio::test]
async fn an_id_stays_one_segment() {
    let fake = Fake::start(|_| reply(200, "{}")).await;
    let client = fake.client();
    for id in ["", ".", ".."] {
        assert_eq!(client.reboot(&token(), id).await, Err(Error::InvalidId));
    }
    assert!(fake.asked().is_empty());
    client.reboot(&token(), "../a?b#c").await.unwrap();
    assert_eq!(
        fake.last().path,
        "/chargeathome/v1/stations/..%2Fa%3Fb%23c/reboot"
    );
}
