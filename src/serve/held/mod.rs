//! The library a server answers from: one state of it in memory, and a new one where something changed the file.
//!
//! A request is answered from one state, whatever happens meanwhile: who asks takes the [`State`] that there is. A thread
//! looks at the file twice a second, and at once after this server's own changes; it loads a changed library aside, one state
//! at a time, and puts the whole in place. Not here: what is answered (`articles`, `nearest`, `findings`).

mod file;
mod trouble;
mod watching;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, mpsc};
use std::thread::JoinHandle;

use tokio::sync::{Semaphore, oneshot};

use super::findings::{Found, Part};
use super::metrics::Metrics;
use super::refusal::{Kind, Refusal};
use crate::embed::Encoder;
use crate::holdings::{About, Listed};
use crate::library::{Library, LibraryError, MadeBy, Shelf, Stamp, Statements, Wanted};
use crate::lookup::{LookupError, Tokeniser};
use crate::pipeline::Memory;
use crate::theme_log::ThemeId;
use file::File;
use trouble::Trouble;

/// Changes that wait for their turn; more is refused with 429.
const WRITERS: usize = 16;
/// Requests that wait for a report; more is refused with 429.
const READERS: usize = 64;
/// Questions that are looked up or wait for it; more is refused with 429.
const ASKERS: usize = 256;
/// Connections that are kept for the next question.
const DESKS: usize = 8;
/// How often a library that changes meanwhile is read again.
const TRIES: usize = 20;

/// A library, loaded, and the model that made its vectors.
pub struct Opened {
    path: PathBuf,
    made_by: MadeBy,
    encoder: Arc<Encoder>,
    state: State,
}

/// One state of a library.
pub(in crate::serve) struct State {
    /// What is searched; texts stay in the file.
    pub(in crate::serve) shelf: Shelf,
    /// Its articles, as they are listed.
    pub(in crate::serve) listed: Vec<Listed>,
    /// It in figures.
    pub(in crate::serve) about: About,
    /// How often the library was replaced, as by an earlier copy of it, before this was loaded.
    pub(in crate::serve) era: u64,
    /// The file that it was loaded from.
    file: File,
    /// The themes that it keeps, which may be found later than the rest is loaded.
    themes: RwLock<Arc<Kept>>,
}

/// The themes that live in a library.
#[derive(Debug)]
pub(in crate::serve) struct Kept {
    /// The state that they are of.
    pub(in crate::serve) stamp: Stamp,
    /// Each theme: its id, its name, and how many paragraphs it has.
    pub(in crate::serve) themes: Vec<(ThemeId, String, usize)>,
}

/// What keeps a library's state, and its file.
pub(in crate::serve) struct Keeper {
    pub(in crate::serve) path: PathBuf,
    pub(in crate::serve) made_by: MadeBy,
    pub(in crate::serve) encoder: Arc<Encoder>,
    /// Statements that were embedded before.
    pub(in crate::serve) memory: Arc<dyn Memory>,
    current: RwLock<Current>,
    /// How often the library was replaced.
    eras: AtomicU64,
    /// Asks the thread to look now.
    look: Mutex<Option<mpsc::Sender<oneshot::Sender<()>>>>,
    /// Connections to read by, each used by one request at a time.
    desks: Mutex<Vec<Desk>>,
    /// Who changes the file does so alone.
    pub(in crate::serve) writing: Arc<tokio::sync::Mutex<()>>,
    pub(in crate::serve) writers: Arc<Semaphore>,
    /// Each part of what there is to find is found by one at a time.
    pub(in crate::serve) finding: [Arc<tokio::sync::Mutex<()>>; Part::COUNT],
    pub(in crate::serve) readers: Arc<Semaphore>,
    /// The report, themes and duplicates, as far as they were found.
    found: Mutex<Found>,
    /// Questions at once.
    pub(in crate::serve) askers: Arc<Semaphore>,
    pub(in crate::serve) metrics: Arc<Metrics>,
}

