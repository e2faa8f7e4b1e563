//! Everything that Elli is known to do wrong, and more.

use ladebuch_engine::clock::SystemClock;
use ladebuch_engine::elli::{ElliError, SyncTrouble, TokenState};
use ladebuch_tests::eventually::in_time;
use ladebuch_tests::program::Start;
use serde_json::{Value, json};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn odd_answers_are_read_all_the_same() {
    for fault in [
        Fault::Firmware500,
        Fault::StringEnergies,
        Fault::FractionalWatts,
        Fault::SparseFields,
        Fault::ExtraFields,
        Fault::NoSerial,
        Fault::SameName,
        Fault::OldestFirst,
        Fault::SmallPages,
        Fault::FinishedSessions,
    ] {
        let elli = cloud(60).await;
        elli.control().set_fault(fault, true);
        elli.control().plug(GARAGE, 1).await.unwrap();
        elli.control().advance(TimeDelta::minutes(5)).await.unwrap();
        let scene = Scene::begin(elli).await;
        let account = scene.wait_until_complete().await;
        assert_eq!(account.sync.problem, None, "{fault:?}");
        assert_eq!(account.stations.len(), 2, "{fault:?}");
        let rows = scene.rows().await.len();
        assert!(rows > 10, "{rows} with {fault:?}");
        let running = scene.station(GARAGE).await.session.is_some();
        assert!(running, "{fault:?}");
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_once_is_tried_again() {
    for fault in [Fault::HtmlError, Fault::Api500] {
        let elli = cloud(30).await;
        elli.control().fail_once(fault);
        let scene = Scene::begin(elli).await;
        let account = scene
            .shows("it is said", |account| account.sync.problem.is_some())
            .await;
        let problem = account.sync.problem.unwrap();
        assert_eq!(problem.trouble, SyncTrouble::Unreachable, "{fault:?}");
        assert!(problem.status.is_some(), "{fault:?}");
        let account = scene
            .comes_to_show("everything is read", TimeDelta::seconds(20), is_complete)
            .await;
        assert_eq!(account.sync.problem, None);
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ends_between_two_pages_is_renewed_and_the_walk_goes_on() {
    let elli = cloud(0).await;
    let scene = Scene::complete(elli).await;
    for number in 1..=200 {
        let created_at = noon() - TimeDelta::hours(10 * number);
        scene.add_record(GARAGE, created_at, created_at);
    }
    scene.cloud.set_fault(Fault::SmallPages, true);
    scene.cloud.set_fault(Fault::Paging401, true);
    let before = scene.cloud.asked().token;
    let account = scene.sync().await;
    assert!(is_complete(&account), "{account:#?}");
    assert_eq!(account.records.kept, 200);
    assert!(
        scene.cloud.asked().token > before + 1,
        "more than one token"
    );
    assert_eq!(scene.cloud.signed_in(), 1);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_asked_to_wait_waits() {
    let elli = cloud(90).await;
    elli.control().set_fault(Fault::RateLimit429, true);
    elli.control().set_fault(Fault::SmallPages, true);
    let scene = Scene::begin(elli).await;
    let account = scene
        .shows("Elli has enough", |account| account.sync.problem.is_some())
        .await;
    let problem = account.sync.problem.unwrap();
    assert_eq!(
        (problem.trouble, problem.status),
        (SyncTrouble::Busy, Some(429))
    );
    let asked = scene.cloud.asked().api;
    scene.clock.advance(TimeDelta::milliseconds(1900));
    scene.settled().await;
    assert_eq!(
        scene.cloud.asked().api,
        asked,
        "not before the time is over"
    );
    scene
        .comes_to_show("everything is read", TimeDelta::minutes(1), is_complete)
        .await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_elli_that_hangs_does_not_hold_up_the_rest() {
    let elli = cloud(30).await;
    let config = Config {
        timeout: Duration::from_millis(300),
        ..Config::at(&elli.base_url())
    };
    let scene = Scene::with(elli, config).await;
    scene.wait_until_complete().await;
    scene.cloud.set_fault(Fault::Hang, true);
    scene.clock.advance(BETWEEN_WISHES);
    scene.engine.elli().sync(scene.source).await.unwrap();
    let account = scene
        .shows("it is said", |account| account.sync.problem.is_some())
        .await;
    assert_eq!(
        account.sync.problem.unwrap().trouble,
        SyncTrouble::Unreachable
    );
    assert_eq!(account.stations.len(), 2, "what was known stays");
    // Sessions and records are asked for, although the stations never answer.
    scene.add_record(GARAGE, noon(), noon());
    let kept = account.records.kept;
    scene
        .comes_to_show("the record is found", TimeDelta::seconds(20), |account| {
            account.records.kept == kept + 1
        })
        .await;
    scene.cloud.clear_faults();
    scene
        .comes_to_show("all is well", TimeDelta::minutes(5), |account| {
            account.sync.problem.is_none()
        })
        .await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_an_elli_that_hangs() {
    let elli = cloud(0).await;
    elli.control().set_fault(Fault::Hang, true);
    let scene = Scene::begin(elli).await;
    eventually(SOON, "the stations are asked for", async || {
        (scene.cloud.asked().api > 0).then_some(())
    })
    .await;
    // Elli answers after half a minute.
    in_time(SOON, "it stops", scene.engine.stop()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_read_although_their_sum_has_no_answer() {
    for (fault, problem) in [
        (Fault::Total500, Some(SyncTrouble::Unreachable)),
        (Fault::NoTotal, None),
    ] {
        let elli = cloud(30).await;
        elli.control().set_fault(fault, true);
        let scene = Scene::begin(elli).await;
        let is_read = |account: &AccountView| account.records.state == RecordsState::Complete;
        scene
            .comes_to_show("all is read", TimeDelta::seconds(20), is_read)
            .await;
        let read = scene.settled().await;
        scene.cloud.advance(TimeDelta::hours(6)).await.unwrap();
        scene.add_record(GARAGE, noon(), noon());
        let kept = read.records.kept;
        for _ in 0..7 * 6 {
            scene.pass(TimeDelta::minutes(10)).await;
        }
        let account = scene.settled().await;
        assert_eq!(account.records.kept, kept + 1, "{fault:?}");
        let said = account.sync.problem.map(|problem| problem.trouble);
        assert_eq!(said, problem, "{fault:?}");
        assert!(
            account
                .stations
                .iter()
                .all(|known| known.totals.agree().is_none())
        );
        let live = scene.engine.live().borrow().clone();
        let source = &live.sources[&scene.source];
        assert_eq!(source.problem, None, "nothing that is live is missing");
        scene.cloud.clear_faults();
        assert!(is_complete(&scene.sync().await), "{fault:?}");
        scene.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn places_that_nobody_may_see_cost_no_tokens() {
    let elli = cloud(30).await;
    elli.control().set_fault(Fault::Locations401, true);
    let scene = Scene::complete(elli).await;
    let tokens = scene.cloud.asked().token;
    // The access token is good for an hour.
    for _ in 0..10 {
        scene.pass(TimeDelta::minutes(5)).await;
    }
    assert_eq!(scene.cloud.asked().token, tokens);
    let account = scene.account().await;
    assert_eq!((account.sync.problem, account.locations), (None, None));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_for_secrets_that_does_not_answer_is_tried_every_ten_seconds() {
    let scene = Scene::complete(cloud(0).await).await;
    let secrets = scene.dir.path().join("secrets.json");
    std::fs::remove_file(&secrets).unwrap();
    std::fs::create_dir(&secrets).unwrap();
    let tokens = scene.cloud.asked().token;
    // Longer than an access token is good.
    scene.clock.advance(TimeDelta::hours(2));
    for _ in 0..5 {
        let sync = scene
            .shows("it waits", |account| {
                let trouble = account.sync.problem.as_ref().map(|known| known.trouble);
                let next = account.sync.next_run_at;
                trouble == Some(SyncTrouble::SecretsUnavailable)
                    && !account.sync.running
                    && next.is_some_and(|next| next > scene.clock.now())
            })
            .await
            .sync;
        let pause = sync.next_run_at.unwrap() - scene.clock.now();
        assert!(pause <= TimeDelta::seconds(10), "{pause}");
        scene.clock.advance(pause);
    }
    assert_eq!(scene.cloud.asked().token, tokens + 1, "one refresh");
    std::fs::remove_dir(&secrets).unwrap();
    scene
        .comes_to_show("it goes on", TimeDelta::seconds(10), |account| {
            account.sync.problem.is_none()
        })
        .await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_has_ended_is_asked_for_and_nothing_else() {
    let scene = Scene::complete(cloud(30).await).await;
    let kept = scene.rows().await;
    scene.cloud.revoke_everything();
    let account = scene
        .comes_to_show("it is said", TimeDelta::minutes(1), |account| {
            account.state == TokenState::SignInAgain
        })
        .await;
    assert_eq!(
        account.sync.problem.unwrap().trouble,
        SyncTrouble::SignInAgain
    );
    let asked = scene.cloud.asked();
    for _ in 0..48 {
        scene.clock.advance(TimeDelta::hours(1));
        scene
            .shows("nothing is planned", |account| {
                account.sync.next_run_at.is_none()
            })
            .await;
    }
    let refused = scene.engine.elli().sync(scene.source).await;
    assert!(matches!(refused, Err(ElliError::SignInAgain)));
    let scene = scene.restart().await;
    scene
        .shows("it is still known", |account| {
            account.state == TokenState::SignInAgain && account.sync.next_run_at.is_none()
        })
        .await;
    assert_eq!(scene.cloud.asked(), asked, "nothing at all");
    assert_eq!(scene.rows().await, kept);

    assert_eq!(sign_in(&scene.engine).await, scene.source);
    let account = scene
        .shows("it goes on", |account| {
            account.state == TokenState::SignedIn
                && account.sync.problem.is_none()
                && account.sync.last_run_at == Some(scene.clock.now())
        })
        .await;
    assert_eq!(account.signed_in_at, Some(scene.clock.now()));
    scene.settled().await;
    assert_eq!(scene.rows().await, kept);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_rests_and_keeps_everything() {
    let scene = Scene::complete(cloud(30).await).await;
    let kept = scene.rows().await;
    assert!(scene.engine.elli().sign_out(scene.source).await.unwrap());
    let account = scene
        .shows("it rests", |account| account.state == TokenState::SignedOut)
        .await;
    assert_eq!(
        account.sync.problem.unwrap().trouble,
        SyncTrouble::SignedOut
    );
    assert_eq!(account.stations.len(), 2);
    assert_eq!(scene.rows().await, kept);
    scene.end().await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_kept_stops_the_walk_and_is_said() {
    let begun = SystemClock::default().now();
    let mut household = Household::new(1, begun);
    household.set_traffic(Traffic::ByHand);
    let premises = Premises::new(household, begun, Pace::ByHand).unwrap();
    let elli = ElliCloud::start(ElliConfig::new(premises)).await.unwrap();
    let dir = TempDir::new().unwrap();
    let start = Start {
        elli: Some(elli.addr()),
        own_disk: Some("size=16m,mode=700"),
        ..Start::new(dir.path())
    };
    let server = start.ready().await;
    let disk = server.sees(dir.path());
    let api = server.api(&disk);
    let source = ladebuch_tests::elli::sign_in(&api).await;
    let path = format!("/api/v1/sources/{}/elli", source["id"].as_str().unwrap());
    let shows = async |what: &str, is: &dyn Fn(&Value) -> bool| {
        eventually(SOON, what, async || {
            let account = api.get(&path).await;
            is(&account).then_some(account)
        })
        .await
    };
    let idle = |account: &Value| account["sync"]["running"] == false;
    shows("everything is read", &|account| {
        idle(account) && account["records"]["state"] == "complete"
    })
    .await;

    let ballast = disk.join("ballast");
    crate::disk::fill(&ballast);
    for number in 1..=300 {
        let created_at = begun - TimeDelta::hours(10 * number);
        add_record(&elli.control(), GARAGE, created_at, created_at);
    }
    let sync = format!("{path}/sync");
    api.post(&sync, &json!({})).await;
    let failed = shows("it is said", &|account| {
        account["records"]["state"] == "failed"
    })
    .await;
    let detail = failed["sync"]["problem"]["detail"].as_str().unwrap();
    assert!(detail.contains("Free some space"), "what to do: {detail}");
    assert!(failed["records"]["kept"].as_u64() < Some(300));
    assert_eq!(api.get("/api/v1/live").await["sources"][0]["state"], "live");

    std::fs::remove_file(&ballast).unwrap();
    // Wishes in quick succession are one, and this may be the second.
    api.post(&sync, &json!({})).await;
    let again = shows("everything is kept", &|account| {
        idle(account) && account["records"]["kept"] == 300
    })
    .await;
    assert_eq!(again["records"]["state"], "complete", "{again:#}");
    assert_eq!(again["sync"]["problem"], Value::Null, "{again:#}");
    elli.stop().await;
}
