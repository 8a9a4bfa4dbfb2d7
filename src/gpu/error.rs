//! Why a card cannot be had, or failed.

use thiserror::Error;

/// Why a card cannot be had, or failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GpuError {
    /// The binary was built without the feature `cuda`.
    #[error("this build of refrain has no CUDA support (cargo build --release --features cuda makes one that has)")]
    NotBuilt,
    /// The driver's library is not on this machine.
    #[error("no NVIDIA driver: {library} cannot be opened ({why})")]
    NoDriver {
        /// The file that was looked for.
        library: &'static str,
        /// What the system said.
        why: String,
    },
    /// The driver lacks a function, or cannot read the kernels.
    #[error("the NVIDIA driver is too old: it is of CUDA {found}, expected {expected} or later (driver 520)")]
    OldDriver {
        /// The version of CUDA it is of.
        found: String,
        /// The version that reads the kernels.
        expected: String,
    },
    /// The driver finds no card.
    #[error("the NVIDIA driver finds no card")]
    NoCard,
    /// There are not as many cards.
    #[error("no card {ordinal}: there {}, counted from 0", if *count == 1 { "is 1".to_owned() } else { format!("are {count}") })]
    NoSuchCard {
        /// The card asked for.
        ordinal: usize,
        /// Cards there are.
        count: usize,
    },
    /// The card is of an older make than the kernels.
    #[error("card {ordinal}, {name}, has compute capability {found}: expected {expected} or later")]
    OldCard {
        /// The card.
        ordinal: usize,
        /// Its name.
        name: String,
        /// Its compute capability.
        found: String,
        /// The one that the kernels are for.
        expected: String,
    },
    /// Cards of several makes were asked for together: what is computed would depend on which took it.
    #[error("card {ordinal} is {found}, card {first} is {expected}: expected cards of one make")]
    OtherMake {
        /// The card.
        ordinal: usize,
        /// What it is.
        found: String,
        /// The first card.
        first: usize,
        /// What that is.
        expected: String,
    },
    /// The card's memory, or this machine's that the card reads, does not hold what was asked for.
    #[error("out of memory on card {ordinal}: {}{function} failed, {free} bytes free", asked.map_or_else(String::new, |bytes| format!("{bytes} bytes asked for, ")))]
    OutOfMemory {
        /// The card.
        ordinal: usize,
        /// What asked for it.
        function: &'static str,
        /// Bytes asked for; none where that is the driver's to know.
        asked: Option<usize>,
        /// Bytes free on the card; 0 where it cannot be asked.
        free: usize,
    },
    /// Sizes do not fit each other, or a card: a mistake in this crate.
    #[error("{kernel} was asked to run on what does not fit it: {what}")]
    Misfit {
        /// What was to be run.
        kernel: &'static str,
        /// What does not fit.
        what: &'static str,
    },
    /// The driver does not finish the kernels for its card.
    #[error("card {ordinal} takes no kernels: {name} ({code}){likely}{log}")]
    Refused {
        /// The card.
        ordinal: usize,
        /// The driver's error.
        code: i32,
        /// What the driver calls it.
        name: String,
        /// What most likely causes it; empty where that is not known.
        likely: &'static str,
        /// What the driver wrote about it.
        log: String,
    },
    /// A thread that ran batches is gone, and its batch with it: a mistake in this crate.
    #[error("a thread that runs batches on a card has stopped")]
    Stopped,
    /// The driver failed otherwise.
    #[error("the NVIDIA driver failed in {function}: {name} ({code})")]
    Driver {
        /// The function.
        function: &'static str,
        /// Its error.
        code: i32,
        /// What the driver calls it.
        name: String,
    },
}
