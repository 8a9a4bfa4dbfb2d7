//! The thread that looks whether a library changed, and loads it.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::file::File;
use super::trouble::Trouble;
use super::{Current, Keeper, State};
use crate::library::{Library, LibraryError};

/// How often the file is looked at: a page and a row of it.
const EVERY: Duration = Duration::from_millis(500);

/// Looks until nobody can ask any more.
pub(super) fn watch(keeper: &Keeper, asked: &Receiver<oneshot::Sender<()>>) {
    loop {
        let mut waiting: Vec<oneshot::Sender<()>> = match asked.recv_timeout(EVERY) {
            Ok(one) => vec![one],
            Err(RecvTimeoutError::Timeout) => Vec::new(),
            Err(RecvTimeoutError::Disconnected) => return,
        };
        // Who asked before it is looked at need not be looked for again.
        waiting.extend(asked.try_iter());
        look(keeper);
        for one in waiting {
            let _ = one.send(());
        }
    }
}

/// Loads the library where it is another than the one that is kept. What cannot be read just now because somebody writes is read
/// another time: the state that there is stands. A file that is gone, or no library any more, is said until it is back.
fn look(keeper: &Keeper) {
    match changed(keeper, keeper.loaded().as_deref()) {
        Ok(Change::None) => keeper.set_trouble(None),
        Ok(Change::Loaded(state)) => keeper.put(*state),
        Ok(Change::Other(why)) => keeper.set(Current { state: None, trouble: Some(why) }),
        Err(LibraryError::Busy { .. } | LibraryError::Moved { .. } | LibraryError::Overtaken { .. }) => {}
        Err(error) => keeper.set_trouble(Some(Trouble::of(&error, "it is answered from again when it is back"))),
    }
}

/// What became of the file.
enum Change {
    /// It holds what is kept.
    None,
    /// It is another, loaded.
    Loaded(Box<State>),
    /// It cannot be answered from by this server.
    Other(Trouble),
}

fn changed(keeper: &Keeper, known: Option<&State>) -> Result<Change, LibraryError> {
    let file = File::at(&keeper.path);
    // Opened anew, for the file may be another one under the same name.
    let library = Library::open_to_read(&keeper.path)?;
    if let Err(other) = library.refuse_other(&keeper.made_by) {
        return Ok(Change::Other(Trouble::of(&other, "start the server again to answer from it")));
    }
    if let Some(known) = known.filter(|known| known.file == file && known.is_of(&library).unwrap_or(false)) {
        known.renew_themes(&library)?;
        return Ok(Change::None);
    }
    State::load(&library, file).map(Box::new).map(Change::Loaded)
}
