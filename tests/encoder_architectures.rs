//! Small models of every architecture and pooling against sentence-transformers' vectors, and every way in which such a
//! folder may lie otherwise or be damaged. `tests/golden/architectures/make_tiny.py` made them.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use candle_core::Device;
use ndarray::ArrayView1;
use refrain::embed::{EmbedError, Encoder, ModelFolder, Precision};
use refrain::vectors::UnitRows;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};

const ARCHITECTURES: [&str; 13] = [
    "bert",
    "distilbert",
    "roberta",
    "xlm-roberta",
    "mpnet",
    "modernbert",
    "modernbert-biased",
    "nomic",
    "qwen3",
    "qwen3-window",
    "static",
    "model2vec",
    "nomic/older",
];
const VARIANTS: [&str; 16] = [
    "all-switches",
    "cls",
    "default-prompt",
    "dense-gelu",
    "dense-identity",
    "dense-relu",
    "dense-sigmoid",
    "dense-tanh",
    "lasttoken",
    "lower-case",
    "max",
    "mean_sqrt_len_tokens",
    "truncated",
    "weightedmean",
    "weightedmean+cls+max",
    "without-prompt",
];

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/architectures")
}

/// A copy of a model's folder that a test may change.
struct Copy(tempfile::TempDir);

impl Copy {
    /// Of a model, or of one laid over the model it varies.
    fn of(name: &str) -> Self {
        let folder = Self(tempfile::Builder::new().prefix("tiny").tempdir().unwrap());
        let bert = golden().join("bert/variants").join(name);
        let layers = match name.split_once('/') {
            _ if bert.is_dir() => vec![golden().join("bert"), bert],
            Some((base, _)) => vec![golden().join(base), golden().join(name)],
            None => vec![golden().join(name)],
        };
        layers.iter().for_each(|layer| copy(layer, folder.path()));
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.path().join(file)).unwrap()
    }

    fn write(&self, file: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path().join(file), bytes).unwrap();
    }

    /// Replaces text in a file.
    #[track_caller]
    fn edit(&self, file: &str, from: &str, to: &str) {
        let text = String::from_utf8(self.read(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from}: {text}");
        self.write(file, text.replace(from, to));
    }

    fn load(&self) -> Result<Encoder, EmbedError> {
        Encoder::load(ModelFolder::read(self.path())?, &Device::Cpu)
    }

    /// What loading says, with the folder's random name taken out.
    #[track_caller]
    fn refused(&self) -> String {
        let error = self.load().err().unwrap().to_string();
        error
            .replace(self.path().to_str().unwrap(), "tiny")
            .replace(self.path().file_name().unwrap().to_str().unwrap(), "tiny")
    }

    fn expected(&self) -> UnitRows {
        let rows: Vec<Vec<f32>> = serde_json::from_slice(&self.read("vectors.json")).unwrap();
        let width = rows[0].len();
        UnitRows::from_flat(rows.concat(), width).unwrap()
    }

    /// Changes all tensors: values are widened to 32 bits, and stored as `change` gives them.
    fn change_tensors(&self, change: impl Fn(&str, Dtype, &[u8]) -> (Dtype, Vec<u8>)) {
        let bytes = self.read("model.safetensors");
        let stored: Vec<Stored> = SafeTensors::deserialize(&bytes)
            .unwrap()
            .iter()
            .map(|(name, view)| (name.to_owned(), view.shape().to_vec(), change(name, view.dtype(), view.data())))
            .collect();
        self.write("model.safetensors", written(stored.iter().collect::<Vec<_>>().as_slice()));
    }
}

type Stored = (String, Vec<usize>, (Dtype, Vec<u8>));

