//! The real `ladebuch-server`, started, measured, stopped and killed.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use crate::api::Api;
use crate::eventually::eventually;
use crate::port::free_port;

/// Clock ticks per second in `/proc`; Linux shows 100 to programs on every architecture in use.
const TICKS_PER_SECOND: f64 = 100.0;

/// A running program; killed when dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    addr: SocketAddr,
    log: PathBuf,
}

/// How to start the server.
#[derive(Clone, Debug)]
pub struct Start<'a> {
    /// Its data directory.
    pub data_dir: &'a Path,
    /// An openWB to listen to.
    pub openwb: Option<SocketAddr>,
    /// Where the Elli cloud is.
    pub elli: Option<SocketAddr>,
    /// Mounts a file system of its own on the data directory, with these options of tmpfs: only
    /// this process sees it, and it is gone with it.
    pub own_disk: Option<&'a str>,
}

impl<'a> Start<'a> {
    /// On that data directory, with nothing special.
    #[must_use]
    pub fn new(data_dir: &'a Path) -> Self {
        Self {
            data_dir,
            openwb: None,
            elli: None,
            own_disk: None,
        }
    }

    /// Starts the server on a free port and returns at once.
    ///
    /// # Panics
    /// If the program is not there.
    #[must_use]
    pub fn spawn(&self) -> Program {
        let addr = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let server = built("ladebuch-server");
        let mut command = match self.own_disk {
            None => Command::new(server),
            Some(options) => on_its_own_disk(&server, self.data_dir, options),
        };
        command
            .arg("--data-dir")
            .arg(self.data_dir)
            .arg("--listen")
            .arg(addr.to_string());
        if let Some(openwb) = self.openwb {
            command.arg("--openwb").arg(format!("mqtt://{openwb}"));
        }
        if let Some(elli) = self.elli {
            command.arg("--elli-url").arg(format!("http://{elli}"));
        }
        let log = std::env::temp_dir().join(format!("ladebuch-{}.log", addr.port()));
        let file = fs::File::create(&log).expect("a log file");
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a second handle"))
            .stderr(file)
            .spawn()
            .expect("the server");
        Program { child, addr, log }
    }

    /// Starts the server and waits until it answers.
    ///
    /// # Panics
    /// If it does not.
    pub async fn ready(&self) -> Program {
        let mut program = self.spawn();
        program.ready(Duration::from_secs(20)).await;
        program
    }
}

impl Program {
    /// Waits until `/health` says that all is well.
    ///
    /// # Panics
    /// If it does not within that time.
    pub async fn ready(&mut self, within: Duration) {
        let stranger = Api::stranger(self.base());
        let log = self.log.clone();
        let child = &mut self.child;
        eventually(within, "the server answers", async || {
            if let Some(status) = child.try_wait().expect("a child's state") {
                panic!("the server ended ({status}):\n{}", read(&log));
            }
            let health = stranger.ask(reqwest::Method::GET, "/health", None).await?;
            (health.body["status"] == "ok").then_some(())
        })
        .await;
    }

    /// `http://127.0.0.1:…`
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The API for the owner of that data directory.
    #[must_use]
    pub fn api(&self, data_dir: &Path) -> Api {
        Api::owner(self.base(), data_dir)
    }

    /// Process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A path as the program sees it, which differs if it has a disk of its own.
    #[must_use]
    pub fn sees(&self, path: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.pid()));
        root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// What it has written so far.
    #[must_use]
    pub fn said(&self) -> String {
        read(&self.log)
    }

    /// Kills it as a power cut does.
    ///
    /// # Panics
    /// If it cannot be killed.
    pub fn kill(&mut self) {
        self.child.kill().expect("a process to kill");
        self.child.wait().expect("its end");
    }

    /// Asks it to stop (SIGTERM) and says how long that took.
    ///
    /// # Panics
    /// If it does not end at all.
    pub async fn terminate(&mut self) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        let kill = Command::new("kill")
            .arg("-TERM")
            .arg(self.pid().to_string())
            .status();
        assert!(kill.expect("kill").success());
        let status = self.ended(Duration::from_secs(30)).await;
        (status, begun.elapsed())
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If it does not end within that time.
    pub async fn ended(&mut self, within: Duration) -> ExitStatus {
        let child = &mut self.child;
        eventually(within, "the program ends", async || {
            child.try_wait().expect("a child's state")
        })
        .await
    }

    /// Resident memory in kB.
    ///
    /// # Panics
    /// If the process is gone.
    #[must_use]
    pub fn resident_kb(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let digits = line
            .and_then(|line| line.split_whitespace().next())
            .expect("VmRSS");
        digits.parse().expect("a number")
    }

    /// Processor time used so far, in user and kernel mode.
    ///
    /// # Panics
    /// If the process is gone.
    #[must_use]
    pub fn processor_time(&self) -> Duration {
        processor_time(self.pid())
    }

    /// Whether anything listens on its port.
    pub async fn listens(&self) -> bool {
        TcpStream::connect(self.addr).await.is_ok()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            // Tests show what they print only when they fail.
            #[expect(clippy::print_stderr, reason = "says why a test failed")]
            {
                eprintln!("the server said:\n{}", self.said());
            }
        }
        drop(fs::remove_file(&self.log));
    }
}

/// Processor time that a process has used, in user and kernel mode.
///
/// # Panics
/// If the process is gone.
#[must_use]
pub fn processor_time(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
    // The name in parentheses may hold spaces; user and system time are fields 14 and 15.
    let (_, fields) = stat.rsplit_once(") ").expect("a name in parentheses");
    let ticks: f64 = fields
        .split(' ')
        .skip(11)
        .take(2)
        .map(|field| field.parse::<f64>().expect("a number"))
        .sum();
    Duration::from_secs_f64(ticks / TICKS_PER_SECOND)
}

/// A program of this workspace, built for the same profile as the running one.
///
/// # Panics
/// If it has not been built.
#[must_use]
pub fn built(name: &str) -> PathBuf {
    let this = std::env::current_exe().expect("the path of this program");
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let found = this
        .ancestors()
        .skip(1)
        .take(2)
        .map(|dir| dir.join(&file))
        .find(|path| path.exists());
    found.unwrap_or_else(|| panic!("{name} is not built: cargo build --package {name}"))
}

/// A new mount namespace, in which a tmpfs hides what lies at `dir`. Needs no rights: the process
/// is root in a user namespace of its own.
fn on_its_own_disk(program: &Path, dir: &Path, options: &str) -> Command {
    let mut command = Command::new("unshare");
    command
        .args(["--map-root-user", "--mount", "sh", "-ec"])
        .arg(r#"mount -t tmpfs -o "$1" tmpfs "$2"; shift 2; exec "$@""#)
        .arg("sh")
        .args([options.as_ref(), dir.as_os_str()])
        .arg(program);
    command
}

fn read(log: &Path) -> String {
    fs::read_to_string(log).unwrap_or_default()
}
