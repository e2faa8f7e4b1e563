//! Charts of what was recorded, through the store.

use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Europe::Berlin;
use ladebuch_domain::period::Interval;
use ladebuch_domain::sample::Tier;
use ladebuch_domain::units::WattHours;
use proptest::prelude::*;

use super::*;
use crate::store::tests::{
    DEVICE, Import, STEP, at, fresh, power, power_tick, restart, run, samples, tick,
};
use crate::store::{GapSpan, Tick};

const START: &str = "2026-11-22T00:00:00Z";

fn second(seconds: i64) -> DateTime<Utc> {
    at(START) + TimeDelta::seconds(seconds)
}

fn hours(from: &str, to: &str, interval: Interval, series: SeriesId) -> EnergyQuery {
    EnergyQuery {
        series: vec![series],
        from: at(from),
        to: at(to),
        interval,
        zone: Berlin,
    }
}

async fn only_series(store: &Store) -> SeriesId {
    let series = store.series().await.unwrap();
    assert_eq!(series.len(), 1);
    series[0].id
}

fn energy_of(history: &EnergyHistory) -> Vec<Option<f64>> {
    history.series[0]
        .energy
        .iter()
        .map(|energy| energy.map(WattHours::get))
        .collect()
}

/// What happens to a meter and its recorder between two slots.
#[derive(Clone, Debug)]
enum Step {
    /// So much is used while so many slots pass; only the last is recorded.
    Use { slots: i64, energy: f64 },
    /// The meter begins at zero again, within one slot.
    Reset,
    /// Ladebuch is restarted.
    Restart,
    /// Slots are rolled up.
    RollUp,
    /// All raw samples that may go, go.
    Purge,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => (1..3_i64, 0.0..40.0_f64).prop_map(|(slots, energy)| Step::Use { slots, energy }),
        3 => (3..900_i64, 0.0..40.0_f64).prop_map(|(slots, energy)| Step::Use { slots, energy }),
        1 => Just(Step::Reset),
        1 => Just(Step::Restart),
        2 => Just(Step::RollUp),
        1 => Just(Step::Purge),
    ];
    prop::collection::vec(step, 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn bars_add_up_to_what_the_meter_counted(steps in steps()) {
        run(async {
            let (dir, mut store) = fresh(second(0)).await;
            let mut import = Import::default();
            let mut now = second(0);
            let (mut reading, mut used) = (1000.0, 0.0);
            store.write_ticks(&[import.tick(now, reading)]).await.unwrap();
            for step in steps {
                match step {
                    Step::Use { slots, energy } => {
                        now += TimeDelta::from_std(STEP).unwrap() * i32::try_from(slots).unwrap();
                        reading += energy;
                        used += energy;
                        store.write_ticks(&[import.tick(now, reading)]).await.unwrap();
                    }
                    // A fall by less than 10 Wh is taken for rounding.
                    Step::Reset if reading < 10.0 => {}
                    Step::Reset => {
                        now += TimeDelta::from_std(STEP).unwrap();
                        reading = 0.0;
                        store.write_ticks(&[import.tick(now, reading)]).await.unwrap();
                    }
                    Step::Restart => {
                        store = restart(dir.path(), store, now).await;
                        import = Import::resume(&store).await;
                    }
                    Step::RollUp => store.roll_up(now).await.unwrap(),
                    Step::Purge => drop(store.purge_raw(now).await.unwrap()),
                }
            }
            let id = only_series(&store).await;
            let history = History::new(store.clone());
            let end = now + TimeDelta::hours(1);
            for interval in [Interval::Hour, Interval::Day, Interval::Month] {
                let query =
                    EnergyQuery { series: vec![id], from: second(0), to: end, interval, zone: Berlin };
                let answer = history.energy(&query, end).await.unwrap();
                let sum: f64 = energy_of(&answer).into_iter().flatten().sum();
                assert!((sum - used).abs() < 1e-6, "{sum} of {used} Wh by {interval:?}");
            }
        });
    }
}

