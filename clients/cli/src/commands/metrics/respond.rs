//! The answer to one HTTP request.

use super::exposition::CONTENT_TYPE;
use super::scraper::Scraper;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{HeaderValue, ALLOW, CONTENT_TYPE as TYPE};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use std::time::Duration;

const PAGE: &str = "<!doctype html><title>sessionctl</title><p>The metrics of redis-session are at <a href=\"/metrics\">/metrics</a>.\n";
const PLAIN: &str = "text/plain; charset=utf-8";

/// Answers GET and HEAD. hyper leaves the body out for HEAD.
pub async fn respond<B>(request: Request<B>, scraper: &Scraper) -> Response<Full<Bytes>> {
    let path = request.uri().path();
    if !matches!(path, "/" | "/metrics") {
        return response(
            StatusCode::NOT_FOUND,
            PLAIN,
            "not found: the metrics are at /metrics\n",
        );
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let text = "only GET and HEAD are answered here\n";
        let mut refused = response(StatusCode::METHOD_NOT_ALLOWED, PLAIN, text);
        refused
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    if path == "/" {
        return response(StatusCode::OK, "text/html; charset=utf-8", PAGE);
    }
    let text = scraper.scrape(patience(request.headers())).await;
    response(StatusCode::OK, CONTENT_TYPE, text)
}

fn response(
    status: StatusCode,
    kind: &'static str,
    body: impl Into<Bytes>,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(TYPE, HeaderValue::from_static(kind));
    response
}

/// How long Prometheus waits for the answer, as it says in each scrape.
fn patience(headers: &HeaderMap) -> Option<Duration> {
    let seconds: f64 = headers
        .get("X-Prometheus-Scrape-Timeout-Seconds")?
        .to_str()
        .ok()?
        .parse()
        .ok()?;
    (0.1..=3600.0)
        .contains(&seconds)
        .then(|| Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::patience;
    use hyper::header::{HeaderMap, HeaderValue};
    use std::time::Duration;

    #[test]
    fn only_a_sensible_patience_is_taken() {
        let of = |text: &'static str| {
            let mut headers = HeaderMap::new();
            let value = HeaderValue::from_static(text);
            headers.insert("x-prometheus-scrape-timeout-seconds", value);
            patience(&headers)
        };
        assert_eq!(of("2.5"), Some(Duration::from_millis(2500)));
        for text in ["", "x", "-1", "0", "NaN", "inf", "1e300"] {
            assert_eq!(of(text), None, "{text}");
        }
        assert_eq!(patience(&HeaderMap::new()), None);
    }
}
