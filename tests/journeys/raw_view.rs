//! The raw view of a box: everything it publishes while somebody looks, without its secrets.

use ladebuch_tests::eventually::eventually;
use ladebuch_tests::house::SOON;
use ladebuch_tests::scene::Scene;
use reqwest::Method;
use serde_json::Value;

use crate::noon;

async fn source(scene: &Scene) -> String {
    let list = scene.house.api.get("/api/v1/sources").await;
    list["sources"][0]["id"].as_str().unwrap().to_owned()
}

fn topic<'a>(list: &'a Value, name: &str) -> Option<&'a Value> {
    let topics = list["topics"].as_array().unwrap();
    topics.iter().find(|topic| topic["topic"] == name)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_box_publishes_is_shown_from_the_first_look_on() {
    let scene = Scene::begin(noon(), 10).await;
    let path = format!("/api/v1/sources/{}/topics", source(&scene).await);
    let first = scene.house.api.get(&path).await;
    assert_eq!(first["connected"], true);
    assert_eq!(first["complete"], true);
    let power = topic(&first, "openWB/counter/0/get/power").unwrap();
    assert_eq!(power["retained"], true);
    assert!(power["meaning"].as_str().unwrap().contains("Power(Some("));

    let unheard = "openWB/nobody/knows";
    scene
        .control
        .publish(unheard, b"{\"a\": 1}", false)
        .await
        .unwrap();
    let shown = eventually(SOON, "the new topic is shown", async || {
        topic(&scene.house.api.get(&path).await, unheard).cloned()
    })
    .await;
    assert_eq!(shown["value"], "{\"a\": 1}");
    assert_eq!(shown["retained"], false);
    assert_eq!(shown["meaning"], "unknown");
    scene.house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_shown_or_put_into_the_file() {
    let scene = Scene::begin(noon(), 10).await;
    scene.control.plug(3, 1).await.unwrap();
    scene.control.scan(3, "0012345678").await.unwrap();
    scene.slots(3).await;
    let id = source(&scene).await;
    for part in ["topics", "diagnostics"] {
        let path = format!("/api/v1/sources/{id}/{part}");
        let bytes = scene.house.api.bytes(&path).await;
        let text = String::from_utf8(bytes).unwrap();
        for secret in [
            "correct horse",
            "someone@example.org",
            "0012345678",
            "0087654321",
        ] {
            assert!(!text.contains(secret), "{secret} in {part}");
        }
        assert!(text.contains("…5678"), "the card is shown masked in {part}");
        assert!(text.contains("(hidden)"));
    }
    let file = scene
        .house
        .api
        .get(&format!("/api/v1/sources/{id}/diagnostics"))
        .await;
    assert_eq!(file["source"]["id"], id);
    assert!(file["source"]["live"]["software_version"].is_string());
    assert!(file["program"]["version"].is_string());
    assert!(topic(&file["raw"], "openWB/chargepoint/3/config").is_some());
    scene.house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_that_is_not_there_has_nothing_to_show() {
    let scene = Scene::begin(noon(), 10).await;
    scene.control.broker_down().await.unwrap();
    let path = format!("/api/v1/sources/{}/topics", source(&scene).await);
    let list = scene.house.api.get(&path).await;
    assert_eq!(list["connected"], false);
    assert_eq!(list["topics"], Value::Array(Vec::new()));
    let nobody = "/api/v1/sources/019a0d2e-7b5c-7d3e-9a51-0c4f3f1a2b3c/topics";
    let answer = scene
        .house
        .api
        .ask(Method::GET, nobody, None)
        .await
        .unwrap();
    assert_eq!(answer.status, 404);
    assert_eq!(answer.body["code"], "unknown_source");
    scene.house.stop().await;
}
