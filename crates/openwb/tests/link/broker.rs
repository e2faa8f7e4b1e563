//! A real mosquitto, and a client that publishes to it.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::{AsyncClient, Event, Incoming, MqttOptions};
use tempfile::TempDir;

use crate::PATIENCE;

/// A running broker. It ends with the value.
pub struct Broker {
    pub port: u16,
    log: mpsc::Receiver<String>,
    _process: Process,
    folder: TempDir,
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Broker {
    /// Starts an open broker.
    pub fn open() -> Self {
        Self::with(|_| "allow_anonymous true".to_owned())
    }

    /// Starts a broker on a free port with these lines in its configuration. They may refer to
    /// files in the folder.
    pub fn with(lines: impl Fn(&Path) -> String) -> Self {
        // Between looking for a free port and using it somebody else may take it.
        (0..5)
            .find_map(|_| Self::start(free_port(), &lines))
            .expect("mosquitto starts")
    }

    /// Starts an open broker on a port that was another one's before.
    pub fn again(port: u16) -> Self {
        Self::start(port, |_: &Path| "allow_anonymous true".to_owned()).expect("the port is free")
    }

    fn start(port: u16, lines: impl Fn(&Path) -> String) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        // Without a limit on queues it is the link alone that could lose something.
        let config = format!(
            "max_queued_messages 0\nlog_type all\nlog_dest stderr\nuser root\n\
             listener {port} 127.0.0.1\n{}\n",
            lines(folder.path())
        );
        let file = folder.path().join("mosquitto.conf");
        std::fs::write(&file, config).unwrap();
        let mut process = Command::new("mosquitto")
            .arg("-c")
            .arg(&file)
            .env(
                "PATH",
                "/usr/sbin:/usr/bin:/bin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/sbin",
            )
            .stderr(Stdio::piped())
            .spawn()
            .expect("mosquitto is installed");
        let output = BufReader::new(process.stderr.take().unwrap());
        let (lines, log) = mpsc::sync_channel(10_000);
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                // Full when a test does not look at the log: nothing is missed then.
                lines.try_send(line).ok();
            }
        });
        let broker = Self {
            port,
            log,
            _process: Process(process),
            folder,
        };
        broker.logged(" running").map(|_| broker)
    }

    /// Where the files of the broker are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Waits for a line of the log with this text; `None` when the broker ends before.
    pub fn logged(&self, text: &str) -> Option<String> {
        loop {
            match self.log.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(text) => return Some(line),
                Ok(_) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return None,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("mosquitto does not log “{text}”"),
            }
        }
    }

    /// Publishes to an open broker, and returns when it has taken all of it.
    pub async fn publish(&self, messages: &[(&str, Vec<u8>)], retain: bool) {
        let mut options = MqttOptions::new("publisher", "127.0.0.1", self.port);
        options.set_max_packet_size(Some(16 * 1024 * 1024));
        let (client, mut events) = AsyncClient::new(options, 64);
        let sending = async {
            for (topic, payload) in messages {
                client
                    .publish(*topic, QoS::AtLeastOnce, retain, payload.clone())
                    .await
                    .unwrap();
            }
        };
        let taking = async {
            let mut taken = 0;
            while taken < messages.len() {
                if let Event::Incoming(Incoming::PubAck(_)) = events.poll().await.unwrap() {
                    taken += 1;
                }
            }
        };
        tokio::time::timeout(PATIENCE, async { tokio::join!(sending, taking) })
            .await
            .expect("the broker takes what is published");
    }
}

/// A port nobody listens on at the moment.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Messages from texts.
pub fn messages<'a>(texts: &[(&'a str, &str)]) -> Vec<(&'a str, Vec<u8>)> {
    texts
        .iter()
        .map(|(topic, payload)| (*topic, payload.as_bytes().to_vec()))
        .collect()
}
