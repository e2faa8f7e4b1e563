use ladebuch_domain::control::Command;
use ladebuch_domain::reading::ChargeMode;

use super::*;
use crate::control::{Outcome, Reason, Record};
use crate::identity::new_id;

fn record(now: DateTime<Utc>, device: DeviceId, command: Command) -> Record {
    Record {
        id: new_id(now),
        device,
        command,
        author: "owner".to_owned(),
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
fn the_first_document_of_a_plug_in_is_the_one_to_put_back() {
    run(async {
        let now = at("2026-11-22T12:00:00Z");
        let (dir, store) = fresh(now).await;
        store.put_back_later(DEVICE, "before", now).await.unwrap();
        store.put_back_later(DEVICE, "between", now).await.unwrap();
        let store = restart(dir.path(), store, now).await;
        assert_eq!(
            store.to_put_back().await.unwrap(),
            [(DEVICE, "before".to_owned())]
        );
        store.forget_put_back(DEVICE).await.unwrap();
        assert_eq!(store.to_put_back().await.unwrap(), []);
    });
}
