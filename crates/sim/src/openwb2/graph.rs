//! Ready-made chart data: the latest point, and two hours of them in sixteen chunks.

use std::collections::VecDeque;

use super::Core;
use super::json::{Json, rounded};
use crate::household::Meter;

/// Points kept: two hours at one in ten seconds.
const POINTS: usize = 720;
/// Retained topics the points are spread over.
const CHUNKS: usize = 16;
/// Lines per chunk, the last of which is the next chunk's first.
const LINES: usize = 50;

/// Past points as compact JSON lines, oldest first.
#[derive(Debug, Default)]
pub(super) struct Graph {
    lines: VecDeque<String>,
}

impl Core {
    pub(super) fn publish_graph(&mut self) {
        let now = self.now();
        let kilowatts = |meter: Meter| rounded(meter.power_w / 1000.0, 3);
        let measured = &self.measured;
        let mut point: Vec<(String, Json)> = vec![
            ("timestamp".to_owned(), now.timestamp().into()),
            (
                "time".to_owned(),
                now.with_timezone(&self.household.zone())
                    .format("%H:%M:%S")
                    .to_string()
                    .into(),
            ),
            ("grid".to_owned(), kilowatts(measured.grid)),
            ("house-power".to_owned(), kilowatts(measured.home)),
        ];
        let charging_w: f64 = measured.points.iter().map(|meter| meter.power_w).sum();
        point.push(("charging-all".to_owned(), rounded(charging_w / 1000.0, 3)));
        point.push(("pv-all".to_owned(), kilowatts(measured.pv)));
        for (charge_point, meter) in self.points.iter().zip(&measured.points) {
            point.push((format!("cp{}-power", charge_point.id), kilowatts(*meter)));
        }
        for car in &self.cars {
            if let Some(soc) = car.soc {
                point.push((format!("ev{}-soc", car.id), soc.into()));
            }
        }
        point.push(("bat-all-power".to_owned(), kilowatts(measured.bat)));
        let soc = self.household.battery_soc_percent().round() as i64;
        point.push(("bat-all-soc".to_owned(), soc.into()));
        let point = Json::Object(point);
        let line = point.to_string().replace(", ", ",").replace(": ", ":");
        self.graph.lines.push_back(line);
        while self.graph.lines.len() > POINTS {
            self.graph.lines.pop_front();
        }
        self.state("graph/lastlivevaluesJson", point.clone());
        self.state("system/lastlivevaluesJson", point);
        // A script publishes these, past the core.
        let lines = self.graph.lines.make_contiguous();
        let recent = lines[lines.len().saturating_sub(LINES)..].join("\n");
        let chunks: Vec<String> = (0..CHUNKS)
            .map(|n| {
                let first = n * (LINES - 1);
                // A shared line alone makes no chunk, but for the very first.
                if first + usize::from(n > 0) >= lines.len() {
                    return "-".to_owned();
                }
                lines[first..lines.len().min(first + LINES)].join("\n")
            })
            .collect();
        for (n, chunk) in chunks.into_iter().enumerate() {
            self.raw(
                format!("openWB/graph/alllivevaluesJson{}", n + 1),
                chunk,
                true,
            );
        }
        self.raw("openWB/graph/alllivevaluesJson".to_owned(), recent, true);
    }
}
