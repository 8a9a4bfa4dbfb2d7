//! Models from the hub: where the environment says it and its cache are, what is said of a download, and what to do
//! where it fails. The library reads no environment.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{ErrorKind, IsTerminal, stderr};
use std::path::{Path, PathBuf};

use indicatif::{DecimalBytes, ProgressBar, ProgressStyle};

use super::progress::{Advised, Level, say};
use crate::embed::hub::{DOWNLOADS, Hub, HubError, ModelId, Watch};
use crate::embed::{EmbedError, ModelFolder};

/// Where the hub is, where nothing else is said.
const ENDPOINT: &str = "https://huggingface.co";

/// What looks up a variable of the environment.
type Variables<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// Variables whose values are text.
const TEXTS: [&str; 10] = [
    "HF_TOKEN",
    "HF_ENDPOINT",
    "HF_HUB_OFFLINE",
    "HTTPS_PROXY",
    "https_proxy",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// What the environment says of the hub.
///
/// # Errors
/// Where there is no place for a cache, where a variable is no text, and where the file of the token cannot be read.
pub(super) fn settings(offline: bool) -> anyhow::Result<Hub> {
    let Some(places) = Places::of(&variable) else {
        let what = "there is no place for the cache of models: neither HF_HOME nor HOME is set".to_owned();
        return Err(
            Advised { what, hint: "set HF_HUB_CACHE to a folder, or give the path of a model folder".into() }.into()
        );
    };
    if let Some(name) = TEXTS.into_iter().find(|name| variable(name).is_some_and(|value| value.to_str().is_none())) {
        anyhow::bail!("the value of {name} is not UTF-8");
    }
    let endpoint = text(&variable, "HF_ENDPOINT").unwrap_or_else(|| ENDPOINT.to_owned());
    let offline = why_offline(offline, &variable);
    Ok(Hub {
        token: match &offline {
            Some(_) => None,
            None => token(text(&variable, "HF_TOKEN"), &places.token)?,
        },
        proxy: proxy(&variable, &endpoint),
        certificates: variable("SSL_CERT_FILE").or_else(|| variable("REQUESTS_CA_BUNDLE")).map(PathBuf::from),
        offline,
        cache: places.cache,
        endpoint,
    })
}

/// The token: as given, else what its file holds, which need not be there.
///
/// # Errors
/// Where the file is there and cannot be read: without it a private model would seem not to be there.
fn token(given: Option<String>, file: &Path) -> anyhow::Result<Option<String>> {
    let token = match given {
        Some(token) => token,
        None => match std::fs::read_to_string(file) {
            Ok(token) => token,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(error) => anyhow::bail!("the token for the hub, {}: {error}", file.display()),
        },
    };
    Ok(Some(token.trim().to_owned()).filter(|token| !token.is_empty()))
}

/// The folder of the cache, where there is a place for one.
pub(super) fn cache() -> Option<PathBuf> {
    Places::of(&variable).map(|places| places.cache)
}

/// A variable that says something.
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// One of [`TEXTS`].
fn text(get: Variables, name: &str) -> Option<String> {
    get(name)?.into_string().ok()
}

/// Where things lie.
#[derive(Debug, PartialEq, Eq)]
struct Places {
    cache: PathBuf,
    token: PathBuf,
}

impl Places {
    /// As huggingface_hub finds them.
    fn of(get: Variables) -> Option<Self> {
        let user = get("HOME").or_else(|| get("USERPROFILE")).map(PathBuf::from);
        let path = |name: &str| get(name).map(|value| expanded(value.into(), user.as_deref()));
        let home = path("HF_HOME")
            .or_else(|| path("XDG_CACHE_HOME").map(|cache| cache.join("huggingface")))
            .or_else(|| user.as_ref().map(|user| user.join(".cache").join("huggingface")));
        Some(Self {
            cache: path("HF_HUB_CACHE").or_else(|| home.as_ref().map(|home| home.join("hub")))?,
            token: path("HF_TOKEN_PATH").or_else(|| home.map(|home| home.join("token"))).unwrap_or_default(),
        })
    }
}

/// A path whose `~` is the user's folder.
fn expanded(path: PathBuf, user: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), user) {
        (Ok(rest), Some(user)) => user.join(rest),
        _ => path,
    }
}

