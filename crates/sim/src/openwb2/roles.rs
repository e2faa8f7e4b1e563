//! User management: what guests may see, and what each role adds to it.
//!
//! As in openWB's dynamic security file and role templates
//! (`data/config/mosquitto/public/role-templates.json`), openWB 2.2.0 and later.

use std::fmt;
use std::str::FromStr;

use crate::broker::Acl;

/// Something a user may do. Written as openWB names its roles: `chargepoint-3-access`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everything (`full-access`).
    Full,
    /// See a charge point, set its profile, lock, vehicle and tag.
    ChargePoint(u32),
    /// See a vehicle and tell its state of charge.
    Vehicle(u32),
    /// See a counter.
    Counter(u32),
    /// See a battery.
    Battery(u32),
    /// See an inverter.
    Inverter(u32),
    /// See the sums of all charge points.
    ChargePointSum,
    /// See the sums of all batteries.
    BatterySum,
    /// See the sums of all inverters.
    InverterSum,
    /// See what the house consumes.
    HomeConsumption,
    /// Ask for the charge log.
    ChargeLog,
    /// See charts and ask for daily, monthly and yearly logs.
    Chart,
    /// See and change vehicles' names, tags and profiles.
    VehicleConfiguration,
}

/// No role is called that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no role {0:?}; one looks like chargepoint-3-access")]
pub struct UnknownRole(pub String);

/// Roles that exist once.
const SINGLE: [(Role, &str); 8] = [
    (Role::Full, "full-access"),
    (Role::ChargePointSum, "chargepoint-sum-access"),
    (Role::BatterySum, "bat-sum-access"),
    (Role::InverterSum, "inverter-sum-access"),
    (Role::HomeConsumption, "home-consumption-access"),
    (Role::ChargeLog, "charge-log-access"),
    (Role::Chart, "chart-access"),
    (Role::VehicleConfiguration, "vehicle-configuration-access"),
];

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, UnknownRole> {
        if let Some((role, _)) = SINGLE.iter().find(|(_, single)| *single == name) {
            return Ok(*role);
        }
        let unknown = || UnknownRole(name.to_owned());
        let (kind, id) = name
            .strip_suffix("-access")
            .and_then(|role| role.split_once('-'))
            .ok_or_else(unknown)?;
        let id = id.parse().map_err(|_| unknown())?;
        match kind {
            "chargepoint" => Ok(Self::ChargePoint(id)),
            "vehicle" => Ok(Self::Vehicle(id)),
            "counter" => Ok(Self::Counter(id)),
            "bat" => Ok(Self::Battery(id)),
            "inverter" => Ok(Self::Inverter(id)),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ChargePoint(id) => write!(f, "chargepoint-{id}-access"),
            Self::Vehicle(id) => write!(f, "vehicle-{id}-access"),
            Self::Counter(id) => write!(f, "counter-{id}-access"),
            Self::Battery(id) => write!(f, "bat-{id}-access"),
            Self::Inverter(id) => write!(f, "inverter-{id}-access"),
            role => f.write_str(
                SINGLE
                    .iter()
                    .find(|(single, _)| single == role)
                    .map_or("", |(_, name)| name),
            ),
        }
    }
}

/// What a client without a name receives. It may send nothing.
pub(crate) fn guests() -> Acl {
    Acl::default().reading(
        [
            "system/version",
            "system/boot_done",
            "system/time",
            "system/update_in_progress",
            "system/serial_number",
            "system/ip_address",
            "system/mac_address",
            "system/current_branch",
            "system/current_branch_commit",
            "system/current_commit",
            "system/installAssistantDone",
            "system/usage_terms_acknowledged",
            "system/dataprotection_acknowledged",
            "system/security/user_management_active",
            "system/messages/+",
            "general/extern",
            "general/extern_display_mode",
            "general/allow_unencrypted_access",
            "general/web_theme",
            "counter/get/hierarchy",
            "vehicle/+/name",
            "vehicle/+/color",
            "optional/rfid/active",
            "optional/dc_charging",
            "optional/int_display/theme",
            "optional/int_display/only_local_charge_points",
            "internal_chargepoint/global_data",
            "internal_chargepoint/+/data/parent_cp",
            "command/+/messages/+",
        ]
        .map(|path| format!("openWB/{path}")),
    )
}

