//! Asking the running server for a sign-in link, with the owner token.

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use ladebuch_server::auth::OwnerToken;
use tokio::net::TcpStream;

use crate::command::{Failure, Options, print};

/// Prints a one-time link.
pub fn sign_in_link(options: &Options) -> Result<(), Failure> {
    let token = OwnerToken::read(&options.data_dir()?)
        .map_err(|error| Failure::other(error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::other(error.to_string()))?;
    let (status, body) = runtime.block_on(ask(options, &token)).map_err(|error| {
        Failure::other(format!(
            "No Ladebuch answers at {}: {error}. Start it, or name its address with --listen.",
            options.listen
        ))
    })?;
    let answer: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    if status == StatusCode::CREATED
        && let Some(url) = answer["url"].as_str()
    {
        return print(url);
    }
    let detail = answer["detail"]
        .as_str()
        .unwrap_or("Something else listens there.");
    Err(Failure::other(format!(
        "The server at {} refuses: {detail}",
        options.listen
    )))
}

type Trouble = Box<dyn std::error::Error>;

async fn ask(options: &Options, token: &OwnerToken) -> Result<(StatusCode, Bytes), Trouble> {
    let stream = TcpStream::connect(options.listen).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::post("/api/v1/sign-in/links")
        .header(header::HOST, options.listen.to_string())
        .header(header::AUTHORIZATION, format!("Bearer {}", token.secret()))
        .body(Empty::<Bytes>::new())?;
    let exchange = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        Ok::<_, hyper::Error>((status, response.into_body().collect().await?.to_bytes()))
    };
    tokio::select! {
        answer = exchange => Ok(answer?),
        broken = connection => Err(broken.err().map_or_else(|| "it hung up".into(), Into::into)),
    }
}
