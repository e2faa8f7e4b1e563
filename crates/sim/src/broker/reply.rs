//! What the broker says back, in the words of either version.

use std::sync::Arc;

use bytes::Bytes;
use mqtt_proto::{Pid, QoS, v3, v5};

use super::codec::{MAX_PACKET, Version, encode_v3, encode_v5};

/// First byte of a DISCONNECT packet.
const DISCONNECT: u8 = 0xe0;

/// Why a connection is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    UnknownProtocol,
    ClientId,
    NotAuthorized,
    AuthMethod,
    Malformed,
}

/// Why the broker ends a connection that was fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Farewell {
    Malformed,
    ProtocolError,
    KeepAlive,
    TakenOver,
    TooLarge,
    TopicName,
    TopicAlias,
    SubscriptionIds,
    /// The client does not read what it asked for.
    Overrun,
}

/// What to grant a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grant {
    Qos(QoS),
    /// Shared subscriptions are not on offer.
    Shared,
    BadFilter,
}

/// What the broker promises at the beginning.
pub(super) struct Welcome {
    pub(super) session_present: bool,
    pub(super) assigned_id: Option<Arc<str>>,
    /// Seconds, where they differ from what the client asked for.
    pub(super) session_expiry: Option<u32>,
}

pub(super) fn welcome(version: Version, welcome: Welcome) -> Option<Bytes> {
    match version {
        Version::V3 => encode_v3(&v3::Packet::Connack(v3::Connack::new(
            welcome.session_present,
            v3::ConnectReturnCode::Accepted,
        ))),
        Version::V5 => {
            let mut ack = v5::Connack::new(welcome.session_present, v5::ConnectReasonCode::Success);
            ack.properties.assigned_client_id = welcome.assigned_id;
            ack.properties.session_expiry_interval = welcome.session_expiry;
            ack.properties.max_packet_size = u32::try_from(MAX_PACKET).ok();
            ack.properties.shared_subscription_available = Some(false);
            ack.properties.subscription_id_available = Some(false);
            encode_v5(&v5::Packet::Connack(ack))
        }
    }
}

/// A refusal; to a client whose version is not known, in the words of 3.1.1.
pub(super) fn refuse(version: Option<Version>, why: Refusal) -> Option<Bytes> {
    use v3::ConnectReturnCode as Code3;
    use v5::ConnectReasonCode as Code5;
    if version == Some(Version::V5) {
        let code = match why {
            Refusal::UnknownProtocol => Code5::UnsupportedProtocolVersion,
            Refusal::ClientId => Code5::ClientIdentifierNotValid,
            Refusal::NotAuthorized => Code5::NotAuthorized,
            Refusal::AuthMethod => Code5::BadAuthMethod,
            Refusal::Malformed => Code5::MalformedPacket,
        };
        return encode_v5(&v5::Packet::Connack(v5::Connack::new(false, code)));
    }
    let code = match why {
        Refusal::UnknownProtocol => Code3::UnacceptableProtocolVersion,
        Refusal::ClientId => Code3::IdentifierRejected,
        Refusal::NotAuthorized | Refusal::AuthMethod => Code3::NotAuthorized,
        // 3.1.1 knows no code for it: the connection just ends.
        Refusal::Malformed => return None,
    };
    encode_v3(&v3::Packet::Connack(v3::Connack::new(false, code)))
}

/// A DISCONNECT with its reason; 3.1.1 has none from a server.
pub(super) fn farewell(version: Version, why: Farewell) -> Option<Bytes> {
    use v5::DisconnectReasonCode as Code;
    if version == Version::V3 {
        return None;
    }
    let code = match why {
        Farewell::Malformed => Code::MalformedPacket,
        Farewell::ProtocolError => Code::ProtocolError,
        Farewell::KeepAlive => Code::KeepAliveTimeout,
        Farewell::TakenOver => Code::SessionTakenOver,
        Farewell::TooLarge => Code::PacketTooLarge,
        Farewell::TopicName => Code::TopicNameInvalid,
        Farewell::TopicAlias => Code::TopicAliasInvalid,
        Farewell::SubscriptionIds => Code::SubscriptionIdentifiersNotSupported,
        Farewell::Overrun => Code::QuotaExceeded,
    };
    // By hand: mqtt-proto 0.4 writes a length of 0 in front of a reason without properties.
    Some(Bytes::copy_from_slice(&[DISCONNECT, 2, code as u8, 0]))
}

