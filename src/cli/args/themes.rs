//! How themes are found, as the user may say it; and what may be asked of the themes of a library.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::{LibraryArgs, values};

/// How themes are found.
#[derive(Debug, Args)]
#[command(next_help_heading = "Themes")]
pub(in crate::cli) struct ThemeFlags {
    /// Discover this many themes beside the seeded ones [default: as many as the corpus shows]
    #[arg(long, value_name = "N", value_parser = values::between::<u16>(1, 1_000), conflicts_with = "only_seeded")]
    pub(in crate::cli) themes: Option<u16>,
    /// Discover fewer and broader themes, or more and narrower ones, than the corpus shows
    #[arg(long, value_name = "HOW", default_value = "medium", conflicts_with_all = ["themes", "only_seeded"])]
    pub(in crate::cli) granularity: Fineness,
    /// How themes are discovered
    #[arg(long, value_name = "METHOD", default_value = "auto", conflicts_with = "only_seeded")]
    pub(in crate::cli) method: Means,
    /// For dbscan and optics: paragraphs within reach that make a place dense [default: 5]
    #[arg(long, value_name = "N", value_parser = values::between::<u16>(2, 65_535))]
    pub(in crate::cli) min_points: Option<u16>,
    /// For dbscan and optics: what is within reach, as a distance in 16 principal components of unit vectors, above 0 to 2 [default: the one of highest silhouette]
    #[arg(long, value_name = "DISTANCE", value_parser = reach)]
    pub(in crate::cli) tolerance: Option<f32>,
    /// A command, run by the shell once for each discovered theme, that reads keywords and exemplary paragraphs as JSON and prints a name
    #[arg(long, value_name = "CMD", conflicts_with = "only_seeded")]
    pub(in crate::cli) namer: Option<String>,
    /// Look for seeded themes alone: what fits none stays unassigned
    #[arg(long, conflicts_with = "no_seeded")]
    pub(in crate::cli) only_seeded: bool,
    /// Seeded themes to look for [default: themes.toml of the input folder, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) theme_file: Option<PathBuf>,
    /// Take no seeded themes, even where the input folder holds a themes.toml
    #[arg(long, conflicts_with = "theme_file")]
    pub(in crate::cli) no_seeded: bool,
    /// Of a library: find its themes with these options from now on, also those of --theme-file and --recurring-from; without it, options other than the library's are shown and not kept
    #[arg(long)]
    pub(in crate::cli) keep: bool,
    /// Of a library: find all themes anew now, however little changed; without it, what little came is put into the themes there are
    #[arg(long)]
    pub(in crate::cli) anew: bool,
}

/// How themes are discovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Means {
    /// What measured best: graph
    Auto,
    /// Communities of the neighbour graph, at the scale that halves of the corpus agree on
    Graph,
    /// K-means; the number by silhouette
    Kmeans,
    /// Dense places; what lies in none stays unassigned. For some ten thousand paragraphs at most
    Dbscan,
    /// Dense places of the ordering by reachability. For some ten thousand paragraphs at most
    Optics,
    /// A mixture of Gaussians; the number by silhouette
    Gmm,
}

/// How fine themes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Fineness {
    /// A quarter of the number the corpus shows, or fewer
    Coarsest,
    /// Half of it, or fewer
    Coarse,
    /// As the corpus shows
    Medium,
    /// Twice as many, or more
    Fine,
    /// Four times as many, or more
    Finest,
}

fn reach(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(reach) if reach > 0.0 && reach <= 2.0 => Ok(reach),
        _ => Err("expected a distance above 0, at most 2".to_owned()),
    }
}

/// A day, a time, or how long ago.
fn since(text: &str) -> Result<Timestamp, String> {
    let text = text.trim();
    // "08:30:00" would be so many hours.
    let span = text.contains(char::is_alphabetic).then_some(text);
    let ago =
        |span: Span| Timestamp::now().to_zoned(TimeZone::UTC).checked_sub(span.abs()).ok().map(|then| then.timestamp());
    let utc = |time: DateTime| time.to_zoned(TimeZone::UTC).ok().map(|then| then.timestamp());
    let found = text.parse().ok();
    let found = found.or_else(|| text.parse().ok().and_then(utc)).or_else(|| span?.parse().ok().and_then(ago));
    found.ok_or_else(|| {
        "expected a day (2026-11-20), a time (2026-11-20T08:30; UTC where it names no other) or how long ago (\"7 days\", \"1 week\")".to_owned()
    })
}

/// What is told of the themes of a library instead of the themes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Library")]
pub(in crate::cli) struct HistoryFlags {
    /// Of a library: what is new in its themes since a day or a time (UTC), as 2026-11-20 or 2026-11-20T08:30, or since so long ago, as "7 days" or "1 week"; as text, Markdown or JSON
    #[arg(long, value_name = "WHEN", value_parser = since, conflicts_with = "log")]
    pub(in crate::cli) since: Option<Timestamp>,
    /// Of a library: everything that became of its themes, oldest first
    #[arg(long, conflicts_with_all = ["anew", "keep"])]
    pub(in crate::cli) log: bool,
}

#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  refrain rename news.refrain t7 \"chip tariffs\"
  refrain rename news.refrain \"tariffs, chips\" \"chip tariffs\"
  refrain rename news.refrain t7 --reset

The name stays with the theme as the library grows: with the largest part where it splits, and with the whole where it goes \
into another theme of which it makes up a quarter or more. `refrain themes news.refrain` shows ids and names.")]
pub(in crate::cli) struct RenameArgs {
    #[command(flatten)]
    pub(in crate::cli) library: LibraryArgs,
    /// Its id, such as t7, or its present name
    #[arg(value_name = "THEME")]
    pub(in crate::cli) theme: String,
    /// What to call it: a name that no other theme of the library has
    #[arg(value_name = "NAME", required_unless_present = "reset", conflicts_with = "reset")]
    pub(in crate::cli) name: Option<String>,
    /// Call it again as it would be called had it never been renamed
    #[arg(long)]
    pub(in crate::cli) reset: bool,
}