/// What keeps downloads from being made.
fn why_offline(asked: bool, get: Variables) -> Option<String> {
    let is_on = |value: &String| matches!(value.to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on");
    match text(get, "HF_HUB_OFFLINE").filter(is_on) {
        _ if asked => Some("--offline is given".to_owned()),
        Some(value) => Some(format!("HF_HUB_OFFLINE is {value}")),
        None => None,
    }
}

/// The proxy for the hub; none where NO_PROXY names its host. Hosts it redirects to take the same way.
fn proxy(get: Variables, endpoint: &str) -> Option<String> {
    let (scheme, rest) = endpoint.split_once("://")?;
    let host = rest.split(['/', ':']).next().unwrap_or_default().to_ascii_lowercase();
    let spared = |name: &str| {
        let name = name.trim().trim_start_matches("*.").trim_start_matches('.').to_ascii_lowercase();
        name == "*" || (!name.is_empty() && (host == name || host.ends_with(&format!(".{name}"))))
    };
    let none = text(get, "NO_PROXY").or_else(|| text(get, "no_proxy")).unwrap_or_default();
    if none.split(',').any(spared) {
        return None;
    }
    // HTTP_PROXY in capitals may be a header of a CGI request, so only the other is read.
    let names: &[&str] = if scheme == "https" { &["HTTPS_PROXY", "https_proxy"] } else { &["http_proxy"] };
    names.iter().chain(&["ALL_PROXY", "all_proxy"]).find_map(|name| text(get, name))
}

/// The model, from the cache or the hub.
///
/// # Errors
/// Those of [`Hub::open`], with what to do.
pub(super) fn open(hub: &Hub, id: &ModelId) -> anyhow::Result<ModelFolder> {
    hub.open(id, &Told::default()).map_err(|error| match &error {
        EmbedError::Hub(why) => match hint(why, id) {
            Some(hint) => Advised { what: why.to_string(), hint }.into(),
            None => error.into(),
        },
        _ => error.into(),
    })
}

/// What to do where a model cannot be had.
fn hint(error: &HubError, id: &ModelId) -> Option<Cow<'static, str>> {
    Some(match error {
        HubError::Offline { .. } if DOWNLOADS => format!(
            "where there is a network, run: HF_HUB_OFFLINE=0 refrain models get {id}; or give the path of a model folder"
        )
        .into(),
        HubError::Offline { .. } | HubError::NoDownloads { .. } => {
            // As given, where it is not the default.
            let revision = id.to_string().split_once('@').map(|(_, revision)| format!(" --revision {revision}"));
            let get = format!("hf download {}{}", id.repo(), revision.unwrap_or_default());
            format!("get it with huggingface_hub: {get}; or build with the feature hub").into()
        }
        HubError::Denied { token: false, .. } => {
            "check the name; for a private or gated model set HF_TOKEN to a token that may read it".into()
        }
        HubError::Denied { .. } => {
            "check the name, accept the model's terms on its page, or set HF_TOKEN to a token that may read it".into()
        }
        HubError::NoModel { .. } => "check the name: expected org/name, or the path of a model folder".into(),
        HubError::Connect { .. } => {
            "check the network (and HF_ENDPOINT, HTTPS_PROXY, SSL_CERT_FILE); --offline takes what the cache holds".into()
        }
        HubError::Broken { .. } => "run it again: it goes on where it broke off".into(),
        HubError::Size { .. } | HubError::Checksum { .. } => {
            "run it again; where it stays so, the hub or what stands between it and here is at fault".into()
        }
        _ => return None,
    })
}

/// Says what is downloaded, with a bar on a terminal.
#[derive(Default)]
struct Told {
    bar: RefCell<Option<ProgressBar>>,
}

impl Watch for Told {
    fn begins(&self, model: &ModelId, endpoint: &str) {
        say(&format!("downloading model {model} from {endpoint}"), Level::Note);
    }

