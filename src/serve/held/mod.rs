//! The library a server answers from: one state of it in memory, and a new one where something changed the file.
//!
//! A request is answered from one state, whatever happens meanwhile: who asks takes the [`State`] that there is. A thread
//! looks at the file twice a second, and at once after this server's own changes; it loads a changed library aside and puts
//! the whole in place. Not here: what is answered (`articles`, `nearest`, `findings`).

mod watching;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock, mpsc};
use std::thread::JoinHandle;

use tokio::sync::{OnceCell, Semaphore, oneshot};

use super::findings::Rendered;
use super::metrics::Metrics;
use super::refusal::{Kind, Refusal};
use crate::collection::Collection;
use crate::embed::Encoder;
use crate::holdings::{About, Listed};
use crate::library::{Library, LibraryError, MadeBy};
use crate::lookup::{Sheet, Stock};
use crate::vectors::UnitRows;

/// Changes that wait for their turn; more is refused with 429.
const WRITERS: usize = 16;
/// Requests that wait for a report; more is refused with 429.
const READERS: usize = 64;

/// A library, and the model that made its vectors.
pub struct Shelf {
    path: PathBuf,
    made_by: MadeBy,
    encoder: Arc<Encoder>,
    state: State,
}

/// One state of a library.
pub(in crate::serve) struct State {
    /// Its number.
    pub(in crate::serve) changes: u64,
    /// Its articles and paragraphs.
    pub(in crate::serve) collection: Collection,
    /// The library's id of each row.
    pub(in crate::serve) ids: Vec<i64>,
    /// Paragraphs that were embedded in windows.
    pub(in crate::serve) windowed: usize,
    /// What is searched: the vectors are here.
    pub(in crate::serve) stock: Stock,
    /// Its articles, as they are listed.
    pub(in crate::serve) listed: Vec<Listed>,
    /// It in figures.
    pub(in crate::serve) about: About,
    /// Its report, themes and duplicates, once somebody asked for one.
    pub(in crate::serve) rendered: OnceCell<Arc<Rendered>>,
}

/// What keeps a library's state, and its file.
pub(in crate::serve) struct Keeper {
    pub(in crate::serve) path: PathBuf,
    pub(in crate::serve) made_by: MadeBy,
    pub(in crate::serve) encoder: Arc<Encoder>,
    current: RwLock<Result<Arc<State>, String>>,
    /// Asks the thread to look now.
    look: Mutex<Option<mpsc::Sender<oneshot::Sender<()>>>>,
    /// Who changes the file does so alone.
    pub(in crate::serve) writing: tokio::sync::Mutex<()>,
    pub(in crate::serve) writers: Semaphore,
    /// One report at a time.
    pub(in crate::serve) finding: tokio::sync::Mutex<()>,
    pub(in crate::serve) readers: Semaphore,
    metrics: Arc<Metrics>,
}

impl Shelf {
    /// Loads a library for a model that fits it: its vectors' own, asked as it was for them.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub fn load(library: &Library, encoder: Arc<Encoder>) -> Result<Self, LibraryError> {
        let (path, made_by) = (library.path().to_owned(), library.made_by().clone());
        Ok(Self { path, made_by, encoder, state: State::load(library)? })
    }
}

impl State {
    fn load(library: &Library) -> Result<Self, LibraryError> {
        loop {
            let held = library.load()?;
            let rest = (library.list()?, library.about()?);
            let lexicon = library.in_state(held.changes, |connection| {
                crate::lookup::Lexicon::read(connection, &held.ids)
            })?;
            // All of one state, or once more.
            let (Some(lexicon), (listed, about)) = (lexicon, rest) else { continue };
            let lexicon = lexicon.map_err(|error| LibraryError::of_sql(library.path(), error))?;
            if about.changes != held.changes {
                continue;
            }
            let sheet = Sheet::of(&held.collection);
            let mut stock = Stock { sheet, vectors: Some(held.vectors), compact: None, lexicon: Some(lexicon) };
            stock.warm();
            let crate::library::Held { collection, ids, windowed, changes, .. } = held;
            let rendered = OnceCell::new();
            return Ok(Self { changes, collection, ids, windowed, stock, listed, about, rendered });
        }
    }

    /// One a row.
    pub(in crate::serve) fn vectors(&self) -> Option<&UnitRows> {
        self.stock.vectors.as_ref()
    }
}

impl Keeper {
    /// Keeps what was loaded.
    pub(in crate::serve) fn new(shelf: Shelf, metrics: Arc<Metrics>) -> Self {
        let Shelf { path, made_by, encoder, state } = shelf;
        metrics.loaded(state.about.articles, state.about.paragraphs);
        Self {
            path,
            made_by,
            encoder,
            current: RwLock::new(Ok(Arc::new(state))),
            look: Mutex::new(None),
            writing: tokio::sync::Mutex::new(()),
            writers: Semaphore::new(WRITERS),
            finding: tokio::sync::Mutex::new(()),
            readers: Semaphore::new(READERS),
            metrics,
        }
    }

    /// The state there is.
    ///
    /// # Errors
    /// 503 where the library can no longer be answered from: moved to another model.
    pub(in crate::serve) fn state(&self) -> Result<Arc<State>, Refusal> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().map(Arc::clone).map_err(|why| Refusal::new(Kind::Unhealthy, why.clone()))
    }

    fn put(&self, state: Result<State, String>) {
        if let Ok(state) = &state {
            self.metrics.loaded(state.about.articles, state.about.paragraphs);
        }
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = state.map(Arc::new);
    }

    /// Looks at the file now, and comes back when its state is in place.
    pub(in crate::serve) async fn refresh(&self) {
        let (done, waited) = oneshot::channel();
        let asked = self.look.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|look| look.send(done));
        if matches!(asked, Some(Ok(()))) {
            // Where the thread has ended the state stays as it is.
            let _ = waited.await;
        }
    }

    /// Starts the thread that looks.
    ///
    /// # Errors
    /// Where the system starts no thread.
    pub(in crate::serve) fn start(self: &Arc<Self>) -> std::io::Result<JoinHandle<()>> {
        let (look, asked) = mpsc::channel();
        *self.look.lock().unwrap_or_else(PoisonError::into_inner) = Some(look);
        let keeper = Arc::clone(self);
        std::thread::Builder::new().name("library".to_owned()).spawn(move || watching::watch(&keeper, &asked))
    }

    /// Ends the thread.
    pub(in crate::serve) fn stop(&self) {
        self.look.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
