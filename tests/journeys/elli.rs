//! An Elli account: everything of it is read, politely, and kept for good.

mod live;
mod records;
mod troubles;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use elli::Config;
use ladebuch_domain::ids::SourceId;
use ladebuch_domain::snapshot::Device;
use ladebuch_engine::clock::Clock as _;
use ladebuch_engine::elli::{AccountView, RecordsState, StationView};
use ladebuch_engine::{Engine, EngineConfig, ImportedRow, LogFilter};
use ladebuch_server::secrets_file::SecretsFile;
use ladebuch_sim::elli::{Control, ElliConfig, Fault, NewRecord};
use ladebuch_sim::household::{Household, Traffic, history};
use ladebuch_sim::{ElliCloud, ElliHandle, Pace, Premises};
use ladebuch_tests::clock::ManualClock;
use ladebuch_tests::elli::callback_of;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::SOON;
use tempfile::TempDir;

use crate::noon;

const GARAGE: u32 = 3;
const CARPORT: u32 = 4;
/// Longer than two wishes of a person must be apart.
const BETWEEN_WISHES: TimeDelta = TimeDelta::seconds(11);

/// A household's wallboxes in the cloud, and a Ladebuch that reads them; time passes by hand.
struct Scene {
    engine: Engine,
    source: SourceId,
    clock: ManualClock,
    elli: ElliHandle,
    cloud: Control,
    config: Config,
    dir: TempDir,
}

/// A cloud that has seen a household charge for so many days.
async fn cloud(days: i64) -> ElliHandle {
    let from = noon() - TimeDelta::days(days);
    let mut household = if days == 0 {
        Household::new(1, noon())
    } else {
        let mut past = history(1, from, noon(), TimeDelta::hours(1));
        past.by_ref().for_each(drop);
        past.into_household()
    };
    household.set_traffic(Traffic::ByHand);
    let premises = Premises::new(household, noon(), Pace::ByHand).unwrap();
    ElliCloud::start(ElliConfig::new(premises)).await.unwrap()
}

async fn open(dir: &Path, clock: &ManualClock, config: &Config) -> Engine {
    let engine = EngineConfig {
        elli: config.clone(),
        ..EngineConfig::new(dir)
    };
    let host = Arc::new(SecretsFile::new(dir));
    let clock = Arc::new(clock.clone());
    Engine::open(engine, host, clock).await.unwrap()
}

/// Signs in as a person does.
async fn sign_in(engine: &Engine) -> SourceId {
    let begun = engine.elli().begin_sign_in(None).await.unwrap();
    let callback = callback_of(&begun.url).await;
    engine
        .elli()
        .finish_sign_in(begun.id, &callback)
        .await
        .unwrap()
}

impl Scene {
    /// Signs in to a cloud and does not wait for anything.
    async fn begin(elli: ElliHandle) -> Self {
        let config = Config::at(&elli.base_url());
        Self::with(elli, config).await
    }

    async fn with(elli: ElliHandle, config: Config) -> Self {
        let dir = TempDir::new().unwrap();
        let clock = ManualClock::new(noon());
        let engine = open(dir.path(), &clock, &config).await;
        let source = sign_in(&engine).await;
        Self {
            engine,
            source,
            clock,
            cloud: elli.control(),
            elli,
            config,
            dir,
        }
    }

    /// The same, with everything read.
    async fn complete(elli: ElliHandle) -> Self {
        let scene = Self::begin(elli).await;
        scene.wait_until_complete().await;
        scene
    }

    /// Ends Ladebuch and starts it again on the same data.
    async fn restart(self) -> Self {
        self.engine.stop().await;
        let engine = open(self.dir.path(), &self.clock, &self.config).await;
        Self { engine, ..self }
    }

    async fn account(&self) -> AccountView {
        self.engine.elli().account(self.source).await.unwrap()
    }

    async fn station(&self, charge_point: u32) -> StationView {
        let id = self.cloud.station_id(charge_point).unwrap();
        let stations = self.account().await.stations;
        let station = stations.into_iter().find(|known| known.facts.id == id);
        station.unwrap()
    }

    /// Waits for something that the account shows.
    async fn shows(&self, what: &str, is: impl Fn(&AccountView) -> bool) -> AccountView {
        eventually(SOON, what, async || {
            let account = self.account().await;
            is(&account).then_some(account)
        })
        .await
    }

    /// The same, while time passes.
    async fn comes_to_show(
        &self,
        what: &str,
        step: TimeDelta,
        is: impl Fn(&AccountView) -> bool,
    ) -> AccountView {
        eventually(SOON, what, async || {
            let account = self.account().await;
            if is(&account) {
                return Some(account);
            }
            self.clock.advance(step);
            None
        })
        .await
    }

    /// Waits until Elli is asked nothing more for now.
    async fn settled(&self) -> AccountView {
        self.shows("nothing more is asked", |account| {
            let next = account.sync.next_run_at;
            !account.sync.running && next.is_some_and(|next| next > self.clock.now())
        })
        .await
    }

    async fn wait_until_complete(&self) -> AccountView {
        self.shows("everything is read", |account| {
            is_complete(account)
                && account
                    .sync
                    .next_run_at
                    .is_some_and(|next| next > self.clock.now())
        })
        .await
    }

    /// Lets time pass for Ladebuch alone, and waits until it has asked what was due.
    async fn pass(&self, by: TimeDelta) {
        self.clock.advance(by);
        self.settled().await;
    }

    /// Wishes everything to be asked anew, and waits until it was.
    async fn sync(&self) -> AccountView {
        self.clock.advance(BETWEEN_WISHES);
        self.settled().await;
        let before = self.cloud.asked().api;
        self.engine.elli().sync(self.source).await.unwrap();
        eventually(SOON, "it begins", async || {
            (self.cloud.asked().api > before).then_some(())
        })
        .await;
        self.settled().await
    }

    async fn rows(&self) -> Vec<ImportedRow> {
        let filter = LogFilter {
            source: Some(self.source),
            limit: 10_000,
            ..LogFilter::default()
        };
        self.engine.import().rows(filter).await.unwrap()
    }

    /// The charge points of the live view, by Elli's id.
    fn devices(&self) -> BTreeMap<String, Device> {
        let live = self.engine.live().borrow().clone();
        live.devices
            .values()
            .map(|device| (device.external_id.to_string(), device.clone()))
            .collect()
    }

    /// A record of a charge that ended at one time and was written down at another.
    fn add_record(
        &self,
        charge_point: u32,
        stop: DateTime<Utc>,
        created_at: DateTime<Utc>,
    ) -> String {
        add_record(&self.cloud, charge_point, stop, created_at)
    }

    async fn end(self) {
        self.engine.stop().await;
        self.elli.stop().await;
    }
}

fn add_record(
    cloud: &Control,
    charge_point: u32,
    stop: DateTime<Utc>,
    created_at: DateTime<Utc>,
) -> String {
    cloud.insert_record(NewRecord {
        charge_point,
        start: stop - TimeDelta::hours(3),
        stop,
        created_at,
        energy_wh: 7_300,
        faulted: false,
        tag: Some("0012345678".to_owned()),
    })
}

/// All records of all stations are there, and add up.
fn is_complete(account: &AccountView) -> bool {
    account.records.state == RecordsState::Complete
        && !account.stations.is_empty()
        && account
            .stations
            .iter()
            .all(|station| station.totals.agree() == Some(true))
}
