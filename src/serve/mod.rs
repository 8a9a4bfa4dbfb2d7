//! Answers over HTTP: vectors as text-embeddings-inference and OpenAI give them, and what a library holds.
//!
//! `settings` says who may ask and how much; `listen` takes connections, `guard` stands before every handler; `queue`
//! embeds the texts of many connections together, at the `pace` of the model; `tei` and `openai` are the two APIs, `inputs` what they share. `held` keeps
//! a library's state; `nearest`, `articles` and `findings` answer from it, `page` is for people.
//! `refusal` is the one table of statuses. Threads that serve connections read JSON and write small answers; what takes longer
//! runs on others.

mod about;
mod app;
mod articles;
mod body;
mod findings;
mod guard;
mod held;
mod inputs;
mod listen;
mod metrics;
mod model;
mod nearest;
mod openai;
mod openapi;
mod pace;
mod page;
mod parameters;
mod patient;
mod queue;
mod refusal;
mod settings;
mod tei;

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::time::Duration;

use thiserror::Error;
use tokio::runtime::Runtime;
use tokio::time::timeout;

pub use app::{Given, Tell};
pub use guard::Told;
pub use held::Opened;
pub use model::{Embedder, Facts, Model};
pub use settings::{Limits, PORT, Settings, TOKEN_LENGTH, Token};

use app::App;
use listen::Listening;

/// Threads that serve connections: they move bytes, read bodies and write small answers.
const THREADS: usize = 2;
/// How long the end waits for what nobody waits for.
const LEAVE: Duration = Duration::from_millis(200);
/// Threads for what blocks: counting tokens, looking up, changing the library, finding a report, writing large answers.
const BLOCKING: usize = 8;

/// Why a server does not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// An address that others reach, without a token.
    #[error("listening at {0}, which other machines reach, without a token: expected a loopback address, or a token")]
    Exposed(IpAddr),
    /// A token that can be guessed.
    #[error("a token of {found} characters: expected at least {least}")]
    ShortToken {
        /// Characters it has.
        found: usize,
        /// Characters it should have.
        least: usize,
    },
    /// A token that no header can carry.
    #[error(
        "a token with characters that no header carries: expected letters, digits and signs of ASCII, and no space"
    )]
    TokenCharacters,
    /// The address cannot be listened at.
    #[error("listening at {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The system starts no threads.
    #[error("starting the server: {0}")]
    Start(#[from] io::Error),
}

/// How a server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Everything that was taken was answered.
    Answered,
    /// Some was not within the time a stop has.
    Cut,
}

/// An address that is listened at, before there is anything to answer with: a port that is taken is told before a model is
/// loaded. Who connects meanwhile waits.
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    settings: Settings,
}

impl Bound {
    /// Listens.
    ///
    /// # Errors
    /// [`ServeError::Listen`].
    pub fn at(settings: Settings) -> Result<Self, ServeError> {
        let failed = |source| ServeError::Listen { address: settings.address(), source };
        let listener = TcpListener::bind(settings.address()).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, settings })
    }

    /// With what it is to answer with.
    pub fn with(self, given: Given) -> Server {
        let Self { listener, address, settings } = self;
        Server { listener, address, app: App::new(given, &settings) }
    }
}

/// A server that listens, and does not answer yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    app: App,
}

impl Server {
    /// Listens, with what it is to answer with.
    ///
    /// # Errors
    /// [`ServeError::Listen`].
    pub fn bind(settings: &Settings, given: Given) -> Result<Self, ServeError> {
        Ok(Bound::at(settings.clone())?.with(given))
    }

    /// Where it listens: with the port that the system chose where none was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop`, then finishes what it has taken. A second end of `stop` is not waited for: who calls may leave.
    ///
    /// # Errors
    /// [`ServeError::Start`].
    pub fn run(self, stop: impl Future<Output = ()>) -> Result<Ended, ServeError> {
        let runtime = runtime()?;
        let Self { listener, app, .. } = self;
        let worker = app.queue.start(app.model.embedder.clone())?;
        let keeper = app.keeper().ok().cloned();
        // Not waited for at the end: it may be loading what nobody will ask for.
        let _watcher = keeper.as_ref().map(held::Keeper::start).transpose()?;
        let (queue, limits, metrics) = (app.queue.clone(), app.limits.clone(), app.metrics.clone());
        let stop_time = limits.stop_time;
        let listening = Listening { router: app.router(), limits, metrics };
        let answered = runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let answered = listening.until(listener, stop).await;
            // A change whose client has gone is made all the same.
            let made = async {
                if let Some(keeper) = &keeper {
                    drop(keeper.writing.lock().await);
                }
            };
            Ok::<_, io::Error>(timeout(stop_time, made).await.is_ok() && answered)
        });
        queue.close();
        if let Some(keeper) = keeper {
            keeper.stop();
        }
        // A report that is still being found has nobody who waits for it.
        runtime.shutdown_timeout(LEAVE);
        let answered = answered?;
        if answered {
            // Its queue is empty: nobody waits any more.
            let _ = worker.join();
        }
        Ok(if answered { Ended::Answered } else { Ended::Cut })
    }
}

fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .max_blocking_threads(BLOCKING)
        .thread_name("serving")
        .enable_all()
        .build()
}

/// Ends when the process is asked to stop: by an interrupt, or on Unix by SIGTERM.
///
/// # Panics
/// Outside a runtime of tokio; [`Server::run`] has one.
pub async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminated) = signal(SignalKind::terminate()) else { return interrupt().await };
        tokio::select! {
            () = interrupt() => (),
            _ = terminated.recv() => (),
        }
    }
    #[cfg(not(unix))]
    interrupt().await;
}

async fn interrupt() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Where no handler can be set the system ends the process by itself.
        std::future::pending::<()>().await;
    }
}
