//! Records: all of them, once, whatever happens meanwhile.

use ladebuch_domain::units::WattHours;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_year_is_read_whole_and_adds_up() {
    let scene = Scene::begin(cloud(365).await).await;
    let account = scene.wait_until_complete().await;
    let rows = scene.rows().await;
    assert!(rows.len() > 250, "a year has many charges: {}", rows.len());
    assert_eq!(account.records.kept, rows.len() as u64);
    assert_eq!(account.records.total, Some(rows.len() as u64));
    assert_eq!(account.records.new_records, rows.len() as u64);
    assert_eq!(account.records.unreadable, 0);
    let charges: Vec<_> = rows
        .iter()
        .map(|row| row.row.said.as_ref().unwrap())
        .collect();
    let sum: WattHours = charges.iter().map(|charge| charge.energy).sum();
    let told: WattHours = account
        .stations
        .iter()
        .filter_map(|station| station.totals.elli_energy)
        .sum();
    assert_eq!(sum, told);
    assert!(charges.iter().any(|charge| charge.faulted));
    assert!(charges.iter().any(|charge| charge.tag.is_none()));
    assert!(charges.iter().all(|charge| charge.created.is_some()));
    // The Zoe's card was exchanged: old records name one that the account no longer has.
    let gone = charges.iter().filter_map(|charge| charge.tag.as_ref());
    let listed: Vec<_> = account
        .cards
        .iter()
        .filter_map(|card| card.number.clone())
        .collect();
    assert!(gone.clone().any(|tag| !listed.contains(tag)));
    assert!(account.locations.is_some() && account.signed_in_at.is_some());

    let again = scene.sync().await;
    assert!(is_complete(&again));
    assert_eq!(again.records.new_records, 0);
    assert_eq!(scene.rows().await, rows, "every record once");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_come_while_pages_are_turned_are_not_missed() {
    let elli = cloud(90).await;
    let control = elli.control();
    control.set_fault(Fault::SmallPages, true);
    control.set_fault(Fault::InsertWhilePaging, true);
    let scene = Scene::begin(elli).await;
    scene
        .shows("a walk is over", |account| {
            !matches!(
                account.records.state,
                RecordsState::Never | RecordsState::Running
            )
        })
        .await;
    scene.cloud.clear_faults();
    let account = scene.sync().await;
    assert!(is_complete(&account), "{account:#?}");
    let rows = scene.rows().await;
    let inserted = rows
        .iter()
        .filter(|row| row.row.said.as_ref().unwrap().energy == WattHours(1_830.0));
    assert!(inserted.count() > 0, "some were inserted");
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_that_was_cut_off_is_taken_up_after_a_restart() {
    let elli = cloud(0).await;
    for number in 1..=400 {
        let created_at = noon() - TimeDelta::hours(10 * number);
        add_record(&elli.control(), GARAGE, created_at, created_at);
    }
    let (scene, before) = cut_off(Scene::begin(on_and_off(elli)).await, 400).await;
    let account = scene
        .comes_to_show("everything is read", TimeDelta::seconds(60), |account| {
            is_complete(account) && account.records.kept == 400
        })
        .await;
    assert!(account.signed_in_at.is_some());
    let after = scene.rows().await;
    assert!(
        before.iter().all(|row| after.contains(row)),
        "what was kept stays as it was"
    );
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn news_of_weeks_that_were_cut_off_leave_no_hole() {
    let scene = Scene::complete(cloud(10).await).await;
    let kept = scene.account().await.records.kept;
    // Nobody looked for a month.
    let month = TimeDelta::days(30);
    scene.cloud.advance(month).await.unwrap();
    for number in 1..=70 {
        let created_at = noon() + TimeDelta::hours(10 * number);
        scene.add_record(GARAGE, created_at, created_at);
    }
    let elli = on_and_off(scene.elli);
    let scene = Scene { elli, ..scene };
    scene.clock.advance(month);
    let (scene, before) = cut_off(scene, kept + 70).await;
    assert!(before.len() as u64 >= kept + 25);
    scene
        .comes_to_show("everything is read", TimeDelta::seconds(60), |account| {
            is_complete(account) && account.records.kept == kept + 70
        })
        .await;
    scene.end().await;
}

/// Small pages, and Elli has enough of it every few of them.
fn on_and_off(elli: ElliHandle) -> ElliHandle {
    elli.control().set_fault(Fault::SmallPages, true);
    elli.control().set_fault(Fault::RateLimit429, true);
    elli
}

/// Ends Ladebuch in the middle of a walk and starts it again; with the rows that were kept by then.
async fn cut_off(scene: Scene, all: u64) -> (Scene, Vec<ImportedRow>) {
    let kept = scene.account().await.records.kept;
    let stopped = scene
        .comes_to_show("some pages are kept", TimeDelta::minutes(1), |account| {
            account.records.kept >= kept + 25
        })
        .await;
    assert!(stopped.records.kept < all, "not all of them");
    let scene = scene.restart().await;
    scene.cloud.clear_faults();
    let before = scene.rows().await;
    assert!(before.len() >= 25, "a page is kept as soon as it is there");
    (scene, before)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_written_late_is_found_with_few_requests() {
    let scene = Scene::complete(cloud(30).await).await;
    let kept = scene.account().await.records.kept;
    // The station was offline for two days; the newest record is from this morning.
    let created = noon() + TimeDelta::minutes(30);
    let late = scene.add_record(CARPORT, noon() - TimeDelta::days(2), created);
    scene.cloud.advance(TimeDelta::hours(1)).await.unwrap();
    let mut requests = Vec::new();
    // Slowly, so that everything that is due is asked on its way.
    for _ in 0..7 * 12 {
        let before = scene.cloud.asked().api;
        scene.pass(TimeDelta::minutes(5)).await;
        requests.push(scene.cloud.asked().api - before);
    }
    assert!(requests.iter().all(|count| *count <= 3), "{requests:?}");
    let account = scene.account().await;
    assert_eq!(account.records.kept, kept + 1);
    assert!(is_complete(&account), "the sum was asked for anew");
    assert!(
        scene
            .rows()
            .await
            .iter()
            .any(|row| row.row.identity == late)
    );
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_elli_changes_keeps_its_old_text() {
    let scene = Scene::complete(cloud(30).await).await;
    let before = scene.rows().await;
    scene.cloud.set_fault(Fault::StringEnergies, true);
    let account = scene.sync().await;
    assert!(is_complete(&account));
    let after = scene.rows().await;
    assert_eq!(after.len(), before.len());
    for (old, new) in before.iter().zip(&after) {
        assert_eq!((old.id, &old.row.said), (new.id, &new.row.said));
        let past = scene.engine.elli().earlier_texts(new.id).await.unwrap();
        let [(text, replaced)] = &past[..] else {
            panic!("{} earlier texts", past.len());
        };
        assert_eq!(**text, *old.row.raw.0);
        assert_ne!(old.row.raw, new.row.raw);
        assert!(*replaced <= scene.clock.now());
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn once_a_week_everything_is_walked_through_anew() {
    let scene = Scene::complete(cloud(30).await).await;
    // It was written down long ago by its time, so that no look for news finds it.
    let created = noon() - TimeDelta::days(20);
    let forgotten = scene.add_record(GARAGE, created, created);
    let is_kept = async || {
        let rows = scene.rows().await;
        rows.iter().any(|row| row.row.identity == forgotten)
    };
    for _ in 0..6 * 24 {
        scene.pass(TimeDelta::hours(1)).await;
    }
    assert!(!is_kept().await);
    for _ in 0..2 * 24 {
        scene.pass(TimeDelta::hours(1)).await;
    }
    assert!(is_kept().await);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_elli_that_shows_nothing_has_deleted_nothing() {
    let scene = Scene::complete(cloud(30).await).await;
    let kept = scene.account().await.records.kept;
    scene.cloud.set_fault(Fault::NoRecords, true);
    let account = scene.sync().await;
    assert_eq!(account.records.kept, kept);
    for station in &account.stations {
        assert_eq!(station.totals.kept.gone, 0);
        assert_eq!(station.totals.agree(), Some(false), "it is said");
    }
    scene.cloud.clear_faults();
    assert!(is_complete(&scene.sync().await));
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ellis_own_report_is_fetched_and_kept() {
    let scene = Scene::complete(cloud(90).await).await;
    let garage = scene.cloud.station_id(GARAGE).unwrap();
    let elli = scene.engine.elli();
    let period = (noon() - TimeDelta::days(60), noon());
    let zone = scene.engine.settings().zone;
    let fetch = |card: Option<String>| {
        let garage = garage.clone();
        async move {
            let card = card.as_deref();
            elli.pdf(scene.source, &garage, card, period, zone).await
        }
    };
    let all = fetch(None).await.unwrap();
    assert!(all.starts_with(b"%PDF-"));
    let cards = scene.account().await.cards;
    let card = cards.first().unwrap();
    let number = card.number.as_ref().unwrap().number().to_owned();
    let by_number = fetch(Some(number)).await.unwrap();
    assert_eq!(by_number, fetch(Some(card.id.clone())).await.unwrap());
    assert_ne!(by_number, all);
    // A card that the account no longer has is known from its records.
    let rows = scene.rows().await;
    let mut charges = rows.iter().filter_map(|row| row.row.said.as_ref().ok());
    let is_listed = |tag| cards.iter().any(|card| card.number.as_ref() == Some(tag));
    let (station, old) = charges
        .find_map(|charge| {
            let tag = charge.tag.as_ref().filter(|tag| !is_listed(tag))?;
            Some((charge.charge_point.as_str(), tag.number()))
        })
        .expect("a card was exchanged");
    let of_old = elli.pdf(scene.source, station, Some(old), period, zone);
    assert!(of_old.await.unwrap().starts_with(b"%PDF-"));
    let unknown = fetch(Some("ELLI-00000000-0000-0".to_owned())).await;
    assert!(unknown.unwrap_err().to_string().contains("card"));

    let kept = elli.pdfs(scene.source).await.unwrap();
    assert!(kept.len() >= 3 && kept.last().unwrap().card_id.is_none());
    let first = kept.last().unwrap().id;
    let bytes = elli.kept_pdf(scene.source, first).await.unwrap();
    assert_eq!(bytes, Some(all));
    assert_eq!(elli.kept_pdf(scene.source, 999).await.unwrap(), None);
    scene.end().await;
}
