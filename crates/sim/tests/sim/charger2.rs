//! The Charger 2 on the wire, frame by frame.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use ladebuch_sim::charger2::State;
use ladebuch_sim::household::{Household, Traffic};
use ladebuch_sim::{
    Charger2, Charger2Config, Charger2Fault, Charger2Handle, Pace, Premises, SimConfig, Simulation,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::noon;
use crate::elli::new_home;

const INPUT: u8 = 4;
const HOLDING: u8 = 3;
const WATCHDOG: u16 = 257;
const LIMIT: u16 = 261;
const FAILSAFE: u16 = 262;

async fn charger(premises: Premises) -> Charger2Handle {
    Charger2::start(Charger2Config::new(premises))
        .await
        .unwrap()
}

struct Client {
    stream: TcpStream,
    transaction: u16,
}

impl Client {
    async fn of(charger: &Charger2Handle) -> Self {
        let stream = TcpStream::connect(charger.addr()).await.unwrap();
        Self {
            stream,
            transaction: 0,
        }
    }

    async fn send(&mut self, pdu: &[u8]) {
        self.transaction += 1;
        let mut frame = self.transaction.to_be_bytes().to_vec();
        frame.extend([0, 0, 0, pdu.len() as u8 + 1, 1]);
        frame.extend(pdu);
        self.stream.write_all(&frame).await.unwrap();
    }

    /// The next frame's transaction and PDU.
    async fn receive(&mut self) -> (u16, Vec<u8>) {
        let mut header = [0; 7];
        self.stream.read_exact(&mut header).await.unwrap();
        let [t0, t1, 0, 0, l0, l1, 1] = header else {
            panic!("{header:?}");
        };
        let mut pdu = vec![0; usize::from(u16::from_be_bytes([l0, l1])) - 1];
        self.stream.read_exact(&mut pdu).await.unwrap();
        (u16::from_be_bytes([t0, t1]), pdu)
    }

    async fn ask(&mut self, pdu: &[u8]) -> Vec<u8> {
        self.send(pdu).await;
        let (transaction, answer) = self.receive().await;
        assert_eq!(transaction, self.transaction);
        answer
    }

    /// Registers, or the exception's number.
    async fn read(&mut self, function: u8, address: u16, count: u16) -> Result<Vec<u16>, u8> {
        let answer = self.ask(&pdu(function, address, count)).await;
        if answer[0] == function | 0x80 {
            return Err(answer[1]);
        }
        assert_eq!(answer[..2], [function, count as u8 * 2]);
        Ok(answer[2..]
            .chunks(2)
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
            .collect())
    }

    async fn input(&mut self, address: u16) -> u16 {
        self.read(INPUT, address, 1).await.unwrap()[0]
    }

    async fn holding(&mut self, address: u16) -> u16 {
        self.read(HOLDING, address, 1).await.unwrap()[0]
    }

    /// Nothing, or the exception's number.
    async fn write(&mut self, address: u16, value: u16) -> Result<(), u8> {
        let request = pdu(6, address, value);
        let answer = self.ask(&request).await;
        if answer[0] == 0x86 {
            return Err(answer[1]);
        }
        assert_eq!(answer, request);
        Ok(())
    }
}

fn pdu(function: u8, a: u16, b: u16) -> Vec<u8> {
    let mut pdu = vec![function];
    pdu.extend(a.to_be_bytes());
    pdu.extend(b.to_be_bytes());
    pdu
}

fn seconds(seconds: i64) -> TimeDelta {
    TimeDelta::seconds(seconds)
}

#[tokio::test]
async fn the_blocks_of_the_list_are_there_and_nothing_else() {
    let charger = charger(new_home()).await;
    let mut client = Client::of(&charger).await;
    let first = client.read(INPUT, 4, 9).await.unwrap();
    assert_eq!(first[0], 0x0100);
    assert_eq!(first[1], State::A2.number());
    assert_eq!(first[2..5], [0, 0, 0]);
    assert_eq!(first[6..], [231, 229, 232]);
    let second = client.read(INPUT, 14, 5).await.unwrap();
    assert_eq!(second[..3], [0, 0, 0]);
    let total = u32::from(second[3]) << 16 | u32::from(second[4]);
    // The household's meter, in VAh.
    assert_eq!(total, 1_238_145);
    assert_eq!(client.read(INPUT, 100, 2).await, Ok(vec![16, 6]));
    assert_eq!(client.read(HOLDING, WATCHDOG, 1).await, Ok(vec![15_000]));
    assert_eq!(client.read(HOLDING, LIMIT, 2).await, Ok(vec![160, 60]));
    for (function, address, count) in [
        (INPUT, 0, 1),
        (INPUT, 13, 1),
        (INPUT, 4, 15),
        (INPUT, 3, 2),
        (INPUT, 261, 1),
        (HOLDING, 4, 1),
        (HOLDING, 257, 2),
        (HOLDING, 258, 1),
        (INPUT, u16::MAX, 2),
    ] {
        let read = client.read(function, address, count).await;
        assert_eq!(read, Err(2), "{function} {address} {count}");
    }
    assert_eq!(client.read(INPUT, 4, 0).await, Err(3));
    assert_eq!(client.read(INPUT, 4, 126).await, Err(3));
    assert_eq!(client.ask(&[16, 1, 5, 0, 1, 2, 0, 60]).await, [0x90, 1]);
    assert_eq!(client.ask(&[43, 14, 1, 0]).await, [0xAB, 1]);
    charger.stop().await;
}

#[tokio::test]
async fn values_out_of_range_are_refused_and_change_nothing() {
    let charger = charger(new_home()).await;
    let mut client = Client::of(&charger).await;
    for register in [LIMIT, FAILSAFE] {
        let before = client.holding(register).await;
        for value in [1, 6, 59, 161, 320, u16::MAX] {
            assert_eq!(client.write(register, value).await, Err(3), "{value}");
        }
        assert_eq!(client.holding(register).await, before);
        for value in [60, 161 - 1, 0] {
            assert_eq!(client.write(register, value).await, Ok(()));
            assert_eq!(client.holding(register).await, value);
        }
    }
    for value in [0, u16::MAX] {
        assert_eq!(client.write(WATCHDOG, value).await, Ok(()));
        assert_eq!(client.holding(WATCHDOG).await, value);
    }
    assert_eq!(client.write(258, 1).await, Err(2));
    assert_eq!(client.write(4, 1).await, Err(2));
    let control = charger.control();
    control.set_fault(Charger2Fault::NoZeroFailsafe, true);
    assert_eq!(client.write(FAILSAFE, 0).await, Err(3));
    assert_eq!(client.write(LIMIT, 0).await, Ok(()));
    charger.stop().await;
}

#[tokio::test]
async fn a_charge_follows_the_limit() {
    let charger = charger(new_home()).await;
    let control = charger.control();
    let mut client = Client::of(&charger).await;
    client.write(WATCHDOG, 0).await.unwrap();
    client.write(LIMIT, 0).await.unwrap();
    assert_eq!(client.input(5).await, State::A1.number());
    control.advance(seconds(20)).await.unwrap();
    control.plug(1).await.unwrap();
    control.advance(seconds(1)).await.unwrap();
    assert_eq!(client.input(5).await, State::B1.number());
    let before = client.read(INPUT, 17, 2).await.unwrap();

    client.write(LIMIT, 100).await.unwrap();
    control.advance(TimeDelta::hours(1)).await.unwrap();
    assert_eq!(client.input(5).await, State::C2.number());
    assert_eq!(client.read(INPUT, 6, 3).await, Ok(vec![100; 3]));
    assert_eq!(client.input(14).await, 6_920);
    let after = client.read(INPUT, 17, 2).await.unwrap();
    let vah = |words: &[u16]| u32::from(words[0]) << 16 | u32::from(words[1]);
    let charged = vah(&after) - vah(&before);
    assert!((6_919..=6_921).contains(&charged), "{charged}");
    let since_power_on = client.read(INPUT, 15, 2).await.unwrap();
    assert_eq!(vah(&since_power_on), charged);
    assert!(client.input(9).await > 245);

    // A vehicle goes on asking for a moment.
    client.write(LIMIT, 0).await.unwrap();
    control.advance(seconds(1)).await.unwrap();
    assert_eq!(client.input(5).await, State::C1.number());
    assert_eq!(client.read(INPUT, 6, 3).await, Ok(vec![0; 3]));
    control.advance(seconds(10)).await.unwrap();
    assert_eq!(client.input(5).await, State::B1.number());
    control.unplug().await.unwrap();
    assert_eq!(client.input(5).await, State::A1.number());
    charger.stop().await;
}

#[tokio::test]
async fn a_full_car_does_not_ask_and_frost_is_below_zero() {
    let premises = new_home();
    premises.set_vehicle_soc(2, 100.0).await.unwrap();
    let charger = charger(premises).await;
    let control = charger.control();
    control.plug(2).await.unwrap();
    control.advance(seconds(1)).await.unwrap();
    let mut client = Client::of(&charger).await;
    assert_eq!(client.input(5).await, State::B2.number());
    control.set_temperature(Some(-5.5)).await.unwrap();
    assert_eq!(client.input(9).await.cast_signed(), -55);
    charger.stop().await;
}

#[tokio::test]
async fn the_watchdog_sleeps_until_somebody_speaks_and_gives_nothing_back() {
    let charger = charger(new_home()).await;
    let control = charger.control();
    control.plug(1).await.unwrap();
    control.advance(TimeDelta::minutes(5)).await.unwrap();
    let mut client = Client::of(&charger).await;
    assert_eq!(client.holding(LIMIT).await, 160, "nobody had spoken");
    client.write(FAILSAFE, 80).await.unwrap();
    control.advance(seconds(14)).await.unwrap();
    assert_eq!(client.holding(LIMIT).await, 160);
    control.advance(seconds(14)).await.unwrap();
    assert_eq!(client.holding(LIMIT).await, 160, "reading feeds it");
    control.advance(seconds(15)).await.unwrap();
    assert_eq!(client.holding(LIMIT).await, 80);
    control.advance(seconds(1)).await.unwrap();
    assert_eq!(client.input(6).await, 80);
    assert_eq!(
        client.holding(LIMIT).await,
        80,
        "talking does not restore it"
    );
    client.write(LIMIT, 120).await.unwrap();
    client.write(WATCHDOG, 0).await.unwrap();
    control.advance(TimeDelta::hours(1)).await.unwrap();
    assert_eq!(client.holding(LIMIT).await, 120);
    charger.stop().await;
}

#[tokio::test]
async fn the_watchdog_strikes_in_real_time_while_nobody_asks() {
    let mut household = Household::new(1, noon());
    household.set_traffic(Traffic::ByHand);
    // A hundred times as fast, and clients still have the seconds they know.
    let premises = Premises::new(household, noon(), Pace::Times(100.0)).unwrap();
    let charger = charger(premises.clone()).await;
    charger.control().plug(1).await.unwrap();
    let mut client = Client::of(&charger).await;
    client.write(WATCHDOG, 400).await.unwrap();
    let limit = async || {
        premises
            .look(|_, household| household.point(3).unwrap().limit_a)
            .await
            .unwrap()
    };
    assert!((limit().await - 16.0).abs() < 1e-9);
    let begin = Instant::now();
    while (limit().await - 6.0).abs() > 1e-9 {
        assert!(begin.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(begin.elapsed() > Duration::from_millis(300));
    charger.stop().await;
}

#[tokio::test]
async fn a_narrower_limit_is_what_reads_back() {
    let charger = charger(new_home()).await;
    let control = charger.control();
    control.plug(1).await.unwrap();
    let mut client = Client::of(&charger).await;
    control.set_internal_limit(Some(10.0)).await.unwrap();
    client.write(LIMIT, 130).await.unwrap();
    assert_eq!(client.holding(LIMIT).await, 100);
    control.advance(seconds(1)).await.unwrap();
    assert_eq!(client.input(6).await, 100);
    control.set_internal_limit(None).await.unwrap();
    assert_eq!(client.holding(LIMIT).await, 130);
    control.force_state(Some(State::Derating)).await.unwrap();
    assert_eq!(client.input(5).await, 8);
    control.force_state(Some(State::Error)).await.unwrap();
    control.advance(seconds(1)).await.unwrap();
    assert_eq!(client.input(5).await, 11);
    assert_eq!(client.input(6).await, 0);
    control.force_state(None).await.unwrap();
    control.advance(seconds(1)).await.unwrap();
    assert_eq!(client.input(5).await, State::C2.number());
    charger.stop().await;
}

#[tokio::test]
async fn under_an_openwb_the_lower_of_both_counts() {
    let sim = Simulation::start(SimConfig::by_hand(noon())).await.unwrap();
    let charger = charger(Premises::of(&sim)).await;
    let openwb = sim.control();
    openwb.plug(3, 1).await.unwrap();
    let mut client = Client::of(&charger).await;
    client.write(LIMIT, 80).await.unwrap();
    for _ in 0..12 {
        openwb.advance_cycle().await.unwrap();
        // Openwb's cycles are ten seconds; a client that lives keeps the watchdog fed.
        client.holding(LIMIT).await;
    }
    let seen = openwb.observe().await.unwrap();
    let point = seen.household.point(3).unwrap();
    assert!(point.offer.current_a > 8.0);
    assert!((point.currents_a[0] - 8.0).abs() < 1e-9);
    assert_eq!(client.input(6).await, 80);
    charger.stop().await;
    sim.stop().await;
}

#[tokio::test]
async fn what_goes_wrong_on_the_wire() {
    let charger = charger(new_home()).await;
    let control = charger.control();
    let mut client = Client::of(&charger).await;
    control.fail_once(Charger2Fault::StaleAnswer);
    client.send(&pdu(INPUT, 4, 1)).await;
    assert_eq!(client.receive().await, (0, vec![4, 2, 2, 1]));
    assert_eq!(client.receive().await, (1, vec![4, 2, 1, 0]));
    control.fail_once(Charger2Fault::Busy);
    assert_eq!(client.read(INPUT, 4, 1).await, Err(6));
    control.fail_once(Charger2Fault::DeviceFailure);
    assert_eq!(client.write(LIMIT, 60).await, Err(4));
    control.fail_once(Charger2Fault::WrongEcho);
    assert_eq!(client.ask(&pdu(6, LIMIT, 60)).await, pdu(6, LIMIT, 61));
    assert_eq!(client.holding(LIMIT).await, 60);
    control.fail_once(Charger2Fault::SplitFrame);
    assert_eq!(client.input(4).await, 0x0100);
    control.fail_once(Charger2Fault::Silence);
    client.send(&pdu(INPUT, 4, 1)).await;
    assert_eq!(
        client.input(5).await,
        State::A2.number(),
        "the next is answered"
    );
    control.fail_once(Charger2Fault::LateAnswer);
    client.send(&pdu(INPUT, 4, 1)).await;
    let begin = Instant::now();
    let late = client.transaction;
    client.send(&pdu(INPUT, 100, 1)).await;
    assert_eq!(client.receive().await, (late, vec![4, 2, 1, 0]));
    assert!(begin.elapsed() > Duration::from_secs(5));
    assert_eq!(client.receive().await, (late + 1, vec![4, 2, 0, 16]));
    control.fail_once(Charger2Fault::CutFrame);
    client.send(&pdu(INPUT, 4, 1)).await;
    let mut rest = Vec::new();
    client.stream.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest.len(), 5);
    for fault in Charger2Fault::ALL {
        assert_eq!(fault.name().parse(), Ok(*fault));
    }
    charger.stop().await;
}

#[tokio::test]
async fn frames_that_are_none_and_clients_that_are_too_many() {
    let charger = charger(new_home()).await;
    let mut client = Client::of(&charger).await;
    // Another protocol's frame is passed over.
    client
        .stream
        .write_all(&[0, 9, 0, 7, 0, 6, 1, 4, 0, 4, 0, 1])
        .await
        .unwrap();
    assert_eq!(client.input(4).await, 0x0100);
    let mut second = Client::of(&charger).await;
    assert_eq!(second.input(4).await, 0x0100);
    let mut third = Client::of(&charger).await;
    let mut end = Vec::new();
    third.stream.read_to_end(&mut end).await.ok();
    assert!(end.is_empty());
    // A length nobody can trust ends the connection.
    second
        .stream
        .write_all(&[0, 1, 0, 0, 0xFF, 0xFF, 1])
        .await
        .unwrap();
    assert_eq!(second.stream.read(&mut [0; 8]).await.unwrap_or(0), 0);
    let begin = Instant::now();
    loop {
        let mut next = Client::of(&charger).await;
        next.send(&pdu(INPUT, 4, 1)).await;
        if next
            .stream
            .read(&mut [0; 16])
            .await
            .is_ok_and(|read| read > 0)
        {
            break;
        }
        assert!(begin.elapsed() < Duration::from_secs(10));
    }
    charger.stop().await;
}
