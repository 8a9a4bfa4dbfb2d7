//! A small BERT with random weights, on disk as a model folder: the fused path against candle's own, and every way
//! its files can be wrong.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::BTreeMap;

use candle_core::Device;
use ndarray::ArrayView1;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use refrain::embed::{Encoder, ModelFolder, Precision};
use refrain::vectors::UnitRows;
use safetensors::Dtype;
use safetensors::tensor::{TensorView, serialize};

const WORDS: usize = 50;
const HIDDEN: usize = 32;
const WIDE: usize = 64;
const POSITIONS: usize = 256;

/// Tensors by name: shape and values.
type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// A model folder in the making.
struct Tiny {
    config: serde_json::Value,
    pooling: &'static str,
    tokenizer: String,
    tensors: Tensors,
}

impl Tiny {
    fn new() -> Self {
        let config = serde_json::json!({
            "model_type": "bert", "vocab_size": WORDS, "hidden_size": HIDDEN, "num_hidden_layers": 2,
            "num_attention_heads": 4, "intermediate_size": WIDE, "hidden_act": "gelu", "hidden_dropout_prob": 0.1,
            "max_position_embeddings": POSITIONS, "type_vocab_size": 2, "initializer_range": 0.02,
            "layer_norm_eps": 1e-12, "pad_token_id": 0
        });
        let pooling = r#"{"pooling_mode_mean_tokens": true}"#;
        Self { config, pooling, tokenizer: tokenizer(WORDS), tensors: tensors() }
    }

    fn folder(&self) -> tempfile::TempDir {
        let folder = tempfile::Builder::new().prefix("tiny").tempdir().unwrap();
        let write = |file: &str, bytes: &[u8]| std::fs::write(folder.path().join(file), bytes).unwrap();
        std::fs::create_dir(folder.path().join("1_Pooling")).unwrap();
        write("config.json", self.config.to_string().as_bytes());
        write("1_Pooling/config.json", self.pooling.as_bytes());
        write("tokenizer.json", self.tokenizer.as_bytes());
        write("model.safetensors", &safetensors(&self.tensors));
        folder
    }

    fn fused(&self) -> Encoder {
        Encoder::load(ModelFolder::read(self.folder().path()).unwrap(), &Device::Cpu).unwrap()
    }

    fn plain(&self) -> Encoder {
        Encoder::load_plain(ModelFolder::read(self.folder().path()).unwrap(), &Device::Cpu).unwrap()
    }

    /// What loading says of the folder, after the folder's random name.
    fn refused(&self) -> String {
        refused(&self.folder())
    }
}

fn refused(folder: &tempfile::TempDir) -> String {
    let loaded = ModelFolder::read(folder.path()).and_then(|read| Encoder::load(read, &Device::Cpu));
    let error = loaded.err().unwrap().to_string();
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    error.replace(name, "tiny")
}

/// A tokenizer of the words `w0`, `w1`, ...; without special tokens, so that a text of one word is one token.
fn tokenizer(words: usize) -> String {
    let vocab: BTreeMap<String, usize> = (0..words).map(|id| (format!("w{id}"), id)).collect();
    serde_json::json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
        "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null, "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocab, "unk_token": "w0"}
    })
    .to_string()
}

fn shapes() -> Vec<(String, Vec<usize>)> {
    let mut shapes = vec![
        ("embeddings.word_embeddings.weight".to_owned(), vec![WORDS, HIDDEN]),
        ("embeddings.position_embeddings.weight".to_owned(), vec![POSITIONS, HIDDEN]),
        ("embeddings.token_type_embeddings.weight".to_owned(), vec![2, HIDDEN]),
    ];
    let mut pair = |name: String, weight: Vec<usize>| {
        shapes.push((format!("{name}.bias"), vec![weight[0]]));
        shapes.push((format!("{name}.weight"), weight));
    };
    pair("embeddings.LayerNorm".to_owned(), vec![HIDDEN]);
    for layer in 0..2 {
        let name = |part: &str| format!("encoder.layer.{layer}.{part}");
        for part in ["self.query", "self.key", "self.value", "output.dense"] {
            pair(name(&format!("attention.{part}")), vec![HIDDEN, HIDDEN]);
        }
        pair(name("attention.output.LayerNorm"), vec![HIDDEN]);
        pair(name("intermediate.dense"), vec![WIDE, HIDDEN]);
        pair(name("output.dense"), vec![HIDDEN, WIDE]);
        pair(name("output.LayerNorm"), vec![HIDDEN]);
    }
    shapes
}

