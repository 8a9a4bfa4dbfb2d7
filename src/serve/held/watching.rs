//! The thread that looks whether a library changed, and loads it.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::{Keeper, State};
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

/// Loads the library where it is another than the one that is kept. What cannot be read just now is read another time:
/// the state that there is stands.
fn look(keeper: &Keeper) {
    let state = keeper.state().ok();
    if let Ok(Some(state)) = changed(keeper, state.as_deref()) {
        keeper.put(state);
    }
}

/// The state that the file has now, if it is another; or why it cannot be answered from.
fn changed(keeper: &Keeper, known: Option<&State>) -> Result<Option<Result<State, String>>, LibraryError> {
    // Opened anew, for the file may be another one under the same name.
    let library = Library::open_to_read(&keeper.path)?;
    if let Err(other) = library.refuse_other(&keeper.made_by) {
        return Ok(Some(Err(format!("{other}; start the server again to answer from it"))));
    }
    if let Some(known) = known.filter(|known| known.is_of(&library).unwrap_or(false)) {
        known.renew_themes(&library)?;
        return Ok(None);
    }
    State::load(&library).map(Ok).map(Some)
}
