//! `refrain reembed`: a library moved to another model.

use super::{advised, answer, made_by, to_write};
use crate::cli::args::{EngineArgs, ReembedArgs};
use crate::cli::engine::{self, Use};
use crate::cli::progress::Bar;
use crate::pipeline::Progress;
use crate::report::holdings as page;

pub(in crate::cli) fn run(arguments: &ReembedArgs) -> anyhow::Result<()> {
    let mut library = to_write(&arguments.library)?;
    let asked = arguments.engine.prompt.is_some() || arguments.engine.prompt_name.is_some();
    // The library's own model where none is named: vectors may be made anew because they are damaged.
    let model = arguments.engine.model.clone().or_else(|| library.made_by().source.clone());
    let own = EngineArgs { model, ..arguments.engine.clone() };
    let engine = engine::load_for(&own, if asked { Use::Compare } else { Use::LookUp })?;
    let made_by = made_by(&engine, &own);
    let bar = Bar::default();
    bar.begin("embedding paragraphs", library.about().map_err(advised)?.paragraphs);
    let embed = |texts: &[&str]| engine.pool.install(|| engine.encoder.embed(texts, &|_| ()));
    let moved = library.reembed(&made_by, &embed, &|done| bar.advance(done));
    bar.end();
    moved.map_err(advised)?;
    let about = library.about().map_err(advised)?;
    answer(&arguments.library, |page, out| page::about(&about, page, out), |out| page::about_json(&about, out))
}