/// What is answered from.
struct Current {
    /// The state that was loaded last; none where vectors of another model took the place of what it was made of.
    state: Option<Arc<State>>,
    /// Why nothing is answered now, though the state may be there.
    trouble: Option<Trouble>,
}

/// What one question needs for itself.
pub(in crate::serve) struct Desk {
    pub(in crate::serve) library: Library,
    pub(in crate::serve) tokeniser: Tokeniser,
}

impl Opened {
    /// Loads a library for a model that fits it: its vectors' own, asked as it was for them.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub fn load(library: &Library, encoder: Arc<Encoder>) -> Result<Self, LibraryError> {
        let (path, made_by) = (library.path().to_owned(), library.made_by().clone());
        let state = State::load(library, File::at(&path))?;
        Ok(Self { path, made_by, encoder, state })
    }
}

impl State {
    /// All of one state; `file` as it was before the library was opened.
    fn load(library: &Library, file: File) -> Result<Self, LibraryError> {
        let path = library.path();
        for _ in 0..TRIES {
            // Begun together, so that a library that is written to all the time has time for it: a commit waits for who reads.
            let (shelf, holdings) = std::thread::scope(|scope| {
                let holdings = scope.spawn(|| Library::open_to_read(path)?.holdings());
                (library.shelf(Wanted { vectors: true, words: true }), holdings.join())
            });
            // What cannot be: nothing in that thread panics.
            let holdings = holdings.map_err(|_| LibraryError::Busy { path: path.to_owned() })?;
            let (mut shelf, (listed, about, id)) = (shelf?, holdings?);
            let kept = Kept::read(library)?;
            let one = id == shelf.library && kept.stamp.library == shelf.library;
            if one && about.changes == shelf.changes {
                // What is made anew beside the library is of no consequence to who asks.
                library.warm(&mut shelf, &|_| ())?;
                let themes = RwLock::new(Arc::new(kept));
                return Ok(Self { shelf, listed, about, era: 0, file, themes });
            }
        }
        Err(LibraryError::Busy { path: library.path().to_owned() })
    }

    /// The themes that the library keeps.
    pub(in crate::serve) fn themes(&self) -> Arc<Kept> {
        self.themes.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the themes again, where there are others or one is called otherwise.
    fn renew_themes(&self, library: &Library) -> Result<(), LibraryError> {
        if library.stamp()? != self.themes().stamp {
            let kept = Arc::new(Kept::read(library)?);
            *self.themes.write().unwrap_or_else(PoisonError::into_inner) = kept;
        }
        Ok(())
    }

    /// Whether a state that was loaded later is of another file, or of one that was put back to what it was: what was found in
    /// this one says nothing of it, though it may have changed as often.
    fn is_replaced_by(&self, later: &Self) -> bool {
        let (own, other) = (&self.shelf, &later.shelf);
        self.file != later.file || own.library != other.library || own.changes > other.changes
    }

    /// Whether this is what a library holds.
    fn is_of(&self, library: &Library) -> Result<bool, LibraryError> {
        let Stamp { library, changes, .. } = library.stamp()?;
        Ok((library, changes) == (self.shelf.library.clone(), self.shelf.changes))
    }
}

impl Kept {
    /// Should somebody write in between, the stamp is the older, and the themes are soon read again.
    fn read(library: &Library) -> Result<Self, LibraryError> {
        Ok(Self { stamp: library.stamp()?, themes: library.living_themes()? })
    }
}

impl Keeper {
    /// Keeps what was loaded.
    pub(in crate::serve) fn new(opened: Opened, metrics: Arc<Metrics>) -> Self {
        let Opened { path, made_by, encoder, state } = opened;
        metrics.loaded(state.about.articles, state.about.paragraphs);
        Self {
            memory: Arc::new(Statements::held(&path, &made_by)),
            path,
            made_by,
            encoder,
            current: RwLock::new(Current { state: Some(Arc::new(state)), trouble: None }),
            eras: AtomicU64::new(0),
            look: Mutex::new(None),
            desks: Mutex::default(),
            writing: Arc::default(),
            writers: Arc::new(Semaphore::new(WRITERS)),
            finding: Default::default(),
            readers: Arc::new(Semaphore::new(READERS)),
            found: Mutex::default(),
            askers: Arc::new(Semaphore::new(ASKERS)),
            metrics,
        }
    }