    fn file_begins(&self, name: &str, size: u64, held: u64) {
        if !stderr().is_terminal() {
            return;
        }
        let look = "{msg:>22} {wide_bar} {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec} {eta:>4} left";
        let message: String = name.chars().filter(|c| !c.is_control()).collect();
        let bar = ProgressBar::new(size).with_message(message);
        bar.set_style(ProgressStyle::with_template(look).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_position(held);
        // What is there from an earlier try is not this one's speed.
        bar.reset_eta();
        *self.bar.borrow_mut() = Some(bar);
    }

    fn advances(&self, bytes: u64) {
        if let Some(bar) = &*self.bar.borrow() {
            bar.inc(bytes);
        }
    }

    fn file_ends(&self) {
        if let Some(bar) = self.bar.borrow_mut().take() {
            bar.finish_and_clear();
        }
    }

    fn ends(&self, model: &ModelId, files: usize, bytes: u64) {
        let files = if files == 1 { "1 file".to_owned() } else { format!("{files} files") };
        say(&format!("downloaded model {model}: {files}, {}", DecimalBytes(bytes)), Level::Note);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among<'a>(variables: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<OsString> + 'a {
        |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into())
    }

    fn places(variables: &[(&str, &str)]) -> Option<(String, String)> {
        let text = |path: PathBuf| path.to_string_lossy().replace('\\', "/");
        Places::of(&among(variables)).map(|places| (text(places.cache), text(places.token)))
    }

    #[test]
    fn the_cache_and_the_token_lie_where_hugging_face_s_tools_have_them() {
        let pair = |cache: &str, token: &str| Some((cache.to_owned(), token.to_owned()));
        let home = ("HOME", "/u");
        assert_eq!(places(&[home]), pair("/u/.cache/huggingface/hub", "/u/.cache/huggingface/token"));
        assert_eq!(places(&[home, ("XDG_CACHE_HOME", "/x")]), pair("/x/huggingface/hub", "/x/huggingface/token"));
        let hf = [home, ("XDG_CACHE_HOME", "/x"), ("HF_HOME", "~/hf")];
        assert_eq!(places(&hf), pair("/u/hf/hub", "/u/hf/token"));
        let all = [&hf[..], &[("HF_HUB_CACHE", "/c"), ("HF_TOKEN_PATH", "/t")]].concat();
        assert_eq!(places(&all), pair("/c", "/t"));
        assert_eq!(places(&[]), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_path_need_not_be_text() {
        use std::os::unix::ffi::OsStringExt;
        let cache = OsString::from_vec(b"/c/\xff".to_vec());
        let places = Places::of(&|name: &str| (name == "HF_HUB_CACHE").then(|| cache.clone())).unwrap();
        assert_eq!(places.cache, PathBuf::from(&cache));
    }

    #[test]
    fn a_token_s_file_that_is_there_and_cannot_be_read_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        assert_eq!(token(None, &path).unwrap(), None);
        std::fs::write(&path, " hf_x\n").unwrap();
        assert_eq!(token(None, &path).unwrap().as_deref(), Some("hf_x"));
        assert_eq!(token(Some("hf_y".to_owned()), &path).unwrap().as_deref(), Some("hf_y"));
        std::fs::write(&path, b"hf_\xff").unwrap();
        let error = token(None, &path).unwrap_err().to_string();
        assert!(error.contains("the token for the hub, ") && !error.contains("hf_"), "{error}");
    }

    #[test]
    fn a_build_that_cannot_download_names_what_can_with_the_revision() {
        for (name, expected) in [("org/name", "org/name;"), ("org/name@v1", "org/name --revision v1;")] {
            let id: ModelId = name.parse().unwrap();
            let hint = hint(&HubError::NoDownloads { model: name.to_owned() }, &id).unwrap();
            assert!(hint.contains(&format!("hf download {expected}")), "{hint}");
        }
    }

    #[test]
    fn offline_is_what_hugging_face_s_tools_take_for_it() {
        for (value, expected) in [("1", true), ("TRUE", true), ("Yes", true), ("on", true), ("0", false), ("no", false)]
        {
            assert_eq!(why_offline(false, &among(&[("HF_HUB_OFFLINE", value)])).is_some(), expected, "{value}");
        }
        assert_eq!(why_offline(true, &among(&[])).as_deref(), Some("--offline is given"));
        assert_eq!(why_offline(false, &among(&[])), None);
    }

    #[test]
    fn a_proxy_is_taken_by_scheme_and_spares_what_no_proxy_names() {
        let of = |variables: &[(&str, &str)], endpoint: &str| proxy(&among(variables), endpoint);
        let both = [("HTTPS_PROXY", "http://p:1"), ("http_proxy", "http://p:2")];
        assert_eq!(of(&both, ENDPOINT).as_deref(), Some("http://p:1"));
        assert_eq!(of(&both, "http://localhost:80").as_deref(), Some("http://p:2"));
        for spared in ["huggingface.co", ".co", "example, huggingface.co", "*"] {
            assert_eq!(of(&[both[0], ("NO_PROXY", spared)], ENDPOINT), None, "{spared}");
        }
        assert!(of(&[both[0], ("NO_PROXY", "face.co,")], ENDPOINT).is_some());
        assert_eq!(of(&[("all_proxy", "socks5://p")], ENDPOINT).as_deref(), Some("socks5://p"));
    }
}
