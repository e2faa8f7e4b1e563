mod exceptions;

use proptest::prelude::*;

use super::*;

const START: DateTime<Utc> = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
const GARAGE: &str = "garage";
const CARPORT: &str = "carport";

fn at(seconds: i64) -> DateTime<Utc> {
    START + TimeDelta::seconds(seconds)
}

fn ask(schedule: &mut Schedule, now: DateTime<Utc>) -> Option<Job> {
    match schedule.next(now) {
        Step::Ask(job) => {
            schedule.asked(&job, now);
            Some(job)
        }
        Step::Wait(_) | Step::Rest => None,
    }
}

/// An account with two stations that has just been asked everything.
fn settled() -> Schedule {
    let mut schedule = Schedule::new(START);
    schedule.begin(START);
    schedule.set_stations([GARAGE, CARPORT].into_iter(), START);
    drain(&mut schedule, START);
    schedule
}

/// Answers everything that is asked now, and says what it was.
fn drain(schedule: &mut Schedule, now: DateTime<Utc>) -> Vec<Job> {
    let mut asked = Vec::new();
    while let Some(job) = ask(schedule, now) {
        answer(schedule, &job, now);
        asked.push(job);
    }
    asked
}

fn answer(schedule: &mut Schedule, job: &Job, now: DateTime<Utc>) {
    match job {
        Job::Records(_) => schedule.walked(job, false, now, 0.0),
        job => schedule.answered(job, now, 0.0),
    }
}

#[test]
fn nobody_is_asked_before_somebody_has_signed_in() {
    let mut schedule = Schedule::new(START);
    assert_eq!(schedule.next(at(9999)), Step::Rest);
    schedule.wish(at(9999));
    assert_eq!(schedule.next(at(9999)), Step::Rest);
}

#[test]
fn everything_is_asked_at_once_at_the_beginning() {
    let mut schedule = Schedule::new(START);
    schedule.begin(START);
    let first = ask(&mut schedule, START).unwrap();
    assert_eq!(first, Job::Stations);
    schedule.set_stations([GARAGE].into_iter(), START);
    schedule.answered(&first, START, 0.0);
    assert_eq!(
        drain(&mut schedule, START),
        [
            Job::Sessions,
            Job::Records(GARAGE.into()),
            Job::Cards,
            Job::Firmware,
            Job::Locations,
            Job::Scheduled(GARAGE.into()),
        ]
    );
    assert_eq!(schedule.next(at(1)), Step::Wait(at(300)));
}

#[test]
fn what_was_asked_before_a_restart_is_not_asked_again_so_soon() {
    let mut schedule = Schedule::new(START);
    schedule.was_answered(Job::Cards, at(-3600));
    schedule.was_answered(Job::Firmware, at(-90_000));
    // The clock was wrong then.
    schedule.was_answered(Job::Locations, at(1_000_000));
    schedule.begin(START);
    let asked = drain(&mut schedule, START);
    assert_eq!(asked, [Job::Stations, Job::Sessions, Job::Firmware]);
    let next = drain(&mut schedule, at(23 * 3600));
    assert!(next.contains(&Job::Cards), "{next:?}");
}

#[test]
fn sessions_are_asked_each_minute_while_something_charges() {
    let mut schedule = settled();
    assert_eq!(ask(&mut schedule, at(300)), Some(Job::Sessions));
    schedule.set_running([GARAGE].into_iter(), true, at(300));
    schedule.answered(&Job::Sessions, at(300), 0.5);
    let accumulated = Job::Accumulated(GARAGE.into());
    assert_eq!(drain(&mut schedule, at(300)), [accumulated]);
    assert_eq!(schedule.next(at(301)), Step::Wait(at(363)));
    for minute in 1..30 {
        let now = at(300 + 66 * minute);
        assert!(drain(&mut schedule, now).contains(&Job::Sessions));
    }
    schedule.set_running([].into_iter(), false, at(3000));
    schedule.session_ended(GARAGE, at(3000));
    schedule.answered(&Job::Sessions, at(3000), 0.0);
    let records = Job::Records(GARAGE.into());
    assert_eq!(schedule.next(at(3000)), Step::Wait(at(3060)));
    assert_eq!(ask(&mut schedule, at(3060)), Some(records.clone()));
    schedule.walked(&records, false, at(3060), 0.0);
    assert_eq!(drain(&mut schedule, at(3659)), [Job::Sessions]);
    assert_eq!(ask(&mut schedule, at(3660)), Some(records.clone()));
    schedule.walked(&records, true, at(3660), 0.0);
    let later = drain(&mut schedule, at(3660 + 7200));
    assert!(!later.contains(&records), "it has come: {later:?}");
}

#[test]
fn a_walk_goes_on_without_a_pause_and_sessions_are_asked_in_between() {
    let mut schedule = settled();
    schedule.wish(at(295));
    let records = Job::Records(CARPORT.into());
    let mut pages = 0;
    let mut sessions = 0;
    for tenth in 0..100 {
        let now = at(295) + TimeDelta::milliseconds(100 * tenth);
        let job = ask(&mut schedule, now).unwrap();
        if job == records {
            pages += 1;
            schedule.turned_page(&job, now);
        } else {
            sessions += usize::from(job == Job::Sessions);
            answer(&mut schedule, &job, now);
        }
    }
    assert!(pages > 90 && sessions == 1, "{pages} {sessions}");
    schedule.walked(&records, true, at(310), 0.0);
    assert!(!drain(&mut schedule, at(310)).contains(&records));
}

