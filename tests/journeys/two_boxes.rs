//! Two boxes side by side: each with its own name, state and error.

use ladebuch_sim::{Generation, SimConfig, Simulation};
use ladebuch_tests::clock::ManualClock;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::{House, SOON, source};
use serde_json::{Value, json};

use crate::noon;

async fn state(house: &House, name: &str) -> Option<Value> {
    let picture = house.picture().await;
    let sources = picture.snapshot["sources"].as_array()?.clone();
    sources.into_iter().find(|source| source["name"] == name)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_box_goes_and_the_other_goes_on_and_does_as_it_is_told() {
    let new = Simulation::start(SimConfig::by_hand(noon())).await.unwrap();
    let old = SimConfig {
        generation: Generation::V1_9,
        ..SimConfig::by_hand(noon())
    };
    let old = Simulation::start(old).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path(), ManualClock::new(noon())).await;
    for (name, addr) in [("New", new.addr()), ("Old", old.addr())] {
        let mut entered = source(addr);
        entered["name"] = name.into();
        house.api.post("/api/v1/sources", &entered).await;
    }
    eventually(SOON, "both are live", async || {
        new.control().advance_cycle().await.unwrap();
        old.control().advance_cycle().await.unwrap();
        let (new, old) = (state(&house, "New").await?, state(&house, "Old").await?);
        let picture = house.picture().await;
        let old_point = picture.device("lp/1")?;
        let told = old_point["charge_point"]["abilities"].is_object();
        (new["state"] == "live" && old["state"] == "live" && told).then_some(())
    })
    .await;
    let version = state(&house, "Old").await.unwrap()["software_version"].clone();
    assert!(version.as_str().unwrap().starts_with("1.9"), "{version}");

    new.control().broker_down().await.unwrap();
    let lost = eventually(SOON, "one is gone", async || {
        let lost = state(&house, "New").await?;
        (lost["state"] == "offline").then_some(lost)
    })
    .await;
    assert!(lost["problem"].is_object());
    let kept = state(&house, "Old").await.unwrap();
    assert_eq!(
        (&kept["state"], &kept["problem"]),
        (&json!("live"), &Value::Null)
    );

    let current = json!({"command": {"kind": "current", "current_a": 9}});
    let gone = house.command("chargepoint/3", &current).await;
    assert_eq!(
        (gone.status.as_u16(), &gone.body["code"]),
        (409, &json!("charge_point_offline"))
    );
    let done = house.command("lp/1", &current).await;
    assert_eq!(done.status, 200, "{}", done.body);
    house.stop().await;
}
