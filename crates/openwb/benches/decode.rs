//! How fast messages of a real box decode, on one core.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../tests/codec/recorded.rs"]
mod recorded;
#[path = "../tests/codec/v1_9/recorded.rs"]
mod recorded_1_9;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use openwb::codec::decode;

/// The topics a link subscribes to: what it does not receive costs nothing.
const AREAS: [&str; 5] = [
    "openWB/chargepoint/",
    "openWB/counter/",
    "openWB/pv/",
    "openWB/bat/",
    "openWB/vehicle/",
];

/// The same for 1.9.
const AREAS_1_9: [&str; 9] = [
    "openWB/lp/",
    "openWB/evu/",
    "openWB/pv/",
    "openWB/housebattery/",
    "openWB/global/",
    "openWB/config/get/sofort/",
    "openWB/config/get/pv/",
    "openWB/config/get/lp/",
    "openWB/system/Timestamp",
];

fn decode_captures(c: &mut Criterion) {
    let messages: Vec<_> = recorded::all()
        .into_iter()
        .filter(|message| AREAS.iter().any(|area| message.topic.starts_with(area)))
        .collect();
    let mut group = c.benchmark_group("decode");
    group.throughput(Throughput::Elements(messages.len() as u64));
    group.bench_function("captures", |b| {
        b.iter(|| {
            for message in &messages {
                black_box(decode(
                    black_box(&message.topic),
                    black_box(&message.payload),
                ));
            }
        });
    });
    let messages: Vec<_> = recorded_1_9::all()
        .into_iter()
        .filter(|message| AREAS_1_9.iter().any(|area| message.topic.starts_with(area)))
        .collect();
    group.throughput(Throughput::Elements(messages.len() as u64));
    group.bench_function("captures of 1.9", |b| {
        b.iter(|| {
            for message in &messages {
                black_box(decode(
                    black_box(&message.topic),
                    black_box(&message.payload),
                ));
            }
        });
    });
    group.finish();

    let mut group = c.benchmark_group("decode one");
    group.throughput(Throughput::Elements(1));
    for (name, topic, payload) in [
        ("power", "openWB/chargepoint/3/get/power", "11040.0"),
        (
            "imported",
            "openWB/chargepoint/3/get/imported",
            "1234975.78",
        ),
        (
            "currents",
            "openWB/counter/0/get/currents",
            "[11.72, 11.72, 11.72]",
        ),
        ("plug_state", "openWB/chargepoint/3/get/plug_state", "true"),
        ("1.9 W", "openWB/lp/1/W", "11040"),
        ("1.9 kWhCounter", "openWB/lp/1/kWhCounter", "1234.782"),
        ("1.9 boolPlugStat", "openWB/lp/1/boolPlugStat", "1"),
    ] {
        group.bench_function(name, |b| {
            b.iter(|| black_box(decode(black_box(topic), black_box(payload.as_bytes()))));
        });
    }
    group.finish();
}

criterion_group!(benches, decode_captures);
criterion_main!(benches);
