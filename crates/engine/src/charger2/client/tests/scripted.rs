//! A Modbus server with a box's registers that follows a script.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::charger2::Client;

/// What to do with the next request. Without a script everything is answered well.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    /// Answer it.
    Well,
    /// Answer it after that time; what else comes waits.
    After(Duration),
    /// Answer an earlier request with other values first.
    StaleFirst,
    /// Say nothing.
    Nothing,
    /// Hang up in the middle of the answer.
    Cut,
    /// Hang up.
    HangUp,
    /// Refuse it with that exception.
    Refuse(u8),
    /// Answer as that unit.
    OfUnit(u8),
    /// Answer under that function code.
    OfFunction(u8),
    /// Answer with these registers.
    Words(&'static [u16]),
    /// Confirm a write of that value.
    Echo(u16),
    /// Answer with this PDU.
    Pdu(&'static [u8]),
    /// Answer with these bytes, header and all.
    Bytes(&'static [u8]),
}

#[derive(Debug, Default)]
struct Told {
    script: VecDeque<Act>,
    /// Function of reading and address.
    registers: BTreeMap<(u8, u16), u16>,
    /// What holding registers read, whatever was written.
    read_back: BTreeMap<u16, VecDeque<u16>>,
    heard: Vec<[u16; 3]>,
    connections: usize,
}

/// The running server; it ends when dropped.
pub(super) struct Scripted {
    addr: SocketAddr,
    told: Arc<Mutex<Told>>,
    _task: JoinSet<()>,
}

impl Scripted {
    /// A box with 16 A that charges with three phases.
    pub(super) async fn start() -> Self {
        let mut told = Told::default();
        let input = [
            (4, 0x0100),
            (5, 7),
            (6, 101),
            (7, 102),
            (8, 103),
            (9, 325),
            (10, 231),
            (11, 229),
            (12, 232),
            (14, 7_080),
            (15, 0),
            (16, 4_321),
            (17, 0x0012),
            (18, 0xD687),
            (100, 16),
            (101, 6),
        ];
        let holding = [(257, 15_000), (261, 160), (262, 60)];
        for (address, value) in input {
            told.registers.insert((4, address), value);
        }
        for (address, value) in holding {
            told.registers.insert((3, address), value);
        }
        let told = Arc::new(Mutex::new(told));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let mut task = JoinSet::new();
        task.spawn(accept(listener, told.clone()));
        Self {
            addr,
            told,
            _task: task,
        }
    }

    pub(super) fn client(&self) -> Client {
        Client::new("127.0.0.1", self.port())
    }

    pub(super) fn port(&self) -> u16 {
        self.addr.port()
    }

    /// What it does with the next requests.
    pub(super) fn does<const N: usize>(&self, acts: [Act; N]) {
        self.told().script = acts.into();
    }

    /// Sets a register that is read with that function.
    pub(super) fn set(&self, function: u8, address: u16, value: u16) {
        self.told().registers.insert((function, address), value);
    }

    /// What a holding register reads the next times.
    pub(super) fn reads_back(&self, address: u16, values: &[u16]) {
        let values = values.iter().copied().collect();
        self.told().read_back.insert(address, values);
    }

    /// Every request: function, address, count or value.
    pub(super) fn heard(&self) -> Vec<[u16; 3]> {
        self.told().heard.clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.told().connections
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap()
    }
}

async fn accept(listener: TcpListener, told: Arc<Mutex<Told>>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        told.lock().unwrap().connections += 1;
        connections.spawn(serve(stream, told.clone()));
    }
}

async fn serve(mut stream: TcpStream, told: Arc<Mutex<Told>>) {
    let mut request = [0; 12];
    while stream.read_exact(&mut request).await.is_ok() {
        let id = u16::from_be_bytes([request[0], request[1]]);
        let (act, well) = told.lock().unwrap().hear(&request);
        let good = frame(id, 1, &well);
        let answer = match act {
            Act::Well => good,
            Act::After(delay) => {
                tokio::time::sleep(delay).await;
                good
            }
            Act::StaleFirst => {
                let mut old = well.clone();
                for byte in &mut old[2..] {
                    *byte = byte.wrapping_add(1);
                }
                [frame(id.wrapping_sub(1), 1, &old), good].concat()
            }
            Act::Nothing => continue,
            Act::Cut => {
                stream.write_all(&good[..good.len() / 2]).await.unwrap();
                return;
            }
            Act::HangUp => return,
            Act::Refuse(code) => frame(id, 1, &[request[7] | 0x80, code]),
            Act::OfUnit(unit) => frame(id, unit, &well),
            Act::OfFunction(code) => frame(id, 1, &[&[code], &well[1..]].concat()),
            Act::Words(words) => frame(id, 1, &read(request[7], words)),
            Act::Echo(value) => {
                let value = value.to_be_bytes();
                frame(id, 1, &[&request[7..10], &value].concat())
            }
            Act::Pdu(pdu) => frame(id, 1, pdu),
            Act::Bytes(bytes) => bytes.to_vec(),
        };
        if stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}

impl Told {
    /// Notes a request; what to do with it, and the good answer.
    fn hear(&mut self, request: &[u8; 12]) -> (Act, Vec<u8>) {
        let [.., function, a0, a1, o0, o1] = *request;
        let address = u16::from_be_bytes([a0, a1]);
        let operand = u16::from_be_bytes([o0, o1]);
        self.heard.push([function.into(), address, operand]);
        let act = self.script.pop_front().unwrap_or(Act::Well);
        let answer = match function {
            3 | 4 => {
                let words: Option<Vec<u16>> = (address..address + operand)
                    .map(|address| self.read(function, address))
                    .collect();
                words.map_or_else(|| vec![function | 0x80, 2], |words| read(function, &words))
            }
            6 if self.registers.contains_key(&(3, address)) => {
                if !matches!(act, Act::Refuse(_)) {
                    self.registers.insert((3, address), operand);
                }
                request[7..].to_vec()
            }
            _ => vec![function | 0x80, 1],
        };
        (act, answer)
    }

    fn read(&mut self, function: u8, address: u16) -> Option<u16> {
        let feigned = self.read_back.get_mut(&address).filter(|_| function == 3);
        feigned
            .and_then(VecDeque::pop_front)
            .or_else(|| self.registers.get(&(function, address)).copied())
    }
}

fn read(function: u8, words: &[u16]) -> Vec<u8> {
    let mut pdu = vec![function, words.len() as u8 * 2];
    pdu.extend(words.iter().flat_map(|word| word.to_be_bytes()));
    pdu
}

fn frame(id: u16, unit: u8, pdu: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(pdu.len() + 7);
    frame.extend(id.to_be_bytes());
    frame.extend([0, 0]);
    frame.extend((pdu.len() as u16 + 1).to_be_bytes());
    frame.push(unit);
    frame.extend(pdu);
    frame
}
