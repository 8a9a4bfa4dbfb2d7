//! `refrain serve`: answers over HTTP until it is asked to stop.

use std::env;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process;
use std::sync::Arc;

use anyhow::{Context, bail};

use super::args::ServeArgs;
use super::engine::{self, Use};
use super::library;
use super::progress::{self, Advised, Level};
use crate::library::Library;
use crate::serve::{self, Bound, Ended, Given, Limits, Model, Opened, ServeError, Settings, Tell, Token, Told};

/// Where the token stands if no file is named.
const TOKEN: &str = "REFRAIN_TOKEN";
/// As the shell tells a program that an interrupt ended.
const INTERRUPTED: i32 = 130;

pub(super) fn run(arguments: &ServeArgs) -> anyhow::Result<()> {
    let settings = settings(arguments)?;
    // Before the model is loaded: a port that is taken is told at once.
    let bound = Bound::at(settings.clone())?;
    let server = bound.with(given(arguments)?);
    progress::say(&format!("serving at http://{}", server.address()), Level::Note);
    let ended = server.run(async {
        serve::interrupted().await;
        progress::say("stopping: what was taken is answered first", Level::Note);
        tokio::spawn(async {
            serve::interrupted().await;
            progress::say("stopped without waiting for answers", Level::Warning);
            process::exit(INTERRUPTED);
        });
    })?;
    if ended == Ended::Cut {
        bail!("not everything was answered within {} seconds of the stop", settings.limits.stop_time.as_secs());
    }
    progress::say("stopped: everything that was taken was answered", Level::Note);
    Ok(())
}

/// The model, and the library with the model that made its vectors.
fn given(arguments: &ServeArgs) -> anyhow::Result<Given> {
    let library = arguments.library.as_deref().map(Library::open_to_read).transpose().map_err(library::advised)?;
    let engine = match &library {
        Some(library) => library::engine_of(library, &arguments.engine, Use::LookUp)?,
        None => engine::load(&arguments.engine)?,
    };
    let encoder = Arc::new(engine.encoder);
    let opened =
        library.map(|library| Opened::load(&library, encoder.clone())).transpose().map_err(library::advised)?;
    let tell: Option<Tell> = arguments.engine.verbose.then_some(Arc::new(tell));
    Ok(Given { model: Model::new(encoder, Arc::new(engine.pool), engine.crc32), library: opened, tell })
}

fn settings(arguments: &ServeArgs) -> anyhow::Result<Settings> {
    let address = SocketAddr::new(arguments.host, arguments.port);
    let settings = Settings::new(address, token(arguments.token_file.as_deref())?).map_err(advised)?;
    let request_texts = arguments.max_texts.get();
    let body_bytes = usize::from(arguments.max_body) << 20;
    let usual = Limits::default();
    Ok(settings.with_limits(Limits {
        request_texts,
        body_bytes,
        held_bytes: usual.held_bytes.max(body_bytes),
        queued_texts: arguments.max_queued.get(),
        batch_tokens: arguments.max_batch_tokens.get(),
        connections: arguments.max_connections.get(),
        ..usual
    }))
}

/// The token of the file, else of the environment.
fn token(file: Option<&Path>) -> anyhow::Result<Option<Token>> {
    let text = match file {
        Some(path) => Some(fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?),
        None => env::var(TOKEN).ok(),
    };
    let Some(text) = text else { return Ok(None) };
    let token = Token::new(&text).map_err(advised);
    let from = || file.map_or_else(|| TOKEN.to_owned(), |path| path.display().to_string());
    Ok(Some(token.with_context(|| format!("the token of {}", from()))?))
}

/// What to do about a server that may not start as asked.
fn advised(error: ServeError) -> anyhow::Error {
    let hint = match error {
        ServeError::Exposed(_) => "give --token-file FILE or REFRAIN_TOKEN, or leave --host out",
        ServeError::ShortToken { .. } | ServeError::TokenCharacters => "make one with: openssl rand -hex 24",
        error => return error.into(),
    };
    Advised { what: error.to_string(), hint: hint.into() }.into()
}

fn tell(told: &Told) {
    let Told { method, path, status, took } = told;
    progress::say(&format!("{method} {path} {status} {:.1} ms", took.as_secs_f64() * 1e3), Level::Note);
}
