//! The models there are, for the terminal and as JSON (`refrain.models/1`).
//!
//! Not here: how they are found (`embed`).

use std::io::{self, Write};

use serde::Serialize;

use crate::report::blocks::{Block, Column, Rich, Room, Table};
use crate::report::json::write_pretty;
use crate::report::terminal::{self as tty, Page};

/// The name and version of the schema.
const SCHEMA: &str = "refrain.models/1";
/// Digits of a commit that are shown, as the hub shows them.
const SHORT: usize = 7;

/// The models there are, and what can be run.
#[derive(Debug, Clone, Serialize)]
pub struct ModelList {
    /// The model inside the binary.
    pub bundled: Option<Model>,
    /// The folder of the cache, where there is a place for one.
    pub cache: Option<String>,
    /// Models in the cache, by name and commit.
    pub cached: Vec<Model>,
    /// What else can be run.
    pub supported: Kinds,
}

/// A model.
#[derive(Debug, Clone, Serialize)]
pub struct Model {
    /// `org/name`.
    pub name: String,
    /// The commit's hash, of one in the cache.
    pub commit: Option<String>,
    /// Branches and tags that mean the commit.
    pub revisions: Vec<String>,
    /// Its files' bytes.
    pub bytes: Option<u64>,
    /// As its settings name it.
    pub architecture: Option<String>,
    /// How tokens become one vector.
    pub pooling: Option<String>,
    /// Components of a vector.
    pub dim: Option<usize>,
    /// The longest text in tokens; none where there is no limit.
    pub max_tokens: Option<usize>,
    /// Why it does not run; none where it does.
    pub refused: Option<String>,
}

/// Kinds of models and their parts, by name.
#[derive(Debug, Clone, Serialize)]
pub struct Kinds {
    /// As `model_type` names them, and "static".
    pub architectures: Vec<&'static str>,
    /// Ways to pool.
    pub poolings: Vec<&'static str>,
    /// Classes of modules.
    pub modules: Vec<&'static str>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    #[serde(flatten)]
    list: &'a ModelList,
}

/// Writes the list as JSON, documented in `docs/formats.md`.
///
/// # Errors
/// Those of `out`.
pub fn json(list: &ModelList, out: &mut dyn Write) -> io::Result<()> {
    write_pretty(&Document { schema: SCHEMA, list }, out)
}

/// Writes the list for the terminal.
///
/// # Errors
/// Those of `out`.
pub fn terminal(list: &ModelList, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    tty::write_blocks(&blocks(list), page, out)
}

fn blocks(list: &ModelList) -> Vec<Block> {
    let mut blocks = vec![Block::Heading("In the binary")];
    blocks.push(match &list.bundled {
        Some(model) => table(std::slice::from_ref(model)),
        None => Block::Line("None: this build carries no model.".into()),
    });
    blocks.push(Block::Heading("In the cache"));
    blocks.push(match &list.cache {
        Some(cache) => Block::Line(Rich::default().quiet(cache)),
        None => Block::Line("There is no place for one.".into()),
    });
    if list.cached.is_empty() {
        blocks.push(Block::Line("No model.".into()));
    } else {
        blocks.push(table(&list.cached));
    }
    let refused = list.cached.iter().filter_map(|model| model.refused.as_deref());
    blocks.extend(refused.map(|why| Block::Line(why.into())));
    blocks.push(Block::Heading("Supported"));
    let Kinds { architectures, poolings, modules } = &list.supported;
    let kinds = [("architectures", architectures), ("poolings", poolings), ("modules", modules)];
    let columns = vec![Column::text(""), Column::text("").giving(Room::Wrap)];
    let rows = kinds.map(|(what, names)| vec![what.into(), names.join(", ").as_str().into()]);
    blocks.push(Block::Table(Table::new(columns, rows)));
    blocks
}

fn table(models: &[Model]) -> Block {
    let columns = vec![
        Column::text("model").giving(Room::Wrap),
        Column::text("revision").giving(Room::Clip),
        Column::number("MB"),
        Column::text("architecture"),
        Column::text("pooling"),
        Column::number("vector"),
        Column::number("tokens"),
    ];
    Block::Table(Table::new(columns, models.iter().map(row)))
}

fn row(model: &Model) -> Vec<Rich> {
    let number = |number: Option<usize>| number.map_or_else(|| "–".to_owned(), |number| number.to_string());
    let architecture = match (&model.architecture, &model.refused) {
        (_, Some(_)) => "not run",
        (architecture, None) => architecture.as_deref().unwrap_or("–"),
    };
    let cells = [
        revision(model),
        model.bytes.map_or_else(|| "–".to_owned(), |bytes| format!("{:.1}", bytes as f64 / 1e6)),
        architecture.to_owned(),
        model.pooling.clone().unwrap_or_else(|| "–".to_owned()),
        number(model.dim),
        number(model.max_tokens),
    ];
    let name = Rich::default().strong(&model.name);
    std::iter::once(name).chain(cells.iter().map(|cell| cell.as_str().into())).collect()
}

/// The commit, shortened, with the branches and tags that mean it.
fn revision(model: &Model) -> String {
    let Some(commit) = &model.commit else { return "–".to_owned() };
    let short: String = commit.chars().take(SHORT).collect();
    match model.revisions.as_slice() {
        [] => short,
        names => format!("{short} ({})", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(name: &str, refused: Option<&str>) -> Model {
        Model {
            name: name.to_owned(),
            commit: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
            revisions: vec!["main".to_owned()],
            bytes: Some(91_250_000),
            architecture: refused.is_none().then(|| "bert".to_owned()),
            pooling: refused.is_none().then(|| "mean".to_owned()),
            dim: refused.is_none().then_some(384),
            max_tokens: refused.is_none().then_some(256),
            refused: refused.map(str::to_owned),
        }
    }

    #[test]
    fn models_are_listed_with_what_they_are_and_why_not() {
        let bundled = Model { commit: None, revisions: Vec::new(), bytes: None, ..model("all-MiniLM-L6-v2", None) };
        let list = ModelList {
            bundled: Some(bundled),
            cache: Some("/cache/hub".to_owned()),
            cached: vec![model("org/one", None), model("org/two", Some("model org/two has the architecture \"t5\""))],
            supported: Kinds { architectures: vec!["bert"], poolings: vec!["mean"], modules: vec!["Dense"] },
        };
        let mut text = Vec::new();
        terminal(&list, &Page::default(), &mut text).unwrap();
        insta::assert_snapshot!(String::from_utf8(text).unwrap());
        let mut text = Vec::new();
        json(&list, &mut text).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(read["schema"], SCHEMA);
        assert_eq!(read["cached"][0]["dim"], 384);
        assert_eq!(read["cached"][1]["refused"], "model org/two has the architecture \"t5\"");
        assert!(read["bundled"]["commit"].is_null());
    }
}