fn written(tensors: &[&Stored]) -> Vec<u8> {
    let views = tensors
        .iter()
        .map(|(name, shape, (dtype, data))| (name, TensorView::new(*dtype, shape.clone(), data).unwrap()));
    serialize(views, None).unwrap()
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() && !["variants", "older"].iter().any(|name| path.ends_with(name)) {
            fs::create_dir_all(&target).unwrap();
            copy(&path, &target);
        } else if path.is_file() {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn texts() -> Vec<String> {
    serde_json::from_slice(&fs::read(golden().join("texts.json")).unwrap()).unwrap()
}

fn embed(encoder: &Encoder, texts: &[String]) -> UnitRows {
    encoder.embed(texts, &|_| {}).unwrap().vectors
}

fn apart(left: ArrayView1<'_, f32>, right: ArrayView1<'_, f32>) -> f32 {
    assert_eq!(left.len(), right.len());
    left.iter().zip(right).map(|(left, right)| (left - right).abs()).fold(0.0, f32::max)
}

/// Within 1e-5 of the reference, and the same bytes alone, among others and at any number of threads.
#[track_caller]
fn assert_reference(name: &str) {
    let (folder, texts) = (Copy::of(name), texts());
    let (encoder, expected) = (folder.load().unwrap(), folder.expected());
    let made = embed(&encoder, &texts);
    let worst = (0..texts.len()).map(|row| apart(made.row(row), expected.row(row))).fold(0.0, f32::max);
    assert!(worst < 1e-5, "{name} is {worst} from sentence-transformers");
    for (row, text) in texts.iter().enumerate() {
        assert_eq!(embed(&encoder, std::slice::from_ref(text)).row(0), made.row(row), "{name}: text {row} alone");
    }
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(|| embed(&encoder, &texts)) == made, "{name} on {threads} threads");
    }
}

#[test]
fn every_architecture_gives_the_reference_s_vectors() {
    ARCHITECTURES.iter().for_each(|name| assert_reference(name));
}

#[test]
fn every_pooling_projection_and_setting_gives_the_reference_s_vectors() {
    VARIANTS.iter().for_each(|name| assert_reference(name));
}

#[test]
fn every_golden_folder_is_tested() {
    let names = |folder: PathBuf| -> Vec<String> {
        let folders = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).filter(|entry| entry.path().is_dir());
        folders.map(|entry| entry.file_name().into_string().unwrap()).collect()
    };
    assert!(names(golden()).iter().all(|name| ARCHITECTURES.contains(&name.as_str())));
    assert!(names(golden().join("bert/variants")).iter().all(|name| VARIANTS.contains(&name.as_str())));
}

#[test]
fn tensors_in_several_files_are_those_in_one() {
    for name in ["bert", "qwen3", "static"] {
        let folder = Copy::of(name);
        let whole = embed(&folder.load().unwrap(), &texts());
        let bytes = folder.read("model.safetensors");
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let mut map = BTreeMap::new();
        let mut shards: [Vec<Stored>; 2] = [Vec::new(), Vec::new()];
        for (at, (tensor, view)) in tensors.iter().enumerate() {
            map.insert(tensor.to_owned(), format!("model-{}-of-2.safetensors", at % 2 + 1));
            shards[at % 2].push((tensor.to_owned(), view.shape().to_vec(), (view.dtype(), view.data().to_vec())));
        }
        for (at, shard) in shards.iter().enumerate() {
            folder.write(&format!("model-{}-of-2.safetensors", at + 1), written(&shard.iter().collect::<Vec<_>>()));
        }
        folder
            .write("model.safetensors.index.json", serde_json::json!({"metadata": {}, "weight_map": map}).to_string());
        fs::remove_file(folder.path().join("model.safetensors")).unwrap();
        assert!(embed(&folder.load().unwrap(), &texts()) == whole, "{name}");
        if name != "static" {
            fs::remove_file(folder.path().join("model-2-of-2.safetensors")).unwrap();
            assert!(folder.refused().starts_with("no model-2-of-2.safetensors in tiny: "), "{}", folder.refused());
        }
    }
}

#[test]
fn weights_stored_in_16_and_32_bits_give_the_same_vectors() {
    // Stored in 16 bits, so that widening them loses nothing.
    for name in ["distilbert", "xlm-roberta", "model2vec"] {
        let folder = Copy::of(name);
        let stored = embed(&folder.load().unwrap(), &texts());
        folder.change_tensors(|_, dtype, bytes| match dtype {
            Dtype::BF16 => {
                (Dtype::F32, bytes.as_chunks().0.iter().flat_map(|&[low, high]| [0, 0, low, high]).collect())
            }
            Dtype::F16 => {
                (Dtype::F32, bytes.as_chunks().0.iter().flat_map(|&half| widened(half).to_le_bytes()).collect())
            }
            other => (other, bytes.to_vec()),
        });
        assert!(embed(&folder.load().unwrap(), &texts()) == stored, "{name}");
    }
}

