//! `system/#`.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::json::{self, Object};
use super::payload::{boolean, determined, number, present, refuse, string, to_whole};
use super::topic::{self, Path};
use super::{Outcome, Refusal, v1_9};
use crate::reading::{
    Component, ComponentKind, Device, Generation, Message, Reading, System, Text,
};

pub(super) fn decode(mut path: Path<'_>, payload: &[u8]) -> Outcome {
    let value = match path.next() {
        b"device" => return device(path, payload),
        b"messages" => {
            let id = topic::digits(path.rest()).ok_or(Refusal::Unknown)?;
            System::Message {
                id,
                message: message(payload)?,
            }
        }
        b"security" => match path.rest() {
            b"user_management_active" => System::UserManagementActive(boolean(payload)?),
            _ => return Err(Refusal::Ignored),
        },
        level if !path.rest().is_empty() => {
            return Err(match level {
                b"configurable" | b"backup_cloud" | b"mqtt" => Refusal::Ignored,
                _ => Refusal::Unknown,
            });
        }
        b"version" => System::Version {
            generation: Generation::V2,
            version: string(payload)?,
        },
        // With a capital letter it is 1.9's: tells the generations apart.
        b"Version" => System::Version {
            generation: Generation::V1_9,
            version: v1_9::string(payload)?,
        },
        b"current_branch" => System::Branch(string(payload)?),
        b"current_commit" => System::Commit(string(payload)?),
        b"current_branch_commit" => System::BranchCommit(string(payload)?),
        b"boot_done" => System::BootDone(boolean(payload)?),
        b"update_in_progress" => System::UpdateInProgress(boolean(payload)?),
        b"time" => System::Time(number(payload)?),
        b"ip_address" => System::IpAddress(determined(payload)?),
        b"mac_address" => System::MacAddress(determined(payload)?),
        b"serial_number" => System::SerialNumber(determined(payload)?),
        b"hostname" => System::Hostname(determined(payload)?),
        b"datastore_version" => System::DatastoreVersion(newest_migration(payload)?),
        // Settings of the box and of its own user interface; the live values of its chart repeat
        // what the other topics say.
        b"backup_password"
        | b"dataprotection_acknowledged"
        | b"debug_level"
        | b"installAssistantDone"
        | b"lastlivevaluesJson"
        | b"pnp_ip"
        | b"release_train"
        | b"secondary_auto_update"
        | b"usage_terms_acknowledged" => return Err(Refusal::Ignored),
        _ => return Err(Refusal::Unknown),
    };
    Ok(Reading::System(value))
}

fn newest_migration(payload: &[u8]) -> Outcome<Option<u32>> {
    // Boxes older than the list published the number itself.
    if let Ok(Some(version)) = number(payload) {
        return Ok(to_whole(version, u32::MAX));
    }
    let migrations = json::list(payload)?.unwrap_or_default();
    Ok(migrations
        .iter()
        .filter_map(Value::as_f64)
        .filter_map(|n| to_whole(n, u32::MAX))
        .max())
}

pub(super) fn message(payload: &[u8]) -> Outcome<Option<Box<Message>>> {
    let Some(document) = json::object(payload)? else {
        return Ok(None);
    };
    let fields = Object::new(&document);
    Ok(Some(Box::new(Message {
        source: fields.string("source"),
        kind: fields.string("type"),
        text: fields.text("message").unwrap_or_else(|| Text::new("")),
        at: fields.number("timestamp"),
    })))
}

/// The fields of a device or component that are no secret. Everything else in these documents
/// (`configuration` holds passwords) is skipped by the parser and never stored.
#[derive(Deserialize)]
struct Configured {
    name: Option<Box<str>>,
    #[serde(rename = "type")]
    kind: Option<Box<str>>,
    vendor: Option<Box<str>>,
    color: Option<Box<str>>,
}

fn device(mut path: Path<'_>, payload: &[u8]) -> Outcome {
    let Some(device) = topic::id(path.next()) else {
        return Err(Refusal::Ignored);
    };
    match path.next() {
        b"config" if path.rest().is_empty() => {
            let config = without_secrets(payload)?.map(|found: Configured| {
                Box::new(Device {
                    name: found.name,
                    driver: found.kind,
                    vendor: found.vendor,
                })
            });
            Ok(Reading::Device { id: device, config })
        }
        b"component" => {
            let id = topic::id(path.next()).ok_or(Refusal::Unknown)?;
            if path.rest() != b"config" {
                return Err(Refusal::Ignored);
            }
            let config = without_secrets(payload)?.map(|found: Configured| {
                let kind = found.kind.unwrap_or_default();
                Box::new(Component {
                    device,
                    name: found.name,
                    kind: kind_of(kind),
                    color: found.color,
                })
            });
            Ok(Reading::Component { id, config })
        }
        _ => Err(Refusal::Ignored),
    }
}

/// Drivers name their components `counter`, `counter_evu`, `inverter_secondary`, `bat` and alike.
fn kind_of(name: Box<str>) -> ComponentKind {
    match name.split('_').next() {
        Some("counter") => ComponentKind::Counter,
        Some("inverter") => ComponentKind::Inverter,
        Some("bat") => ComponentKind::Battery,
        _ => ComponentKind::Other(name),
    }
}

/// Parses only the fields `T` names.
pub(super) fn without_secrets<T: DeserializeOwned>(payload: &[u8]) -> Outcome<Option<T>> {
    const EXPECTED: &str = "an object";
    let Some(payload) = present(payload)? else {
        return Ok(None);
    };
    // A derived struct would also be filled from a list.
    if payload.first() != Some(&b'{') {
        return Err(refuse(payload, EXPECTED).into());
    }
    match serde_json::from_slice(payload) {
        Ok(fields) => Ok(Some(fields)),
        Err(_) => Err(refuse(payload, "an object with known fields").into()),
    }
}
