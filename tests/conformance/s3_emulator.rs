//! The emulator of S3 Access Grants as a program: `cargo run --example s3_emulator`.
//!
//! Out: one line with its port on 127.0.0.1. It ends when its standard input does, so that it never outlives who started it.

#![expect(clippy::print_stdout, reason = "a tool of tests")]

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../support/s3_emulator/mod.rs"]
mod s3_emulator;

use std::io;

use s3_emulator::server::{Emulator, Settings};

#[tokio::main]
async fn main() -> io::Result<()> {
    let emulator = Emulator::start(Settings::default()).await?;
    println!("{}", emulator.address.port());
    tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink()))
        .await
        .map_err(io::Error::other)??;
    Ok(())
}
