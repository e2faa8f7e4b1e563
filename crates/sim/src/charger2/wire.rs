//! Modbus TCP: connections, frames, and what can go wrong with them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Charger2Fault, Control};

/// Longest PDU there is.
const LONGEST: usize = 253;
/// How late a late answer is.
const LATE: Duration = Duration::from_secs(6);

pub(super) async fn accept(
    listener: TcpListener,
    control: Control,
    most: usize,
    over: CancellationToken,
    tasks: TaskTracker,
) {
    let connected = Arc::new(AtomicUsize::new(0));
    loop {
        let accepted = tokio::select! {
            biased;
            () = over.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            // The box has room for few; who comes too late is hung up on.
            Ok(_) if connected.load(Ordering::Relaxed) >= most => {}
            Ok((stream, _)) => {
                connected.fetch_add(1, Ordering::Relaxed);
                let (control, over, connected) = (control.clone(), over.clone(), connected.clone());
                tasks.spawn(async move {
                    tokio::select! {
                        biased;
                        () = over.cancelled() => {}
                        ended = serve(stream, &control) => {
                            if let Err(error) = ended {
                                tracing::debug!(%error, "a Modbus connection ended");
                            }
                        }
                    }
                    connected.fetch_sub(1, Ordering::Relaxed);
                });
            }
            Err(error) => {
                // Out of file descriptors, most likely; the next client may have more luck.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Answers one request after the other until the client has gone or makes no sense.
async fn serve(mut stream: TcpStream, control: &Control) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut last: Option<u16> = None;
    loop {
        let mut header = [0; 7];
        stream.read_exact(&mut header).await?;
        let [t0, t1, p0, p1, l0, l1, unit] = header;
        let transaction = u16::from_be_bytes([t0, t1]);
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        // Without a length to trust there is no next frame.
        if !(2..=LONGEST + 1).contains(&length) {
            return Ok(());
        }
        let mut pdu = vec![0; length - 1];
        stream.read_exact(&mut pdu).await?;
        if [p0, p1] != [0, 0] {
            // Another protocol's; the standard says to say nothing.
            continue;
        }
        let Some(answer) = control.answer(&pdu).await else {
            return Ok(());
        };
        let frame = frame(transaction, unit, &answer);
        let struck = |fault| control.faults().strikes(fault);
        if struck(Charger2Fault::Silence) {
            continue;
        }
        if struck(Charger2Fault::LateAnswer) {
            tokio::time::sleep(LATE).await;
        }
        if struck(Charger2Fault::StaleAnswer) {
            let earlier = last.unwrap_or(transaction.wrapping_sub(1));
            stream.write_all(&stale(earlier, unit, &answer)).await?;
        }
        last = Some(transaction);
        if struck(Charger2Fault::CutFrame) {
            stream.write_all(&frame[..frame.len() / 2]).await?;
            return stream.shutdown().await;
        }
        if struck(Charger2Fault::SplitFrame) {
            for byte in &frame {
                stream.write_all(std::slice::from_ref(byte)).await?;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        } else {
            stream.write_all(&frame).await?;
        }
    }
}

fn frame(transaction: u16, unit: u8, pdu: &[u8]) -> Vec<u8> {
    let length = (pdu.len() + 1) as u16;
    let mut frame = Vec::with_capacity(pdu.len() + 7);
    frame.extend(transaction.to_be_bytes());
    frame.extend([0, 0]);
    frame.extend(length.to_be_bytes());
    frame.push(unit);
    frame.extend(pdu);
    frame
}

/// The same kind of answer with other values, as from a while ago.
fn stale(transaction: u16, unit: u8, pdu: &[u8]) -> Vec<u8> {
    let mut old = pdu.to_vec();
    for byte in old.iter_mut().skip(2) {
        *byte = byte.wrapping_add(1);
    }
    frame(transaction, unit, &old)
}
