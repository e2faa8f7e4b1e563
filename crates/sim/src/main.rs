//! `ladebuch-sim`: a simulated openWB, Elli's cloud and an Elli Charger 2 to connect anything to.

mod console;
mod stage;
mod users;

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use clap::Parser;
use ladebuch_sim::Generation;
use tokio::sync::mpsc;

use console::Line;
use stage::{AnyFault, Stage, StageError};
use users::Users;

/// Port of the MQTT broker when nobody names one.
const MQTT_PORT: u16 = 1884;

/// A simulated household with an openWB on an MQTT broker, Elli's cloud, an Elli Charger 2.
///
/// Without --elli-port and --modbus-port there is an openWB alone. With one of them there is an openWB
/// too if one of its options is given; they then share the household.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// Address to listen on; anything but loopback opens the box to the network.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,
    /// Port of the MQTT broker; 0 takes a free one. 1884 if not given.
    #[arg(long)]
    mqtt_port: Option<u16>,
    /// Port of the web server that hands out the charge log; 0 takes a free one.
    #[arg(long)]
    http_port: Option<u16>,
    /// Port of Elli's cloud: login pages, token endpoint and API on one; 0 takes a free one. The user
    /// is demo@example.com, the password "correct horse".
    #[arg(long)]
    elli_port: Option<u16>,
    /// Port of the Elli Charger 2 in the garage (Modbus TCP); 0 takes a free one.
    #[arg(long)]
    modbus_port: Option<u16>,
    /// Elli's login page wants a challenge solved.
    #[arg(long, requires = "elli_port")]
    turnstile: bool,
    /// A fault that is on from the start; may be given more than once. Type "faults" for their names.
    #[arg(long = "fault", value_name = "NAME")]
    faults: Vec<AnyFault>,
    /// Generation of the openWB: 1.9 or 2. 2 if not given.
    #[arg(long, value_parser = generation)]
    openwb: Option<Generation>,
    /// A tariff with a price for every hour of today and tomorrow.
    #[arg(long)]
    prices: bool,
    /// Switches user management on (only openWB 2): a file with lines of user:password:role[,role],
    /// or one such user; may be given more than once. Roles are openWB's, as chargepoint-3-access.
    #[arg(long, value_name = "FILE|USER", value_parser = Users::read)]
    users: Vec<Users>,
    /// Seed of weather and habits.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Virtual seconds per second.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// Virtual time at the start, as 2026-06-21T10:00:00Z; now, if not given.
    #[arg(long)]
    start: Option<DateTime<Utc>>,
    /// Days the household has lived before, for its charge log.
    #[arg(long, default_value_t = 62, value_parser = clap::value_parser!(u16).range(0..=800))]
    past_days: u16,
    /// Vehicles stay where they are until told otherwise.
    #[arg(long)]
    no_traffic: bool,
    /// User that clients must show.
    #[arg(long, requires = "password")]
    user: Option<String>,
    /// Password that clients must show.
    #[arg(
        long,
        requires = "user",
        env = "LADEBUCH_SIM_PASSWORD",
        hide_env_values = true
    )]
    password: Option<String>,
}

impl Arguments {
    /// Whether there is an openWB: always, unless only the others are asked for.
    fn has_openwb(&self) -> bool {
        let alone = self.elli_port.is_none() && self.modbus_port.is_none();
        alone
            || self.mqtt_port.is_some()
            || self.http_port.is_some()
            || self.openwb.is_some()
            || self.prices
            || !self.users.is_empty()
            || self.user.is_some()
    }

    fn generation(&self) -> Generation {
        self.openwb.unwrap_or(Generation::V2)
    }

    fn start(&self) -> DateTime<Utc> {
        self.start
            .unwrap_or_else(|| DateTime::from(SystemTime::now()))
    }
}

