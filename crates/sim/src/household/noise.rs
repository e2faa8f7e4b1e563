//! Chance as a pure function of seed and time.
//!
//! Nothing here keeps state, so a household walked in steps of ten seconds and one walked in steps of
//! five minutes see the same weather and the same washing days.

/// What a random number is drawn for; keeps the draws independent of each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub(super) enum Stream {
    Weather = 1,
    WeatherFront,
    Cumulus,
    CumulusFast,
    HomeDrift,
    Fridge,
    Appliance,
    Trip,
    PlugIn,
    Tag,
    Visit,
    Price,
}

/// A number in `0.0..1.0` that depends on all arguments and on nothing else.
pub(super) fn unit(seed: u64, stream: Stream, a: i64, b: u64) -> f64 {
    let mut x = mix(seed ^ mix(stream as u64));
    x = mix(x ^ a.cast_unsigned());
    x = mix(x ^ b.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    // 53 bits are what an f64 can hold exactly.
    (x >> 11) as f64 / (1u64 << 53) as f64
}

/// A value in `0.0..1.0` that wanders smoothly, with a new target every `period_s` seconds.
pub(super) fn smooth(seed: u64, stream: Stream, at_s: f64, period_s: f64) -> f64 {
    let position = at_s / period_s;
    let left = position.floor();
    let x = position - left;
    let a = unit(seed, stream, left as i64, 0);
    let b = unit(seed, stream, left as i64 + 1, 0);
    let eased = x * x * (3.0 - 2.0 * x);
    a + (b - a) * eased
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooth_noise_has_no_jumps() {
        let mut last = smooth(7, Stream::Weather, 0.0, 600.0);
        for second in 1..20_000 {
            let value = smooth(7, Stream::Weather, f64::from(second), 600.0);
            assert!((0.0..1.0).contains(&value));
            assert!((value - last).abs() < 0.01, "jump at {second}");
            last = value;
        }
    }

    #[test]
    fn streams_and_seeds_are_independent() {
        let draw = |seed, stream| unit(seed, stream, 5, 3);
        assert_ne!(draw(1, Stream::Trip), draw(2, Stream::Trip));
        assert_ne!(draw(1, Stream::Trip), draw(1, Stream::Tag));
    }
}
