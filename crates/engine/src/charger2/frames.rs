//! Between tokio-modbus and the socket: lets only the answer to the latest request through.
//!
//! tokio-modbus fails a call when the next frame has another transaction id, and has then lost its
//! place. A box that was slow once answers the earlier request first; such frames end here, and so
//! does everything that is not a Modbus TCP frame at all.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes of a header up to its length: transaction, protocol, length. The unit follows.
const HEADER: usize = 6;
/// Shortest and longest length a header can give: unit and PDU (Modbus Application Protocol V1.1b3).
const LENGTHS: std::ops::RangeInclusive<usize> = 2..=254;

/// Why the stream of answers ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Ended {
    /// The first thing said was no Modbus TCP.
    #[error("this is not Modbus TCP")]
    NotModbus,
    /// Between two answers.
    #[error("the other side hung up")]
    HungUp,
    /// In the middle of an answer.
    #[error("the other side hung up in the middle of an answer")]
    CutOff,
    /// It goes by the right number and still is no answer to the request.
    #[error("{0}")]
    Nonsense(&'static str),
}

impl From<Ended> for io::Error {
    fn from(ended: Ended) -> Self {
        Self::other(ended)
    }
}

/// A connection on which only answers to the latest request are heard.
#[derive(Debug)]
pub(super) struct Frames<T> {
    inner: T,
    /// The request that is being sent, or was sent last.
    asked: Vec<u8>,
    /// What has come and is not a whole frame yet.
    raw: Vec<u8>,
    /// What is left to hand over of an answer.
    answer: Vec<u8>,
    /// Whether the other side has shown to speak Modbus.
    known: bool,
}

impl<T> Frames<T> {
    pub(super) fn new(inner: T) -> Self {
        Self {
            inner,
            asked: Vec::new(),
            raw: Vec::new(),
            answer: Vec::new(),
            known: false,
        }
    }

    /// Follows which request is on its way. A write may take part of one only.
    fn note(&mut self, sent: &[u8]) {
        for byte in sent {
            if is_whole(&self.asked) {
                self.asked.clear();
                self.answer.clear();
            }
            self.asked.push(*byte);
        }
    }

    /// Takes the next whole frame, if there is one; says whether it was the answer.
    fn take_frame(&mut self) -> Result<Option<bool>, Ended> {
        let Some(length) = length(&self.raw) else {
            return Ok(None);
        };
        let protocol = &self.raw[2..4];
        if protocol != [0, 0] || !LENGTHS.contains(&length) {
            return Err(if self.known {
                Ended::Nonsense("the frame is broken")
            } else {
                Ended::NotModbus
            });
        }
        if self.raw.len() < HEADER + length {
            return Ok(None);
        }
        self.known = true;
        let frame: Vec<u8> = self.raw.drain(..HEADER + length).collect();
        if !is_whole(&self.asked) || frame[..2] != self.asked[..2] {
            tracing::debug!("a late answer was dropped");
            return Ok(Some(false));
        }
        check(&self.asked, &frame)?;
        self.answer = frame;
        Ok(Some(true))
    }
}

/// What the header says follows it.
fn length(frame: &[u8]) -> Option<usize> {
    let length = frame.get(4..HEADER)?;
    Some(usize::from(u16::from_be_bytes([length[0], length[1]])))
}

fn is_whole(frame: &[u8]) -> bool {
    length(frame).is_some_and(|length| frame.len() >= HEADER + length)
}

/// Whether a frame can be an answer to a request. Byte 6 is the unit, 7 the function.
fn check(asked: &[u8], frame: &[u8]) -> Result<(), Ended> {
    if frame[6] != asked[6] {
        return Err(Ended::Nonsense("it comes from another unit"));
    }
    if frame[7] & 0x7F != asked[7] {
        return Err(Ended::Nonsense("it belongs to another function"));
    }
    Ok(())
}