#[test]
fn what_elli_refuses_is_asked_with_its_next_turn() {
    let mut schedule = settled();
    schedule.wish(at(100));
    assert_eq!(ask(&mut schedule, at(100)), Some(Job::Stations));
    schedule.failed(&Job::Stations, Failure::Refused, at(100), 0.0);
    assert_eq!(ask(&mut schedule, at(100)), Some(Job::Sessions));
}

#[test]
fn failures_are_met_with_longer_and_longer_pauses() {
    let mut schedule = settled();
    let mut now = at(300);
    let mut pauses = Vec::new();
    for _ in 0..8 {
        assert_eq!(ask(&mut schedule, now), Some(Job::Sessions));
        schedule.failed(&Job::Sessions, Failure::Later(None), now, 0.0);
        let Step::Wait(until) = schedule.next(now) else {
            panic!("no pause");
        };
        pauses.push((until - now).num_seconds());
        now = until;
    }
    assert_eq!(pauses, [60, 120, 240, 480, 960, 1800, 1800, 1800]);
}

#[test]
fn a_question_without_an_answer_does_not_keep_others_waiting() {
    let mut schedule = Schedule::new(START);
    schedule.begin(START);
    let mut now = START;
    let mut asked = Vec::new();
    while asked.len() < 6 {
        match schedule.next(now) {
            Step::Ask(job) => {
                schedule.asked(&job, now);
                match job {
                    Job::Stations => schedule.failed(&job, Failure::Later(None), now, 0.0),
                    _ => answer(&mut schedule, &job, now),
                }
                asked.push(job);
            }
            Step::Wait(until) => now = until,
            Step::Rest => panic!("somebody is signed in"),
        }
    }
    use Job::{Cards, Firmware, Locations, Sessions, Stations};
    assert_eq!(
        asked,
        [Stations, Sessions, Cards, Firmware, Locations, Stations]
    );
}

#[test]
fn elli_says_how_long_to_wait() {
    let mut schedule = settled();
    assert_eq!(ask(&mut schedule, at(300)), Some(Job::Sessions));
    let busy = Failure::Later(Some(Duration::from_secs(90)));
    schedule.failed(&Job::Sessions, busy, at(300), 0.0);
    // Nobody may hurry it.
    schedule.wish(at(301));
    assert_eq!(schedule.next(at(301)), Step::Wait(at(390)));
    assert_eq!(ask(&mut schedule, at(390)), Some(Job::Stations));

    let mut schedule = settled();
    let records = Job::Records(GARAGE.into());
    schedule.turned_page(&records, at(100));
    let soon = Failure::Later(Some(Duration::ZERO));
    let mut now = at(100);
    let mut pauses = Vec::new();
    for _ in 0..4 {
        assert_eq!(ask(&mut schedule, now), Some(records.clone()));
        schedule.failed(&records, soon, now, 0.0);
        let Step::Wait(until) = schedule.next(now) else {
            panic!("no pause");
        };
        pauses.push((until - now).num_seconds());
        now = until;
    }
    assert_eq!(pauses, [1, 1, 60, 120], "Elli's word alone does not help");
}

#[test]
fn what_cannot_be_kept_stops_nothing_else() {
    let mut schedule = settled();
    let records = Job::Records(GARAGE.into());
    schedule.turned_page(&records, at(100));
    let mut now = at(100);
    for pause in [60, 120, 240, 480] {
        assert_eq!(schedule.next(now), Step::Ask(records.clone()));
        schedule.asked(&records, now);
        schedule.failed(&records, Failure::Unkept, now, 0.0);
        now += TimeDelta::seconds(pause);
        assert!(matches!(
            drain(&mut schedule.clone(), now - TimeDelta::seconds(1))[..],
            [] | [Job::Sessions]
        ));
        if let Some(job) = ask(&mut schedule, at(300).max(now)).filter(|job| *job != records) {
            answer(&mut schedule, &job, at(300).max(now));
        }
    }
}

#[test]
fn a_wish_ends_our_own_pause_but_wishes_in_a_row_are_one() {
    let mut schedule = settled();
    assert_eq!(ask(&mut schedule, at(300)), Some(Job::Sessions));
    schedule.failed(&Job::Sessions, Failure::Later(None), at(300), 0.0);
    schedule.wish(at(302));
    let asked = drain(&mut schedule, at(302));
    assert_eq!(asked.len(), 8, "all but the sessions: {asked:?}");
    schedule.wish(at(303));
    schedule.wish(at(304));
    assert_eq!(schedule.next(at(304)), Step::Wait(at(312)));
    assert_eq!(drain(&mut schedule, at(312)).len(), 8);
    assert_eq!(drain(&mut schedule, at(360)), [Job::Sessions]);
}

