//! From starting the program to its first answer, with a year of history.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ladebuch_tests::program::Start;

use crate::recorded_year::RecordedYear;
use crate::table::{Row, Sorted};

const TARGET: Duration = Duration::from_millis(300);
const LOOK: Duration = Duration::from_millis(1);

pub async fn measure(year: &RecordedYear, quick: bool) -> Vec<Row> {
    let rounds = if quick { 3 } else { 15 };
    let (mut first, mut open) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let begun = Instant::now();
        let mut server = Start::new(year.dir()).spawn();
        let addr = server.addr();
        first.push(
            tokio::task::spawn_blocking(move || answer(addr, begun, ""))
                .await
                .unwrap(),
        );
        let ok = r#""status":"ok""#;
        open.push(
            tokio::task::spawn_blocking(move || answer(addr, begun, ok))
                .await
                .unwrap(),
        );
        let (status, _) = server.terminate().await;
        assert!(status.success(), "{status}");
    }
    let (first, open) = (Sorted::new(first), Sorted::new(open));
    // It answers at once and says that it is starting; what counts is that it can be used.
    let ok = open.percentile(50.0) <= TARGET;
    vec![
        Row::new(
            "start to 200 on /health, 1-year database, open",
            "≤ 300 ms",
            open.spread(),
            ok,
        ),
        Row::note("  start to the very first 200", first.spread()),
    ]
}

/// Asks until there is a 200 with that in it.
fn answer(addr: SocketAddr, begun: Instant, with: &str) -> Duration {
    loop {
        if let Ok(mut stream) = TcpStream::connect(addr) {
            let request =
                format!("GET /health HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
            let mut text = String::new();
            let asked = stream.write_all(request.as_bytes()).is_ok();
            if asked
                && stream.read_to_string(&mut text).is_ok()
                && text.starts_with("HTTP/1.1 200")
                && text.contains(with)
            {
                return begun.elapsed();
            }
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "no answer");
        sleep(LOOK);
    }
}
