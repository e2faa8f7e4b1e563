//! Which topics are worth receiving.

/// Everything the decoder reads, and little else: a box publishes some 2 000 messages a minute,
/// most of them echoes of writes, form descriptions and copies. Filters do not overlap, so no
/// message arrives twice.
const FILTERS: &[&str] = &[
    "openWB/chargepoint/#",
    "openWB/counter/#",
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
    // Only 1.9 has it: tells the generations apart.
    "openWB/system/Version",
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
