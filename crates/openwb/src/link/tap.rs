//! Everything a box publishes, as it came: for looking at it, not for working with it.

use super::session::{Connector, Session};
use super::{LinkConfig, Problem};
use crate::codec::{Decoded, Decoder};

/// A message as it came, and what this crate makes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct RawMessage {
    /// Its topic, with the prefix of a bridge.
    pub topic: Box<str>,
    /// Its payload. It may hold passwords and RFID numbers: a box publishes both.
    pub payload: Box<[u8]>,
    /// True for the state the broker kept.
    pub retained: bool,
    /// What it says.
    pub decoded: Decoded,
}

/// A connection of its own that receives all topics of a box.
///
/// It costs a box some 2 000 messages a minute, so it should not be kept for long.
pub struct Tap {
    session: Session,
    decoder: Decoder,
}

impl Tap {
    /// Connects once and subscribes to everything. The state the broker kept follows.
    ///
    /// # Errors
    ///
    /// Why there is no connection.
    pub async fn open(config: &LinkConfig) -> Result<Self, Problem> {
        let connector = Connector::new(config.clone()).await?;
        let session = connector.with_everything().open().await?;
        Ok(Self {
            session,
            decoder: Decoder::new(&config.topic_prefix),
        })
    }

    /// Waits for the next message. May be cancelled without losing one.
    ///
    /// # Errors
    ///
    /// Why the connection ended. There is nothing more to come then.
    pub async fn next(&mut self) -> Result<RawMessage, Problem> {
        let message = self.session.next_message().await;
        let message = message.map_err(|failure| failure.explain_end())?;
        Ok(RawMessage {
            topic: String::from_utf8_lossy(&message.topic).into(),
            payload: message.payload.as_ref().into(),
            retained: message.retained,
            decoded: self.decoder.decode(&message.topic, &message.payload),
        })
    }

    /// Takes leave of the broker; takes half a second at most.
    pub async fn close(mut self) {
        self.session.take_leave().await;
    }
}
