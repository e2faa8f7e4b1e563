//! A simulated box, Ladebuch and one clock for both, moved slot by slot.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use ladebuch_domain::sample::slot_start;
use ladebuch_engine::clock::Clock as _;
use ladebuch_sim::{Control, SimConfig, SimHandle, Simulation};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::clock::ManualClock;
use crate::eventually::eventually;
use crate::house::{House, SOON};

/// What is left of a slot when the box's values arrive.
const LAST_MOMENT: TimeDelta = TimeDelta::seconds(1);

/// A connected household in which time passes only by hand.
pub struct Scene {
    /// Ladebuch.
    pub house: House,
    /// The clock of Ladebuch.
    pub clock: ManualClock,
    /// The hand that moves the box.
    pub control: Control,
    /// The box and its broker.
    pub sim: SimHandle,
    step: TimeDelta,
    dir: TempDir,
}

impl Scene {
    /// Founds the household on the grid, connects it, and waits until it is live.
    ///
    /// # Panics
    /// If anything of it fails.
    pub async fn begin(start: DateTime<Utc>, step_s: i64) -> Self {
        Self::with(SimConfig::by_hand(start), step_s).await
    }

    /// The same with another box.
    ///
    /// # Panics
    /// If anything of it fails.
    pub async fn with(config: SimConfig, step_s: i64) -> Self {
        let clock = ManualClock::new(config.start);
        let sim = Simulation::start(config).await.expect("a simulation");
        let dir = TempDir::new().expect("a data directory");
        let house = House::open(dir.path(), clock.clone()).await;
        house
            .api
            .patch(
                "/api/v1/settings",
                &json!({"recording": {"interval_s": step_s}}),
            )
            .await;
        house.connect(sim.addr()).await;
        let control = sim.control();
        let scene = Self {
            house,
            clock,
            control,
            sim,
            step: TimeDelta::seconds(step_s),
            dir,
        };
        scene.connected().await;
        scene
    }

    /// Waits until the link stands and the retained tree is in the live view.
    pub async fn connected(&self) {
        eventually(SOON, "the box has introduced itself", async || {
            let picture = self.house.picture().await;
            let source = picture.source()?;
            (source["software_version"].is_string() && source["retry_at"].is_null()).then_some(())
        })
        .await;
    }

    /// Ends Ladebuch and starts it again on the same data.
    #[must_use]
    pub async fn restart(self) -> Self {
        let scene = self.restart_after(|_| ()).await;
        scene.connected().await;
        scene
    }

    /// Ends Ladebuch, does something to its data directory, and starts it again. Whether it knows
    /// the box then is up to what was done.
    #[must_use]
    pub async fn restart_after(self, meanwhile: impl FnOnce(&Path)) -> Self {
        let Self {
            house,
            clock,
            control,
            sim,
            step,
            dir,
        } = self;
        house.stop().await;
        meanwhile(dir.path());
        let house = House::open(dir.path(), clock.clone()).await;
        Self {
            house,
            clock,
            control,
            sim,
            step,
            dir,
        }
    }

    /// Runs the box until it is believed.
    pub async fn live(&self) {
        self.slot().await;
        eventually(SOON, "the source is live", async || {
            (self.house.picture().await.state() == "live").then_some(())
        })
        .await;
    }

    /// One slot: the box runs, Ladebuch hears all of it, the clock moves on, the slot is stored.
    pub async fn slot(&self) {
        self.run_box().await;
        self.pass().await;
    }

    /// Several slots.
    pub async fn slots(&self, count: usize) {
        for _ in 0..count {
            self.slot().await;
        }
    }

    /// Lets the box run for the length of a slot, and Ladebuch hear it just before the slot ends:
    /// values of a whole minute ago would be old.
    ///
    /// # Panics
    /// If the simulation has ended.
    pub async fn run_box(&self) {
        self.clock.advance(self.step - LAST_MOMENT);
        self.control
            .advance(self.step)
            .await
            .expect("a running box");
        self.heard_all().await;
    }

    /// Waits until everything that the box has published is in the live view.
    ///
    /// # Panics
    /// If the simulation has ended.
    pub async fn heard_all(&self) {
        let publish = async |topic: &str| {
            self.control
                .publish(topic, b"1", false)
                .await
                .expect("a running box");
        };
        self.house.heard_all(publish).await;
    }

    /// Moves the clock on to the end of the slot and waits until the recorder has dealt with it.
    pub async fn pass(&self) {
        let step = self.step.to_std().expect("a length");
        let rest = slot_start(self.clock.now(), step) + self.step - self.clock.now();
        self.clock.advance(rest);
        let end = text(self.clock.now());
        let mut recorder = Value::Null;
        let stored = async {
            while recorder["last_slot_at"]
                .as_str()
                .is_none_or(|last| last < end.as_str())
            {
                tokio::time::sleep(Duration::from_millis(5)).await;
                recorder = self.house.api.get("/api/v1/status").await["recorder"].clone();
            }
        };
        let in_time = tokio::time::timeout(SOON, stored).await.is_ok();
        assert!(in_time, "the slot until {end} is not stored: {recorder:#}");
    }

    /// A number that the box has published last, e.g. a meter's reading.
    ///
    /// # Panics
    /// If it has not.
    #[must_use]
    pub fn published(&self, topic: &str) -> f64 {
        let kept = self.sim.broker().retained(&format!("openWB/{topic}"));
        let text = kept
            .first()
            .and_then(|message| std::str::from_utf8(&message.payload).ok());
        text.and_then(|text| text.parse().ok())
            .unwrap_or_else(|| panic!("no number at {topic}"))
    }

    /// The recorded series of a device.
    ///
    /// # Panics
    /// If there is none.
    pub async fn series(&self, kind: &str, name: &str, quantity: &str) -> i64 {
        let list = self.house.api.get("/api/v1/series").await;
        let all = list["series"].as_array().expect("a list");
        let found = all.iter().find(|series| {
            series["device_kind"] == kind
                && (name.is_empty() || series["device_name"] == name)
                && series["quantity"] == quantity
        });
        let found = found.unwrap_or_else(|| panic!("{kind} {name} {quantity} in {list:#}"));
        found["id"].as_i64().expect("a number")
    }

    /// Power history of one series.
    pub async fn power(
        &self,
        series: i64,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        points: u32,
    ) -> Value {
        let (from, to) = (text(from), text(to));
        let query = format!("series={series}&from={from}&to={to}&max_points={points}");
        self.house
            .api
            .get(&format!("/api/v1/history/power?{query}"))
            .await
    }

    /// Energy of one series in Wh by interval.
    pub async fn energy(
        &self,
        series: i64,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        interval: &str,
    ) -> Value {
        let (from, to) = (text(from), text(to));
        let query = format!("series={series}&from={from}&to={to}&interval={interval}");
        self.house
            .api
            .get(&format!("/api/v1/history/energy?{query}"))
            .await
    }

    /// The one slot length of the grid.
    #[must_use]
    pub fn step(&self) -> TimeDelta {
        self.step
    }

    /// Longest time that a stop may take.
    pub const STOP: Duration = Duration::from_secs(5);
}

/// A moment as the API writes it.
#[must_use]
pub fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Numbers of an answer; null is `None`.
///
/// # Panics
/// If it is no list.
#[must_use]
pub fn numbers(list: &Value) -> Vec<Option<f64>> {
    list.as_array()
        .expect("a list")
        .iter()
        .map(Value::as_f64)
        .collect()
}
