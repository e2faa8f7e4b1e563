//! What is published for each command, byte by byte.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod by_key;
mod template;
mod v1_9;
mod v2;

use openwb::command::{Refusal, Write};

/// Topic and payload of something that may be sent.
fn sent(write: &Result<Write, Refusal>) -> (&str, &str) {
    match write {
        Ok(write) => {
            assert!(!write.deletes());
            (write.topic(), write.payload())
        }
        Err(refusal) => panic!("{refusal}"),
    }
}

fn out_of_range(what: &'static str, allowed: &'static str) -> Refusal {
    Refusal::OutOfRange { what, allowed }
}
