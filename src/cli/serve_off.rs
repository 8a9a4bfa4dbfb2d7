//! `refrain serve` in a build without it.

use anyhow::bail;

use super::args::ServeArgs;

pub(super) fn run(_: &ServeArgs) -> anyhow::Result<()> {
    bail!("this build does not serve: build it with the feature serve")
}
