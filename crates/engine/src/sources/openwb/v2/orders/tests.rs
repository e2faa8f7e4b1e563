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

fn sent(command: Command, settings: &Settings) -> (String, serde_json::Value) {
    only(&messages(&command, &"chargepoint/3".into(), settings).unwrap())
}

fn only(writes: &[Write]) -> (String, serde_json::Value) {
    let [write] = writes else {
        panic!("{writes:?}");
    };
    let payload = serde_json::from_str(write.payload()).unwrap();
    (write.topic().to_owned(), payload)
}

#[test]
fn a_setting_is_changed_in_the_whole_document() {
    let (topic, sent) = sent(Command::Mode(ChargeMode::Stop), &settings(&[]));
    assert_eq!(topic, "openWB/set/chargepoint/3/set/charge_template");
    let mut expected: serde_json::Value = serde_json::from_str(TEMPLATE).unwrap();
    expected["chargemode"]["selected"] = "stop".into();
    assert_eq!(sent, expected);
}

#[test]
fn a_limit_is_that_of_the_mode_which_is_selected() {
    let limit = ChargeLimit::Energy(WattHours(12_300.0));
    let (_, sent) = sent(Command::Limit(limit), &settings(&[]));
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
    let (_, sent) = sent(price, &settings(&[]));
    let sent = sent["chargemode"]["eco_charging"]["max_price"]
        .as_f64()
        .unwrap();
    assert!((sent - 0.000_25).abs() < 1e-12, "{sent}");
}

#[test]
fn an_eco_limit_is_set_where_the_box_compares_it() {
    let eco = TEMPLATE.replace("pv_charging\", \"eco", "eco_charging\", \"eco");
    let settings = settings(&[("openWB/chargepoint/3/set/charge_template", eco.as_str())]);
    let limit = ChargeLimit::Energy(WattHours(9_000.0));
    let (_, sent) = sent(Command::Limit(limit), &settings);
    assert_eq!(
        sent["chargemode"]["eco_charging"]["limit"]["selected"],
        "amount"
    );
    assert_eq!(
        sent["chargemode"]["instant_charging"]["limit"]["amount"],
        9_000
    );
    assert_eq!(
        sent["chargemode"]["instant_charging"]["limit"]["selected"],
        "none"
    );
}

fn mode(mode: ChargeMode) -> Command {
    Command::Mode(mode)
}

#[test]
fn a_setting_is_put_back_in_the_document_as_it_is_then() {
    let (pv, stop) = (mode(ChargeMode::Pv), mode(ChargeMode::Stop));
    let writes = put_back("charge_template/1", &stop, &[pv], &settings(&[])).unwrap();
    let (topic, sent) = only(&writes.unwrap());
    assert_eq!(topic, "openWB/set/chargepoint/3/set/charge_template");
    assert_eq!(sent["chargemode"]["selected"], "stop");
    let other = put_back(
        "charge_template/1",
        &stop,
        &[mode(ChargeMode::Eco)],
        &settings(&[]),
    );
    assert_eq!(other, Ok(None), "somebody has changed it since");
}

#[test]
fn a_profile_that_no_charge_point_uses_any_more_is_put_back_itself() {
    let kept = TEMPLATE.replacen("1", "7", 1);
    let profile = ("openWB/vehicle/template/charge_template/7", kept.as_str());
    let (pv, stop) = (mode(ChargeMode::Pv), mode(ChargeMode::Stop));
    let writes = put_back(
        "charge_template/7",
        &stop,
        std::slice::from_ref(&pv),
        &settings(&[profile]),
    )
    .unwrap();
    let (topic, sent) = only(&writes.unwrap());
    assert_eq!(topic, "openWB/set/vehicle/template/charge_template/7");
    assert_eq!(
        (&sent["id"], &sent["chargemode"]["selected"]),
        (&7.into(), &"stop".into())
    );
    let gone = put_back(
        "charge_template/8",
        &stop,
        std::slice::from_ref(&pv),
        &settings(&[profile]),
    );
    assert_eq!(gone, Err(Refusal::TemplateUnknown));
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
        let (to, sent) = sent(command, &settings(&[]));
        assert_eq!((to.as_str(), sent.to_string().as_str()), (topic, payload));
    }
}

#[test]
fn a_box_without_working_copies_is_told_value_by_value() {
    let profile = ("openWB/vehicle/template/charge_template/1", TEMPLATE);
    let assigned = ("openWB/vehicle/1/charge_template", "1");
    let gone = ("openWB/chargepoint/3/set/charge_template", "");
    let old = settings(&[profile, assigned, gone]);
    let expected =
        "openWB/set/vehicle/template/charge_template/1/chargemode/instant_charging/current";
    let current = |amperes| Command::Current(Amperes(amperes));
    let (topic, sent) = self::sent(current(10.0), &old);
    assert_eq!((topic.as_str(), sent), (expected, 10.into()));
    let writes = put_back("charge_template/1", &current(8.0), &[current(16.0)], &old).unwrap();
    let (topic, sent) = only(&writes.unwrap());
    assert_eq!((topic.as_str(), sent), (expected, 8.into()));
}

#[test]
fn nothing_is_sent_without_a_document_to_start_from() {
    let stop = mode(ChargeMode::Stop);
    let refused = messages(&stop, &"chargepoint/3".into(), &Settings::default());
    assert_eq!(refused, Err(Refusal::TemplateUnknown));
}
