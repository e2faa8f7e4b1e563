//! An Elli Charger 2 as a source of its own: live values, and control like that of any other charge
//! point, over a connection on which everything may go wrong.

mod lasting;

use std::net::{Ipv4Addr, SocketAddr};

use chrono::TimeDelta;
use ladebuch_engine::charger2::{Client, Current};
use ladebuch_sim::charger2::State;
use ladebuch_sim::{
    Charger2, Charger2Config, Charger2Fault, Charger2Handle, Premises, SimConfig, SimHandle,
    Simulation,
};
use ladebuch_tests::api::Answer;
use ladebuch_tests::clock::ManualClock;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::{House, SOON};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::noon;

/// What the one charge point of a box is called.
const POINT: &str = "1";

/// A box in the garage, and Ladebuch, which knows it over Modbus alone.
struct Garage {
    house: House,
    clock: ManualClock,
    charger: Charger2Handle,
    sim: SimHandle,
    dir: TempDir,
}

impl Garage {
    /// With a car that charges.
    async fn charging() -> Self {
        let sim = Simulation::start(SimConfig::by_hand(noon())).await.unwrap();
        let config = Charger2Config::new(Premises::of(&sim));
        let charger = Charger2::start(config).await.unwrap();
        let control = charger.control();
        control.plug(1).await.unwrap();
        control.advance(TimeDelta::minutes(2)).await.unwrap();
        let dir = TempDir::new().unwrap();
        let clock = ManualClock::new(noon());
        let house = House::open(dir.path(), clock.clone()).await;
        connect(&house, charger.addr()).await;
        let garage = Self {
            house,
            clock,
            charger,
            sim,
            dir,
        };
        garage.live().await;
        garage
    }

    async fn live(&self) {
        state(&self.house, "live").await;
    }

    /// Waits until the charge point shows it.
    async fn shows(&self, what: &str, look: impl Fn(&Value) -> bool) -> Value {
        eventually(SOON, what, async || {
            let picture = self.house.picture().await;
            let device = picture.device(POINT)?;
            look(&device["charge_point"]).then(|| device.clone())
        })
        .await
    }

    /// Waits until that is in force, asked for and the mode.
    async fn limit(&self, in_force: f64, asked: f64, mode: &str) {
        let what = format!("{in_force} A of {asked} A in mode {mode}");
        self.shows(&what, |point| {
            let settings = &point["settings"];
            point["offered_current_a"] == in_force
                && settings["current_a"] == asked
                && settings["mode"] == mode
        })
        .await;
    }

    async fn tell(&self, command: Value) -> Answer {
        let body = json!({ "command": command });
        self.house.command(POINT, &body).await
    }

    /// Gives commands that the box follows.
    async fn told<const N: usize>(&self, commands: [Value; N]) {
        for command in commands {
            let answer = self.tell(command.clone()).await;
            assert_eq!(answer.status, 200, "{command}: {}", answer.body);
            assert_eq!(answer.body["outcome"], "confirmed");
        }
    }

    /// Takes the box off the network.
    async fn gone(self) -> Gone {
        let at = self.charger.addr();
        self.charger.stop().await;
        Gone {
            house: self.house,
            clock: self.clock,
            sim: self.sim,
            at,
            dir: self.dir,
        }
    }

    async fn stop(self) {
        self.house.stop().await;
        self.charger.stop().await;
        self.sim.stop().await;
    }
}

/// The same without the box.
struct Gone {
    house: House,
    clock: ManualClock,
    sim: SimHandle,
    at: SocketAddr,
    dir: TempDir,
}

impl Gone {
    /// The box is switched on again and has forgotten what it was told.
    async fn back(self) -> Garage {
        let config = Charger2Config {
            listen: self.at,
            ..Charger2Config::new(Premises::of(&self.sim))
        };
        Garage {
            house: self.house,
            clock: self.clock,
            charger: Charger2::start(config).await.unwrap(),
            sim: self.sim,
            dir: self.dir,
        }
    }
}

async fn connect(house: &House, at: SocketAddr) {
    let source = json!({
        "kind": "charger2", "name": "Garage", "host": at.ip().to_string(), "port": at.port()
    });
    house.api.post("/api/v1/sources", &source).await;
}

/// Waits until the source is in that state, and returns the code of its problem.
async fn state(house: &House, state: &str) -> Option<String> {
    eventually(SOON, state, async || {
        let picture = house.picture().await;
        (picture.state() == state).then(|| picture.problem().map(str::to_owned))
    })
    .await
}

fn mode(mode: &str) -> Value {
    json!({"kind": "mode", "mode": mode})
}

fn current(amperes: u8) -> Value {
    json!({"kind": "current", "current_a": amperes})
}

