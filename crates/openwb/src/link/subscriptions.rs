//! Which topics are worth receiving.

/// Everything the decoder reads, of both generations, and little else: a box publishes some 2 000
/// messages a minute, most of them echoes of writes, form descriptions and copies. Filters do not
/// overlap, so no message arrives twice.
const FILTERS: &[&str] = &[
    "openWB/chargepoint/#",
    "openWB/counter/#",
    // Both generations.
    "openWB/pv/#",
    "openWB/bat/#",
    "openWB/vehicle/#",
    "openWB/general/control_interval",
    "openWB/general/temporary_charge_templates_active",
    "openWB/general/extern",
    "openWB/general/prices/+",
    "openWB/general/range_unit",
    "openWB/general/allow_unencrypted_access",
    "openWB/general/http_api",
    "openWB/general/chargemode_config/pv_charging/bat_mode",
    "openWB/optional/rfid/active",
    "openWB/optional/dc_charging",
    "openWB/optional/ep/configured",
    "openWB/optional/ep/get/prices",
    "openWB/optional/et/configured",
    "openWB/optional/et/get/prices",
    "openWB/system/version",
    "openWB/system/current_branch",
    "openWB/system/current_commit",
    "openWB/system/current_branch_commit",
    "openWB/system/boot_done",
    "openWB/system/update_in_progress",
    "openWB/system/time",
    "openWB/system/ip_address",
    "openWB/system/mac_address",
    "openWB/system/serial_number",
    "openWB/system/hostname",
    "openWB/system/datastore_version",
    "openWB/system/device/+/config",
    "openWB/system/device/+/component/+/config",
    "openWB/system/security/user_management_active",
    "openWB/system/messages/+",
    // From here on 1.9 alone. Its `config/get/SmartHome` holds passwords and is left out.
    "openWB/lp/#",
    "openWB/evu/#",
    "openWB/housebattery/#",
    "openWB/global/#",
    "openWB/config/get/sofort/#",
    "openWB/config/get/pv/#",
    "openWB/config/get/lp/#",
    "openWB/config/get/global/+",
    "openWB/system/Version",
    "openWB/system/Timestamp",
    "openWB/system/ConfiguredChargePoints",
    "openWB/system/updateInProgress",
    "openWB/system/priceForKWh",
    "openWB/system/lastRfId",
    "openWB/system/IpAddress",
    "openWB/system/CommitHash",
    "openWB/system/CommitBranches",
    "openWB/system/MonthLadelogData1",
    "openWB/system/MonthLadelogData2",
    "openWB/system/MonthLadelogData3",
    "openWB/system/MonthLadelogData4",
    "openWB/system/MonthLadelogData5",
    "openWB/system/MonthLadelogData6",
    "openWB/system/MonthLadelogData7",
    "openWB/system/MonthLadelogData8",
    "openWB/system/MonthLadelogData9",
    "openWB/system/MonthLadelogData10",
    "openWB/system/MonthLadelogData11",
    "openWB/system/MonthLadelogData12",
];

/// The filters, below a prefix.
pub(super) fn below(prefix: &str) -> impl Iterator<Item = String> {
    let prefix = match prefix.trim_matches('/') {
        "" => String::new(),
        prefix => format!("{prefix}/"),
    };
    FILTERS
        .iter()
        .map(move |filter| format!("{prefix}{filter}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_filter_covers_another() {
        for (at, filter) in FILTERS.iter().enumerate() {
            for other in &FILTERS[at + 1..] {
                assert!(!overlap(filter, other), "{filter} {other}");
            }
        }
    }

    fn overlap(one: &str, other: &str) -> bool {
        let (mut one, mut other) = (one.split('/'), other.split('/'));
        loop {
            match (one.next(), other.next()) {
                (Some("#"), _) | (_, Some("#")) | (None, None) => return true,
                (Some(a), Some(b)) if a == b || a == "+" || b == "+" => {}
                _ => return false,
            }
        }
    }
}
