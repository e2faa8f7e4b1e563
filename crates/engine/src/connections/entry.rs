//! What a user enters for a connection, tidied up, or what is wrong with it.

use super::{SourceDraft, SourcesError};
use crate::sources::{Charger2Config, OpenwbConfig, SourceConfig};

/// Name and configuration of a source to add or to try out.
pub(super) fn new(draft: &SourceDraft) -> Result<(String, SourceConfig), SourcesError> {
    let config = match &draft.config {
        Some(SourceConfig::Openwb(config)) => SourceConfig::Openwb(openwb(config)?),
        Some(SourceConfig::Charger2(config)) => SourceConfig::Charger2(charger2(config)?),
        Some(SourceConfig::Elli(_)) | None => {
            let reason = "An Elli account is added by signing in.";
            return Err(invalid("kind", reason));
        }
    };
    let name = text(draft.name.as_deref()).unwrap_or_else(|| usual_name(&config));
    Ok((name, config))
}

/// Name and configuration of a source that is changed. What it is stays.
pub(super) fn changed(
    draft: &SourceDraft,
    known: &SourceConfig,
    name: &str,
) -> Result<(String, SourceConfig), SourcesError> {
    let Some(config) = &draft.config else {
        let name = text(draft.name.as_deref()).unwrap_or_else(|| name.to_owned());
        return Ok((name, known.clone()));
    };
    if config.kind() != known.kind() {
        let reason = "A connection cannot become one of another kind. Remove it and add a new one.";
        return Err(invalid("kind", reason));
    }
    new(draft)
}

/// A value that cannot be right.
pub(super) fn invalid(field: &'static str, reason: &str) -> SourcesError {
    SourcesError::Invalid {
        field,
        reason: reason.to_owned(),
    }
}

fn usual_name(config: &SourceConfig) -> String {
    match config {
        SourceConfig::Openwb(config) => config.host.clone(),
        SourceConfig::Charger2(_) => "Elli Charger 2".to_owned(),
        SourceConfig::Elli(_) => "Elli".to_owned(),
    }
}

fn openwb(entered: &OpenwbConfig) -> Result<OpenwbConfig, SourcesError> {
    let config = OpenwbConfig {
        host: host(
            &entered.host,
            "the openWB's name or address, e.g. openwb.local",
        )?,
        pinned_fingerprint: text(entered.pinned_fingerprint.as_deref())
            .map(|pin| pin.replace([':', ' '], "").to_ascii_lowercase()),
        username: text(entered.username.as_deref()),
        topic_prefix: text(entered.topic_prefix.as_deref()),
        ..entered.clone()
    };
    if config.port == 0 {
        let reason = "Enter the broker's port: 1883, or 8883 with TLS.";
        return Err(invalid("port", reason));
    }
    if let Some(pin) = &config.pinned_fingerprint
        && (pin.len() != 64 || !pin.bytes().all(|byte| byte.is_ascii_hexdigit()))
    {
        let reason = "A SHA-256 fingerprint has 64 hexadecimal digits.";
        return Err(invalid("tls.pinned_fingerprint", reason));
    }
    if let Some(prefix) = &config.topic_prefix
        && prefix.contains(['#', '+'])
    {
        let reason = "A topic prefix cannot contain # or +.";
        return Err(invalid("topic_prefix", reason));
    }
    Ok(config)
}

fn charger2(entered: &Charger2Config) -> Result<Charger2Config, SourcesError> {
    let config = Charger2Config {
        host: host(
            &entered.host,
            "the wallbox's name or address, e.g. 192.168.178.40",
        )?,
        ..entered.clone()
    };
    if config.port == 0 {
        let reason = "Enter the wallbox's Modbus port, usually 502.";
        return Err(invalid("port", reason));
    }
    Ok(config)
}

fn host(entered: &str, what: &str) -> Result<String, SourcesError> {
    let host = entered.trim();
    if host.contains("://") || host.contains('/') {
        let reason = "Enter the name or address alone, without mqtt:// and path.";
        return Err(invalid("host", reason));
    }
    if host.is_empty() || host.contains(char::is_whitespace) {
        return Err(invalid("host", &format!("Enter {what}.")));
    }
    Ok(host.to_owned())
}

/// A field that was left empty says nothing.
fn text(entry: Option<&str>) -> Option<String> {
    let entry = entry?.trim();
    (!entry.is_empty()).then(|| entry.to_owned())
}
