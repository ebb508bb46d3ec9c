//! In: bytes of libFuzzer. Out: nothing, or a panic: see `targets.rs`.

#![no_main]

#[path = "../targets.rs"]
#[expect(dead_code, reason = "the other targets are the other programs'")]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::observe(bytes));
