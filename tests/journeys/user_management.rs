//! A box with user management: what a user may not see is explained.

use ladebuch_sim::{Credentials, SimConfig, SimHandle, Simulation, User};
use ladebuch_tests::clock::ManualClock;
use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::{House, SOON};
use serde_json::Value;
use tempfile::TempDir;

use crate::noon;

const USER: &str = "anna";
const PASSWORD: &str = "secret";

/// A box with one user who has those roles, and a house that is not connected yet.
async fn box_and_house(roles: &[&str]) -> (SimHandle, House, TempDir) {
    let user = User {
        credentials: Credentials {
            user: USER.to_owned(),
            password: PASSWORD.to_owned(),
        },
        roles: roles.iter().map(|role| role.parse().unwrap()).collect(),
    };
    let config = SimConfig {
        users: Some(vec![user]),
        ..SimConfig::by_hand(noon())
    };
    let sim = Simulation::start(config).await.unwrap();
    let dir = TempDir::new().unwrap();
    let house = House::open(dir.path(), ManualClock::new(noon())).await;
    (sim, house, dir)
}

async fn problem(house: &House) -> Value {
    eventually(SOON, "something is explained", async || {
        let picture = house.picture().await;
        let problem = picture.source()?["problem"].clone();
        problem.is_object().then_some(problem)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_learns_that_a_user_is_needed() {
    let (sim, house, _dir) = box_and_house(&[]).await;
    house.connect(sim.addr()).await;
    assert_eq!(problem(&house).await["code"], "login_needed");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_without_all_rights_learns_which_role_is_missing() {
    let (sim, house, _dir) = box_and_house(&["chargepoint-3-access"]).await;
    house.connect_as(sim.addr(), USER, PASSWORD).await;
    let problem = problem(&house).await;
    assert_eq!(problem["code"], "rights_missing", "{problem}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("chargepoint-4-access"), "{detail}");
    assert!(!detail.contains("chargepoint-3"), "{detail}");

    sim.control().advance_cycle().await.unwrap();
    eventually(SOON, "what may be seen is live", async || {
        let picture = house.picture().await;
        let seen = picture.number("chargepoint/3", "power_w").is_some();
        (picture.state() == "live" && seen).then_some(())
    })
    .await;
    house.stop().await;
}
