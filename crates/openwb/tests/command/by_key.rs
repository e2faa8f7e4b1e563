//! Changing a charge template value by value, before 2.1.8.

use openwb::command::Refusal;
use openwb::command::v2::{Change, Limit, Section, by_key};
use openwb::reading::ChargeMode;

use crate::out_of_range;

#[test]
fn each_value_has_a_topic() {
    let writes = by_key(
        4,
        &[
            Change::InstantCurrent(10),
            Change::Limit {
                of: Section::Instant,
                limit: Limit::Energy(12_000),
            },
            Change::Limit {
                of: Section::Instant,
                limit: Limit::Soc(80),
            },
            Change::Limit {
                of: Section::Instant,
                limit: Limit::None,
            },
            Change::PvMinCurrent(8),
            Change::PvMinSoc(30),
            Change::Mode(ChargeMode::Standby),
        ],
    )
    .unwrap();
    let writes: Vec<_> = writes
        .iter()
        .map(|write| {
            let topic = write
                .topic()
                .strip_prefix("openWB/set/vehicle/template/charge_template/4/chargemode/");
            (topic.unwrap(), write.payload(), write.deletes())
        })
        .collect();
    assert_eq!(
        writes,
        [
            ("instant_charging/current", "10", false),
            ("instant_charging/limit/amount", "12000", false),
            ("instant_charging/limit/selected", "\"amount\"", false),
            ("instant_charging/limit/soc", "80", false),
            ("instant_charging/limit/selected", "\"soc\"", false),
            ("instant_charging/limit/selected", "\"none\"", false),
            ("pv_charging/min_current", "8", false),
            ("pv_charging/min_soc", "30", false),
            ("selected", "\"standby\"", false),
        ]
    );
}

#[test]
fn what_such_a_box_does_not_know_is_refused() {
    let not_offered = |what| Refusal::NotOffered { what };
    let limit = |of, limit| Change::Limit { of, limit };
    for (change, refusal) in [
        (
            Change::Mode(ChargeMode::Eco),
            Refusal::UnknownMode {
                mode: "eco_charging".into(),
            },
        ),
        (
            Change::EcoCurrent(6),
            not_offered("the current of eco charging"),
        ),
        (
            Change::EcoMaxPrice(0.0),
            not_offered("the price limit of eco charging"),
        ),
        (
            Change::PvMinSocCurrent(6),
            not_offered("the current below the minimum state of charge"),
        ),
        (
            Change::Priority(true),
            not_offered("which charge point comes first"),
        ),
        (
            limit(Section::Pv, Limit::None),
            not_offered("to stop at a limit in this mode"),
        ),
        (
            limit(Section::Instant, Limit::Energy(999)),
            out_of_range("the energy limit", "at least 1000 Wh"),
        ),
    ] {
        assert_eq!(
            by_key(4, &[Change::InstantCurrent(10), change]),
            Err(refusal)
        );
    }
}

#[test]
fn modes_that_came_later_or_went_are_told_apart() {
    for mode in [
        ChargeMode::Instant,
        ChargeMode::Pv,
        ChargeMode::Scheduled,
        ChargeMode::Time,
        ChargeMode::Standby,
        ChargeMode::Stop,
    ] {
        let payload = format!("\"{}\"", mode.as_str());
        let writes = by_key(0, &[Change::Mode(mode)]).unwrap();
        assert_eq!(writes[0].payload(), payload);
    }
}
