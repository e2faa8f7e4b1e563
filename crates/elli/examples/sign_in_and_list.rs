//! Signs in to Elli and lists stations and charging records. Tokens are neither shown nor kept.
//!
//! ```sh
//! cargo run -p elli --example sign_in_and_list
//! cargo run -p elli --example sign_in_and_list -- --at http://127.0.0.1:8801
//! ```

use std::error::Error;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use clap::Parser;
use elli::reading::Record;
use elli::{AccessToken, Client, Config, RecordPages, RecordQuery, Tokens};

/// Signs in to Elli and lists stations and charging records.
#[derive(Parser)]
struct Arguments {
    /// Address of a simulator that plays both of Elli's hosts.
    #[arg(long)]
    at: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // Nobody is left to tell that standard error is closed.
            writeln!(io::stderr(), "{problem}").ok();
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let config = arguments
        .at
        .map_or_else(Config::default, |url| Config::at(&url));
    let client = Client::new(config)?;
    let tokens = sign_in(&client).await?;
    let mut out = io::stdout().lock();
    let stations = client.stations(&tokens.access_token).await?;
    if stations.is_empty() {
        writeln!(out, "There are no stations.")?;
    }
    for station in stations {
        let name = station.name.as_deref().unwrap_or("(no name)");
        let model = station.model.as_deref().unwrap_or("unknown model");
        writeln!(out, "\n{name}, {model}")?;
        list(&mut out, &client, &tokens.access_token, station.id).await?;
    }
    Ok(())
}

async fn sign_in(client: &Client) -> Result<Tokens, Box<dyn Error>> {
    let sign_in = client.sign_in()?;
    let mut out = io::stdout().lock();
    writeln!(out, "Open this address on a computer and sign in:\n")?;
    writeln!(out, "{}\n", sign_in.url())?;
    writeln!(
        out,
        "The browser then tries to open an address that begins with {}. It stands in the\n\
         developer tools (F12), in the console or as “Location” of the last request.\n",
        client.config().redirect_uri
    )?;
    let mut lines = io::stdin().lock().lines();
    let code = loop {
        write!(out, "Paste it here: ")?;
        out.flush()?;
        let line = lines.next().ok_or("Nothing was pasted.")??;
        match sign_in.accept(&line) {
            Ok(code) => break code,
            Err(problem) => writeln!(out, "{problem}")?,
        }
    };
    Ok(client.exchange(code).await?)
}

async fn list(
    out: &mut impl Write,
    client: &Client,
    token: &AccessToken,
    station_id: String,
) -> Result<(), Box<dyn Error>> {
    let mut pages = RecordPages::new(RecordQuery::new(station_id));
    let mut records = Vec::new();
    while let Some(page) = pages.next(client, token).await? {
        records.extend(page.records);
    }
    records.sort_by_key(|record| record.start);
    for record in &records {
        writeln!(out, "{}", line(record))?;
    }
    let energy: f64 = records.iter().filter_map(|record| record.energy).sum();
    writeln!(out, "{} records, {:.3} kWh", records.len(), energy / 1000.0)?;
    if !pages.is_complete() {
        writeln!(out, "Records came or went meanwhile: there may be more.")?;
    }
    Ok(())
}

fn line(record: &Record) -> String {
    let start = record
        .start
        .map_or_else(|| "unknown time".to_owned(), |start| start.to_string());
    let energy = record.energy.map_or_else(
        || "unknown energy".to_owned(),
        |energy| format!("{:.3} kWh", energy / 1000.0),
    );
    let card = record
        .card_number
        .as_ref()
        .map(|number| format!("  card {}", number.masked()))
        .unwrap_or_default();
    let faulted = if record.faulted == Some(true) {
        "  faulted"
    } else {
        ""
    };
    format!("  {start}  {energy}{card}{faulted}")
}