fn amperes(amperes: u16) -> Current {
    Current::from_tenths(amperes * 10)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_paused_resumed_and_limited_like_any_other_charge_point() {
    let garage = Garage::charging().await;
    let device = garage
        .shows("it charges", |point| point["state"] == "C")
        .await;
    assert_eq!(device["name"], "Elli Charger 2");
    let can = &device["charge_point"]["abilities"];
    assert_eq!(can["modes"], json!(["instant", "stop"]));
    assert_eq!(can["current_a"], json!({"min": 6.0, "max": 16.0}));
    assert_eq!(can["failsafe_current_a"], can["current_a"]);
    assert_eq!(
        (&can["watchdog"], &can["lasting"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(device["charge_point"]["box_state"], "C2");

    garage.told([current(10)]).await;
    garage.limit(10.0, 10.0, "instant").await;
    garage.told([mode("stop")]).await;
    garage.limit(0.0, 10.0, "stop").await;
    garage
        .shows("it pauses", |point| point["state"] == "B")
        .await;

    // While it is paused a current is kept for later, and does not end the pause.
    garage.told([current(8)]).await;
    garage.limit(0.0, 8.0, "stop").await;
    garage.told([mode("instant")]).await;
    garage.limit(8.0, 8.0, "instant").await;
    let body = json!({"command": current(12), "until_unplug": true});
    let answer = garage.house.command(POINT, &body).await;
    assert_eq!(answer.body["until_unplug"], false, "it is not put back");

    for wrong in [current(5), current(17)] {
        let answer = garage.tell(wrong).await;
        assert_eq!(answer.body["code"], "invalid_value", "{}", answer.body);
    }
    let answer = garage.tell(json!({"kind": "locked", "locked": true})).await;
    assert_eq!(answer.body["code"], "command_not_possible");
    let journal = garage.house.api.get("/api/v1/commands").await;
    let told = journal["commands"].as_array().unwrap();
    let outcomes: Vec<&str> = told
        .iter()
        .map(|entry| entry["outcome"].as_str().unwrap())
        .collect();
    let confirmed = ["confirmed"; 5];
    assert_eq!(outcomes, [&["refused"; 3][..], &confirmed].concat());
    garage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrower_limit_of_the_box_is_shown_beside_what_was_asked() {
    let garage = Garage::charging().await;
    let control = garage.charger.control();
    control.set_internal_limit(Some(8.0)).await.unwrap();
    garage.told([current(14)]).await;
    garage.limit(8.0, 14.0, "instant").await;
    control.set_internal_limit(None).await.unwrap();
    garage.limit(14.0, 14.0, "instant").await;

    control.set_internal_limit(Some(0.0)).await.unwrap();
    garage.limit(0.0, 14.0, "stop").await;
    garage.told([mode("instant")]).await;
    garage.limit(0.0, 14.0, "instant").await;
    garage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_program_is_taken_at_its_word() {
    let garage = Garage::charging().await;
    let at = garage.charger.addr();
    let mut other = Client::new("127.0.0.1", at.port());
    garage.limit(16.0, 16.0, "instant").await;
    garage.told([current(8)]).await;
    other.set_limit(amperes(12)).await.unwrap();
    garage.limit(12.0, 12.0, "instant").await;
    garage.told([current(10)]).await;
    other.set_limit(amperes(7)).await.unwrap();
    garage.limit(7.0, 10.0, "instant").await;

    // Its pause ends neither with a current nor when the connection is made anew.
    other.set_limit(Current::ZERO).await.unwrap();
    garage.limit(0.0, 10.0, "stop").await;
    garage.told([current(9)]).await;
    garage.charger.control().fail_once(Charger2Fault::CutFrame);
    garage
        .told([json!({"kind": "watchdog", "seconds": 20})])
        .await;
    garage.limit(0.0, 9.0, "stop").await;
    garage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_that_comes_back_is_told_its_limit_again() {
    let garage = Garage::charging().await;
    garage.told([current(10)]).await;
    let gone = garage.gone().await;
    let problem = state(&gone.house, "offline").await;
    assert!(
        ["connection_refused", "connection_lost"].contains(&problem.as_deref().unwrap()),
        "{problem:?}"
    );
    let body = json!({"command": mode("stop")});
    let answer = gone.house.command(POINT, &body).await;
    assert_eq!(answer.body["code"], "charge_point_offline");

    let garage = gone.back().await;
    garage.live().await;
    garage.limit(10.0, 10.0, "instant").await;
    garage.told([mode("stop")]).await;
    let garage = garage.gone().await;
    state(&garage.house, "offline").await;
    let garage = garage.back().await;
    garage.live().await;
    garage.limit(0.0, 10.0, "stop").await;
    garage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_in_silence_is_set_and_read_back() {
    let garage = Garage::charging().await;
    let failsafe = |amperes: u8| json!({"kind": "failsafe_current", "current_a": amperes});
    let watchdog = |seconds: f64| json!({"kind": "watchdog", "seconds": seconds});
    let set = async |amperes: f64, seconds: f64| {
        garage
            .shows("the settings", |point| {
                let settings = &point["settings"];
                settings["failsafe_current_a"] == amperes && settings["watchdog_s"] == seconds
            })
            .await
    };
    set(6.0, 15.0).await;
    garage.told([failsafe(8), watchdog(2.5)]).await;
    set(8.0, 2.5).await;
    garage.told([watchdog(0.0), failsafe(0)]).await;
    set(0.0, 0.0).await;
    garage.told([watchdog(65.535), failsafe(6)]).await;
    set(6.0, 65.535).await;

    let answer = garage.tell(watchdog(65.536)).await;
    assert_eq!(answer.body["code"], "invalid_value", "{}", answer.body);
    assert_eq!(answer.body["field"], "command.seconds");
    let answer = garage.tell(failsafe(3)).await;
    assert_eq!(answer.body["field"], "command.current_a", "{}", answer.body);

    let control = garage.charger.control();
    control.set_fault(Charger2Fault::NoZeroFailsafe, true);
    let answer = garage.tell(failsafe(0)).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.body["code"]),
        (409, &json!("box_refused"))
    );
    let sentence = answer.body["detail"].as_str().unwrap();
    assert!(sentence.contains("Choose 6 A"), "{sentence}");
    let journal = garage.house.api.get("/api/v1/commands?limit=1").await;
    assert_eq!(journal["commands"][0]["reason"], "box_refused");
    assert_eq!(journal["commands"][0]["said"], sentence);
    set(6.0, 65.535).await;
    garage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn apparent_power_never_appears_as_power() {
    let garage = Garage::charging().await;
    let device = garage
        .shows("it charges", |point| point["state"] == "C")
        .await;
    let power = device["apparent_power_va"].as_f64().unwrap();
    assert!(power > 1_000.0, "{power} VA");
    assert!(device["apparent_energy_vah"].as_f64().unwrap() > 0.0);
    let point = &device["charge_point"];
    assert!(point["apparent_since_power_on_vah"].is_f64());
    assert!(point["temperature_c"].is_f64());
    for nothing in ["power_w", "powers_w", "imported_wh", "produced_wh"] {
        assert_eq!(device[nothing], Value::Null, "{nothing}");
    }
    assert_eq!(point["energy_since_plug_in_wh"], Value::Null);
    let house = &garage.house.picture().await.snapshot["house"];
    assert_eq!(
        (&house["outputs"], &house["output_w"]),
        (&json!([]), &Value::Null)
    );

    let control = garage.charger.control();
    control.force_state(Some(State::Derating)).await.unwrap();
    let device = garage
        .shows("it is warm", |point| point["box_state"] == "DERATING")
        .await;
    assert_eq!(device["fault"]["level"], "warning");
    assert_eq!(device["charge_point"]["state"], "C");
    control
        .force_state(Some(State::NotAvailable))
        .await
        .unwrap();
    let device = garage
        .shows("it fails", |point| point["state"] == "F")
        .await;
    assert_eq!(device["fault"]["level"], "error");
    control.force_state(None).await.unwrap();
    let device = garage
        .shows("it is well", |point| point["box_state"] == "C2")
        .await;
    assert_eq!(device["fault"], Value::Null);
    garage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_is_lived_with_as_far_as_it_goes() {
    let garage = Garage::charging().await;
    let control = garage.charger.control();
    for harmless in [Charger2Fault::StaleAnswer, Charger2Fault::SplitFrame] {
        control.set_fault(harmless, true);
        garage
            .told([current(9), mode("stop"), mode("instant"), current(14)])
            .await;
        garage.limit(14.0, 14.0, "instant").await;
        control.clear_faults();
    }
    for once in [Charger2Fault::CutFrame, Charger2Fault::WrongEcho] {
        control.fail_once(once);
        garage.told([current(7)]).await;
        garage.limit(7.0, 7.0, "instant").await;
        garage.told([current(14)]).await;
    }
    let picture = garage.house.picture().await;
    assert_eq!((picture.state(), picture.problem()), ("live", None));

    for (fault, code) in [
        (Charger2Fault::CutFrame, "connection_lost"),
        (Charger2Fault::Busy, "protocol_error"),
    ] {
        control.set_fault(fault, true);
        let problem = state(&garage.house, "offline").await;
        assert_eq!(problem.as_deref(), Some(code), "{fault:?}");
        control.clear_faults();
        garage.live().await;
        garage.limit(14.0, 14.0, "instant").await;
    }
    garage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_whose_watchdog_struck_in_a_silence_is_told_its_limit_again() {
    let garage = Garage::charging().await;
    garage.told([current(14)]).await;
    let control = garage.charger.control();
    control.set_fault(Charger2Fault::Silence, true);
    let problem = state(&garage.house, "offline").await;
    assert_eq!(problem.as_deref(), Some("timeout"));
    control.advance(TimeDelta::seconds(20)).await.unwrap();
    control.clear_faults();
    garage.live().await;
    garage.limit(14.0, 14.0, "instant").await;
    garage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn something_else_at_the_address_is_said_to_be_something_else() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let answering = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 12];
            stream.read_exact(&mut request).await.ok();
            stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .await
                .ok();
        }
    });
    let dir = TempDir::new().unwrap();
    let house = House::open(dir.path(), ManualClock::new(noon())).await;
    connect(&house, at).await;
    let problem = state(&house, "offline").await;
    assert_eq!(problem.as_deref(), Some("not_charger2"));
    let picture = house.picture().await;
    assert!(picture.source().unwrap()["retry_at"].is_string());
    assert_eq!(picture.snapshot["devices"], json!([]));
    answering.abort();
    house.stop().await;
}
