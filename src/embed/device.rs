//! Which device the model runs on. A device that was asked for and is missing is an error, never the CPU.

use std::str::FromStr;

use candle_core::Device;

use super::EmbedError;

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// A GPU where this build and machine have one, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// An NVIDIA GPU.
    Cuda,
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda),
            other => Err(format!("\"{other}\" is no device: expected auto, cpu or cuda")),
        }
    }
}

/// Opens the device asked for, and says which it is.
///
/// # Errors
/// [`EmbedError::Device`] for CUDA: this build has none.
pub fn open_device(choice: DeviceChoice) -> Result<(Device, String), EmbedError> {
    match choice {
        DeviceChoice::Auto | DeviceChoice::Cpu => Ok((Device::Cpu, "cpu".to_owned())),
        DeviceChoice::Cuda => Err(EmbedError::Device {
            asked: "cuda".to_owned(),
            why: "this build of refrain has no CUDA support".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_gpu_is_an_error_not_the_cpu() {
        assert!(open_device(DeviceChoice::Cuda).unwrap_err().to_string().contains("no CUDA support"));
        assert_eq!(open_device(DeviceChoice::Auto).unwrap().1, "cpu");
    }
}