fn widened(half: [u8; 2]) -> f32 {
    let bits = u16::from_le_bytes(half);
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f32::from(bits & 0x3ff));
    let size =
        if exponent == 0 { fraction * 2_f32.powi(-24) } else { (1.0 + fraction / 1024.0) * 2_f32.powi(exponent - 15) };
    if bits >> 15 == 1 { -size } else { size }
}

#[test]
fn a_prompt_stands_before_the_text_and_an_empty_one_is_none() {
    let (folder, texts) = (Copy::of("default-prompt"), texts());
    let encoder = folder.load().unwrap();
    assert_eq!(encoder.prompts()["query"], "ba de fi : ");
    let said: Vec<String> = texts.iter().map(|text| format!("ba de fi : {text}")).collect();
    let without = encoder.embed_with(&texts, "", &|_| {}).unwrap().vectors;
    assert!(encoder.embed_with(&said, "", &|_| {}).unwrap().vectors == embed(&encoder, &texts));
    assert!(without == embed(&Copy::of("bert").load().unwrap(), &texts));
}

#[test]
fn questions_and_texts_have_the_prompts_that_the_model_names_for_them() {
    let folder = Copy::of("default-prompt");
    folder.edit("config_sentence_transformers.json", "\"document\": \"\"", "\"passage\": \"ga \"");
    let load = || folder.load().unwrap();
    let after = |prompt: &str| load().embed_with(&["fo du"], prompt, &|_| {}).unwrap().vectors;
    let lookup = load().for_lookup();
    assert!(lookup.embed_query("fo du").unwrap() == after("ba de fi : "));
    assert!(embed(&lookup, &["fo du".to_owned()]) == after("ga "));
    assert!(lookup.with_query_prompt("ka ").embed_query("fo du").unwrap() == after("ka "));
    assert!(load().with_prompt("").embed_query("fo du").unwrap() == after(""));
    assert_eq!(load().prompt_named("passage").unwrap(), "ga ");
    let error = load().prompt_named("title").unwrap_err().to_string();
    assert!(error.ends_with("has no prompt \"title\": it has passage, query"), "{error}");
}

#[test]
fn each_window_of_a_long_text_has_the_prompt() {
    let encoder = Copy::of("bert").load().unwrap();
    let long = format!("{}. {}.", ["ba"; 150].join(" "), ["de"; 150].join(" "));
    let made = encoder.embed_with(&[&long], "fi fo ", &|_| {}).unwrap();
    assert_eq!(made.windowed, [0]);
    let error = encoder.embed_with(&["ba"], &"fi ".repeat(200), &|_| {}).unwrap_err().to_string();
    assert!(error.contains("leave no room in the model's 200"), "{error}");
}

#[test]
fn fewer_components_can_be_kept() {
    let (folder, texts) = (Copy::of("bert"), texts());
    let encoder = folder.load().unwrap().truncated(12).unwrap();
    assert_eq!(encoder.dim(), 12);
    assert!(embed(&encoder, &texts) == embed(&Copy::of("truncated").load().unwrap(), &texts));
    assert!(encoder.truncated(33).err().unwrap().to_string().starts_with("keeping 33 components of a vector of 32"));
    assert!(folder.load().unwrap().truncated(0).is_err());
}

#[test]
fn a_transformer_in_its_own_folder_is_the_same() {
    let folder = Copy::of("mpnet");
    let plain = embed(&folder.load().unwrap(), &texts());
    fs::create_dir(folder.path().join("0_Transformer")).unwrap();
    for file in
        ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "sentence_bert_config.json"]
    {
        fs::rename(folder.path().join(file), folder.path().join("0_Transformer").join(file)).unwrap();
    }
    folder.edit("modules.json", "\"path\": \"\"", "\"path\": \"0_Transformer\"");
    assert!(embed(&folder.load().unwrap(), &texts()) == plain);
}

#[test]
fn only_bert_runs_on_candle_s_own_path() {
    let plain = |name: &str| Encoder::load_plain(ModelFolder::read(Copy::of(name).path()).unwrap(), &Device::Cpu);
    let error = plain("mpnet").err().unwrap().to_string();
    assert!(
        error.contains("the architecture \"mpnet\", which runs on the CPU alone: supported there is \"bert\""),
        "{error}"
    );
    assert!(plain("static").err().unwrap().to_string().contains("a static token table"));
    for name in ["bert", "weightedmean+cls+max", "dense-gelu", "without-prompt"] {
        let (encoder, expected) = (plain(name).unwrap(), Copy::of(name).expected());
        let made = embed(&encoder, &texts());
        (0..expected.len())
            .for_each(|row| assert!(apart(made.row(row), expected.row(row)) < 1e-5, "{name}: text {row}"));
    }
}