/// What a user with these roles may do, beyond being a guest.
pub(crate) fn rights(roles: &[Role]) -> Acl {
    roles.iter().fold(guests(), |acl, role| grant(acl, *role))
}

fn grant(acl: Acl, role: Role) -> Acl {
    let at = |path: &str| format!("openWB/{path}");
    let command = |name: &str| format!("openWB/set/command/+/todo/{name}");
    match role {
        // As everybody on a box without user management.
        Role::Full => acl.and(Acl::openwb()),
        Role::ChargePoint(id) => acl
            .reading([format!("openWB/chargepoint/{id}/#")])
            .writing([
                format!("openWB/set/chargepoint/{id}/set/charge_template"),
                format!("openWB/set/chargepoint/{id}/set/manual_lock"),
                format!("openWB/set/chargepoint/{id}/config/ev"),
                format!("openWB/set/chargepoint/{id}/get/rfid"),
                command("addChargeTemplateSchedulePlan"),
                command("addChargeTemplateTimeChargingPlan"),
            ]),
        Role::Vehicle(id) => acl.reading([format!("openWB/vehicle/{id}/#")]).writing([
            format!("openWB/set/vehicle/{id}/soc_module/calculated_soc_state/manual_soc"),
            format!("openWB/set/vehicle/{id}/get/soc"),
            format!("openWB/set/vehicle/{id}/get/range"),
        ]),
        Role::Counter(id) => acl.reading([format!("openWB/counter/{id}/#")]),
        Role::Battery(id) => acl.reading([format!("openWB/bat/{id}/#")]),
        Role::Inverter(id) => acl.reading([format!("openWB/pv/{id}/#")]),
        Role::ChargePointSum => acl.reading([at("chargepoint/get/#")]),
        Role::BatterySum => acl.reading([at("bat/get/#"), at("bat/config/configured")]),
        Role::InverterSum => acl.reading([at("pv/get/#"), at("pv/config/configured")]),
        Role::HomeConsumption => acl.reading(
            [
                "home_consumption",
                "imported_home_consumption",
                "daily_yield_home_consumption",
            ]
            .map(|name| format!("openWB/counter/set/{name}")),
        ),
        Role::ChargeLog => acl
            .reading([at("log/+/data"), at("system/security/access/ChargeLog")])
            .writing([command("getChargeLog")]),
        Role::Chart => acl
            .reading([
                at("graph/#"),
                at("log/daily/#"),
                at("log/monthly/#"),
                at("log/yearly/#"),
                at("system/security/access/Chart"),
            ])
            .writing(["getDailyLog", "getMonthlyLog", "getYearlyLog"].map(command)),
        Role::VehicleConfiguration => {
            let kept = [
                "vehicle/+/name",
                "vehicle/+/color",
                "vehicle/+/info",
                "vehicle/+/tag_id",
                "vehicle/+/charge_template",
                "vehicle/+/ev_template",
                "vehicle/template/#",
            ];
            acl.reading(kept.map(at))
                .reading([at("system/security/access/VehicleConfiguration")])
                .writing(kept.map(|path| format!("openWB/set/{path}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_called_what_openwb_calls_them() {
        for name in [
            "full-access",
            "chargepoint-3-access",
            "vehicle-1-access",
            "counter-0-access",
            "bat-2-access",
            "inverter-1-access",
            "chargepoint-sum-access",
            "home-consumption-access",
            "charge-log-access",
            "chart-access",
            "vehicle-configuration-access",
        ] {
            assert_eq!(name.parse::<Role>().unwrap().to_string(), name);
        }
        for name in ["", "admin", "chargepoint-x-access", "wallbox-3-access"] {
            assert!(name.parse::<Role>().is_err(), "{name}");
        }
    }
}
