#![no_main]

#[path = "../targets.rs"]
#[allow(dead_code)]
mod targets;

libfuzzer_sys::fuzz_target!(
    // libfuzzer-sys aborts in its panic hook. The module catches panics of the schema library, so
    // they must not abort; a panic that nobody catches still does.
    init: std::panic::set_hook(Box::new(|_| {})),
    |input: &[u8]| targets::registry(input)
);
