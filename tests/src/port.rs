//! Ports for programs that cannot take a free one themselves.

use std::net::{Ipv4Addr, TcpListener};

/// A port of the loopback interface that nothing listens on at the moment.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener
        .local_addr()
        .expect("the address just bound")
        .port()
}
