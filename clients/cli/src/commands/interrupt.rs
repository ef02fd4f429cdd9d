//! Ctrl-C, and SIGTERM.

/// Returns when the program is asked to stop.
pub async fn asked_to_stop() {
    use tokio::signal::unix::{signal, SignalKind};
    let Ok(mut term) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        result = tokio::signal::ctrl_c() => {
            if result.is_err() {
                std::future::pending::<()>().await;
            }
        }
        _ = term.recv() => {}
    }
}
