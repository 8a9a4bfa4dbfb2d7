//! In place of the Parquet reader, where it is not built in.

use super::batch::Batch;
use super::fault::Fault;
use super::walk::Source;
use crate::corpus::options::ReadOptions;

/// Says how to get the reader.
pub(super) fn read(source: &Source, _: &ReadOptions) -> Batch {
    Batch::lost(source, &Fault::ParquetOff)
}