fn generation(name: &str) -> Result<Generation, String> {
    match name {
        "1.9" => Ok(Generation::V1_9),
        "2" => Ok(Generation::V2),
        _ => Err("there are 1.9 and 2".to_owned()),
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(run(arguments));
    // A thread may still wait for a line that never comes.
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
            say(&format!("{error}{}", source.unwrap_or_default()));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), StageError> {
    let generation = arguments.generation();
    let stage = Stage::set(arguments).await?;
    greet(&stage, generation);
    converse(&stage).await;
    stage.strike().await;
    Ok(())
}

fn greet(stage: &Stage, generation: Generation) {
    if let Some(sim) = &stage.openwb {
        let addr = sim.addr();
        let (version, filter, log) = match generation {
            Generation::V1_9 => (
                "1.9",
                "openWB/lp/1/#",
                "/openWB/web/logging/data/ladelog/YYYYMM.csv",
            ),
            Generation::V2 => (
                "2.x",
                "openWB/chargepoint/3/get/#",
                "/openWB/data/charge_log/YYYYMM.json",
            ),
        };
        let http = sim
            .http_addr()
            .map(|http| format!("charge log at http://{http}{log}\n"))
            .unwrap_or_default();
        say(&format!(
            "openWB {version} (simulated) at mqtt://{addr}\n{http}\
             try:  mosquitto_sub -h {} -p {} -v -t '{filter}'",
            addr.ip(),
            addr.port(),
        ));
    }
    if let Some(elli) = &stage.elli {
        say(&format!(
            "Elli's cloud (simulated) at {}, login pages and API alike",
            elli.base_url()
        ));
    }
    if let Some(charger) = &stage.charger {
        say(&format!(
            "Elli Charger 2 (simulated) at modbus+tcp://{}",
            charger.addr()
        ));
    }
    say("type help for what you can do to it, Ctrl-C to stop");
}

/// Obeys lines until somebody has enough. The end of input is not the end: a service has none.
async fn converse(stage: &Stage) {
    let mut lines = read_lines();
    let end = stop_signal();
    tokio::pin!(end);
    loop {
        let line = tokio::select! {
            biased;
            () = &mut end => return,
            Some(line) = lines.recv() => line,
        };
        match Line::parse(&line) {
            Some(Line::Quit) => return,
            Some(line) => match line.carry_out(stage).await {
                Ok(text) => say(&text),
                Err(error) => say(&error.to_string()),
            },
            None => say("not understood; type help"),
        }
    }
}

/// Lines of standard input. A thread, because a blocked read cannot be cancelled.
fn read_lines() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// Ctrl-C or SIGTERM.
async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if interrupt.await.is_err() {
        // Without signals only `quit` ends it.
        std::future::pending::<()>().await;
    }
}

/// Prints for the person in front. A closed terminal is nobody in front.
fn say(text: &str) {
    if text.is_empty() {
        return;
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).ok();
    if out.is_terminal() {
        write!(out, "> ").and_then(|()| out.flush()).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Arguments {
        Arguments::parse_from(line.split(' '))
    }

    #[test]
    fn an_openwb_is_there_unless_only_others_are_asked_for() {
        assert!(arguments("ladebuch-sim").has_openwb());
        assert!(!arguments("ladebuch-sim --elli-port 8801 --modbus-port 5020").has_openwb());
        assert!(!arguments("ladebuch-sim --elli-port 8801 --turnstile --seed 3").has_openwb());
        assert!(arguments("ladebuch-sim --elli-port 8801 --mqtt-port 1884").has_openwb());
        assert!(arguments("ladebuch-sim --modbus-port 5020 --openwb 1.9").has_openwb());
    }

    #[test]
    fn faults_are_known_by_name() {
        let line = "ladebuch-sim --elli-port 1 --fault hang --fault modbus-busy";
        assert_eq!(arguments(line).faults.len(), 2);
        let unknown = ["ladebuch-sim", "--fault", "nonsense"];
        assert!(Arguments::try_parse_from(unknown).is_err());
        assert!(Arguments::try_parse_from(["ladebuch-sim", "--turnstile"]).is_err());
    }
}
