//! A real mosquitto on a free port, with a configuration of its own.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::eventually::eventually;
use crate::port::free_port;

/// Where Debian puts the broker; elsewhere it is on the path.
const DEBIAN: &str = "/usr/sbin/mosquitto";
const READY: Duration = Duration::from_secs(10);

/// A running broker; killed when dropped.
#[derive(Debug)]
pub struct Mosquitto {
    child: Child,
    addr: SocketAddr,
    dir: TempDir,
}

/// How a broker differs from one that lets everybody in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// The only user and the password.
    pub user: Option<(&'a str, &'a str)>,
    /// Whether it listens with TLS and a self-signed certificate.
    pub tls: bool,
}

impl Mosquitto {
    /// Starts a broker that lets everybody in.
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    /// Starts a broker.
    ///
    /// # Panics
    /// If mosquitto is not installed or does not start.
    pub async fn with(options: Options<'_>) -> Self {
        let dir = TempDir::new().expect("a directory for the broker's files");
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let config = dir.path().join("mosquitto.conf");
        fs::write(&config, configuration(dir.path(), addr.port(), options)).expect("a file");
        let mut broker = Self {
            child: launch(&config),
            addr,
            dir,
        };
        broker.ready().await;
        broker
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SHA-256 of its certificate in hex, as `openssl x509 -fingerprint -sha256` computes it.
    ///
    /// # Panics
    /// If it has no certificate or openssl cannot read it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let output = Command::new("openssl")
            .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
            .arg(self.dir.path().join("cert.pem"))
            .output()
            .expect("openssl");
        let text = String::from_utf8(output.stdout).expect("text");
        let (_, digits) = text.trim().split_once('=').expect("a fingerprint");
        digits.replace(':', "").to_lowercase()
    }

    /// Kills the broker; its retained messages are gone with it.
    pub fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Starts it again on the same port.
    pub async fn restart(&mut self) {
        self.kill();
        self.child = launch(&self.dir.path().join("mosquitto.conf"));
        self.ready().await;
    }

    async fn ready(&mut self) {
        let addr = self.addr;
        let child = &mut self.child;
        eventually(READY, "mosquitto listens", async || {
            let gone = child.try_wait().expect("a child's state");
            assert!(gone.is_none(), "mosquitto ended at once: {gone:?}");
            TcpStream::connect(addr).await.ok()
        })
        .await;
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.kill();
    }
}

fn launch(config: &Path) -> Child {
    let program = if Path::new(DEBIAN).exists() {
        DEBIAN
    } else {
        "mosquitto"
    };
    Command::new(program)
        .arg("-c")
        .arg(config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("mosquitto (apt install mosquitto)")
}

/// No limits that drop messages, and nothing on disk.
fn configuration(dir: &Path, port: u16, options: Options<'_>) -> String {
    let mut config = format!(
        "listener {port} 127.0.0.1\n\
         persistence false\n\
         max_queued_messages 0\n\
         max_inflight_messages 0\n\
         set_tcp_nodelay true\n\
         sys_interval 1\n\
         log_type none\n"
    );
    // Started by root it would change to a user that cannot read these files.
    config.push_str("user root\n");
    match options.user {
        None => config.push_str("allow_anonymous true\n"),
        Some((user, password)) => {
            let file = dir.join("passwords");
            run(Command::new("mosquitto_passwd")
                .args(["-b", "-c"])
                .arg(&file)
                .args([user, password]));
            writeln!(
                config,
                "allow_anonymous false\npassword_file {}",
                file.display()
            )
            .unwrap();
        }
    }
    if options.tls {
        let (key, certificate) = (dir.join("key.pem"), dir.join("cert.pem"));
        run(Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
            ])
            .args(["-nodes", "-days", "30", "-subj", "/CN=openwb"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate));
        let (key, certificate) = (key.display(), certificate.display());
        writeln!(config, "certfile {certificate}\nkeyfile {key}").unwrap();
    }
    config
}

fn run(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}