#[test]
fn signing_in_again_asks_what_was_missed() {
    let mut schedule = settled();
    schedule.rest();
    assert_eq!(schedule.next(at(90_000)), Step::Rest);
    schedule.begin(at(90_001));
    assert!(drain(&mut schedule, at(90_001)).len() >= 4);
}

#[test]
fn stations_that_are_gone_are_not_asked_about() {
    let mut schedule = settled();
    schedule.set_running([GARAGE, CARPORT].into_iter(), true, at(10));
    schedule.set_stations([CARPORT].into_iter(), at(20));
    let later = at(100_000);
    let mut asked = Vec::new();
    for step in 0..40 {
        asked.extend(drain(&mut schedule, later + TimeDelta::minutes(5 * step)));
    }
    assert!(!asked.iter().any(|job| job.station() == Some(GARAGE)));
    assert!(asked.contains(&Job::Scheduled(CARPORT.into())));
}

#[test]
fn a_clock_that_was_set_back_does_not_make_it_wait_for_the_way_back() {
    let mut schedule = settled();
    assert_eq!(schedule.next(at(100)), Step::Wait(at(300)));
    assert_eq!(schedule.next(at(-86_400)), Step::Wait(at(-86_200)));
}

/// What may happen to a question.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Answered,
    Failed,
    Refused,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Answered),
        2 => Just(Fate::Failed),
        1 => Just(Fate::Refused),
    ]
}

fn longest_run(times: &[DateTime<Utc>], window: TimeDelta) -> usize {
    let run = |(first, begin): (usize, &DateTime<Utc>)| {
        times[first..]
            .iter()
            .take_while(|time| **time - *begin < window)
            .count()
    };
    times.iter().enumerate().map(run).max().unwrap_or(0)
}

proptest! {
    /// A computer that sleeps, and an Elli that fails: never more than three requests in five
    /// minutes, and never two for the sessions within one.
    #[test]
    fn at_rest_little_is_asked_whatever_happens(
        steps in prop::collection::vec((fate(), 0.0..1.0_f64, 0..20_i64, 0..40_u8), 1..400),
        plugged in any::<bool>(),
    ) {
        let mut schedule = settled();
        if plugged {
            schedule.set_running([GARAGE, CARPORT].into_iter(), false, START);
        }
        let mut now = at(301);
        let (mut all, mut sessions) = (Vec::new(), Vec::new());
        for (fate, chance, latency, sleep) in steps {
            if sleep == 0 {
                now += TimeDelta::hours(9);
            }
            match schedule.next(now) {
                Step::Ask(job) => {
                    schedule.asked(&job, now);
                    all.push(now);
                    if job == Job::Sessions {
                        sessions.push(now);
                    }
                    now += TimeDelta::seconds(latency);
                    match (fate, &job) {
                        (Fate::Answered, Job::Records(_)) => {
                            schedule.walked(&job, false, now, chance);
                        }
                        (Fate::Answered, _) => schedule.answered(&job, now, chance),
                        (Fate::Failed, _) => {
                            schedule.failed(&job, Failure::Later(None), now, chance);
                        }
                        (Fate::Refused, _) => schedule.failed(&job, Failure::Refused, now, chance),
                    }
                }
                Step::Wait(until) => {
                    prop_assert!(until > now, "it would spin");
                    now = until;
                }
                Step::Rest => prop_assert!(false, "somebody is signed in"),
            }
        }
        prop_assert!(longest_run(&all, TimeDelta::minutes(5)) <= 3);
        prop_assert!(longest_run(&sessions, TimeDelta::minutes(1)) <= 1);
    }

    /// Whatever people wish and cars do: a minute between two questions for the sessions, and
    /// never a wait that has no end.
    #[test]
    fn sessions_are_never_asked_twice_in_a_minute(
        steps in prop::collection::vec((fate(), any::<bool>(), 0..4_u8, -30..120_i64), 1..300),
    ) {
        let mut schedule = settled();
        let mut now = at(301);
        let mut sessions = vec![at(0)];
        for (fate, charging, wish, passes) in steps {
            if wish == 0 {
                schedule.wish(now);
            }
            if wish == 1 {
                schedule.rest();
                schedule.begin(now);
            }
            match schedule.next(now) {
                Step::Ask(job) => {
                    schedule.asked(&job, now);
                    if job == Job::Sessions {
                        sessions.push(now);
                    }
                    schedule.set_running([GARAGE].into_iter(), charging, now);
                    match fate {
                        Fate::Answered => answer(&mut schedule, &job, now),
                        Fate::Failed => schedule.failed(&job, Failure::Later(None), now, 0.0),
                        Fate::Refused => schedule.failed(&job, Failure::Refused, now, 0.0),
                    }
                }
                Step::Wait(until) => {
                    prop_assert!(until > now && until - now <= TimeDelta::hours(6));
                    now += TimeDelta::seconds(passes.max(0));
                }
                Step::Rest => prop_assert!(false, "somebody is signed in"),
            }
        }
        prop_assert!(longest_run(&sessions, TimeDelta::minutes(1)) <= 1);
    }
}
