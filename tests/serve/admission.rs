//! Who may ask: pages elsewhere, other hosts, tokens.

use super::*;

#[test]
fn pages_elsewhere_get_nothing_but_a_link_to_the_search_page() {
    let server = Running::with(Limits::default());
    let ask = |path: &str, head: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}\r\n");
        server.ask(&request).status
    };
    let followed = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
    for site in ["cross-site", "same-site"] {
        let site = format!("Sec-Fetch-Site: {site}\r\n");
        assert_eq!(ask("/", &format!("{site}{followed}")), 200);
        assert_eq!(ask("/", &site), 403);
        for path in ["/report", "/info", "/metrics"] {
            assert_eq!(ask(path, &format!("{site}{followed}")), 403, "{path}");
        }
    }
    for site in ["same-origin", "none"] {
        assert_eq!(ask("/info", &format!("Sec-Fetch-Site: {site}\r\n")), 200);
    }
}

#[test]
fn other_hosts_and_other_origins_are_refused() {
    let server = Running::with(Limits::default());
    let ask = |head: &str| server.ask(&format!("GET /info HTTP/1.1\r\n{head}\r\nConnection: close\r\n\r\n")).status;
    for host in ["localhost:1", "127.0.0.1:8765", "[::1]:8765", "LOCALHOST"] {
        assert_eq!(ask(&format!("Host: {host}")), 200, "{host}");
    }
    for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", ""] {
        assert_eq!(ask(&format!("Host: {host}")), 403, "{host}");
    }
    assert_eq!(ask("Host: localhost:1\r\nOrigin: http://localhost:1"), 200);
    for origin in ["http://evil.example", "null", "http://localhost:2", "localhost:1"] {
        assert_eq!(ask(&format!("Host: localhost:1\r\nOrigin: {origin}")), 403, "{origin}");
    }
}

#[test]
fn a_token_is_asked_for_everywhere_but_at_health() {
    let token = Token::new("0123456789abcdef").unwrap();
    let server = Running::at(&Settings::new("127.0.0.1:0".parse().unwrap(), Some(token)).unwrap());
    let ask = |path: &str, head: &str| {
        server.ask(&format!("GET {path} HTTP/1.1\r\nHost: any.example\r\nConnection: close\r\n{head}\r\n")).status
    };
    assert_eq!(ask("/health", ""), 200);
    for path in ["/info", "/metrics", "/v1/models", "/openapi.json", "/nothing"] {
        assert_eq!(ask(path, ""), 401, "{path}");
        assert_eq!(ask(path, "Authorization: Bearer 0123456789abcdeg\r\n"), 401, "{path}");
        assert_eq!(ask(path, "Authorization: 0123456789abcdef\r\n"), 401, "{path}");
        assert_ne!(ask(path, "Authorization: bearer 0123456789abcdef\r\n"), 401, "{path}");
    }
    assert_eq!(server.get("/v1/models").json()["error"]["code"], "invalid_api_key");
}
