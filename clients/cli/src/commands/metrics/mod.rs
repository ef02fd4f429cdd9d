//! `sessionctl metrics`: INFO session of all nodes in the format of Prometheus.
//!
//! Nothing is asked between scrapes, and nothing is kept but the connections.

mod exposition;
mod families;
mod fields;
mod listener;
mod respond;
mod scraper;

use super::Context;
use crate::args::metrics::Metrics;
use crate::failure::{Code, Failure};
use crate::server::Access;
use scraper::Scraper;
use std::process::ExitCode;
use tokio::net::TcpListener;
use tokio::signal::unix::{signal, SignalKind};
use tokio::sync::mpsc;

pub async fn run(args: &Metrics, context: &Context<'_>) -> Result<ExitCode, Failure> {
    let output = context.output;
    if output.is_json() {
        return Err(
            Failure::usage("metrics prints the format of Prometheus, and no JSON")
                .hint("sessionctl top --once --json prints the same figures as JSON."),
        );
    }
    let access = Access::of(context.target)?;
    let (sender, mut notes) = mpsc::unbounded_channel();
    let scraper = Scraper::new(access, sender);
    if args.once {
        let text = scraper.scrape(None).await;
        output.line(text.trim_end());
        while let Ok(note) = notes.try_recv() {
            output.note(&note);
        }
        return Ok(match scraper.reached().await {
            true => ExitCode::SUCCESS,
            false => Code::Server.into(),
        });
    }
    let listener = TcpListener::bind(&args.listen).await.map_err(|error| {
        Failure::usage(format!("cannot listen on {}: {error}", args.listen))
            .hint("--listen takes a host and a port, as 127.0.0.1:9736.")
    })?;
    let place = listener
        .local_addr()
        .map_or_else(|_| args.listen.clone(), |place| place.to_string());
    output.note(&format!("serving http://{place}/metrics"));
    let no_signal = |error| Failure::new(format!("signals cannot be received: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(no_signal)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(no_signal)?;
    let stop = async {
        loop {
            tokio::select! {
                _ = interrupt.recv() => return,
                _ = terminate.recv() => return,
                Some(note) = notes.recv() => output.note(&note),
            }
        }
    };
    listener::serve(listener, scraper, stop).await;
    Ok(ExitCode::SUCCESS)
}
