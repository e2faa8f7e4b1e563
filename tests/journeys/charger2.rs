//! `ladebuch-server charger …` against a simulated Elli Charger 2: what a script reads, what a person
//! reads, and how it ends when the box does not do as it is told.

use std::net::SocketAddr;
use std::process::{Command, Output};

use chrono::TimeDelta;
use ladebuch_sim::charger2::State;
use ladebuch_sim::{
    Charger2, Charger2Config, Charger2Fault, Charger2Handle, Premises, SimConfig, SimHandle,
    Simulation,
};
use ladebuch_tests::program::built;
use serde_json::{Value, json};

use crate::noon;

/// A box in the garage whose time passes by hand.
struct Garage {
    sim: SimHandle,
    charger: Charger2Handle,
}

impl Garage {
    async fn begin() -> Self {
        let sim = Simulation::start(SimConfig::by_hand(noon())).await.unwrap();
        let config = Charger2Config::new(Premises::of(&sim));
        let charger = Charger2::start(config).await.unwrap();
        Self { sim, charger }
    }

    /// With a car that charges.
    async fn charging() -> Self {
        let garage = Self::begin().await;
        let control = garage.charger.control();
        control.plug(1).await.unwrap();
        control.advance(TimeDelta::minutes(2)).await.unwrap();
        garage
    }

    async fn pass(&self, seconds: i64) {
        let by = TimeDelta::seconds(seconds);
        self.charger.control().advance(by).await.unwrap();
    }

    fn fault(&self, fault: Charger2Fault) {
        let control = self.charger.control();
        control.clear_faults();
        control.set_fault(fault, true);
    }

    /// Runs the program on this box.
    async fn run(&self, words: &[&str]) -> Said {
        run(words, self.charger.addr()).await
    }

    /// What the program says of this box to scripts.
    async fn status(&self) -> Value {
        let said = self.run(&["status", "127.0.0.1", "--json"]).await;
        serde_json::from_str(&said.well()).unwrap()
    }

    async fn stop(self) {
        self.charger.stop().await;
        self.sim.stop().await;
    }
}

/// How the program ended.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    /// The output of a success.
    fn well(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.err);
        self.out
    }

    /// The sentence of a failure.
    fn failed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        assert_eq!(self.out, "");
        assert!(self.err.trim_end().ends_with('.'), "{}", self.err);
        self.err
    }
}