/// A meter that counts 100 Wh in every hour, recorded every 5 minutes from one moment to another.
async fn steady(from: &str, to: &str) -> (tempfile::TempDir, Store) {
    let (dir, store) = fresh(at(from)).await;
    let mut import = Import::default();
    let mut ticks = vec![import.tick(at(from) - TimeDelta::seconds(10), 0.0)];
    let mut slot = at(from);
    while slot < at(to) {
        slot += TimeDelta::minutes(5);
        let minutes = (slot - at(from)).num_minutes();
        let reading = f64::from(i32::try_from(minutes).unwrap()) * 100.0 / 60.0;
        ticks.push(import.tick(slot - TimeDelta::seconds(10), reading));
    }
    store.write_ticks(&ticks).await.unwrap();
    (dir, store)
}

#[test]
fn days_have_their_own_length_when_the_clock_changes() {
    run(async {
        for (from, to, expected) in [
            (
                "2026-03-27T23:00:00Z",
                "2026-03-30T22:00:00Z",
                [2400.0, 2300.0, 2400.0],
            ),
            (
                "2026-10-23T22:00:00Z",
                "2026-10-26T23:00:00Z",
                [2400.0, 2500.0, 2400.0],
            ),
        ] {
            let (_dir, store) = steady(from, to).await;
            let id = only_series(&store).await;
            let history = History::new(store.clone());
            // From raw samples first, then from rolled-up slots.
            for _ in 0..2 {
                let query = hours(from, to, Interval::Day, id);
                let answer = history.energy(&query, at(to)).await.unwrap();
                assert_eq!(answer.bounds.len(), 4);
                for (energy, expected) in energy_of(&answer).into_iter().zip(expected) {
                    assert!((energy.unwrap() - expected).abs() < 1e-6, "{energy:?}");
                }
                let marks = &answer.series[0].marks;
                assert_eq!(marks[..], [EnergyMark::Measured; 3]);
                let months = hours(from, to, Interval::Month, id);
                let answer = history.energy(&months, at(to)).await.unwrap();
                let sum: f64 = energy_of(&answer).into_iter().flatten().sum();
                assert!((sum - expected.iter().sum::<f64>()).abs() < 1e-6);
                store.roll_up(at(to)).await.unwrap();
            }
        }
    });
}

#[test]
fn today_reaches_up_to_the_last_raw_sample() {
    run(async {
        let (_dir, store) = fresh(second(0)).await;
        let mut import = Import::default();
        let ticks: Vec<Tick> = (0..100)
            .map(|number| {
                import.tick(
                    second(number * 10),
                    f64::from(i32::try_from(number).unwrap()),
                )
            })
            .collect();
        store.write_ticks(&ticks).await.unwrap();
        store.roll_up(second(1000)).await.unwrap();
        let id = only_series(&store).await;
        let query = hours(START, "2026-11-22T01:00:00Z", Interval::Hour, id);
        let answer = History::new(store)
            .energy(&query, second(1000))
            .await
            .unwrap();
        assert_eq!(energy_of(&answer), [Some(99.0)]);
        assert_eq!(answer.series[0].marks, [EnergyMark::Partial]);
    });
}

#[test]
fn a_night_without_recorder_is_marked_on_both_sides() {
    run(async {
        let (_dir, store) = fresh(second(0)).await;
        let mut import = Import::default();
        let mut ticks: Vec<Tick> = (0..330)
            .map(|number| import.tick(second(number * 10), 0.0))
            .collect();
        // Off from 0:55 to 3:30, while 500 Wh were used.
        ticks.extend((0..181).map(|number| import.tick(second(12_600 + number * 10), 500.0)));
        let gap = GapSpan {
            source: None,
            device: None,
            cause: store::GapCause::RecorderOff,
            from: second(3300),
            until: second(12_600),
        };
        ticks[330].gaps.push(gap.clone());
        store.write_ticks(&ticks).await.unwrap();
        let id = only_series(&store).await;
        let history = History::new(store.clone());
        for _ in 0..2 {
            let query = hours(START, "2026-11-22T04:00:00Z", Interval::Hour, id);
            let answer = history.energy(&query, second(20_000)).await.unwrap();
            assert_eq!(energy_of(&answer), [Some(0.0), None, None, Some(500.0)]);
            assert_eq!(
                answer.series[0].marks,
                [
                    EnergyMark::Partial,
                    EnergyMark::None,
                    EnergyMark::None,
                    EnergyMark::Recovered
                ]
            );
            assert_eq!(answer.gaps, [Gap::from(gap.clone())]);
            store.roll_up(second(20_000)).await.unwrap();
        }
    });
}

