use ladebuch_domain::units::{EurosPerKilowattHour, WattHours};
use openwb::codec::{Decoded, decode};

use super::*;

/// A whole document, as a real box retains it.
const TEMPLATE: &str = r#"{"id": 1, "name": "Sofort", "prio": false, "load_default": false, "time_charging": {"active": false, "plans": []}, "chargemode": {"selected": "pv_charging", "eco_charging": {"current": 6, "limit": {"selected": "none", "amount": 50000, "soc": 50}, "max_price": 0.0002}, "pv_charging": {"min_current": 0, "min_soc": 0, "limit": {"selected": "none", "amount": 50000, "soc": 50}}, "instant_charging": {"current": 16, "limit": {"selected": "none", "amount": 50000, "soc": 50}}, "scheduled_charging": {"plans": []}}}"#;

fn settings(more: &[(&str, &str)]) -> Settings {
    let base = [
        (
            "openWB/chargepoint/3/config",
            r#"{"name": "Carport", "ev": 1, "id": 3}"#,
        ),
        ("openWB/chargepoint/3/set/charge_template", TEMPLATE),
        (
            "openWB/chargepoint/3/get/connected_vehicle/info",
            r#"{"id": 1, "name": "ID.4"}"#,
        ),
        ("openWB/vehicle/1/name", r#""ID.4""#),
    ];
    let mut settings = Settings::default();
    for (topic, payload) in base.iter().chain(more) {
        match decode(topic, payload.as_bytes()) {
            Decoded::Reading(reading) => settings.take(&reading),
            other => panic!("{topic}: {other:?}"),
        };
    }
    settings
}

fn sent(command: Command, settings: &Settings) -> (String, serde_json::Value, Option<Box<str>>) {
    let task = Task::Command(command);
    let messages = messages(&task, &"chargepoint/3".into(), settings).unwrap();
    let [write] = messages.writes.as_slice() else {
        panic!("{:?}", messages.writes);
    };
    let payload = serde_json::from_str(write.payload()).unwrap();
    (write.topic().to_owned(), payload, messages.before)
}

#[test]
fn a_setting_is_changed_in_the_whole_document() {
    let (topic, sent, _) = sent(Command::Mode(ChargeMode::Stop), &settings(&[]));
    assert_eq!(topic, "openWB/set/chargepoint/3/set/charge_template");
    let mut expected: serde_json::Value = serde_json::from_str(TEMPLATE).unwrap();
    expected["chargemode"]["selected"] = "stop".into();
    assert_eq!(sent, expected);
}

#[test]
fn a_limit_is_that_of_the_mode_which_is_selected() {
    let limit = ChargeLimit::Energy(WattHours(12_300.0));
    let (_, sent, _) = sent(Command::Limit(limit), &settings(&[]));
    assert_eq!(sent["chargemode"]["pv_charging"]["limit"]["amount"], 12_300);
    assert_eq!(
        sent["chargemode"]["pv_charging"]["limit"]["selected"],
        "amount"
    );
    assert_eq!(
        sent["chargemode"]["instant_charging"]["limit"]["selected"],
        "none"
    );
}

#[test]
fn a_price_is_sent_per_watt_hour() {
    let price = Command::MaxPrice(EurosPerKilowattHour(0.25));
    let (_, sent, _) = sent(price, &settings(&[]));
    let sent = sent["chargemode"]["eco_charging"]["max_price"]
        .as_f64()
        .unwrap();
    assert!((sent - 0.000_25).abs() < 1e-12, "{sent}");
}

#[test]
fn the_document_is_remembered_only_where_the_change_would_last() {
    let flag = "openWB/general/temporary_charge_templates_active";
    let mode = || Command::Mode(ChargeMode::Instant);
    let (.., before) = sent(mode(), &settings(&[(flag, "false")]));
    assert_eq!(before.as_deref(), Some(TEMPLATE));
    let (.., before) = sent(mode(), &settings(&[(flag, "true")]));
    assert_eq!(before, None);
}

#[test]
fn what_is_put_back_goes_to_the_profile_itself() {
    let task = Task::PutBack(TEMPLATE.into());
    let messages = messages(&task, &"chargepoint/3".into(), &settings(&[])).unwrap();
    let topics: Vec<&str> = messages.writes.iter().map(Write::topic).collect();
    assert_eq!(topics, ["openWB/set/vehicle/template/charge_template/1"]);
}

#[test]
fn commands_beside_the_document_have_topics_of_their_own() {
    let cases = [
        (
            Command::Locked(true),
            "openWB/set/chargepoint/3/set/manual_lock",
            "true",
        ),
        (
            Command::Vehicle("vehicle/2".into()),
            "openWB/set/chargepoint/3/config/ev",
            "2",
        ),
        (
            Command::VehicleSoc(Percent(55.0)),
            "openWB/set/vehicle/1/soc_module/calculated_soc_state/manual_soc",
            "55",
        ),
        (
            Command::QuerySoc,
            "openWB/set/vehicle/1/get/force_soc_update",
            "true",
        ),
    ];
    for (command, topic, payload) in cases {
        let (to, sent, _) = sent(command, &settings(&[]));
        assert_eq!((to.as_str(), sent.to_string().as_str()), (topic, payload));
    }
}

#[test]
fn a_box_without_working_copies_is_told_value_by_value() {
    let profile = ("openWB/vehicle/template/charge_template/1", TEMPLATE);
    let assigned = ("openWB/vehicle/1/charge_template", "1");
    let gone = ("openWB/chargepoint/3/set/charge_template", "");
    let old = settings(&[profile, assigned, gone]);
    let task = Task::Command(Command::Current(Amperes(10.0)));
    let messages = messages(&task, &"chargepoint/3".into(), &old).unwrap();
    let [write] = messages.writes.as_slice() else {
        panic!("{:?}", messages.writes);
    };
    assert_eq!(
        (write.topic(), write.payload()),
        (
            "openWB/set/vehicle/template/charge_template/1/chargemode/instant_charging/current",
            "10"
        )
    );
    assert_eq!(
        messages.before, None,
        "only a whole document can be put back"
    );
}

#[test]
fn nothing_is_sent_without_a_document_to_start_from() {
    let task = Task::Command(Command::Mode(ChargeMode::Stop));
    let refused = messages(&task, &"chargepoint/3".into(), &Settings::default());
    assert_eq!(refused, Err(Refusal::TemplateUnknown));
}
