//! `modules.json`: the steps from a text to a vector, each with its folder.
//!
//! Source: sentence-transformers, `base/model.py`, `_load_modules`. Class paths have moved between its versions;
//! the class's own name has not. A folder without the file is what `_load_default_modules` makes of it.

use serde::Deserialize;

use super::files::{File, Files};
use crate::embed::EmbedError;

/// What turns a text into its first vector or vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// A transformer and the folder of its pooling; the folder is none where there is no `modules.json`.
    Transformer { folder: String, pooling: Option<String> },
    /// A static token table.
    Table { folder: String },
}

/// What is done to a vector afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum After {
    /// A projection, by its folder.
    Dense(String),
    Normalize,
}

/// The steps of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Modules {
    pub(super) entry: Entry,
    pub(super) after: Vec<After>,
}

#[derive(Deserialize)]
struct Module {
    path: String,
    #[serde(rename = "type")]
    kind: String,
}

/// The classes of modules that are run.
pub(super) const CLASSES: [&str; 6] = ["Transformer", "StaticEmbedding", "Pooling", "Dense", "Normalize", "Dropout"];

const SUPPORTED: &str = "are Transformer, StaticEmbedding, Pooling, Dense, Normalize and Dropout";

impl Modules {
    /// Reads the steps; a folder without `modules.json` is a transformer alone.
    ///
    /// # Errors
    /// [`EmbedError::Unsupported`] names the module; [`EmbedError::Malformed`] for steps in an order that makes no vector.
    pub(super) fn read(files: &Files) -> Result<Self, EmbedError> {
        let Some(file) = files.find("", "modules.json")? else {
            let entry = Entry::Transformer { folder: String::new(), pooling: None };
            return Ok(Self { entry, after: Vec::new() });
        };
        let modules: Vec<Module> = file.parse()?;
        let mut steps = Vec::with_capacity(modules.len());
        for module in &modules {
            steps.push((module.class(), inside(&file, &module.path)?, module.kind.as_str()));
        }
        Self::ordered(&file, &steps)
    }

    fn ordered(file: &File, steps: &[(&str, String, &str)]) -> Result<Self, EmbedError> {
        let (entry, rest) = match steps {
            [("Transformer", folder, _), ("Pooling", pooling, _), rest @ ..] => {
                (Entry::Transformer { folder: folder.clone(), pooling: Some(pooling.clone()) }, rest)
            }
            [("StaticEmbedding", folder, _), rest @ ..] => (Entry::Table { folder: folder.clone() }, rest),
            _ => return Err(Self::refused(file, steps)),
        };
        let mut after = Vec::new();
        for (class, folder, _) in rest {
            match *class {
                "Dense" => after.push(After::Dense(folder.clone())),
                "Normalize" => after.push(After::Normalize),
                // Takes part in training alone.
                "Dropout" => {}
                _ => return Err(Self::refused(file, steps)),
            }
        }
        Ok(Self { entry, after })
    }

    /// An unknown module by name, else the order.
    fn refused(file: &File, steps: &[(&str, String, &str)]) -> EmbedError {
        if let Some((_, _, kind)) = steps.iter().find(|(class, ..)| !CLASSES.contains(class)) {
            return file.unsupported(&format!("the module \"{kind}\""), SUPPORTED);
        }
        let classes: Vec<&str> = steps.iter().map(|(class, ..)| *class).collect();
        file.bad(format!(
            "the modules {}: expected a Transformer and its Pooling, or a StaticEmbedding, then what is done to the vector",
            classes.join(", ")
        ))
    }
}

impl Module {
    /// The class's own name; the whole one where another package's class may only be called alike.
    fn class(&self) -> &str {
        match self.kind.strip_prefix("sentence_transformers.") {
            Some(path) => path.rsplit('.').next().unwrap_or_default(),
            None => &self.kind,
        }
    }
}

/// A module's folder, without `.` and slashes at its ends.
///
/// # Errors
/// [`EmbedError::Malformed`] for a path that leaves the model folder.
fn inside(file: &File, path: &str) -> Result<String, EmbedError> {
    let parts: Vec<&str> = path.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").collect();
    if path.starts_with(['/', '\\']) || parts.iter().any(|part| *part == ".." || part.contains(':')) {
        return Err(file.bad(format!("the path \"{path}\" leaves the model folder")));
    }
    Ok(parts.join("/"))
}
