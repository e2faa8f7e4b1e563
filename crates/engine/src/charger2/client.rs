//! The one connection to a box: asks for one thing at a time, and believes what the box reads back.

#[cfg(test)]
mod tests;

use std::io;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::{sleep, timeout};
use tokio_modbus::client::{Client as _, Context, tcp};
use tokio_modbus::{ExceptionCode, Request, Response, Slave};

use super::error::Error;
use super::frames::{Ended, Frames};
use super::registers::{
    Block, COUNTED, HARDWARE, Holding, Info, LAYOUT, LIMITS, MEASURED, Settings, Status,
    Unfamiliar, WATCHDOG,
};
use super::units::{Current, Watchdog};

/// Port of the box's Modbus server.
pub const PORT: u16 = 502;

/// Longest wait for a connection, and for the answer to one request.
pub const TIMEOUT: Duration = Duration::from_secs(5);

/// The box answers as this unit.
const UNIT: Slave = Slave(1);

/// How often a written register is looked at, and how long after another, until it counts as not
/// taken. Nothing says that a new limit reads back at once.
const LOOKS: usize = 4;
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// A Charger 2, told and read over one connection with one request in flight.
///
/// Connects when it is first asked, and again after a break; a request that met a break is repeated
/// once, which changes nothing for a write, as every write says a whole value. Any request feeds the
/// box's watchdog. Dropping a call half-way is safe: its late answer is told from the next by number.
pub struct Client {
    host: Box<str>,
    port: u16,
    connection: Option<Context>,
    /// What the box said of itself on this connection.
    info: Option<Info>,
    connections: u32,
    /// Requests in a row without an answer.
    unanswered: u32,
}

/// What became of a limit that was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What was asked for.
    pub asked: Current,
    /// What the box reports as valid, never more than was asked for.
    pub in_force: Current,
}

impl Limit {
    /// Whether something else allows less than was asked for: heat, load management, another program.
    #[must_use]
    pub fn is_narrower(&self) -> bool {
        self.in_force < self.asked
    }
}

impl Client {
    /// For a box at that name or address. Does not connect yet.
    #[must_use]
    pub fn new(host: &str, port: u16) -> Self {
        // The brackets of an IPv6 address belong to URLs.
        let bare = host
            .strip_prefix('[')
            .and_then(|inner| inner.strip_suffix(']'));
        Self {
            host: bare.unwrap_or(host).into(),
            port,
            connection: None,
            info: None,
            connections: 0,
            unanswered: 0,
        }
    }

    /// How many connections have been made. When it has risen, the watchdog may have struck in
    /// between, and a limit has to be set again: nothing says that it comes back by itself.
    #[must_use]
    pub fn connections(&self) -> u32 {
        self.connections
    }

    /// What the box is. Asked once per connection.
    ///
    /// # Errors
    /// It cannot be reached, or is something else.
    pub async fn info(&mut self) -> Result<Info, Error> {
        if let Some(info) = self.info {
            return Ok(info);
        }
        let [layout] = self.input(LAYOUT).await?;
        let hardware = self.input(HARDWARE).await?;
        self.recognise(layout, hardware)
    }

    /// Everything the box tells, in five reads.
    ///
    /// # Errors
    /// It cannot be reached, or is something else.
    pub async fn read(&mut self) -> Result<(Info, Status), Error> {
        let measured = self.input(MEASURED).await?;
        let hardware = self.input(HARDWARE).await?;
        let info = self.recognise(measured[0], hardware)?;
        let counted = self.input(COUNTED).await?;
        let settings = self.read_settings().await?;
        Ok((info, Status::of(measured, counted, settings)))
    }

    /// What can be set, as it is now.
    ///
    /// # Errors
    /// It cannot be reached, or is something else.
    pub async fn settings(&mut self) -> Result<Settings, Error> {
        self.info().await?;
        self.read_settings().await
    }

    /// Sets the highest current per phase; [`Current::ZERO`] is a pause. It holds until another
    /// program sets it, the watchdog strikes or the box restarts.
    ///
    /// # Errors
    /// The current is out of the box's range, and nothing was sent; the box cannot be reached or
    /// refuses; or it reports a higher limit than it was told.
    pub async fn set_limit(&mut self, asked: Current) -> Result<Limit, Error> {
        self.info().await?.check(asked)?;
        let found = self.write(Holding::Limit, asked.tenths()).await?;
        let in_force = Current::from_tenths(found);
        if in_force > asked {
            return Err(not_taken(Holding::Limit, asked.tenths(), found));
        }
        Ok(Limit { asked, in_force })
    }

