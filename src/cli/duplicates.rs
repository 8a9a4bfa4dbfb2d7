//! `refrain duplicates`: near-duplicate coverage alone.

use super::args::DuplicatesArgs;
use super::report::{duplicate_options, find_and_show};
use crate::pipeline::Plan;

pub(super) fn run(arguments: &DuplicatesArgs) -> anyhow::Result<()> {
    let plan = Plan {
        themes: None,
        duplicates: Some(duplicate_options(&arguments.duplicates)?),
        recurring_from: arguments.recurring.recurring_from,
    };
    find_and_show(&plan, &arguments.input, &arguments.engine, (&arguments.page, None))
}
