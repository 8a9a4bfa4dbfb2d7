//! Values as a user writes them, read in our own words: clap's sentence names what was found and the flag, and ends with what
//! is said here, which is what was expected.

use std::net::IpAddr;
use std::num::NonZeroUsize;

use jiff::civil::Date;

/// A day.
pub(in crate::cli) fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "expected a day that there is, as YYYY-MM-DD, such as 2026-11-20".to_owned())
}

/// How many of something, one at least.
pub(in crate::cli) fn some(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "expected a whole number, 1 or more".to_owned())
}

/// How many of something, none as well.
pub(in crate::cli) fn any(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "expected a whole number, 0 or more".to_owned())
}

/// A whole number from one to another.
pub(in crate::cli) fn between<T: TryFrom<u64>>(
    least: u64,
    most: u64,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = text.parse::<u64>().ok().filter(|number| (least..=most).contains(number));
        number
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| format!("expected a whole number from {least} to {most}"))
    }
}

/// A likeness; which of them can be used is known where it is.
pub(in crate::cli) fn likeness(text: &str) -> Result<f32, String> {
    text.parse().map_err(|_| "expected a number above 0, at most 2, such as 1.2".to_owned())
}

/// An address to listen at.
pub(in crate::cli) fn address(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| "expected an address in numbers, such as 127.0.0.1 or ::1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_value_is_refused_with_what_is() {
        assert_eq!(day("2026-02-28").unwrap().to_string(), "2026-02-28");
        for wrong in ["yesterday", "2026-02-30", "28.2.2026", ""] {
            assert!(day(wrong).unwrap_err().contains("YYYY-MM-DD"), "{wrong}");
        }
        assert!(some("0").is_err() && some("-1").is_err() && some("1").is_ok() && any("0").is_ok());
        assert_eq!(between::<u16>(1, 512)("512"), Ok(512));
        assert_eq!(between::<u16>(1, 512)("0"), Err("expected a whole number from 1 to 512".to_owned()));
        assert!(between::<u16>(1, 1 << 20)("70000").is_err(), "it has room in no u16");
        assert!(likeness("x").is_err() && address("localhost").is_err());
    }
}
