//! Chart data: the latest point, and two hours of them in sixteen chunks.

use std::collections::VecDeque;

use super::Core;
use super::message::whole;
use crate::household::Device;

/// Points kept: two hours at one in ten seconds.
const POINTS: usize = 720;
/// Retained topics the points are spread over.
const CHUNKS: usize = 16;
/// Lines per chunk, the last of which is the next chunk's first.
const LINES: usize = 50;
/// Columns that belong to nothing here: two consumers, six charge points, nine smart devices.
const NOTHING: &str = ",0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0";

/// Past points, oldest first.
#[derive(Debug, Default)]
pub(super) struct Graph {
    lines: VecDeque<String>,
}

impl Core {
    pub(super) fn publish_graph(&mut self) {
        let power = |device| {
            self.household
                .meter(device)
                .map_or(0, |meter| whole(meter.power_w))
        };
        let charging: Vec<i64> = self
            .points
            .iter()
            .map(|point| power(Device::ChargePoint(point.id)))
            .collect();
        let sum: i64 = charging.iter().sum();
        let columns = [
            power(Device::Grid),
            sum,
            power(Device::Pv),
            charging.first().copied().unwrap_or(0),
            charging.get(1).copied().unwrap_or(0),
            sum,
            power(Device::Battery),
            whole(self.household.battery_soc_percent()),
            self.points.first().map_or(0, |point| whole(point.soc)),
            self.points.get(1).map_or(0, |point| whole(point.soc)),
            power(Device::Home),
        ]
        .map(|value| value.to_string())
        .join(",");
        let time = self
            .now()
            .with_timezone(&self.household.zone())
            .format("%H:%M:%S");
        let line = format!("{time},{columns}{NOTHING}");
        // The file behind the chart has three more columns.
        self.graph.lines.push_back(format!("{line},0,0,0"));
        while self.graph.lines.len() > POINTS {
            self.graph.lines.pop_front();
        }
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
        self.repeat("graph/alllivevalues", recent);
        self.repeat("graph/lastlivevalues", &line);
        for (n, chunk) in chunks.into_iter().enumerate() {
            self.repeat(&format!("graph/{}alllivevalues", n + 1), chunk);
        }
        self.repeat("system/lastlivevalues", line);
    }
}