impl<T: AsyncRead + Unpin> AsyncRead for Frames<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if !self.answer.is_empty() {
                let fits = self.answer.len().min(buf.remaining());
                buf.put_slice(&self.answer[..fits]);
                self.answer.drain(..fits);
                return Poll::Ready(Ok(()));
            }
            if self.take_frame()?.is_some() {
                continue;
            }
            let mut chunk = [0; 512];
            let mut chunk = ReadBuf::new(&mut chunk);
            ready!(Pin::new(&mut self.inner).poll_read(cx, &mut chunk))?;
            if chunk.filled().is_empty() {
                let ended = if self.raw.is_empty() {
                    Ended::HungUp
                } else {
                    Ended::CutOff
                };
                return Poll::Ready(Err(ended.into()));
            }
            self.raw.extend_from_slice(chunk.filled());
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Frames<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let taken = ready!(Pin::new(&mut self.inner).poll_write(cx, buf))?;
        self.note(&buf[..taken]);
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;

    /// A read of register 4 under that number, and an answer to it.
    fn request(id: u8) -> Vec<u8> {
        vec![0, id, 0, 0, 0, 6, 1, 4, 0, 4, 0, 1]
    }

    fn answer(id: u8) -> Vec<u8> {
        vec![0, id, 0, 0, 0, 5, 1, 4, 2, 1, 0]
    }

    async fn asked(id: u8) -> (Frames<DuplexStream>, DuplexStream) {
        let (near, far) = duplex(1024);
        let mut frames = Frames::new(near);
        frames.write_all(&request(id)).await.unwrap();
        (frames, far)
    }

    async fn ended(frames: &mut Frames<DuplexStream>) -> Ended {
        let mut heard = [0; 64];
        let error = frames.read(&mut heard).await.unwrap_err();
        error.downcast().unwrap()
    }

    #[tokio::test]
    async fn only_the_answer_to_the_latest_request_comes_through() {
        let (mut frames, mut far) = asked(3).await;
        for id in [1, 2, 3, 3] {
            far.write_all(&answer(id)).await.unwrap();
        }
        let mut heard = [0; 11];
        frames.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard, answer(3)[..]);
        // The second answer to 3 is late for 4.
        frames.write_all(&request(4)).await.unwrap();
        far.write_all(&answer(4)).await.unwrap();
        frames.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard, answer(4)[..]);
    }

    #[tokio::test]
    async fn pieces_are_put_together_in_both_directions() {
        let (near, mut far) = duplex(3);
        let mut frames = Frames::new(near);
        let box_side = async {
            let mut heard = [0; 12];
            far.read_exact(&mut heard).await.unwrap();
            far.write_all(&answer(6)).await.unwrap();
            far.write_all(&answer(7)).await.unwrap();
        };
        let our_side = async {
            frames.write_all(&request(7)).await.unwrap();
            let mut heard = Vec::new();
            while heard.len() < 11 {
                heard.push(frames.read_u8().await.unwrap());
            }
            heard
        };
        let ((), heard) = tokio::join!(box_side, our_side);
        assert_eq!(heard, answer(7));
    }

    #[tokio::test]
    async fn other_protocols_are_recognised_by_their_first_words() {
        for words in [
            &b"HTTP/1.1 400 Bad Request\r\n"[..],
            b"SSH-2.0-OpenSSH_9.2\r\n",
            // A TLS alert, and a Modbus header with an impossible length.
            &[0x15, 3, 1, 0, 2, 2, 70],
            &[0, 1, 0, 0, 0, 1, 1],
            &[0, 1, 0, 0, 0xFF, 0xFF, 1],
        ] {
            let (mut frames, mut far) = asked(1).await;
            far.write_all(words).await.unwrap();
            assert_eq!(ended(&mut frames).await, Ended::NotModbus, "{words:?}");
        }
        let (mut frames, mut far) = asked(1).await;
        far.write_all(&answer(1)).await.unwrap();
        far.write_all(b"HTTP/1.1").await.unwrap();
        frames.read_exact(&mut [0; 11]).await.unwrap();
        let broken = ended(&mut frames).await;
        assert!(matches!(broken, Ended::Nonsense(_)), "{broken:?}");
    }

    #[tokio::test]
    async fn an_end_between_answers_differs_from_one_within() {
        let (mut frames, far) = asked(1).await;
        drop(far);
        assert_eq!(ended(&mut frames).await, Ended::HungUp);
        let (mut frames, mut far) = asked(1).await;
        far.write_all(&answer(1)[..8]).await.unwrap();
        drop(far);
        assert_eq!(ended(&mut frames).await, Ended::CutOff);
    }

    #[tokio::test]
    async fn units_and_functions_have_to_fit() {
        for (byte, value) in [(6, 2), (7, 3), (7, 0x83)] {
            let (mut frames, mut far) = asked(1).await;
            let mut other = answer(1);
            other[byte] = value;
            far.write_all(&other).await.unwrap();
            let ended = ended(&mut frames).await;
            assert!(matches!(ended, Ended::Nonsense(_)), "{ended:?}");
        }
        let (mut frames, mut far) = asked(1).await;
        let refusal = [0, 1, 0, 0, 0, 3, 1, 0x84, 2];
        far.write_all(&refusal).await.unwrap();
        let mut heard = [0; 9];
        frames.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard, refusal);
    }
}
