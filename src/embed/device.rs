//! Which devices the model runs on. One that was asked for and is missing is an error, never the CPU. Cards that run one
//! model are of one make: batches are shared among them, and no byte may depend on which took which.

use std::str::FromStr;

use super::EmbedError;
use super::cuda;
use crate::gpu::{Gpu, GpuError};

/// What the user asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// The first NVIDIA card where this build and machine have one, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// NVIDIA cards by their numbers.
    Cuda(Vec<usize>),
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(vec![0])),
            other => numbered(other).ok_or_else(|| {
                format!("\"{other}\" is no device: expected auto, cpu, cuda, or cards as in cuda:1 or cuda:0,1")
            }),
        }
    }
}

/// The cards of `cuda:0,1`, each named once.
fn numbered(text: &str) -> Option<DeviceChoice> {
    let numbers = text.strip_prefix("cuda:")?.split(',').map(str::parse);
    let mut cards: Vec<usize> = numbers.collect::<Result<_, _>>().ok()?;
    let named = cards.len();
    cards.sort_unstable();
    cards.dedup();
    (cards.len() == named).then_some(DeviceChoice::Cuda(cards))
}

/// The devices that were opened: cards, or the CPU where there are none.
#[derive(Debug, Clone)]
pub struct Devices {
    cards: Vec<Gpu>,
    left_open: bool,
    why: String,
}

impl Devices {
    /// The devices' name: "cpu", "cuda:0,1".
    pub fn name(&self) -> String {
        if self.cards.is_empty() { "cpu".to_owned() } else { cuda::name(&self.cards) }
    }

    /// Why these were taken, to be read after their name.
    pub fn why(&self) -> &str {
        &self.why
    }

    /// The cards; none where the CPU was taken.
    pub(super) fn cards(&self) -> &[Gpu] {
        &self.cards
    }

    /// Whether the choice was left to this crate.
    pub(super) fn left_open(&self) -> bool {
        self.left_open
    }
}

/// Opens the devices asked for.
///
/// # Errors
/// [`EmbedError::Device`] for a card that was asked for and cannot be had, and for cards of several makes.
pub fn open_device(choice: &DeviceChoice) -> Result<Devices, EmbedError> {
    let left_open = *choice == DeviceChoice::Auto;
    let (cards, why) = match choice {
        DeviceChoice::Cpu => (Vec::new(), "asked for".to_owned()),
        DeviceChoice::Auto => match Gpu::open(0) {
            Ok(card) => named(vec![card]),
            Err(error) => (Vec::new(), error.to_string()),
        },
        DeviceChoice::Cuda(numbers) => {
            let asked = |error: GpuError| {
                let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
                EmbedError::Device { asked: format!("cuda:{}", numbers.join(",")), why: error.to_string() }
            };
            let cards = numbers.iter().map(|&number| Gpu::open(number)).collect::<Result<_, _>>();
            named(cards.and_then(of_one_make).map_err(asked)?)
        }
    };
    Ok(Devices { cards, left_open, why })
}

/// Cards, if they are of one name and compute capability.
fn of_one_make(cards: Vec<Gpu>) -> Result<Vec<Gpu>, GpuError> {
    let Some(first) = cards.first() else { return Ok(cards) };
    match cards.iter().find(|card| card.make() != first.make()) {
        None => Ok(cards),
        Some(other) => Err(GpuError::OtherMake {
            ordinal: other.ordinal(),
            found: other.make(),
            first: first.ordinal(),
            expected: first.make(),
        }),
    }
}

/// Cards, and what they are called.
fn named(cards: Vec<Gpu>) -> (Vec<Gpu>, String) {
    let names: Vec<&str> = cards.iter().map(Gpu::name).collect();
    let names = names.join(", ");
    (cards, names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_named_by_number_and_once() {
        let parsed = |text: &str| text.parse::<DeviceChoice>();
        assert_eq!(parsed("cuda"), Ok(DeviceChoice::Cuda(vec![0])));
        assert_eq!(parsed("cuda:3,1"), Ok(DeviceChoice::Cuda(vec![1, 3])));
        for wrong in ["cuda:", "cuda:1,1", "cuda:-1", "cuda:0;1", "gpu"] {
            assert!(parsed(wrong).unwrap_err().contains("expected auto, cpu, cuda, or cards"), "{wrong}");
        }
    }

    #[test]
    fn a_missing_card_is_an_error_not_the_cpu() {
        // No machine has as many.
        let error = open_device(&DeviceChoice::Cuda(vec![99])).unwrap_err().to_string();
        assert!(error.starts_with("device cuda:99: "), "{error}");
        assert_eq!(open_device(&DeviceChoice::Cpu).unwrap().name(), "cpu");
    }

    #[test]
    #[cfg(not(feature = "cuda"))]
    fn a_build_without_cards_says_so_and_takes_the_cpu() {
        let error = open_device(&DeviceChoice::Cuda(vec![0])).unwrap_err().to_string();
        assert!(error.contains("no CUDA support (cargo build --release --features cuda"), "{error}");
        let open = open_device(&DeviceChoice::Auto).unwrap();
        assert!(open.name() == "cpu" && open.why().contains("no CUDA support"));
    }
}