    /// The state there is.
    ///
    /// # Errors
    /// 503 where the library cannot be answered from: moved to another model, gone, or no library any more.
    pub(in crate::serve) fn state(&self) -> Result<Arc<State>, Refusal> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        match (&current.state, &current.trouble) {
            (Some(state), None) => Ok(Arc::clone(state)),
            (_, trouble) => {
                let what = trouble.as_ref().map_or("the library is not loaded", |trouble| &trouble.what);
                Err(Refusal::new(Kind::Unhealthy, what))
            }
        }
    }

    /// Whether the library can be answered from, for who may know nothing more of it.
    ///
    /// # Errors
    /// 503 with the kind of trouble.
    pub(in crate::serve) fn health(&self) -> Result<(), Refusal> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        match &current.trouble {
            None => Ok(()),
            Some(trouble) => {
                let what = format!("the library cannot be answered from: {}", trouble.kind);
                Err(Refusal::new(Kind::Unhealthy, what))
            }
        }
    }

    /// What was loaded last, whether or not it can be answered from just now.
    fn loaded(&self) -> Option<Arc<State>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).state.clone()
    }

    /// What was found so far.
    pub(in crate::serve) fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a reading by a connection that nobody else uses meanwhile; beside its result it says whether the library was that of
    /// the state there is.
    ///
    /// # Errors
    /// Those of opening, or of reading.
    pub(in crate::serve) fn at_desk<T>(
        &self,
        read: impl FnOnce(&Desk) -> Result<(T, bool), LibraryError>,
    ) -> Result<T, LibraryError> {
        let free = self.desks.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let desk = free.map_or_else(|| self.desk(), Ok)?;
        let (done, current) = read(&desk)?;
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        // One that has another state may look at a file that is no longer there under its name.
        if current && desks.len() < DESKS {
            desks.push(desk);
        }
        Ok(done)
    }

    fn desk(&self) -> Result<Desk, LibraryError> {
        let tokeniser = Tokeniser::new().map_err(LookupError::from)?;
        Ok(Desk { library: Library::open_to_read(&self.path)?, tokeniser })
    }

    fn put(&self, mut state: State) {
        let replaced = self.loaded().is_none_or(|former| former.is_replaced_by(&state));
        state.era = self.eras.fetch_add(u64::from(replaced), Ordering::Relaxed) + u64::from(replaced);
        self.metrics.loaded(state.about.articles, state.about.paragraphs);
        self.set(Current { state: Some(Arc::new(state)), trouble: None });
    }

    /// Answers from the state that there is once more, or says why not.
    fn set_trouble(&self, trouble: Option<Trouble>) {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        if current.trouble != trouble {
            let state = current.state.clone();
            drop(current);
            self.set(Current { state, trouble });
        }
    }

    fn set(&self, current: Current) {
        // The file may be another one by now.
        self.desks.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = current;
    }

    /// Looks at the file now, and comes back when its state is in place.
    pub(in crate::serve) async fn refresh(&self) {
        // Where the thread has ended the state stays as it is.
        let _ = self.look_now().await;
    }

    /// Has the file looked at now; what comes back tells when its state is in place.
    pub(in crate::serve) fn look_now(&self) -> oneshot::Receiver<()> {
        let (done, waited) = oneshot::channel();
        if let Some(look) = self.look.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            let _ = look.send(done);
        }
        waited
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
