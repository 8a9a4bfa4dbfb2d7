//! What the windows of texts say of the texts.

use super::super::tokens::Window;

/// Adds the tokens of windows to those of their texts.
pub(super) fn count_tokens(windows: &[Window], tokens_of: &mut [usize]) {
    for window in windows {
        tokens_of[window.text] += window.ids.len();
    }
}

/// Whether a window is the first of its text.
pub(super) fn opens_text(windows: &[Window], window: usize) -> bool {
    window == 0 || windows[window - 1].text != windows[window].text
}

/// Texts of more than one window, ascending.
pub(super) fn in_windows(windows: &[Window]) -> Vec<usize> {
    let mut texts: Vec<usize> =
        windows.windows(2).filter(|two| two[0].text == two[1].text).map(|two| two[0].text).collect();
    texts.dedup();
    texts
}