/// Acknowledges a QoS 1 message; a denied one only MQTT 5 is told about.
pub(super) fn puback(version: Version, pid: Pid, allowed: bool) -> Option<Bytes> {
    match version {
        Version::V3 => encode_v3(&v3::Packet::Puback(pid)),
        Version::V5 => {
            let code = if allowed {
                v5::PubackReasonCode::Success
            } else {
                v5::PubackReasonCode::NotAuthorized
            };
            encode_v5(&v5::Packet::Puback(v5::Puback::new(pid, code)))
        }
    }
}

/// First half of QoS 2.
pub(super) fn pubrec(version: Version, pid: Pid, allowed: bool) -> Option<Bytes> {
    match version {
        Version::V3 => encode_v3(&v3::Packet::Pubrec(pid)),
        Version::V5 => {
            let code = if allowed {
                v5::PubrecReasonCode::Success
            } else {
                v5::PubrecReasonCode::NotAuthorized
            };
            encode_v5(&v5::Packet::Pubrec(v5::Pubrec::new(pid, code)))
        }
    }
}

pub(super) fn pubrel(version: Version, pid: Pid) -> Option<Bytes> {
    match version {
        Version::V3 => encode_v3(&v3::Packet::Pubrel(pid)),
        Version::V5 => encode_v5(&v5::Packet::Pubrel(v5::Pubrel::new_success(pid))),
    }
}

pub(super) fn pubcomp(version: Version, pid: Pid, known: bool) -> Option<Bytes> {
    match version {
        Version::V3 => encode_v3(&v3::Packet::Pubcomp(pid)),
        Version::V5 => {
            let code = if known {
                v5::PubcompReasonCode::Success
            } else {
                v5::PubcompReasonCode::PacketIdentifierNotFound
            };
            encode_v5(&v5::Packet::Pubcomp(v5::Pubcomp::new(pid, code)))
        }
    }
}

pub(super) fn suback(version: Version, pid: Pid, grants: &[Grant]) -> Option<Bytes> {
    use v3::SubscribeReturnCode as Code3;
    use v5::SubscribeReasonCode as Code5;
    match version {
        Version::V3 => {
            let codes = grants
                .iter()
                .map(|grant| match grant {
                    Grant::Qos(qos) => Code3::from(*qos),
                    Grant::Shared | Grant::BadFilter => Code3::Failure,
                })
                .collect();
            encode_v3(&v3::Packet::Suback(v3::Suback::new(pid, codes)))
        }
        Version::V5 => {
            let codes = grants
                .iter()
                .map(|grant| match grant {
                    Grant::Qos(QoS::Level0) => Code5::GrantedQoS0,
                    Grant::Qos(QoS::Level1) => Code5::GrantedQoS1,
                    Grant::Qos(QoS::Level2) => Code5::GrantedQoS2,
                    Grant::Shared => Code5::SharedSubscriptionNotSupported,
                    Grant::BadFilter => Code5::TopicFilterInvalid,
                })
                .collect();
            encode_v5(&v5::Packet::Suback(v5::Suback::new(pid, codes)))
        }
    }
}

pub(super) fn unsuback(version: Version, pid: Pid, existed: &[bool]) -> Option<Bytes> {
    match version {
        Version::V3 => encode_v3(&v3::Packet::Unsuback(pid)),
        Version::V5 => {
            let codes = existed
                .iter()
                .map(|existed| {
                    if *existed {
                        v5::UnsubscribeReasonCode::Success
                    } else {
                        v5::UnsubscribeReasonCode::NoSubscriptionExisted
                    }
                })
                .collect();
            encode_v5(&v5::Packet::Unsuback(v5::Unsuback::new(pid, codes)))
        }
    }
}

pub(super) fn pingresp(version: Version) -> Option<Bytes> {
    match version {
        Version::V3 => encode_v3(&v3::Packet::Pingresp),
        Version::V5 => encode_v5(&v5::Packet::Pingresp),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_farewell_carries_its_reason_within_its_length() {
        let packet = farewell(Version::V5, Farewell::TakenOver).unwrap();
        assert_eq!(packet.as_ref(), [0xe0, 2, 0x8e, 0]);
        assert_eq!(farewell(Version::V3, Farewell::TakenOver), None);
    }
}