#[test]
fn a_reset_is_told_and_counts_nothing() {
    run(async {
        let (_dir, store) = fresh(second(0)).await;
        let mut import = Import::default();
        let ticks = [
            import.tick(second(0), 500.0),
            import.tick(second(10), 3.0),
            import.tick(second(20), 5.0),
        ];
        store.write_ticks(&ticks).await.unwrap();
        let id = only_series(&store).await;
        let query = hours(START, "2026-11-22T01:00:00Z", Interval::Hour, id);
        let answer = History::new(store)
            .energy(&query, second(9999))
            .await
            .unwrap();
        assert_eq!(energy_of(&answer), [Some(2.0)]);
        let [gap] = &answer.gaps[..] else {
            panic!("{:?}", answer.gaps)
        };
        assert_eq!(
            (gap.cause, gap.device),
            (GapCause::CounterReset, Some(DEVICE))
        );
        assert_eq!((gap.from, gap.to), (second(20), second(20)));
    });
}

#[test]
fn a_chart_of_power_is_the_same_before_and_after_rolling_up() {
    run(async {
        let (_dir, store) = fresh(second(0)).await;
        // Two hours, with a hole of 20 minutes.
        let ticks: Vec<Tick> = (0..720)
            .filter(|number| !(180..300).contains(number))
            .map(|number| {
                power_tick(
                    second(number * 10),
                    f64::from(i32::try_from(number).unwrap()),
                )
            })
            .collect();
        store.write_ticks(&ticks).await.unwrap();
        let id = only_series(&store).await;
        let history = History::new(store.clone());
        let query = PowerQuery {
            series: vec![id],
            from: second(0),
            to: second(7200),
            max_points: 30,
        };
        let before = history.power(&query).await.unwrap();
        assert_eq!(
            (before.start, before.step),
            (second(0), Tier::FiveMinutes.step())
        );
        let [line] = &before.series[..] else {
            panic!("one series")
        };
        assert_eq!(line.mean[0], Some(14.5));
        assert_eq!((line.min[23], line.max[23]), (Some(690.0), Some(719.0)));
        let unknown: Vec<usize> = (0..24)
            .filter(|point| line.mean[*point].is_none())
            .collect();
        assert_eq!(unknown, [6, 7, 8, 9]);
        // Half of it rolled up, then all of it.
        for until in [3600, 7200] {
            store.roll_up(second(until)).await.unwrap();
            assert_eq!(
                history.power(&query).await.unwrap(),
                before,
                "rolled up until {until}"
            );
        }
    });
}

#[test]
fn a_short_chart_shows_raw_samples_while_they_are_kept() {
    run(async {
        let (_dir, store) = fresh(second(0)).await;
        let ticks: Vec<Tick> = (0..120)
            .map(|number| power_tick(second(number * 10), 7.0))
            .collect();
        store.write_ticks(&ticks).await.unwrap();
        let id = only_series(&store).await;
        let history = History::new(store.clone());
        let query = PowerQuery {
            series: vec![id, id],
            from: second(5),
            to: second(605),
            max_points: 1500,
        };
        let raw = history.power(&query).await.unwrap();
        assert_eq!(
            (raw.start, raw.step),
            (second(0), TimeDelta::from_std(STEP).unwrap())
        );
        assert_eq!(
            raw.series.len(),
            1,
            "a series that is named twice is drawn once"
        );
        assert_eq!(raw.series[0].mean, vec![Some(7.0); 61]);
        store.roll_up(second(1200)).await.unwrap();
        store.purge_raw(second(300)).await.unwrap();
        let coarse = history.power(&query).await.unwrap();
        assert_eq!(coarse.step, Tier::FiveMinutes.step());
        assert_eq!(coarse.series[0].mean, vec![Some(7.0); 3]);
        assert_eq!(samples(&store).await.len(), 90);
    });
}