#[test]
fn narrow_numbers_run_what_is_built_of_bert_s_layers_near_the_reference_and_refuse_the_rest() {
    let numbers = [("bf16", Precision::Bf16, 0.999), ("int8", Precision::Int8, 0.99)];
    for (name, (told, precision, least)) in ARCHITECTURES.into_iter().flat_map(|one| numbers.map(|two| (one, two))) {
        let folder = Copy::of(name);
        let loaded = Encoder::load_at(ModelFolder::read(folder.path()).unwrap(), &Device::Cpu, precision);
        let expected = folder.expected();
        match loaded {
            Ok(encoder) => {
                assert!(["bert", "distilbert", "roberta", "xlm-roberta"].contains(&name), "{name}");
                let made = embed(&encoder, &texts());
                let cosines = (0..expected.len()).map(|row| made.row(row).dot(&expected.row(row)));
                assert!(
                    cosines.clone().all(|cosine| cosine > least),
                    "{name} {told}: {:?}",
                    cosines.collect::<Vec<f32>>()
                );
            }
            Err(EmbedError::Precision { why, .. }) if why.starts_with("this processor") => {}
            Err(error) => {
                assert!(!["bert", "distilbert", "roberta", "xlm-roberta"].contains(&name), "{name}");
                let why = "this model runs in f32 alone: others run BERT, DistilBERT, RoBERTa and XLM-RoBERTa";
                assert_eq!(error.to_string(), format!("precision {told}: {why}; f32 runs everywhere"));
            }
        }
        let auto = Encoder::load_at(ModelFolder::read(folder.path()).unwrap(), &Device::Cpu, Precision::Auto);
        assert_eq!(auto.unwrap().dim(), expected.dim(), "{name}");
    }
}

/// Every architecture, with each of its tensors gone, not a number, or of another shape.
#[test]
fn a_damaged_tensor_is_named() {
    for name in ARCHITECTURES {
        let folder = Copy::of(name);
        let bytes = folder.read("model.safetensors");
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        for (damaged, view) in tensors.iter() {
            // Not used: the pooler that BERT was trained with.
            if damaged.starts_with("pooler.") || view.dtype() == Dtype::I64 {
                continue;
            }
            let all: Vec<Stored> = tensors
                .iter()
                .map(|(name, view)| (name.to_owned(), view.shape().to_vec(), (view.dtype(), view.data().to_vec())))
                .collect();
            let changed = |change: &dyn Fn(Stored) -> Option<Stored>| {
                let kept = all
                    .iter()
                    .cloned()
                    .filter_map(|tensor| if tensor.0 == damaged { change(tensor) } else { Some(tensor) });
                folder.write("model.safetensors", written(&kept.collect::<Vec<_>>().iter().collect::<Vec<_>>()));
                folder.load().map(|_| "loaded".to_owned()).unwrap_or_else(|error| error.to_string())
            };
            let missing = changed(&|_| None);
            let optional = damaged == "weights";
            assert!(
                missing.contains(&format!("no tensor {damaged}")) || optional || damaged == "embedding.weight",
                "{name}: {missing}"
            );
            let wrong = changed(&|(name, mut shape, data)| {
                shape.push(1);
                Some((name, shape, data))
            });
            assert!(wrong.contains(damaged) && wrong.contains("shape"), "{name}: {wrong}");
            let nan = changed(&|(name, shape, (dtype, mut data))| {
                let at = data.len() - 1;
                data[at] = 0x7f;
                data[at - 1] = 0xff;
                Some((name, shape, (dtype, data)))
            });
            assert!(nan.contains(damaged) && nan.contains("NaN"), "{name}: {nan}");
        }
    }
}

#[test]
fn a_truncated_file_is_refused_by_every_architecture() {
    for name in ARCHITECTURES {
        let folder = Copy::of(name);
        let bytes = folder.read("model.safetensors");
        for length in [0, 7, 60, bytes.len() / 2, bytes.len() - 1] {
            folder.write("model.safetensors", &bytes[..length]);
            assert!(folder.refused().starts_with("model.safetensors of model tiny: "), "{name}: {}", folder.refused());
        }
    }
}