fn tensors() -> Tensors {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(11);
    let mut values = |shape: &[usize], middle: f32| -> Vec<f32> {
        (0..shape.iter().product()).map(|_| middle + random.gen_range(-0.5..0.5)).collect()
    };
    let tensor = |(name, shape): (String, Vec<usize>)| {
        let middle = if name.ends_with("LayerNorm.weight") { 1.0 } else { 0.0 };
        let values = values(&shape, middle);
        (name, (shape, values))
    };
    shapes().into_iter().map(tensor).collect()
}

fn safetensors(tensors: &Tensors) -> Vec<u8> {
    let bytes: Vec<(&String, &Vec<usize>, Vec<u8>)> = tensors
        .iter()
        .map(|(name, (shape, values))| (name, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect()))
        .collect();
    let views =
        bytes.iter().map(|(name, shape, bytes)| (*name, TensorView::new(Dtype::F32, (*shape).clone(), bytes).unwrap()));
    serialize(views, None).unwrap()
}

/// A text of so many tokens.
fn text(tokens: usize) -> String {
    let words: Vec<String> = (0..tokens).map(|at| format!("w{}", (at * 7 + tokens) % WORDS)).collect();
    words.join(" ")
}

fn embed(encoder: &Encoder, texts: &[String]) -> UnitRows {
    encoder.embed(texts, &|_| {}).unwrap().vectors
}

fn apart(left: ArrayView1<'_, f32>, right: ArrayView1<'_, f32>) -> f32 {
    left.iter().zip(right).map(|(left, right)| (left - right).abs()).fold(0.0, f32::max)
}

#[track_caller]
fn assert_fused_is_plain(tiny: &Tiny) {
    let texts: Vec<String> = [1, 2, 63, 255, 256, 3, 63, 63, 1, 17].map(text).to_vec();
    let (fused, plain) = (tiny.fused(), tiny.plain());
    let (made, defined) = (embed(&fused, &texts), embed(&plain, &texts));
    for (row, text) in texts.iter().enumerate() {
        assert!(apart(made.row(row), defined.row(row)) < 1e-5, "text {row} among others");
        let alone = embed(&fused, std::slice::from_ref(text));
        assert_eq!(alone.row(0), made.row(row), "text {row} alone");
    }
}

#[test]
fn the_fused_path_is_the_plain_one_at_every_length() {
    assert_fused_is_plain(&Tiny::new());
}

