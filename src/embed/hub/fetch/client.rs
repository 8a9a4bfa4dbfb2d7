//! Speaks HTTP with the hub: what a revision holds, what a file is announced as, and its bytes.
//!
//! Source: huggingface_hub, `file_download.py`. Redirects are followed here and not by ureq, because the hub announces
//! a large file in the answer that leads to another host, and because no other host may be sent the token.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use ureq::http::{Response, StatusCode, Uri};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, Proxy};

use super::blob::Wanted;
use crate::embed::hub::cache::is_commit;
use crate::embed::hub::id::is_full_commit;
use crate::embed::hub::{Hub, HubError, ModelId};

/// Time to be reached, and for the first byte of an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Silence after which a connection counts as broken.
const SILENCE: Duration = Duration::from_secs(60);
/// A listing is some hundred bytes a file.
const LONGEST_LISTING: u64 = 64 << 20;
const MOST_REDIRECTS: usize = 5;
/// What a listing is called in errors.
const LISTING: &str = "the list of its files";

/// The hub at one endpoint.
pub(super) struct Client<'a> {
    agent: Agent,
    token: Option<&'a str>,
    endpoint: &'a str,
    origin: Origin,
}

/// What a revision is and holds.
pub(super) struct Listing {
    pub(super) commit: String,
    pub(super) files: BTreeSet<String>,
}

/// What the hub says of a file before it is fetched.
pub(super) struct Announced {
    pub(super) etag: String,
    pub(super) size: Option<u64>,
}

/// Who is spoken to: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin(String, String, u16);

impl Origin {
    fn of(address: &Uri) -> Option<Self> {
        let scheme = address.scheme_str()?;
        let port = address.port_u16().or(match scheme {
            "https" => Some(443),
            "http" => Some(80),
            _ => None,
        })?;
        Some(Self(scheme.to_owned(), address.host()?.to_ascii_lowercase(), port))
    }
}

#[derive(Deserialize)]
struct RevisionInfo {
    sha: String,
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
}