    /// Sets the current that applies once the watchdog has struck.
    ///
    /// 0 is sent when asked for: the register's range has it. A note in the same list says that it is
    /// not supported, so that even a box that takes it may go on charging without a word from anybody.
    ///
    /// # Errors
    /// The current is out of the box's range, and nothing was sent; the box cannot be reached or
    /// refuses; or it reports another value than it was told.
    pub async fn set_failsafe(&mut self, asked: Current) -> Result<(), Error> {
        self.info().await?.check(asked)?;
        let outcome = self.write(Holding::Failsafe, asked.tenths()).await;
        match outcome {
            Err(Error::Refused { .. }) if asked == Current::ZERO => Err(Error::NoZeroFailsafe),
            outcome => same(Holding::Failsafe, asked.tenths(), outcome?),
        }
    }

    /// Sets how long nobody may talk to the box before the fail-safe current applies.
    ///
    /// # Errors
    /// The box cannot be reached or refuses, or it reports another value than it was told.
    pub async fn set_watchdog(&mut self, asked: Watchdog) -> Result<(), Error> {
        self.info().await?;
        let found = self.write(Holding::Watchdog, asked.millis()).await?;
        same(Holding::Watchdog, asked.millis(), found)
    }

    fn recognise(&mut self, layout: u16, hardware: [u16; 2]) -> Result<Info, Error> {
        let info = Info::recognise(layout, hardware).map_err(Error::NotACharger2)?;
        self.info = Some(info);
        Ok(info)
    }

    async fn read_settings(&mut self) -> Result<Settings, Error> {
        let watchdog = self.holding(WATCHDOG).await?;
        Ok(Settings::of(watchdog, self.holding(LIMITS).await?))
    }

    async fn input<const N: usize>(&mut self, block: Block<N>) -> Result<[u16; N], Error> {
        let request = Request::ReadInputRegisters(block.first, block.count());
        match self.call(request).await? {
            Ok(Response::ReadInputRegisters(words)) => exactly(words),
            Ok(_) => Err(nonsense("it is not the answer to a read")),
            Err(exception) => Err(unreadable(block.first, exception)),
        }
    }

    async fn holding<const N: usize>(&mut self, block: Block<N>) -> Result<[u16; N], Error> {
        let request = Request::ReadHoldingRegisters(block.first, block.count());
        match self.call(request).await? {
            Ok(Response::ReadHoldingRegisters(words)) => exactly(words),
            Ok(_) => Err(nonsense("it is not the answer to a read")),
            Err(exception) => Err(unreadable(block.first, exception)),
        }
    }

    /// Writes a register and returns what it reads afterwards.
    async fn write(&mut self, register: Holding, value: u16) -> Result<u16, Error> {
        let request = Request::WriteSingleRegister(register.address(), value);
        match self.call(request).await? {
            Ok(Response::WriteSingleRegister(address, written))
                if (address, written) == (register.address(), value) => {}
            Ok(_) => return Err(nonsense("it confirms another value than was written")),
            Err(exception) => return Err(refused(register, value, exception)),
        }
        let block = Block::<1> {
            first: register.address(),
        };
        let [mut found] = self.holding(block).await?;
        for _ in 1..LOOKS {
            if found == value {
                break;
            }
            sleep(BETWEEN_LOOKS).await;
            [found] = self.holding(block).await?;
        }
        Ok(found)
    }

    /// Sends a request, and once more if the connection breaks.
    async fn call(
        &mut self,
        request: Request<'static>,
    ) -> Result<Result<Response, ExceptionCode>, Error> {
        match self.attempt(request.clone()).await {
            Err(Error::ConnectionLost { .. }) => self.attempt(request).await,
            outcome => outcome,
        }
    }

    async fn attempt(
        &mut self,
        request: Request<'static>,
    ) -> Result<Result<Response, ExceptionCode>, Error> {
        let port = self.port;
        let connection = self.connected().await?;
        let Ok(outcome) = timeout(TIMEOUT, connection.call(request)).await else {
            self.unanswered += 1;
            // The first time, its answer may just be late. After that the connection may be dead
            // without anybody having said so, as when the box lost its power.
            if self.unanswered > 1 {
                self.hang_up();
            }
            return Err(Error::NoAnswer);
        };
        self.unanswered = 0;
        outcome.map_err(|error| {
            self.hang_up();
            match error {
                tokio_modbus::Error::Transport(error) => broken(error, port),
                tokio_modbus::Error::Protocol(_) => nonsense("it does not fit the request"),
            }
        })
    }

