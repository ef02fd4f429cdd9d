#![no_main]

#[path = "../targets.rs"]
#[allow(dead_code)]
mod targets;

libfuzzer_sys::fuzz_target!(
    // A panic of the library's while it compiles a schema is caught by the module, so it must not
    // abort here; one that is not caught still does.
    init: std::panic::set_hook(Box::new(|_| {})),
    |input: &[u8]| targets::registry(input)
);