impl<'a> Client<'a> {
    /// # Errors
    /// [`HubError::Setting`] names the setting that cannot be used.
    pub(super) fn new(hub: &'a Hub) -> Result<Self, HubError> {
        let endpoint = hub.endpoint.trim_end_matches('/');
        let bad = |why: &str| HubError::Setting { what: "the endpoint of the hub", why: format!("{endpoint}: {why}") };
        let address: Uri = endpoint.parse().map_err(|_| bad("it is no address"))?;
        let origin = Origin::of(&address).ok_or_else(|| bad("expected http:// or https:// and a host"))?;
        if address.authority().is_some_and(|authority| authority.as_str().contains('@')) || address.query().is_some() {
            return Err(bad("expected no user and no query in it"));
        }
        let token = hub.token.as_deref();
        if token.is_some_and(|token| token.bytes().any(|byte| !byte.is_ascii_graphic())) {
            let why = "it holds what no token does, as a space".to_owned();
            return Err(HubError::Setting { what: "the token for the hub", why });
        }
        // The address may hold a password.
        let refused = |_| HubError::Setting { what: "the proxy", why: "it is no address of one".to_owned() };
        let proxy = hub.proxy.as_deref().map(Proxy::new).transpose().map_err(refused)?;
        let certificates = hub.certificates.as_deref().map(trusted).transpose()?.unwrap_or(RootCerts::WebPki);
        let agent = Agent::config_builder()
            .tls_config(TlsConfig::builder().root_certs(certificates).build())
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(proxy)
            .accept_encoding("identity")
            .user_agent(concat!("refrain/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(PATIENCE))
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .timeout_per_read(Some(SILENCE))
            .build();
        Ok(Self { agent: agent.into(), token, endpoint, origin })
    }

    /// The hub's address.
    pub(super) fn endpoint(&self) -> &str {
        self.endpoint
    }

    /// The hub's host.
    pub(super) fn host(&self) -> &str {
        &self.origin.1
    }

    /// What a branch, tag or commit of a model is and holds.
    pub(super) fn listing(&self, id: &ModelId, revision: &str) -> Result<Listing, HubError> {
        let file = LISTING;
        let address = format!("{}/api/models/{}/revision/{}", self.endpoint, id.repo(), escaped(revision, ""));
        let address = self.parsed(&address, file)?;
        let (_, response) = self.follow(false, address, 0, file)?;
        let mut response = self.granted(response, (id, revision), None)?;
        let wrong = |what: String| self.answer(file, what);
        let text = response.body_mut().with_config().limit(LONGEST_LISTING).read_to_string();
        let text = text.map_err(|error| wrong(said(&error)))?;
        let info: RevisionInfo = serde_json::from_str(&text).map_err(|error| wrong(format!("no list: {error}")))?;
        if !is_commit(&info.sha) {
            return Err(wrong(format!("\"{}\", which is no commit", info.sha.escape_default())));
        }
        if is_full_commit(revision) && info.sha != revision {
            return Err(wrong(format!("the commit {}, where {revision} was asked for,", info.sha)));
        }
        Ok(Listing { commit: info.sha, files: info.siblings.into_iter().map(|sibling| sibling.rfilename).collect() })
    }

    /// What the hub announces a file as.
    pub(super) fn announced(&self, wanted: &Wanted) -> Result<Announced, HubError> {
        let (_, response) = self.follow(true, self.address(wanted)?, 0, wanted.file)?;
        let redirects = response.status().is_redirection();
        let response =
            if redirects { response } else { self.granted(response, (wanted.id, wanted.commit), Some(wanted.file))? };
        let linked = header(&response, "x-linked-etag").or_else(|| header(&response, "etag")).unwrap_or_default();
        let etag = linked.trim_start_matches("W/").trim_matches('"').to_owned();
        // It becomes the name of a file.
        if !(1..=128).contains(&etag.len()) || !etag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(self.answer(wanted.file, "no usable ETag".to_owned()));
        }
        let length = || header(&response, "content-length").filter(|_| !redirects);
        let size = header(&response, "x-linked-size").or_else(length).and_then(|size| size.parse().ok());
        Ok(Announced { etag, size })
    }

    /// A file from a byte on. The answer's status is 200 or 206, or 416 where there is no such byte.
    pub(super) fn bytes(&self, wanted: &Wanted, from: u64) -> Result<Response<Body>, HubError> {
        let (address, response) = self.follow(false, self.address(wanted)?, from, wanted.file)?;
        match response.status() {
            StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => Ok(response),
            _ if Origin::of(&address).as_ref() == Some(&self.origin) => {
                self.granted(response, (wanted.id, wanted.commit), Some(wanted.file))
            }
            status => Err(HubError::Answer {
                host: address.host().unwrap_or_default().to_owned(),
                file: wanted.file.to_owned(),
                what: status.to_string(),
            }),
        }
    }

    fn address(&self, wanted: &Wanted) -> Result<Uri, HubError> {
        let Wanted { id, commit, file } = wanted;
        self.parsed(&format!("{}/{}/resolve/{commit}/{}", self.endpoint, id.repo(), escaped(file, "/")), file)
    }

    fn parsed(&self, address: &str, file: &str) -> Result<Uri, HubError> {
        address.parse().map_err(|_| self.answer(file, format!("no address: {address}")))
    }

    /// Follows redirects. A HEAD stops at the answer that announces the file.
    fn follow(&self, head: bool, mut address: Uri, from: u64, file: &str) -> Result<(Uri, Response<Body>), HubError> {
        for _ in 0..=MOST_REDIRECTS {
            let response = self.send(head, &address, from)?;
            if !response.status().is_redirection() || (head && header(&response, "x-linked-etag").is_some()) {
                return Ok((address, response));
            }
            let to = header(&response, "location").unwrap_or_default();
            address = redirected(&address, to).map_err(|why| self.answer(file, why.to_owned()))?;
        }
        Err(self.answer(file, format!("more than {MOST_REDIRECTS} redirects")))
    }

    fn send(&self, head: bool, address: &Uri, from: u64) -> Result<Response<Body>, HubError> {
        let mut request = if head { self.agent.head(address.clone()) } else { self.agent.get(address.clone()) };
        if from > 0 {
            request = request.header("Range", format!("bytes={from}-"));
        }
        if let Some(token) = self.token.filter(|_| Origin::of(address).as_ref() == Some(&self.origin)) {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let host = || address.authority().map_or_else(String::new, ToString::to_string);
        request.call().map_err(|error| HubError::Connect { host: host(), why: said(&error) })
    }

    /// The hub's answer, where it gives what was asked for: a file, or where none is named the list of them.
    fn granted(
        &self,
        response: Response<Body>,
        (id, revision): (&ModelId, &str),
        file: Option<&str>,
    ) -> Result<Response<Body>, HubError> {
        let (model, host) = (id.to_string(), self.host().to_owned());
        let code = header(&response, "x-error-code").unwrap_or_default();
        Err(match response.status() {
            StatusCode::OK | StatusCode::PARTIAL_CONTENT => return Ok(response),
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                HubError::Denied { model, host, status: status.as_u16(), token: self.token.is_some() }
            }
            StatusCode::NOT_FOUND if code == "RevisionNotFound" => {
                HubError::NoRevision { model: id.repo().to_owned(), host, revision: revision.to_owned() }
            }
            StatusCode::NOT_FOUND => match file {
                Some(file) if code == "EntryNotFound" => HubError::NoFile { model, host, file: file.to_owned() },
                // The list names the file, so the model is there.
                Some(file) => self.answer(file, StatusCode::NOT_FOUND.to_string()),
                None => HubError::NoModel { model, host },
            },
            status => self.answer(file.unwrap_or(LISTING), status.to_string()),
        })
    }

    fn answer(&self, file: &str, what: String) -> HubError {
        HubError::Answer { host: self.host().to_owned(), file: file.to_owned(), what }
    }
}

/// The certificates of a PEM file.
fn trusted(path: &Path) -> Result<RootCerts, HubError> {
    let bad =
        |why: String| HubError::Setting { what: "the file of certificates", why: format!("{}: {why}", path.display()) };
    let text = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&text) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| bad(error.to_string()))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(bad("it holds no certificate".to_owned()));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

