//! Reads whatever anyone may send; what is accepted must survive being written and read again.
//! Run with `cargo +nightly fuzz run parse_call`.

#![no_main]

use koji_core::wire::{parse_call, request_text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let Ok(call) = parse_call(body) else { return };
    let write =
        |params: &[koji_core::wire::Value]| request_text(&call.method, params).expect("it can be written");
    // the first way turns carriage returns into line feeds, after that nothing may change
    let once = parse_call(write(&call.params).as_bytes()).expect("what we write can be read");
    let text = write(&once.params);
    let twice = parse_call(text.as_bytes()).expect("what we write can be read");
    assert_eq!(write(&twice.params), text);
});
