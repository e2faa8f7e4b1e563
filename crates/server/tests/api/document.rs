//! The API document.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::house::House;

#[test]
fn the_committed_document_is_fresh() {
    let committed = include_str!("../../openapi.json");
    let fresh = ladebuch_server::openapi().to_pretty_json().unwrap();
    assert!(
        committed.trim_end() == fresh,
        "openapi.json is stale: run `cargo xtask generate`"
    );
}

#[tokio::test]
async fn the_document_is_served_with_a_page_to_read_it_offline() {
    let house = House::open().await;
    let document = house.get("/openapi.json").await.json();
    assert_eq!(
        document,
        serde_json::to_value(ladebuch_server::openapi()).unwrap()
    );

    let page = house.get("/docs/").await;
    assert_eq!(page.header("content-type"), "text/html");
    let text = page.text();
    for loaded in text
        .split("src=\"")
        .skip(1)
        .chain(text.split("href=\"").skip(1))
    {
        let address = loaded.split('"').next().unwrap();
        assert!(
            !address.contains("//"),
            "nothing is loaded from elsewhere: {address}"
        );
    }
    assert!(
        !text.contains("<script>"),
        "no inline script, which the policy would refuse"
    );
    let start = house.get("/docs/swagger-initializer.js").await;
    assert!(start.text().contains("/openapi.json"));
    assert!(!start.text().contains("validator.swagger.io"));
}

#[test]
fn every_name_in_the_document_is_defined_and_every_answer_described() {
    let document = serde_json::to_value(ladebuch_server::openapi()).unwrap();
    let defined: BTreeSet<_> = document["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let mut ids = BTreeSet::new();
    for reference in strings(&document, "$ref") {
        let name = reference.strip_prefix("#/components/schemas/").unwrap();
        assert!(defined.contains(name), "{name}");
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} twice");
            assert!(operation["summary"].as_str().is_some(), "{path}");
            for response in operation["responses"].as_object().unwrap().values() {
                assert!(
                    !response["description"].as_str().unwrap().is_empty(),
                    "{path}"
                );
            }
        }
    }
}

#[test]
fn keys_of_answers_are_always_there() {
    let document = serde_json::to_value(ladebuch_server::openapi()).unwrap();
    // What a caller sends may leave keys out, and a problem names a field only if there is one.
    let sent = [
        "OpenwbInput",
        "Charger2Input",
        "CommandInput",
        "ElliSignInInput",
        "LinkInput",
        "SignIn",
        "SettingsPatch",
        "RecordingPatch",
        "Problem",
    ];
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let Some(keys) = schema["properties"].as_object() else {
            continue;
        };
        if sent.contains(&name.as_str()) {
            continue;
        }
        let required: BTreeSet<_> = schema["required"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        for key in keys.keys() {
            assert!(required.contains(key.as_str()), "{name}.{key}");
        }
    }
}

fn strings<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(name, value)| match value.as_str() {
                Some(text) if name == key => vec![text],
                _ => strings(value, key),
            })
            .collect(),
        Value::Array(values) => values
            .iter()
            .flat_map(|value| strings(value, key))
            .collect(),
        _ => Vec::new(),
    }
}
