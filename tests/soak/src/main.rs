//! The program `soak`; `options.rs` describes it.

use clap::Parser;
use redis_session_soak::options::Options;
use redis_session_soak::{report, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = Options::parse();
    // A panic is a server that died, or a reply of a kind that no command has.
    match std::panic::catch_unwind(|| run::run(&options)) {
        Ok(Ok(outcome)) => {
            println!("{}", report::text(&outcome));
            ExitCode::from(u8::from(!outcome.wrong.is_empty()))
        }
        Ok(Err(why)) => {
            eprintln!("soak: {why}");
            ExitCode::from(3)
        }
        Err(_) => {
            println!("WRONG: a server died, or its reply makes no sense; see above");
            ExitCode::from(1)
        }
    }
}
