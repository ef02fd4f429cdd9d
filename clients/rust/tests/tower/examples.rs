//! The programs in `examples/` do what they say.

use crate::app::{options, App, Store, PATIENCE};
use crate::gates::gates;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use support::Server;

#[path = "../../examples/axum.rs"]
#[allow(dead_code)] // its `main`
mod counter;
#[path = "../../examples/axum_login.rs"]
#[allow(dead_code)]
mod login;

/// As the programs make it.
fn store(server: &Server) -> Store<ConnectionManager> {
    let url = format!("redis://127.0.0.1:{}/", server.port());
    let client = redis::Client::open(url).expect("a URL");
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE));
    let connection = client.get_connection_manager_lazy(config);
    Store::with_options(connection.expect("a connection"), options())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counter_counts_for_each_browser() {
    let server = Server::start();
    let app = App::serve(counter::router(store(&server)), gates()).await;
    let (one, other) = (app.browser(), app.browser());
    for visits in ["Visits: 1\n", "Visits: 2\n"] {
        assert_eq!(one.get("/").await.text, visits);
    }
    assert_eq!(other.get("/").await.text, "Visits: 1\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_logs_in_on_two_devices_and_out_everywhere() {
    let server = Server::start();
    let app = App::serve(login::router(store(&server)), gates()).await;
    let (phone, laptop) = (app.browser(), app.browser());
    let wrong = [("user", "ada"), ("password", "babbage")];
    let right = [("user", "ada"), ("password", "lovelace")];
    assert_eq!(phone.form("/login", &wrong).await.status, 401);
    assert!(phone.get("/").await.text.contains("Log in"));
    for browser in [&phone, &laptop] {
        // The answer is a redirection to the page.
        assert!(browser
            .form("/login", &right)
            .await
            .text
            .contains("Hello, ada"));
    }
    let page = laptop.get("/").await.text;
    assert_eq!(page.matches("<p>unknown</p>").count(), 2);
    assert!(phone.form("/logout", &[]).await.text.contains("Log in"));
    assert!(laptop.get("/").await.text.contains("Hello, ada"));
    phone.form("/login", &right).await;
    assert!(phone
        .form("/logout-everywhere", &[])
        .await
        .text
        .contains("Log in"));
    assert!(laptop.get("/").await.text.contains("Log in"));
    assert_eq!(server.ok(&["DBSIZE"]).int(), 0);
}
