//! Prints what an openWB says.
//!
//! ```sh
//! cargo run -p openwb --example watch -- mqtt://192.0.2.7:1883
//! cargo run -p openwb --example watch -- 'mqtts://user:password@192.0.2.7:8883?fingerprint=…'
//! ```

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use openwb::link::{Batch, Event, InvalidUrl, Link, LinkConfig};

/// Prints the readings of an openWB, and how the connection fares.
#[derive(Parser)]
struct Arguments {
    /// `mqtt://HOST[:PORT][/PREFIX]` or `mqtts://[USER:PASSWORD@]HOST[:PORT][?fingerprint=SHA256]`
    #[arg(value_parser = parse_url)]
    url: LinkConfig,
    /// Print readings exactly as the crate holds them, in one line each, without a summary.
    #[arg(long)]
    raw: bool,
    /// End after this many seconds.
    #[arg(long)]
    seconds: Option<u64>,
}

fn parse_url(text: &str) -> Result<LinkConfig, InvalidUrl> {
    LinkConfig::from_url(text)
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (link, mut events) = Link::spawn(arguments.url);
    let end = async {
        match arguments.seconds {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(end);
    let mut heard = false;
    loop {
        let event = tokio::select! {
            event = events.recv() => event,
            () = &mut end => None,
            _ = tokio::signal::ctrl_c() => None,
        };
        let Some(event) = event else { break };
        heard |= matches!(event, Event::Batch(_));
        // A closed pipe is the usual end of `watch … | head`.
        if print(&event, arguments.raw).is_err() {
            break;
        }
    }
    link.stop().await;
    if heard {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn print(event: &Event, raw: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match event {
        Event::Connected { protocol, .. } => writeln!(out, "# connected with MQTT {protocol}"),
        Event::Disconnected { problem, retry_in } => {
            writeln!(
                out,
                "# {}: {problem} Next attempt in {retry_in:.1?}.",
                problem.code()
            )
        }
        Event::Batch(batch) => print_batch(&mut out, batch, raw),
    }
}

fn print_batch(out: &mut impl Write, batch: &Batch, raw: bool) -> io::Result<()> {
    for received in &batch.readings {
        if raw {
            writeln!(out, "{:?}", received.reading)?;
        } else {
            let mark = if received.retained { "kept" } else { "new " };
            writeln!(out, "{mark}  {:?}", received.reading)?;
        }
    }
    for malformed in &batch.malformed {
        writeln!(out, "# {}: {}", malformed.topic, malformed.reason)?;
    }
    if !raw && batch.unknown > 0 {
        writeln!(out, "# {} messages on unknown topics", batch.unknown)?;
    }
    Ok(())
}
