//! The box's web server, as far as clients need it: GET of whole files, one request per connection.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::program::File;

/// Longest request head that is read.
const HEAD: usize = 8 * 1024;
/// How long a client may take to ask, and to take the answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a client may go on talking after its answer.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Somebody wants a file.
#[derive(Debug)]
pub(crate) struct Request {
    /// Path of the URL, without a query.
    pub(crate) path: String,
    /// Where the file goes, or word that there is none.
    pub(crate) answer: oneshot::Sender<Option<File>>,
}

/// A listener and the connections it took.
#[derive(Debug)]
pub(crate) struct Server {
    addr: SocketAddr,
    over: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    /// Takes the port and hands requests to `requests`.
    pub(crate) async fn start(
        listen: SocketAddr,
        requests: mpsc::Sender<Request>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let server = Self {
            addr: listener.local_addr()?,
            over: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        let (over, tasks) = (server.over.clone(), server.tasks.clone());
        server.tasks.spawn(accept(listener, requests, over, tasks));
        Ok(server)
    }

    /// Where it listens.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Closes the port and waits until every connection is gone.
    pub(crate) async fn stop(&self) {
        self.over.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.cancel();
    }
}

async fn accept(
    listener: TcpListener,
    requests: mpsc::Sender<Request>,
    over: CancellationToken,
    tasks: TaskTracker,
) {
    loop {
        let accepted = tokio::select! {
            biased;
            () = over.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let (requests, over) = (requests.clone(), over.clone());
                tasks.spawn(async move {
                    tokio::select! {
                        biased;
                        () = over.cancelled() => {}
                        _ = serve(stream, &requests) => {}
                    }
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

/// Answers one request. A client that goes away before its answer needs none.
async fn serve(mut stream: TcpStream, requests: &mpsc::Sender<Request>) -> io::Result<()> {
    let Ok(head) = timeout(PATIENCE, read_head(&mut stream)).await else {
        return Ok(());
    };
    let reply = match head? {
        Head::Ended => return Ok(()),
        Head::TooLong => reply("431 Request Header Fields Too Large", "", None),
        Head::Whole(head) => match target(&head) {
            Err(status) => {
                let allow = if status.starts_with("405") {
                    "Allow: GET\r\n"
                } else {
                    ""
                };
                reply(status, allow, None)
            }
            Ok(path) => match ask(requests, path).await {
                Some(file) => reply("200 OK", "", Some(file)),
                None => reply("404 Not Found", "", None),
            },
        },
    };
    if timeout(PATIENCE, stream.write_all(reply.as_bytes()))
        .await
        .is_ok()
    {
        stream.shutdown().await?;
        // What was sent and not read would make the close a reset, and the answer lost on its way.
        timeout(LAST_WORDS, ignore(&mut stream)).await.ok();
    }
    Ok(())
}

/// Reads to the end for nobody.
async fn ignore(stream: &mut TcpStream) {
    let mut nothing = [0; 1024];
    while stream.read(&mut nothing).await.is_ok_and(|read| read > 0) {}
}

/// What came of reading a request's head.
enum Head {
    Whole(Vec<u8>),
    TooLong,
    /// The client hung up first.
    Ended,
}

async fn read_head(stream: &mut TcpStream) -> io::Result<Head> {
    let mut head = Vec::with_capacity(1024);
    loop {
        if head.windows(4).any(|end| end == b"\r\n\r\n") {
            return Ok(Head::Whole(head));
        }
        if head.len() >= HEAD {
            return Ok(Head::TooLong);
        }
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(Head::Ended);
        }
    }
}

/// The path a request line asks for, or the status that refuses it.
fn target(head: &[u8]) -> Result<String, &'static str> {
    const BAD: &str = "400 Bad Request";
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = std::str::from_utf8(line).map_err(|_| BAD)?;
    let mut words = line.split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(BAD);
    };
    if !version.starts_with("HTTP/1.") || !target.starts_with('/') {
        return Err(BAD);
    }
    if method != "GET" {
        return Err("405 Method Not Allowed");
    }
    let path = target.split('?').next().unwrap_or_default();
    Ok(path.to_owned())
}

async fn ask(requests: &mpsc::Sender<Request>, path: String) -> Option<File> {
    let (answer, file) = oneshot::channel();
    requests.send(Request { path, answer }).await.ok()?;
    file.await.ok()?
}

fn reply(status: &str, headers: &str, file: Option<File>) -> String {
    let File { media_type, body } = file.unwrap_or_else(|| File {
        media_type: "text/plain; charset=utf-8",
        body: format!("{status}\n"),
    });
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Type: {media_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_line_is_read_or_refused() {
        for (line, expected) in [
            ("GET /a/b.csv HTTP/1.1", Ok("/a/b.csv")),
            ("GET /a?x=1 HTTP/1.0", Ok("/a")),
            ("POST /a HTTP/1.1", Err("405 Method Not Allowed")),
            ("GET a HTTP/1.1", Err("400 Bad Request")),
            ("GET /a b HTTP/1.1", Err("400 Bad Request")),
            ("GET /a SPDY/3", Err("400 Bad Request")),
            ("", Err("400 Bad Request")),
        ] {
            let head = format!("{line}\r\nHost: box\r\n\r\n");
            assert_eq!(
                target(head.as_bytes()),
                expected.map(str::to_owned),
                "{line}"
            );
        }
    }
}
