//! What `refrain serve` may be told.

use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use super::{EngineArgs, values};

#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  refrain serve news.refrain                then open http://127.0.0.1:8765 in a browser
  curl '127.0.0.1:8765/nearest?query=export+controls&k=3'
  refrain serve                             vectors alone
  curl 127.0.0.1:8765/embed -H 'Content-Type: application/json' -d '{\"inputs\": [\"a text\", \"another\"]}'
  refrain serve --model intfloat/multilingual-e5-small --port 9000 -v
  openssl rand -hex 24 > token; refrain serve --host 0.0.0.0 --token-file token

Ctrl-C or SIGTERM stops it: what was taken is answered first. A second Ctrl-C does not wait.")]
pub(in crate::cli) struct ServeArgs {
    /// A library that `refrain add` made; without one only vectors are served
    #[arg(value_name = "LIBRARY")]
    pub(in crate::cli) library: Option<PathBuf>,
    /// The address it listens at; one that other machines reach needs a token
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", value_parser = values::address, help_heading = "Server")]
    pub(in crate::cli) host: IpAddr,
    /// The port; 0 takes a free one and says which
    #[arg(long, value_name = "PORT", default_value_t = 8765, value_parser = values::between::<u16>(0, 65_535), help_heading = "Server")]
    pub(in crate::cli) port: u16,
    /// A file with the token that requests must carry (Authorization: Bearer TOKEN), at least 16 characters [default: REFRAIN_TOKEN, else none]
    #[arg(long, value_name = "FILE", help_heading = "Server")]
    pub(in crate::cli) token_file: Option<PathBuf>,
    /// Most texts of one request; more is refused with 422
    #[arg(long, value_name = "N", default_value = "2048", value_parser = values::some, help_heading = "Limits")]
    pub(in crate::cli) max_texts: NonZeroUsize,
    /// Most texts that wait for the model; more is refused with 429
    #[arg(long, value_name = "N", default_value = "2048", value_parser = values::some, help_heading = "Limits")]
    pub(in crate::cli) max_queued: NonZeroUsize,
    /// Tokens embedded together at the most, by estimate; it takes what the model does in a quarter of a second, where that is less
    #[arg(long, value_name = "N", default_value = "8192", value_parser = values::some, help_heading = "Limits")]
    pub(in crate::cli) max_batch_tokens: NonZeroUsize,
    /// Largest body in MiB; more is refused with 413
    #[arg(long, value_name = "MIB", default_value = "8", value_parser = values::between::<u16>(1, 1_024), help_heading = "Limits")]
    pub(in crate::cli) max_body: u16,
    /// Most connections at once; more wait
    #[arg(long, value_name = "N", default_value = "512", value_parser = values::some, help_heading = "Limits")]
    pub(in crate::cli) max_connections: NonZeroUsize,
    #[command(flatten)]
    pub(in crate::cli) engine: EngineArgs,
}
