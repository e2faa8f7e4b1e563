//! Serving until told to stop.

use std::io::IsTerminal;
use std::sync::Arc;

use ladebuch_engine::clock::SystemClock;
use ladebuch_server::secrets_file::SecretsFile;
use ladebuch_server::{App, AppConfig, listen};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::command::{Failure, Options, print};

/// Runs the server until the system or Ctrl-C ends it.
pub fn run(options: &Options) -> Result<(), Failure> {
    let filter = EnvFilter::try_from_env("LADEBUCH_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,ladebuch_server=info,ladebuch_engine=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::other(format!("No threads: {error}")))?;
    let outcome = runtime.block_on(serve(options));
    // A demo that is still being made up cannot be interrupted, and is not worth waiting for.
    runtime.shutdown_background();
    outcome
}

async fn serve(options: &Options) -> Result<(), Failure> {
    let data_dir = options.data_dir()?;
    let listener = listen::bind(options.listen).await?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::other(error.to_string()))?;
    let config = AppConfig {
        demo: options.demo,
        openwb: options.openwb.clone(),
        elli: options.elli_url.clone().unwrap_or_default(),
        data_dir: data_dir.clone(),
    };
    let app = App::open(
        config,
        Arc::new(SecretsFile::new(&data_dir)),
        Arc::new(SystemClock::default()),
    );
    let stop = CancellationToken::new();
    let server = tokio::spawn(listen::serve(listener, app.router(address), stop.clone()));
    let outcome = tokio::select! {
        // Once everything is open, only a signal ends it.
        failed = until_failed(&app, address) => failed,
        () = told_to_stop() => Ok(()),
    };
    stop.cancel();
    app.stop().await;
    server.await.ok();
    outcome
}

/// Says where to go once everything is open; returns only if it cannot be opened.
async fn until_failed(app: &App, address: std::net::SocketAddr) -> Result<(), Failure> {
    app.ready().await.map_err(|error| Failure::from(&*error))?;
    let link = app
        .sign_in_link(address)
        .map_err(|error| Failure::other(error.detail.into()))?;
    print(&format!("Ladebuch listens at http://{address}"))?;
    print(&format!("Sign in (once, within 15 minutes): {}", link.url))?;
    std::future::pending().await
}

#[cfg(unix)]
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be heard; Ctrl-C can");
            tokio::signal::ctrl_c().await.ok();
        }
    }
}

/// The console asks, is closed, or the session or the system ends.
#[cfg(windows)]
async fn told_to_stop() {
    use tokio::signal::windows;
    let asked = async || {
        let mut interrupted = windows::ctrl_c()?;
        let mut broken = windows::ctrl_break()?;
        let mut closed = windows::ctrl_close()?;
        let mut logged_off = windows::ctrl_logoff()?;
        let mut shut_down = windows::ctrl_shutdown()?;
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = broken.recv() => {}
            _ = closed.recv() => {}
            _ = logged_off.recv() => {}
            _ = shut_down.recv() => {}
        }
        std::io::Result::Ok(())
    };
    if let Err(error) = asked().await {
        tracing::warn!(%error, "only Ctrl-C can be heard");
        tokio::signal::ctrl_c().await.ok();
    }
}
