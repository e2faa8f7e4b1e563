//! Every register, every state, every range.

use super::*;

/// Register 4 and on of a box that charges with three phases.
const MEASURED_NOW: [u16; 9] = [0x0100, 7, 101, 102, 103, 325, 231, 229, 232];
const COUNTED_NOW: [u16; 5] = [7_080, 0, 4_321, 0x0012, 0xD687];
const SETTINGS_NOW: Settings = Settings::of([15_000], [160, 60]);

fn status() -> Status {
    Status::of(MEASURED_NOW, COUNTED_NOW, SETTINGS_NOW)
}

#[test]
fn blocks_touch_every_listed_register_and_no_gap() {
    fn addresses<const N: usize>(block: Block<N>) -> std::ops::Range<u16> {
        block.first..block.first + block.count()
    }
    let input: Vec<u16> = addresses(MEASURED)
        .chain(addresses(COUNTED))
        .chain(addresses(HARDWARE))
        .collect();
    let listed: Vec<u16> = (4..=12).chain(14..=18).chain(100..=101).collect();
    assert_eq!(input, listed);
    let holding: Vec<u16> = addresses(WATCHDOG).chain(addresses(LIMITS)).collect();
    assert_eq!(holding, [257, 261, 262]);
    assert_eq!(addresses(LAYOUT), 4..5);
    assert_eq!(
        [Holding::Watchdog, Holding::Limit, Holding::Failsafe].map(Holding::address),
        [257, 261, 262]
    );
}

#[test]
fn register_4_is_the_layout_in_a_byte_and_two_nibbles() {
    for (register, text) in [
        (0x0100, "1.0.0"),
        (0x0108, "1.0.8"),
        (0x0123, "1.2.3"),
        (0x01FF, "1.15.15"),
        (0x0200, "2.0.0"),
        (0, "0.0.0"),
    ] {
        assert_eq!(LayoutVersion::of(register).to_string(), text);
    }
}

#[test]
fn register_5_is_the_state() {
    let names: Vec<Option<&str>> = (0..=13).map(|n| State::of(n).name()).collect();
    let expected = [
        None,
        None,
        Some("A1"),
        Some("A2"),
        Some("B1"),
        Some("B2"),
        Some("C1"),
        Some("C2"),
        Some("DERATING"),
        Some("E"),
        Some("F"),
        Some("ERROR"),
        None,
        None,
    ];
    assert_eq!(names, expected);
    assert_eq!(State::of(12), State::Unlisted(12));
    assert_eq!(status().state, State::C2);
}

#[test]
fn registers_6_to_8_are_currents_in_tenths_of_an_ampere() {
    assert_eq!(
        status().currents,
        [Amperes(10.1), Amperes(10.2), Amperes(10.3)]
    );
}

#[test]
fn register_9_is_a_temperature_that_can_be_below_zero() {
    let at = |register: u16| {
        let mut measured = MEASURED_NOW;
        measured[5] = register;
        Status::of(measured, COUNTED_NOW, SETTINGS_NOW).pcb_temperature
    };
    assert_eq!(at(325), Celsius(32.5));
    assert_eq!(at(0), Celsius(0.0));
    assert_eq!(at(0xFFC9), Celsius(-5.5));
    assert_eq!(at(0x8000), Celsius(-3276.8));
}

#[test]
fn registers_10_to_12_are_voltages() {
    assert_eq!(
        status().voltages,
        [Volts(231.0), Volts(229.0), Volts(232.0)]
    );
}

#[test]
fn register_14_is_apparent_power() {
    assert_eq!(status().power, VoltAmperes(7_080.0));
}

#[test]
fn registers_15_to_18_are_energies_with_the_high_word_first() {
    assert_eq!(status().energy_since_power_on, VoltAmpereHours(4_321.0));
    assert_eq!(status().energy_total, VoltAmpereHours(1_234_567.0));
    let full = Status::of(MEASURED_NOW, [0, 1, 0, 0xFFFF, 0xFFFF], SETTINGS_NOW);
    assert_eq!(full.energy_since_power_on, VoltAmpereHours(65_536.0));
    assert_eq!(
        full.energy_total,
        VoltAmpereHours(f64::from(u32::MAX)),
        "no rounding"
    );
}

#[test]
fn registers_100_and_101_are_highest_and_lowest_current() {
    let info = Info::recognise(0x0100, [16, 6]).unwrap();
    assert_eq!(info.max_current, Current::from_tenths(160));
    assert_eq!(info.min_current, Current::from_tenths(60));
    let announced = Info::recognise(0x0110, [32, 0]).unwrap();
    assert_eq!(
        announced.range(),
        (Current::LEAST, Current::from_tenths(320))
    );
}

#[test]
fn registers_257_261_and_262_are_the_settings() {
    let settings = Settings::of([15_000], [0, 65]);
    assert_eq!(settings.watchdog, Watchdog::from_millis(15_000));
    assert_eq!(settings.current_limit, Current::ZERO);
    assert_eq!(settings.failsafe_current, Current::from_tenths(65));
}

#[test]
fn other_devices_are_told_by_layout_and_currents() {
    for layout in [0, 0x0001, 0x00E7, 0x0200, 0xFFFF] {
        let refused = Info::recognise(layout, [16, 6]).unwrap_err();
        assert_eq!(refused, Unfamiliar::Layout(LayoutVersion::of(layout)));
    }
    for hardware in [[0, 0], [5, 0], [33, 6], [16, 17], [0xFFFF, 0xFFFF]] {
        let refused = Info::recognise(0x0100, hardware).unwrap_err();
        let [max, min] = hardware;
        assert_eq!(refused, Unfamiliar::Hardware { min, max });
    }
}

#[test]
fn zero_or_what_the_hardware_is_made_for_may_be_sent() {
    let info = Info::recognise(0x0100, [16, 6]).unwrap();
    for tenths in [0, 60, 61, 105, 160] {
        assert_eq!(info.check(Current::from_tenths(tenths)), Ok(()));
    }
    for tenths in [1, 59, 161, 320, u16::MAX] {
        let refused = info.check(Current::from_tenths(tenths)).unwrap_err();
        assert_eq!(
            (refused.min, refused.max),
            (Current::from_tenths(60), Current::from_tenths(160))
        );
    }
    let narrow = Info::recognise(0x0100, [13, 8]).unwrap();
    assert!(narrow.check(Current::from_tenths(70)).is_err());
    assert!(narrow.check(Current::from_tenths(130)).is_ok());
    assert!(narrow.check(Current::from_tenths(131)).is_err());
}
