//! In place of the Parquet reader, where it is not built in.

use std::cell::Cell;

use super::fault::Fault;
use super::intake::Intake;
use super::walk::Source;
use crate::corpus::options::ReadOptions;

/// Says how to get the reader.
pub(super) fn read(intake: &mut Intake<'_>, source: &Source, _: &ReadOptions, _: &Cell<u64>) {
    intake.lose(source.place(None), &Fault::ParquetOff);
}
