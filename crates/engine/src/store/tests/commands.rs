use ladebuch_domain::control::Command;
use ladebuch_domain::reading::ChargeMode;
use ladebuch_domain::units::Amperes;

use super::super::PutBackLater;
use super::*;
use crate::control::{Outcome, Reason, Record};
use crate::identity::new_id;

fn record(now: DateTime<Utc>, device: DeviceId, command: Command) -> Record {
    Record {
        id: new_id(now),
        device,
        command,
        author: "owner".to_owned(),
        until_unplug: false,
        sent: now,
        outcome: Outcome::Pending,
        said: None,
        finished: None,
    }
}

#[test]
fn the_journal_tells_the_newest_first_and_what_became_of_each() {
    run(async {
        let now = at("2026-11-22T12:00:00Z");
        let (_dir, store) = fresh(now).await;
        let other = DeviceId(Uuid::from_u128(9));
        let mode = record(
            now,
            DEVICE,
            Command::Mode(ChargeMode::Other("turbo".into())),
        );
        let lock = record(now, DEVICE, Command::Locked(true));
        let elsewhere = record(now, other, Command::ResetEnergy);
        for record in [&mode, &lock, &elsewhere] {
            store.add_command(record).await.unwrap();
        }
        let done = Record {
            outcome: Outcome::Refused(Reason::NotAllowed),
            said: Some("Fahrzeug lädt.".to_owned()),
            finished: Some(now + TimeDelta::seconds(1)),
            ..mode.clone()
        };
        store.finish_command(&done).await.unwrap();

        let journal = store.commands(Some(DEVICE), None, 10).await.unwrap();
        assert_eq!(journal, [lock.clone(), done.clone()]);
        let all = store.commands(None, None, 2).await.unwrap();
        assert_eq!(all, [elsewhere, lock.clone()]);
        let older = store.commands(None, Some(lock.id), 10).await.unwrap();
        assert_eq!(older, [done]);
    });
}

#[test]
fn what_the_run_before_did_not_see_through_is_interrupted() {
    run(async {
        let now = at("2026-11-22T12:00:00Z");
        let (_dir, store) = fresh(now).await;
        let pending = record(now, DEVICE, Command::Locked(true));
        store.add_command(&pending).await.unwrap();
        store
            .interrupt_commands(now + TimeDelta::hours(1))
            .await
            .unwrap();
        let [entry] = store
            .commands(None, None, 10)
            .await
            .unwrap()
            .try_into()
            .unwrap();
        assert_eq!(entry.outcome, Outcome::Interrupted);
    });
}

#[test]
fn a_setting_is_put_back_as_it_was_before_the_first_change_once_nobody_wants_it() {
    run(async {
        let now = at("2026-11-22T12:00:00Z");
        let (dir, store) = fresh(now).await;
        let other = DeviceId(Uuid::from_u128(9));
        let current = |amperes| Command::Current(Amperes(amperes));
        let change = |before, set_to| PutBackLater {
            source: SOURCE,
            scope: "charge_template/1".to_owned(),
            back: current(before),
            set_to: vec![current(set_to)],
        };
        store
            .put_back_later(&change(16.0, 10.0), DEVICE, now)
            .await
            .unwrap();
        store
            .put_back_later(&change(10.0, 12.0), other, now)
            .await
            .unwrap();
        let store = restart(dir.path(), store, now).await;
        assert_eq!(store.wanting_changes().await.unwrap(), [DEVICE, other]);
        assert_eq!(store.to_put_back().await.unwrap(), []);

        store.want_no_changes(DEVICE).await.unwrap();
        assert_eq!(
            store.to_put_back().await.unwrap(),
            [],
            "the other car still charges"
        );
        store.want_no_changes(other).await.unwrap();
        let expected = PutBackLater {
            set_to: vec![current(10.0), current(12.0)],
            ..change(16.0, 12.0)
        };
        assert_eq!(store.to_put_back().await.unwrap(), [expected]);

        store
            .keep_setting(SOURCE, "charge_template/1", "current")
            .await
            .unwrap();
        assert_eq!(store.to_put_back().await.unwrap(), []);
        assert_eq!(store.wanting_changes().await.unwrap(), []);
    });
}

#[test]
fn nothing_is_put_back_on_a_box_that_is_no_longer_configured() {
    run(async {
        let now = at("2026-11-22T12:00:00Z");
        let (_dir, store) = fresh(now).await;
        let change = PutBackLater {
            source: SOURCE,
            scope: "box".to_owned(),
            back: Command::Mode(ChargeMode::Pv),
            set_to: vec![Command::Mode(ChargeMode::Instant)],
        };
        store.put_back_later(&change, DEVICE, now).await.unwrap();
        store.want_no_changes(DEVICE).await.unwrap();
        assert_eq!(store.to_put_back().await.unwrap(), [change]);
        store.remove_source(SOURCE, now).await.unwrap();
        assert_eq!(store.to_put_back().await.unwrap(), []);
    });
}

#[test]
fn refused_commands_are_forgotten_after_a_while_and_no_others() {
    run(async {
        let now = at("2026-11-22T12:00:00Z");
        let (_dir, store) = fresh(now).await;
        let done = record(now, DEVICE, Command::Locked(true));
        let refused = Record {
            outcome: Outcome::Refused(Reason::Offline),
            ..record(now, DEVICE, Command::Locked(true))
        };
        for record in [&done, &refused] {
            store.add_command(record).await.unwrap();
        }
        store.purge_refused_commands(now).await.unwrap();
        assert_eq!(store.commands(None, None, 10).await.unwrap().len(), 2);
        let later = now + TimeDelta::seconds(1);
        store.purge_refused_commands(later).await.unwrap();
        assert_eq!(store.commands(None, None, 10).await.unwrap(), [done]);
    });
}