/// A header that is text.
pub(super) fn header<'r>(response: &'r Response<Body>, name: &str) -> Option<&'r str> {
    response.headers().get(name)?.to_str().ok()
}

/// What went wrong, without ureq's prefixes.
fn said(error: &ureq::Error) -> String {
    match error {
        ureq::Error::HostNotFound => "there is no such host, or no network".to_owned(),
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::Timeout(_) => "no answer in time".to_owned(),
        other => other.to_string(),
    }
}

/// Where a redirect leads.
fn redirected(from: &Uri, to: &str) -> Result<Uri, &'static str> {
    let unusable = "an unusable redirect";
    let (Some(scheme), Some(authority)) = (from.scheme_str(), from.authority()) else { return Err(unusable) };
    let whole = match to {
        _ if to.starts_with("//") => format!("{scheme}:{to}"),
        _ if to.starts_with('/') => format!("{scheme}://{authority}{to}"),
        _ => to.to_owned(),
    };
    let next: Uri = whole.parse().map_err(|_| unusable)?;
    let to = Origin::of(&next).ok_or(unusable)?;
    if scheme == "https" && to.0 != "https" {
        return Err("a redirect from https to http");
    }
    Ok(next)
}

/// Escaped for a path; what is in `kept` is not.
fn escaped(text: &str, kept: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if byte.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~') || kept.contains(c) {
            escaped.push(c);
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_lead_on_the_same_host_or_to_another() {
        let from: Uri = "https://hub.example:8443/a/b".parse().unwrap();
        let to = |to: &str| redirected(&from, to).ok().map(|address| address.to_string());
        assert_eq!(to("/c?d=e").as_deref(), Some("https://hub.example:8443/c?d=e"));
        assert_eq!(to("//cdn.example/c").as_deref(), Some("https://cdn.example/c"));
        assert_eq!(to("https://cdn.example/c").as_deref(), Some("https://cdn.example/c"));
        let plain: Uri = "http://hub.example/a".parse().unwrap();
        assert_eq!(redirected(&plain, "https://cdn.example/c").unwrap().to_string(), "https://cdn.example/c");
        assert_eq!(redirected(&from, "http://cdn.example/c"), Err("a redirect from https to http"));
        assert_eq!([to(""), to("file:///etc/passwd"), to("c/d")], [None, None, None]);
    }

    #[test]
    fn the_same_host_at_another_port_or_scheme_is_another_origin() {
        let origin = |text: &str| Origin::of(&text.parse().unwrap());
        assert_eq!(origin("https://HUB.example"), origin("https://hub.example:443/x"));
        assert_ne!(origin("https://hub.example"), origin("http://hub.example"));
        assert_ne!(origin("http://127.0.0.1:1"), origin("http://127.0.0.1:2"));
    }

    #[test]
    fn a_revision_is_one_part_of_an_address() {
        assert_eq!(escaped("refs/pr/1", ""), "refs%2Fpr%2F1");
        assert_eq!(escaped("1_Pooling/a b?.json", "/"), "1_Pooling/a%20b%3F.json");
    }

    #[test]
    fn settings_that_cannot_be_used_are_named_and_the_token_is_not_shown() {
        let hub = |endpoint: &str, token: &str| Hub {
            cache: "cache".into(),
            endpoint: endpoint.to_owned(),
            token: Some(token.to_owned()),
            proxy: None,
            certificates: None,
            offline: None,
        };
        let refused = |hub: &Hub| Client::new(hub).map(|_| ()).unwrap_err().to_string();
        assert!(refused(&hub("hub.example", "t")).contains("the endpoint of the hub cannot be used: hub.example"));
        assert!(refused(&hub("https://user@hub.example", "t")).contains("expected no user"));
        let with_line = hub("https://hub.example", "hf_se\ncret");
        assert_eq!(
            refused(&with_line),
            "the token for the hub cannot be used: it holds what no token does, as a space"
        );
        assert!(!format!("{with_line:?}").contains("hf_se"));
    }
}
