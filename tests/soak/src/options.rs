//! The command line of the program.

use clap::builder::RangedU64ValueParser;
use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// Makes, changes, rotates and ends sessions at full speed, beside a second server that does the like with
/// core's commands alone. Then it compares memory, latency, the index of users and the counters.
///
/// Exit status: 0 nothing is wrong, 1 something is, 2 a wrong argument, 3 it could not be carried out.
#[derive(Clone, Debug, PartialEq, Parser)]
#[command(name = "soak")]
pub struct Options {
    /// The module to load
    #[arg(long)]
    pub module: PathBuf,
    /// How long the load lasts, at least 3
    #[arg(long, value_parser = clap::value_parser!(u64).range(3..))]
    pub seconds: u64,
    /// Repeats what the clients choose; without it, the clock gives one
    #[arg(long)]
    pub seed: Option<u64>,
    /// Live sessions at a time, at least 300
    #[arg(long, default_value_t = 50_000, value_parser = RangedU64ValueParser::<usize>::new().range(300..))]
    pub sessions: usize,
    /// Clients that send to each of the two servers
    #[arg(long, default_value_t = 3, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    pub clients: usize,
    /// How often everything is ended and memory is compared, at least 2. The first round is the warm-up
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(2..))]
    pub rounds: u32,
    /// How much more memory there may be at the end, in percent of what there was after the warm-up
    #[arg(long, value_name = "PERCENT", default_value_t = 2)]
    pub within: u32,
    /// The server program; without it, that of REDIS_SERVER, or else redis-server
    #[arg(long)]
    pub server: Option<PathBuf>,
    /// Prints latencies, but does not judge them: for a machine with other work
    #[arg(long)]
    pub no_latency: bool,
    /// Does something wrong after each round, to see that it is found
    #[arg(long)]
    pub plant: Option<Plant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Plant {
    /// Memory that is not given back
    Leak,
}

#[cfg(test)]
mod tests {
    use super::{Options, Plant};
    use clap::Parser;

    fn parse(text: &str) -> Result<Options, String> {
        let args = ["soak"].into_iter().chain(text.split_whitespace());
        Options::try_parse_from(args).map_err(|why| why.to_string())
    }

    #[test]
    fn options_are_read() {
        let options =
            parse("--module m.so --seconds 60 --seed 7 --no-latency --plant leak").unwrap();
        assert_eq!(options.module.to_str(), Some("m.so"));
        assert_eq!((options.seconds, options.seed), (60, Some(7)));
        assert!(options.no_latency);
        assert_eq!(options.plant, Some(Plant::Leak));
        assert_eq!((options.sessions, options.rounds), (50_000, 6));
    }

    #[test]
    fn wrong_options_are_refused() {
        for (text, why) in [
            ("--seconds 60", "--module"),
            ("--module m.so", "--seconds"),
            ("--module", "a value is required for '--module"),
            ("--secs 4", "unexpected argument '--secs'"),
            ("--rounds 1", "1 is not in 2.."),
            ("--sessions 299", "299 is not in 300.."),
            ("--clients 0", "0 is not in 1.."),
            ("--seconds soon", "invalid value 'soon'"),
            ("--plant tree", "invalid value 'tree'"),
        ] {
            let refused = parse(text).unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }
}