#[test]
fn the_fused_path_is_the_plain_one_with_every_activation_and_pooling() {
    for activation in ["gelu_new", "gelu_pytorch_tanh", "relu"] {
        let mut tiny = Tiny::new();
        tiny.config["hidden_act"] = activation.into();
        assert_fused_is_plain(&tiny);
    }
    assert_fused_is_plain(&Tiny { pooling: r#"{"pooling_mode_cls_token": true}"#, ..Tiny::new() });
}

#[test]
fn tensors_named_from_bert_are_found() {
    let mut tiny = Tiny::new();
    let plain = embed(&tiny.fused(), &[text(9)]);
    tiny.tensors = tiny.tensors.into_iter().map(|(name, tensor)| (format!("bert.{name}"), tensor)).collect();
    assert_eq!(embed(&tiny.fused(), &[text(9)]), plain);
}

#[test]
fn a_missing_tensor_is_named() {
    let mut tiny = Tiny::new();
    tiny.tensors.remove("encoder.layer.1.output.dense.bias");
    assert_eq!(tiny.refused(), "model.safetensors of model tiny: no tensor encoder.layer.1.output.dense.bias");
}

#[test]
fn a_tensor_of_another_shape_is_named_with_both_shapes() {
    let mut tiny = Tiny::new();
    tiny.tensors.insert("encoder.layer.0.intermediate.dense.weight".to_owned(), (vec![2, 3], vec![0.0; 6]));
    let expected = "tensor encoder.layer.0.intermediate.dense.weight has shape [2, 3]: expected [64, 32]";
    assert_eq!(tiny.refused(), format!("model.safetensors of model tiny: {expected}"));
}

#[test]
fn a_weight_that_is_not_finite_is_refused() {
    for (name, value) in
        [("embeddings.word_embeddings.weight", f32::NAN), ("encoder.layer.0.attention.self.key.weight", f32::INFINITY)]
    {
        let mut tiny = Tiny::new();
        tiny.tensors.get_mut(name).unwrap().1[5] = value;
        let expected = format!("tensor {name} holds NaN or an infinity: expected finite numbers");
        assert_eq!(tiny.refused(), format!("model.safetensors of model tiny: {expected}"));
    }
}

#[test]
fn a_truncated_file_is_refused() {
    let folder = Tiny::new().folder();
    let path = folder.path().join("model.safetensors");
    let bytes = std::fs::read(&path).unwrap();
    for length in [0, 5, 100, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..length]).unwrap();
        let error = refused(&folder);
        assert!(error.starts_with("model.safetensors of model tiny: "), "{length}: {error}");
    }
}

#[test]
fn the_tokenizer_of_another_model_is_refused() {
    let tiny = Tiny { tokenizer: tokenizer(WORDS + 1), ..Tiny::new() };
    let expected = "tokenizer.json of model tiny: 51 words for a model of 50: it belongs to another model";
    assert_eq!(tiny.refused(), expected);
}

#[test]
fn heads_that_do_not_divide_the_hidden_size_are_refused() {
    let mut tiny = Tiny::new();
    tiny.config["num_attention_heads"] = 5.into();
    let error = tiny.refused();
    assert!(error.contains("hidden_size 32") && error.contains("num_attention_heads 5"), "{error}");
}

#[test]
fn a_decoder_of_bert_s_kind_is_refused() {
    let mut tiny = Tiny::new();
    tiny.config["is_decoder"] = true.into();
    let error = tiny.refused();
    assert!(error.contains("a decoder (\"is_decoder\": true)"), "{error}");
}

#[test]
fn a_text_without_a_token_is_an_error_not_a_vector() {
    let error = Tiny::new().fused().embed(&[""], &|_| {}).unwrap_err().to_string();
    assert_eq!(error, "running the model: a text without a single token");
}

#[test]
fn narrow_numbers_are_near_the_path_of_32_bits_whatever_the_sizes() {
    let numbers = [(Precision::Bf16, 0.9995), (Precision::Int8, 0.99)];
    let activations = ["gelu", "gelu_new", "relu"];
    for (activation, (precision, least)) in activations.into_iter().flat_map(|one| numbers.map(|two| (one, two))) {
        let mut tiny = Tiny::new();
        tiny.config["hidden_act"] = activation.into();
        let half = match Encoder::load_at(ModelFolder::read(tiny.folder().path()).unwrap(), &Device::Cpu, precision) {
            Ok(half) => half,
            Err(error) => {
                assert!(error.to_string().contains("this processor does not multiply it"), "{error}");
                println!("left out: no {precision:?} on this processor");
                continue;
            }
        };
        let texts: Vec<String> = [256, 1, 2, 63, 33, 32, 31, 255, 1].map(text).to_vec();
        let (made, exact) = (embed(&half, &texts), embed(&tiny.fused(), &texts));
        for (row, text) in texts.iter().enumerate() {
            let cosine = made.row(row).dot(&exact.row(row));
            assert!(cosine > least, "{activation}, {precision:?}, text {row}: {cosine}");
            assert_eq!(embed(&half, std::slice::from_ref(text)).row(0), made.row(row), "text {row} alone");
        }
    }
}
