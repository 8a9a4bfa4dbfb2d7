//! The files of a model folder: read through one door, each knowing its name for what is said about it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::embed::EmbedError;

/// Where a file lies: compiled in, or read from disk.
pub(in crate::embed) type Bytes = Cow<'static, [u8]>;

/// A file of a model folder.
#[derive(Debug)]
pub(in crate::embed) struct File {
    /// The model's name.
    pub(in crate::embed) model: String,
    /// The file's path in the folder.
    pub(in crate::embed) name: String,
    pub(in crate::embed) bytes: Bytes,
}

impl File {
    /// # Errors
    /// [`EmbedError::Malformed`] says where the JSON is not what it should be.
    pub(in crate::embed) fn parse<T: DeserializeOwned>(&self) -> Result<T, EmbedError> {
        serde_json::from_slice(&self.bytes).map_err(|error| self.bad(error))
    }

    /// The error that this file is not what it should be.
    #[allow(clippy::needless_pass_by_value, reason = "made where it is given")]
    pub(in crate::embed) fn bad(&self, what: impl ToString) -> EmbedError {
        malformed(&self.model, &self.name, what.to_string())
    }

    /// The error that this file asks for what is not supported.
    pub(in crate::embed) fn unsupported(&self, found: &str, supported: &'static str) -> EmbedError {
        EmbedError::Unsupported { model: self.model.clone(), found: found.to_owned(), supported }
    }
}

/// The error that a file of a model is not what it should be.
pub(in crate::embed) fn malformed(model: &str, file: &str, what: String) -> EmbedError {
    EmbedError::Malformed { model: model.to_owned(), file: file.to_owned(), what }
}

/// What stands for a file that is not there, until the folder's path is known.
pub(in crate::embed) const MISSING: &str = "not there";

/// The folder as a source of named files.
pub(super) struct Files<'a> {
    pub(super) model: &'a str,
    pub(super) read: &'a dyn Fn(&str) -> Result<Option<Bytes>, EmbedError>,
}

impl Files<'_> {
    /// A file of a module's folder, if it is there.
    ///
    /// # Errors
    /// Whatever reading fails with.
    pub(super) fn find(&self, folder: &str, file: &str) -> Result<Option<File>, EmbedError> {
        let name = joined(folder, file);
        let bytes = (self.read)(&name)?;
        Ok(bytes.map(|bytes| File { model: self.model.to_owned(), name, bytes }))
    }

    /// # Errors
    /// [`EmbedError::Malformed`] for a file that is not there.
    pub(super) fn need(&self, folder: &str, file: &str) -> Result<File, EmbedError> {
        let name = joined(folder, file);
        self.find(folder, file)?.ok_or_else(|| malformed(self.model, &name, MISSING.to_owned()))
    }

    /// The weights: `model.safetensors`, or the files that `model.safetensors.index.json` names.
    ///
    /// # Errors
    /// As [`Files::need`], for each file named.
    pub(super) fn weights(&self, folder: &str) -> Result<Vec<File>, EmbedError> {
        if let Some(whole) = self.find(folder, "model.safetensors")? {
            return Ok(vec![whole]);
        }
        let Some(index) = self.find(folder, "model.safetensors.index.json")? else {
            if let Some(pickle) = self.find(folder, "pytorch_model.bin")? {
                return Err(pickle.bad("pickled weights are not read: expected model.safetensors beside it"));
            }
            return Err(malformed(self.model, &joined(folder, "model.safetensors"), MISSING.to_owned()));
        };
        let Shards { weight_map } = index.parse()?;
        let names: BTreeSet<&String> = weight_map.values().collect();
        if names.is_empty() {
            return Err(index.bad("names no file"));
        }
        if let Some(name) = names.iter().find(|name| name.contains(['/', '\\']) || name.is_empty()) {
            return Err(index.bad(format!("\"{name}\" is no file beside it")));
        }
        names.into_iter().map(|name| self.need(folder, name)).collect()
    }
}

/// A file's path in the model folder.
fn joined(folder: &str, file: &str) -> String {
    if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") }
}

#[derive(Deserialize)]
struct Shards {
    weight_map: BTreeMap<String, String>,
}