#[test]
fn the_coarser_of_two_grids_is_drawn() {
    run(async {
        let (_dir, store) = fresh(second(0)).await;
        let mut ticks: Vec<Tick> = (0..30).map(|n| power_tick(second(n * 10), 1.0)).collect();
        let minutes = (5..10).map(|n| Tick {
            step: Duration::from_secs(60),
            ..power_tick(second(n * 60), 2.0)
        });
        ticks.extend(minutes);
        store.write_ticks(&ticks).await.unwrap();
        let id = only_series(&store).await;
        let query = PowerQuery {
            series: vec![id],
            from: second(0),
            to: second(600),
            max_points: 1500,
        };
        let answer = History::new(store).power(&query).await.unwrap();
        assert_eq!(answer.step, TimeDelta::seconds(60));
        let expected: Vec<Option<f64>> = [[Some(1.0); 5], [Some(2.0); 5]].concat();
        assert_eq!(answer.series[0].mean, expected);
    });
}

#[test]
fn questions_without_an_answer_are_refused() {
    run(async {
        let (_dir, store) = fresh(second(0)).await;
        let mut both = Import::default().tick(second(0), 1.0);
        both.samples.push(power(1.0));
        store.write_ticks(&[both, tick(second(10))]).await.unwrap();
        let series = store.series().await.unwrap();
        let id = |counter| {
            series
                .iter()
                .find(|series| series.quantity.is_counter() == counter)
                .unwrap()
                .id
        };
        let history = History::new(store);
        let power = |series, to, max_points| {
            let query = PowerQuery {
                series,
                from: second(0),
                to,
                max_points,
            };
            let history = history.clone();
            async move { history.power(&query).await.unwrap_err() }
        };
        let hour = second(3600);
        use HistoryError as Refused;
        assert!(matches!(
            power(vec![id(false)], second(0), 9).await,
            Refused::EmptyPeriod
        ));
        assert!(matches!(power(vec![], hour, 9).await, Refused::NoSeries));
        assert!(matches!(
            power(vec![SeriesId(99)], hour, 9).await,
            Refused::UnknownSeries(_)
        ));
        assert!(matches!(
            power(vec![id(true)], hour, 9).await,
            Refused::NotAGauge(_)
        ));
        assert!(matches!(
            power(vec![id(false)], hour, 20_001).await,
            Refused::TooManyPoints
        ));
        assert!(matches!(
            power(vec![id(false); 201], hour, 9).await,
            Refused::TooManySeries
        ));
        let energy = |series, to| {
            let interval = Interval::Hour;
            let query = EnergyQuery {
                series: vec![series],
                from: second(0),
                to,
                interval,
                zone: Berlin,
            };
            let history = history.clone();
            async move { history.energy(&query, second(0)).await.unwrap_err() }
        };
        assert!(matches!(
            energy(id(false), hour).await,
            Refused::NotACounter(_)
        ));
        assert!(matches!(
            energy(id(true), second(86_400 * 9999)).await,
            Refused::TooManyBars
        ));
        assert!(matches!(
            energy(id(true), second(0)).await,
            Refused::EmptyPeriod
        ));
    });
}

#[test]
fn series_tell_what_they_are_and_when_they_begin_and_end() {
    run(async {
        let (_dir, store) = fresh(second(0)).await;
        let ticks: Vec<Tick> = (0..61)
            .map(|number| power_tick(second(number * 10), 1.0))
            .collect();
        store.write_ticks(&ticks).await.unwrap();
        for _ in 0..2 {
            let [series] = &store.series().await.unwrap()[..] else {
                panic!("one series")
            };
            assert_eq!(
                (series.device, series.device_name.as_deref()),
                (DEVICE, Some("Grid"))
            );
            assert_eq!(
                (series.first_at, series.last_at),
                (Some(second(0)), Some(second(600)))
            );
            store.roll_up(second(610)).await.unwrap();
        }
    });
}
