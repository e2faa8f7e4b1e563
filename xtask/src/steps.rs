//! Running a list of steps and saying at the end how each of them went.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::needs::{self, Need};

/// One step of a longer command.
pub struct Step {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it does, in a few words.
    pub what: &'static str,
    /// What it needs of the machine.
    needs: &'static [Need],
    /// Does it.
    run: fn() -> Result<Outcome>,
}

impl Step {
    /// A step.
    pub const fn new(
        name: &'static str,
        what: &'static str,
        needs: &'static [Need],
        run: fn() -> Result<Outcome>,
    ) -> Self {
        Self {
            name,
            what,
            needs,
            run,
        }
    }
}

/// How a step ended that did not fail.
pub enum Outcome {
    /// Everything was as it should be.
    Passed,
    /// It cannot be done on this kind of machine, and why.
    NotHere(&'static str),
}

/// Prepares the machine, runs all steps, also after one has failed, and prints the table.
pub fn run_all(steps: &[&Step]) -> Result<()> {
    let mut rows = Vec::new();
    let started = Instant::now();
    let wanted: Vec<Need> = steps
        .iter()
        .flat_map(|step| step.needs.iter().copied())
        .collect();
    let prepared = timed("prepare", "what the steps need", || {
        needs::satisfy(&wanted)?;
        Ok(Outcome::Passed)
    });
    let can_go_on = !prepared.failed();
    rows.push(prepared);
    if can_go_on {
        rows.extend(
            steps
                .iter()
                .map(|step| timed(step.name, step.what, step.run)),
        );
    }

    println!("\n{:<12} {:<46} {:>8}  result", "step", "what", "time");
    for row in &rows {
        println!(
            "{:<12} {:<46} {:>8}  {}",
            row.name,
            row.what,
            minutes(row.took),
            row.result()
        );
    }
    println!("{:<12} {:<46} {:>8}", "", "", minutes(started.elapsed()));

    let failed: Vec<_> = rows
        .iter()
        .filter(|row| row.failed())
        .map(|row| row.name)
        .collect();
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

struct Row {
    name: &'static str,
    what: &'static str,
    took: Duration,
    outcome: Result<Outcome>,
}

impl Row {
    fn failed(&self) -> bool {
        self.outcome.is_err()
    }

    fn result(&self) -> String {
        match &self.outcome {
            Ok(Outcome::Passed) => "passed".to_owned(),
            Ok(Outcome::NotHere(why)) => format!("not run: {why}"),
            Err(error) => format!("FAILED: {error:#}"),
        }
    }
}

fn timed(name: &'static str, what: &'static str, run: impl FnOnce() -> Result<Outcome>) -> Row {
    println!("\n== {name}: {what}");
    let started = Instant::now();
    let outcome = run();
    if let Err(error) = &outcome {
        println!("FAILED: {error:#}");
    }
    Row {
        name,
        what,
        took: started.elapsed(),
        outcome,
    }
}

fn minutes(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