/// Every number of every config, made absurd: an error or a model, never a panic or a vector that is none.
#[test]
fn a_config_s_numbers_are_not_trusted() {
    for name in ARCHITECTURES.iter().filter(|name| !["static", "model2vec"].contains(name)) {
        let folder = Copy::of(name);
        let config: serde_json::Value = serde_json::from_slice(&folder.read("config.json")).unwrap();
        for (key, value) in config.as_object().unwrap().iter().filter(|(_, value)| value.is_number()) {
            for absurd in [
                "0",
                "-1",
                "1",
                "3",
                "1000000",
                "9007199254740993",
                "18446744073709551615",
                "1e300",
                "0.5",
                "null",
                "\"x\"",
                "[]",
            ] {
                let mut changed = config.clone();
                changed[key] = serde_json::from_str(absurd).unwrap();
                folder.write("config.json", changed.to_string());
                let Ok(encoder) = folder.load() else { continue };
                if let Ok(made) = encoder.embed(&texts()[..4], &|_| {}) {
                    assert!(
                        made.vectors.view().iter().all(|value| value.is_finite()),
                        "{name}: {key} {value} as {absurd}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_projection_of_another_width_is_refused() {
    let folder = Copy::of("dense-tanh");
    folder.edit("2_Dense/config.json", "\"in_features\": 32", "\"in_features\": 64");
    let expected = "2_Dense/model.safetensors of model tiny: a projection of 64 components after vectors of 32";
    assert_eq!(folder.refused(), expected);
    let folder = Copy::of("dense-tanh");
    folder.edit("2_Dense/config.json", "\"out_features\": 24", "\"out_features\": 23");
    let expected =
        "2_Dense/model.safetensors of model tiny: tensor linear.weight has shape [24, 32]: expected [23, 32]";
    assert_eq!(folder.refused(), expected);
}

#[test]
fn a_tokenizer_of_another_model_is_refused_by_every_architecture() {
    for name in ARCHITECTURES {
        let folder = Copy::of(name);
        folder.edit(
            "tokenizer.json",
            "\"ba\": ",
            "\"one\": 999, \"two\": 998, \"three\": 997, \"four\": 996, \"ba\": ",
        );
        assert!(folder.refused().contains("it belongs to another model"), "{name}: {}", folder.refused());
    }
}

#[test]
fn a_tokenizer_that_pads_with_another_token_is_refused() {
    let (folder, other) = (Copy::of("bert"), Copy::of("roberta"));
    fs::copy(other.path().join("tokenizer.json"), folder.path().join("tokenizer.json")).unwrap();
    let expected =
        "tokenizer.json of model tiny: <pad> is token 1, padding of the model 0: it belongs to another model";
    assert_eq!(folder.refused(), expected);
}

#[test]
fn a_row_that_a_table_maps_to_and_does_not_have_is_refused() {
    let folder = Copy::of("model2vec");
    folder.change_tensors(|name, dtype, bytes| {
        let mut bytes = bytes.to_vec();
        if name == "mapping" {
            bytes[..8].copy_from_slice(&(-1_i64).to_le_bytes());
        }
        (dtype, bytes)
    });
    assert!(folder.refused().contains("tensor mapping names row"), "{}", folder.refused());
}

#[test]
fn what_is_not_supported_is_named() {
    for (name, from, to, expected) in [
        ("qwen3", "\"rope_type\": \"default\"", "\"rope_type\": \"yarn\"", "rotary positions of the kind \"yarn\""),
        ("nomic/older", "\"prenorm\": false", "\"prenorm\": true", "the setting prenorm true"),
        ("bert", "\"hidden_act\": \"gelu\"", "\"hidden_act\": \"mish\"", "the activation \"mish\""),
        ("mpnet", "\"relative_attention_num_buckets\": 32", "\"relative_attention_num_buckets\": 16", "16 buckets"),
        ("roberta", "\"model_type\": \"roberta\"", "\"model_type\": \"albert\"", "the architecture \"albert\""),
    ] {
        let folder = Copy::of(name);
        folder.edit("config.json", from, to);
        assert!(folder.refused().starts_with(&format!("model tiny has {expected}")), "{}", folder.refused());
    }
}
