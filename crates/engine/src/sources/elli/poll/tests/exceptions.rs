//! Questions that are not answered as most are, or not asked as often.

use super::*;

#[test]
fn what_was_not_sent_is_tried_again_soon_and_counts_for_nothing() {
    let mut schedule = settled();
    let mut now = at(300);
    for _ in 0..20 {
        assert_eq!(ask(&mut schedule, now), Some(Job::Sessions));
        schedule.failed(&Job::Sessions, Failure::Unsent, now, 0.9);
        assert_eq!(schedule.next(now), Step::Wait(now + TimeDelta::seconds(10)));
        now += TimeDelta::seconds(10);
    }
    assert_eq!(drain(&mut schedule, now), [Job::Sessions]);
    let minute = now + TimeDelta::seconds(60);
    assert_eq!(drain(&mut schedule, minute), [], "what was sent counts");
}

#[test]
fn what_nobody_is_let_in_to_is_left_alone_for_a_day() {
    let mut schedule = settled();
    schedule.set_running([GARAGE].into_iter(), false, at(10));
    let accumulated = Job::Accumulated(GARAGE.into());
    assert_eq!(ask(&mut schedule, at(10)), Some(accumulated.clone()));
    schedule.failed(&accumulated, Failure::Barred, at(10), 0.0);
    let mut asked = Vec::new();
    for minute in 1..24 * 60 {
        asked.extend(drain(&mut schedule, at(60 * minute)));
    }
    assert!(!asked.contains(&accumulated));
    for minute in 24 * 60 + 1..24 * 60 + 30 {
        asked.extend(drain(&mut schedule, at(60 * minute)));
    }
    assert!(asked.contains(&accumulated));
}

#[test]
fn a_sum_is_asked_once_and_keeps_no_records_waiting() {
    let mut schedule = settled();
    let (records, total) = (Job::Records(GARAGE.into()), Job::Total(GARAGE.into()));
    schedule.want_total(GARAGE, true, at(10));
    assert_eq!(ask(&mut schedule, at(10)), Some(total.clone()));
    schedule.failed(&total, Failure::Later(None), at(10), 0.0);
    schedule.session_ended(GARAGE, at(11));
    assert_eq!(ask(&mut schedule, at(71)), Some(records.clone()));
    schedule.walked(&records, false, at(71), 0.0);
    assert_eq!(drain(&mut schedule, at(72)), std::slice::from_ref(&total));
    for failure in [Failure::Refused, Failure::Barred] {
        schedule.want_total(GARAGE, true, at(73));
        assert_eq!(ask(&mut schedule, at(73)), Some(total.clone()));
        schedule.failed(&total, failure, at(73), 0.0);
    }
    schedule.want_total(GARAGE, false, at(74));
    schedule.want_total(CARPORT, false, at(74));
    let soon = drain(&mut schedule, at(74));
    assert_eq!(soon.len(), 1, "with a look at rest it counts: {soon:?}");
    drain(&mut schedule, at(400));
    schedule.wish(at(410));
    assert!(!drain(&mut schedule, at(410)).contains(&total));
}

#[test]
fn doubtful_stations_are_asked_soon_and_a_new_one_at_once() {
    let mut schedule = settled();
    schedule.set_doubtful(true, false, at(300));
    let mut asked = Vec::new();
    for minute in 5..65 {
        let now = at(60 * minute);
        let jobs = drain(&mut schedule, now);
        asked.extend(jobs.contains(&Job::Stations).then_some(minute));
        schedule.set_doubtful(true, false, now);
    }
    assert_eq!(asked, [20, 35, 50], "a quarter of an hour apart");

    schedule.set_doubtful(true, true, at(65 * 60));
    assert!(drain(&mut schedule, at(65 * 60)).contains(&Job::Stations));
    schedule.set_doubtful(false, false, at(65 * 60));
    drain(&mut schedule, at(80 * 60));
    let mut asked = Vec::new();
    for minute in 81..400 {
        asked.extend(drain(&mut schedule, at(60 * minute)));
    }
    assert!(!asked.contains(&Job::Stations));
}

#[test]
fn doubt_does_not_hurry_a_question_that_fails() {
    let mut schedule = settled();
    schedule.wish(at(300));
    assert_eq!(ask(&mut schedule, at(300)), Some(Job::Stations));
    schedule.failed(&Job::Stations, Failure::Unkept, at(300), 0.0);
    schedule.set_doubtful(true, true, at(301));
    assert!(!drain(&mut schedule, at(301)).contains(&Job::Stations));
}