    async fn connected(&mut self) -> Result<&mut Context, Error> {
        if let Some(open) = self.connection.take() {
            return Ok(self.connection.insert(open));
        }
        let dialled = timeout(TIMEOUT, dial(&self.host, self.port)).await;
        let stream = dialled.unwrap_or_else(|_| {
            Err(Error::Unreachable {
                detail: "no answer within 5 seconds".into(),
            })
        })?;
        self.info = None;
        self.connections = self.connections.saturating_add(1);
        let connection = tcp::attach_slave(Frames::new(stream), UNIT);
        Ok(self.connection.insert(connection))
    }

    fn hang_up(&mut self) {
        self.connection = None;
        self.unanswered = 0;
    }
}

/// Connects to the first address of the host that takes it.
async fn dial(host: &str, port: u16) -> Result<TcpStream, Error> {
    let not_found = || Error::HostNotFound { host: host.into() };
    let addresses = lookup_host((host, port)).await.map_err(|error| {
        tracing::debug!(%error, "a name was not resolved");
        not_found()
    })?;
    let mut last = not_found();
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // Requests are a dozen bytes and each waits for its answer.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "requests may be held back");
                }
                return Ok(stream);
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                last = Error::ConnectionRefused { port };
            }
            Err(error) => {
                last = Error::Unreachable {
                    detail: error.to_string().into(),
                };
            }
        }
    }
    Err(last)
}

fn exactly<const N: usize>(words: Vec<u16>) -> Result<[u16; N], Error> {
    words
        .try_into()
        .map_err(|_| nonsense("it has another number of registers than were asked for"))
}

fn nonsense(detail: &str) -> Error {
    Error::Nonsense {
        detail: detail.into(),
    }
}

/// Why a connection ended.
fn broken(error: io::Error, port: u16) -> Error {
    match error.downcast::<Ended>() {
        Ok(Ended::NotModbus) => Error::NotModbus { port },
        Ok(Ended::Nonsense(detail)) => nonsense(detail),
        Ok(ended @ (Ended::HungUp | Ended::CutOff)) => Error::ConnectionLost {
            detail: ended.to_string().into(),
        },
        // What tokio-modbus makes of a frame with too few or too many bytes in it.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
            ) =>
        {
            nonsense("its length is wrong")
        }
        Err(error) => Error::ConnectionLost {
            detail: error.to_string().into(),
        },
    }
}

/// Every Charger 2 has all registers that are read, so that a refusal tells what it is not.
fn unreadable(register: u16, exception: ExceptionCode) -> Error {
    match exception {
        ExceptionCode::IllegalFunction
        | ExceptionCode::IllegalDataAddress
        | ExceptionCode::IllegalDataValue => Error::NotACharger2(Unfamiliar::NoRegister(register)),
        other => unable(other),
    }
}

fn refused(register: Holding, value: u16, exception: ExceptionCode) -> Error {
    match exception {
        ExceptionCode::IllegalFunction
        | ExceptionCode::IllegalDataAddress
        | ExceptionCode::IllegalDataValue => Error::Refused {
            setting: setting(register),
            asked: told(register, value),
            code: exception.into(),
        },
        other => unable(other),
    }
}

fn unable(exception: ExceptionCode) -> Error {
    match exception {
        ExceptionCode::GatewayPathUnavailable | ExceptionCode::GatewayTargetDevice => {
            Error::NotACharger2(Unfamiliar::Gateway)
        }
        other => Error::Unable { code: other.into() },
    }
}

fn same(register: Holding, asked: u16, found: u16) -> Result<(), Error> {
    if found == asked {
        return Ok(());
    }
    Err(not_taken(register, asked, found))
}

fn not_taken(register: Holding, asked: u16, found: u16) -> Error {
    Error::NotTaken {
        setting: setting(register),
        asked: told(register, asked),
        found: told(register, found),
    }
}

/// What a register is called in sentences.
const fn setting(register: Holding) -> &'static str {
    match register {
        Holding::Watchdog => "watchdog time-out",
        Holding::Limit => "current limit",
        Holding::Failsafe => "fail-safe current",
    }
}

/// A register's value with its unit.
fn told(register: Holding, value: u16) -> Box<str> {
    match register {
        Holding::Watchdog => Watchdog::from_millis(value).to_string().into(),
        Holding::Limit | Holding::Failsafe => Current::from_tenths(value).to_string().into(),
    }
}
