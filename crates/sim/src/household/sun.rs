//! Sun position and what a roof makes of it.

use chrono::{DateTime, Datelike as _, Utc};

use super::noise::{Stream, smooth};

/// Degrees north and east of the simulated roof.
const LATITUDE: f64 = 52.0;
const LONGITUDE: f64 = 10.0;
/// Pitch of the roof, which looks due south.
const TILT_DEGREES: f64 = 35.0;
/// Losses in cables, dirt, heat and inverter.
const PERFORMANCE_RATIO: f64 = 0.87;

/// Where the sun stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sun {
    /// Radians above the horizon; negative at night.
    elevation: f64,
    /// Radians from south, west positive.
    azimuth: f64,
    /// Day angle of the year in radians, for the seasons.
    day_angle: f64,
}

impl Sun {
    /// Low-precision solar position after Spencer (1971); good to a few tenths of a degree.
    pub(super) fn at(unix_s: f64) -> Self {
        let instant = DateTime::<Utc>::from_timestamp(unix_s as i64, 0).unwrap_or_default();
        let day = f64::from(instant.ordinal0()) + unix_s.rem_euclid(86_400.0) / 86_400.0;
        let g = std::f64::consts::TAU * day / 365.25;
        let declination = 0.006_918 - 0.399_912 * g.cos() + 0.070_257 * g.sin()
            - 0.006_758 * (2.0 * g).cos()
            + 0.000_907 * (2.0 * g).sin()
            - 0.002_697 * (3.0 * g).cos()
            + 0.001_48 * (3.0 * g).sin();
        let equation_of_time_min = 229.18
            * (0.000_075 + 0.001_868 * g.cos()
                - 0.032_077 * g.sin()
                - 0.014_615 * (2.0 * g).cos()
                - 0.040_849 * (2.0 * g).sin());
        let solar_minutes =
            unix_s.rem_euclid(86_400.0) / 60.0 + 4.0 * LONGITUDE + equation_of_time_min;
        let hour_angle = ((solar_minutes / 4.0) - 180.0).to_radians();
        let latitude = LATITUDE.to_radians();
        let sin_elevation = latitude.sin() * declination.sin()
            + latitude.cos() * declination.cos() * hour_angle.cos();
        let azimuth = hour_angle
            .sin()
            .atan2(hour_angle.cos() * latitude.sin() - declination.tan() * latitude.cos());
        Self {
            elevation: sin_elevation.asin(),
            azimuth,
            day_angle: g,
        }
    }

    /// Irradiance in W/m² on the roof under a sky whose clouds let `direct` (0..=1) of the beam through.
    fn on_roof(self, direct: f64) -> f64 {
        if self.elevation <= 0.0 {
            return 0.0;
        }
        let sin_elevation = self.elevation.sin();
        // Kasten and Young's air mass, Meinel's clear-sky beam.
        let degrees = self.elevation.to_degrees();
        let air_mass = 1.0 / (sin_elevation + 0.505_72 * (degrees + 6.079_95).powf(-1.6364));
        let beam = 1353.0 * 0.7_f64.powf(air_mass.powf(0.678));
        let tilt = TILT_DEGREES.to_radians();
        let incidence =
            sin_elevation * tilt.cos() + self.elevation.cos() * tilt.sin() * self.azimuth.cos();
        let sky_view = f64::midpoint(1.0, tilt.cos());
        // Half of what clouds take from the beam arrives as diffuse light.
        let horizontal = beam * sin_elevation;
        let diffuse = horizontal * (0.1 + 0.32 * (1.0 - direct)) * sky_view;
        beam * incidence.max(0.0) * direct + diffuse
    }
}

/// Power in W (positive) of a roof of `peak_w` behind an inverter of the same size.
pub(super) fn pv_power_w(seed: u64, unix_s: f64, peak_w: f64) -> f64 {
    let sun = Sun::at(unix_s);
    if sun.elevation <= 0.0 {
        return 0.0;
    }
    let direct = clear_share(seed, unix_s, sun.day_angle);
    let power = peak_w * sun.on_roof(direct) / 1000.0 * PERFORMANCE_RATIO;
    power.min(peak_w)
}

/// Which share of the beam the clouds let through.
fn clear_share(seed: u64, unix_s: f64, day_angle: f64) -> f64 {
    let weather = 0.55 * smooth(seed, Stream::Weather, unix_s, 15.0 * 3600.0)
        + 0.45 * smooth(seed, Stream::WeatherFront, unix_s, 55.0 * 3600.0);
    // Winters are greyer than summers.
    let cover = ((weather - 0.42 + 0.13 * day_angle.cos()) * 2.6 + 0.5).clamp(0.0, 1.0);
    // Broken skies flicker, clear and overcast ones do not.
    let broken = 4.0 * cover * (1.0 - cover);
    let cumulus = 0.6 * smooth(seed, Stream::Cumulus, unix_s, 540.0)
        + 0.4 * smooth(seed, Stream::CumulusFast, unix_s, 130.0);
    (1.0 - cover + broken * 0.9 * (cumulus - 0.5)).clamp(0.03, 1.0)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;

    fn elevation(year: i32, month: u32, day: u32, hour: u32, minute: u32) -> f64 {
        let at = Utc
            .with_ymd_and_hms(year, month, day, hour, minute, 0)
            .unwrap();
        Sun::at(at.timestamp() as f64).elevation.to_degrees()
    }

    #[test]
    fn the_sun_culminates_where_the_almanac_says() {
        // 90° - 52° ± 23.44°, at about 11:20 UTC for 10° east.
        assert!((elevation(2026, 6, 21, 11, 22) - 61.4).abs() < 0.5);
        assert!((elevation(2026, 12, 21, 11, 18) - 14.6).abs() < 0.5);
        assert!(elevation(2026, 6, 21, 23, 20) < -10.0);
    }

    #[test]
    fn a_year_on_the_roof_yields_what_the_region_yields() {
        let start = Utc
            .with_ymd_and_hms(2026, 1, 1, 0, 0, 0)
            .unwrap()
            .timestamp();
        for seed in 0..4 {
            let kwh: f64 = (0..365 * 96)
                .map(|slot| pv_power_w(seed, (start + slot * 900) as f64, 1000.0) * 0.25 / 1000.0)
                .sum();
            assert!(
                (820.0..1150.0).contains(&kwh),
                "seed {seed}: {kwh} kWh per kWp"
            );
        }
    }
}
