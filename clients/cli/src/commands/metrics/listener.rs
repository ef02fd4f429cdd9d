//! The HTTP listener: takes connections until it is told to stop, and then lets those that are under way end.

use super::respond::respond;
use super::scraper::Scraper;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::{pending, Future};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{watch, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// So many connections are served at once. More of them wait until one ends.
const CONNECTIONS: usize = 256;

/// A client that does not send its first request within this time is disconnected, so that silent ones leave
/// their places to others.
const FIRST: Duration = Duration::from_secs(5);

/// A client that does not send its next request within this time is disconnected. Longer than the usual
/// interval of Prometheus, which keeps its connection.
const IDLE: Duration = Duration::from_secs(90);

/// The longest life of a connection. It ends between two requests; a client that takes no bytes is cut off.
const LIFE: Duration = Duration::from_secs(600);

/// How long a request that is under way may take at the end.
const LAST: Duration = Duration::from_secs(5);

/// Serves until `stop` ends.
pub async fn serve(listener: TcpListener, scraper: Scraper, stop: impl Future<Output = ()>) {
    let scraper = Arc::new(scraper);
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let (end, ended) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = async {
            let place = places.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next() => {}
            (place, stream) = accepted => match stream {
                Ok((stream, _)) => {
                    let (scraper, ended) = (scraper.clone(), ended.clone());
                    connections.spawn(async move {
                        connection(stream, &scraper, ended).await;
                        drop(place);
                    });
                }
                // No file descriptor is left, or the client has gone: others may come.
                Err(_) => sleep(Duration::from_millis(50)).await,
            },
        }
    }
    drop(listener);
    let _ = end.send(true);
    let _ = timeout(LAST, async {
        while connections.join_next().await.is_some() {}
    })
    .await;
}

async fn connection(stream: TcpStream, scraper: &Scraper, mut ended: watch::Receiver<bool>) {
    let asked = AtomicBool::new(false);
    let asked = &asked;
    let silent = async {
        sleep(FIRST).await;
        if asked.load(Relaxed) {
            pending::<()>().await;
        }
    };
    let service = service_fn(move |request| async move {
        asked.store(true, Relaxed);
        Ok::<_, Infallible>(respond(request, scraper).await)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        _ = &mut connection => return,
        () = silent => return,
        _ = ended.wait_for(|ended| *ended) => {}
        () = sleep(LIFE) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(LAST, connection).await;
}