async fn run(words: &[&str], at: SocketAddr) -> Said {
    let mut command = Command::new(built("ladebuch-server"));
    command.arg("charger").args(words);
    command.arg("--port").arg(at.port().to_string());
    // The simulator runs on this runtime and has to go on.
    let done = tokio::task::spawn_blocking(move || command.output());
    let Output {
        status,
        stdout,
        stderr,
    } = done.await.unwrap().unwrap();
    Said {
        code: status.code(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_reads_what_the_box_reports() {
    let garage = Garage::charging().await;
    let picture = garage.status().await;
    assert_eq!(
        picture["info"],
        json!({"layout_version": "1.0.0", "max_current": 16.0, "min_current": 6.0})
    );
    let status = &picture["status"];
    assert_eq!(status["state"], "C2");
    assert_eq!(status["current_limit"], 16.0);
    assert_eq!(status["failsafe_current"], 6.0);
    assert_eq!(status["watchdog_timeout"], 15.0);
    assert_eq!(status["voltages"], json!([231.0, 229.0, 232.0]));
    let current = status["currents"][0].as_f64().unwrap();
    assert!(current > 6.0 && current <= 16.0, "{status}");
    let power = status["power"].as_f64().unwrap();
    assert!(power >= current * 229.0 - 1.0, "{status}");
    let charged = status["energy_since_power_on"].as_f64().unwrap();
    assert!(charged > 0.0 && charged < 1.0, "kVAh: {status}");
    assert!(status["energy_total"].as_f64().unwrap() >= charged);
    assert!(status["pcb_temperature"].is_f64());
    assert_eq!(status.as_object().unwrap().len(), 10);

    let told = garage.run(&["status", "127.0.0.1"]).await.well();
    assert!(told.contains("In state C2, the car is charging."), "{told}");
    assert!(
        told.contains(" VA.") && told.contains(" kVAh since"),
        "{told}"
    );
    garage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn charging_is_limited_paused_and_taken_up_again() {
    let garage = Garage::charging().await;
    let told = garage.run(&["set-current", "127.0.0.1", "10.5"]).await;
    assert!(told.well().contains("allows 10.5 A per phase now"));
    garage.pass(10).await;
    let status = &garage.status().await["status"];
    assert_eq!(
        (&status["current_limit"], &status["state"]),
        (&json!(10.5), &json!("C2"))
    );
    assert!(status["currents"][0].as_f64().unwrap() <= 10.5, "{status}");

    let told = garage.run(&["stop", "127.0.0.1"]).await.well();
    assert!(told.contains("Charging is paused"), "{told}");
    assert!(
        told.contains("sets the limit to 6 A"),
        "it will not last: {told}"
    );
    garage.pass(10).await;
    let status = &garage.status().await["status"];
    assert_eq!(status["currents"], json!([0.0, 0.0, 0.0]));
    assert!(
        ["B1", "C1"].contains(&status["state"].as_str().unwrap()),
        "{status}"
    );

    garage.run(&["set-current", "127.0.0.1", "16"]).await.well();
    garage.pass(10).await;
    assert_eq!(garage.status().await["status"]["state"], "C2");
    garage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrower_limit_is_said_and_a_wrong_one_is_not_sent() {
    let garage = Garage::begin().await;
    let control = garage.charger.control();
    control.set_internal_limit(Some(8.0)).await.unwrap();
    let told = garage.run(&["set-current", "127.0.0.1", "16"]).await.well();
    assert!(
        told.contains("16 A were asked for, but the box allows 8 A per phase"),
        "{told}"
    );
    control.set_internal_limit(None).await.unwrap();

    for amps in ["5.9", "16.1", "32"] {
        let told = garage.run(&["set-current", "127.0.0.1", amps]).await;
        assert!(told.failed(2).contains("takes 0 or 6 A to 16 A"));
        let told = garage.run(&["failsafe", "127.0.0.1", amps]).await;
        assert!(told.failed(2).contains("takes 0 or 6 A to 16 A"));
    }
    for words in [
        ["set-current", "127.0.0.1", "-6"],
        ["set-current", "127.0.0.1", "6.04"],
        ["watchdog", "127.0.0.1", "66"],
    ] {
        assert_eq!(garage.run(&words).await.code, Some(2), "{words:?}");
    }
    let status = &garage.status().await["status"];
    assert_eq!(status["current_limit"], 16.0);
    assert_eq!(status["failsafe_current"], 6.0);
    garage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_in_silence_is_set_and_happens() {
    let garage = Garage::charging().await;
    let told = garage.run(&["failsafe", "127.0.0.1", "7"]).await.well();
    assert!(told.contains("The fail-safe current is 7 A now."), "{told}");
    let told = garage.run(&["watchdog", "127.0.0.1", "30"]).await.well();
    assert!(told.contains("for 30 s") && told.contains("7 A"), "{told}");
    garage.run(&["set-current", "127.0.0.1", "12"]).await.well();
    garage.pass(31).await;
    let status = &garage.status().await["status"];
    assert_eq!(status["current_limit"], 7.0);

    let told = garage.run(&["watchdog", "127.0.0.1", "0"]).await.well();
    assert!(told.contains("The watchdog is off"), "{told}");
    garage.run(&["set-current", "127.0.0.1", "12"]).await.well();
    garage.pass(600).await;
    assert_eq!(garage.status().await["status"]["current_limit"], 12.0);

    let zero = garage.run(&["failsafe", "127.0.0.1", "0"]).await;
    assert!(zero.err.contains("not supported"), "{}", zero.err);
    zero.well();
    garage.fault(Charger2Fault::NoZeroFailsafe);
    let refused = garage.run(&["failsafe", "127.0.0.1", "0"]).await;
    assert!(refused.failed(8).contains("Choose 6 A"));
    garage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_is_lived_with_as_far_as_it_goes() {
    let garage = Garage::begin().await;
    let control = garage.charger.control();
    for harmless in [Charger2Fault::StaleAnswer, Charger2Fault::SplitFrame] {
        garage.fault(harmless);
        let status = &garage.status().await["status"];
        assert_eq!(status["current_limit"], 16.0, "{harmless:?}");
        assert_eq!(status["voltages"], json!([231.0, 229.0, 232.0]));
        garage.run(&["set-current", "127.0.0.1", "9"]).await.well();
        garage.run(&["set-current", "127.0.0.1", "16"]).await.well();
    }
    control.clear_faults();
    control.fail_once(Charger2Fault::CutFrame);
    garage.status().await;

    for (fault, code, sentence) in [
        (Charger2Fault::CutFrame, 7, "The connection broke off"),
        (Charger2Fault::Busy, 8, "Modbus exception 6"),
        (Charger2Fault::DeviceFailure, 8, "Modbus exception 4"),
        (Charger2Fault::WrongEcho, 8, "makes no sense"),
    ] {
        garage.fault(fault);
        let told = garage.run(&["set-current", "127.0.0.1", "9"]).await;
        assert!(told.failed(code).contains(sentence), "{fault:?}");
    }
    control.clear_faults();
    control.force_state(Some(State::Error)).await.unwrap();
    assert_eq!(garage.status().await["status"]["state"], "ERROR");
    garage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn something_else_and_nothing_at_all_are_told_apart() {
    let garage = Garage::begin().await;
    let broker = run(&["status", "127.0.0.1", "--json"], garage.sim.addr()).await;
    let told = broker.failed(7);
    assert!(
        told.contains("the port is the one of the Modbus server"),
        "{told}"
    );
    let gone = garage.charger.addr();
    garage.stop().await;
    let told = run(&["stop", "127.0.0.1"], gone).await.failed(7);
    assert!(told.contains("Switch the Modbus server on"), "{told}");
}
