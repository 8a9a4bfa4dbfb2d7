//! Folders as maps from names to texts: what is read of them, and what is refused in which words.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use super::*;

const CONFIG: &str = r#"{"model_type": "bert", "vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 1,
    "num_attention_heads": 2, "intermediate_size": 16, "hidden_act": "gelu", "hidden_dropout_prob": 0.1,
    "max_position_embeddings": 16, "type_vocab_size": 2, "initializer_range": 0.02, "layer_norm_eps": 1e-12,
    "pad_token_id": 0}"#;
const MODULES: &str = r#"[{"path": "", "type": "sentence_transformers.models.Transformer"},
    {"path": "1_Pooling", "type": "sentence_transformers.sentence_transformer.modules.pooling.Pooling"},
    {"path": "./2_Dense/", "type": "sentence_transformers.models.Dense"},
    {"path": "3_Normalize", "type": "sentence_transformers.models.Normalize"}]"#;
const DENSE: &str = r#"{"in_features": 8, "out_features": 4, "bias": false,
    "activation_function": "torch.nn.modules.linear.Identity"}"#;

fn folder(changes: &[(&'static str, &'static str)]) -> Result<ModelFolder, EmbedError> {
    let mut files = BTreeMap::from([("config.json", CONFIG), ("tokenizer.json", "{}"), ("model.safetensors", "")]);
    files.extend(changes.iter().copied());
    ModelFolder::from_parts("tiny", |file| Ok(files.get(file).map(|text| Cow::Borrowed(text.as_bytes()))))
}

#[track_caller]
fn refused(changes: &[(&'static str, &'static str)]) -> String {
    folder(changes).unwrap_err().to_string()
}

fn pooling(folder: &ModelFolder) -> String {
    match &folder.entry {
        Making::Transformer(_, pooling) => pooling.name(),
        Making::Table => "none".to_owned(),
    }
}

#[test]
fn a_bare_folder_means_mean_pooling_and_all_positions_and_says_so() {
    let folder = folder(&[]).unwrap();
    assert_eq!((pooling(&folder).as_str(), folder.max_tokens), ("mean", 16));
    assert_eq!(folder.notes(), ["names no pooling (no modules.json): mean pooling is used"]);
}

#[test]
fn modules_of_old_and_new_class_paths_are_read_in_their_folders() {
    let files = [
        ("modules.json", MODULES),
        ("1_Pooling/config.json", r#"{"pooling_mode": ["cls", "mean"]}"#),
        ("2_Dense/config.json", DENSE),
        ("2_Dense/model.safetensors", ""),
    ];
    let folder = folder(&files).unwrap();
    assert_eq!(pooling(&folder), "cls+mean");
    assert!(matches!(&folder.after[..], [Step::Dense(Projection { outputs: 4, .. }), Step::Normalize]));
    assert_eq!(folder.notes().len(), 0);
}

#[test]
fn a_transformer_in_its_own_folder_is_read_there() {
    let modules = r#"[{"path": "0_Transformer", "type": "sentence_transformers.models.Transformer"},
        {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]"#;
    assert_eq!(refused(&[("modules.json", modules)]), "0_Transformer/config.json of model tiny: not there");
}

#[test]
fn another_architecture_is_refused_by_name() {
    let error = refused(&[("config.json", r#"{"model_type": "t5"}"#)]);
    assert!(error.starts_with("model tiny has the architecture \"t5\": supported are \"bert\","), "{error}");
}

#[test]
fn what_is_listed_as_supported_is_what_the_refusals_name() {
    let error = refused(&[("config.json", r#"{"model_type": "t5"}"#)]);
    let Supported { architectures, modules, .. } = supported();
    for name in architectures.iter().filter(|name| **name != "static") {
        assert!(error.contains(&format!("\"{name}\"")), "{name}: {error}");
    }
    assert_eq!(error.matches('"').count(), 2 + 2 * (architectures.len() - 1), "{error}");
    let error = refused(&[("modules.json", r#"[{"path": "", "type": "models.WordWeights"}]"#)]);
    assert!(modules.iter().all(|name| error.contains(name)), "{error}");
}

#[test]
fn a_model_is_described_without_its_weights() {
    let files = [
        ("modules.json", MODULES),
        ("1_Pooling/config.json", r#"{"pooling_mode": ["cls", "mean"]}"#),
        ("2_Dense/config.json", DENSE),
        ("2_Dense/model.safetensors", ""),
    ];
    let (architecture, pooling) = ("bert".to_owned(), Some("cls+mean".to_owned()));
    let expected = Description { architecture, pooling, dim: Some(4), max_tokens: Some(16) };
    assert_eq!(folder(&files).unwrap().description(), expected);
    let head = r#"{"embedding.weight":{"dtype":"F32","shape":[9,5],"data_offsets":[0,180]}}"#;
    let weights: &str =
        format!("{}{head}", String::from_utf8(vec![head.len() as u8, 0, 0, 0, 0, 0, 0, 0]).unwrap()).leak();
    let modules = r#"[{"path": "", "type": "sentence_transformers.models.StaticEmbedding"}]"#;
    let table = folder(&[("modules.json", modules), ("model.safetensors", weights)]).unwrap().description();
    assert_eq!((table.architecture.as_str(), table.dim, table.max_tokens), ("static", Some(5), None));
}

#[test]
fn a_class_of_another_package_is_refused_though_its_name_is_known() {
    let modules = r#"[{"path": "", "type": "custom_st.Transformer"},
        {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]"#;
    let error = refused(&[("modules.json", modules)]);
    assert!(error.contains("the module \"custom_st.Transformer\""), "{error}");
}

#[test]
fn a_pooling_without_its_settings_is_refused() {
    let modules = r#"[{"path": "", "type": "sentence_transformers.models.Transformer"},
        {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]"#;
    assert_eq!(refused(&[("modules.json", modules)]), "1_Pooling/config.json of model tiny: not there");
}

#[test]
fn another_module_is_refused_by_name() {
    let modules = r#"[{"path": "", "type": "sentence_transformers.models.Transformer"},
        {"path": "1_WordWeights", "type": "sentence_transformers.models.WordWeights"}]"#;
    let error = refused(&[("modules.json", modules)]);
    assert!(error.contains("the module \"sentence_transformers.models.WordWeights\""), "{error}");
    let error = refused(&[("modules.json", r#"[{"path": "", "type": "sentence_transformers.models.Transformer"}]"#)]);
    assert!(error.starts_with("modules.json of model tiny: the modules Transformer: expected"), "{error}");
}

#[test]
fn a_path_that_leaves_the_folder_is_refused() {
    let modules = r#"[{"path": "../other", "type": "sentence_transformers.models.Transformer"}]"#;
    let expected = "modules.json of model tiny: the path \"../other\" leaves the model folder";
    assert_eq!(refused(&[("modules.json", modules)]), expected);
    let index = r#"{"weight_map": {"a": "../other.safetensors"}}"#;
    let files =
        BTreeMap::from([("model.safetensors.index.json", index), ("config.json", CONFIG), ("tokenizer.json", "{}")]);
    let read = |file: &str| Ok(files.get(file).map(|text| Cow::Borrowed(text.as_bytes())));
    let error = ModelFolder::from_parts("tiny", read).unwrap_err().to_string();
    assert!(error.contains("\"../other.safetensors\" is no file beside it"), "{error}");
}

#[test]
fn an_error_names_the_file_that_was_read() {
    let modules = MODULES.replace("1_Pooling", "7_pool");
    let files = [("modules.json", modules.leak() as &str), ("7_pool/config.json", r#"{"pooling_mode": "sum"}"#)];
    let with_dense = [&files[..], &[("2_Dense/config.json", DENSE), ("2_Dense/model.safetensors", "")]].concat();
    assert!(refused(&with_dense).contains("the pooling \"sum\""));
    assert!(
        refused(&[&with_dense[..], &[("7_pool/config.json", "{")]].concat())
            .starts_with("7_pool/config.json of model tiny:")
    );
}

#[test]
fn a_length_beyond_the_position_table_is_refused() {
    let error = refused(&[("sentence_bert_config.json", r#"{"max_seq_length": 17}"#)]);
    assert!(
        error.contains("sentence_bert_config.json") && error.contains("max_seq_length 17: expected 3 to 16"),
        "{error}"
    );
}

#[test]
fn the_tokenizer_s_length_counts_where_no_other_is_given() {
    let length = |text: &'static str| folder(&[("tokenizer_config.json", text)]).unwrap().max_tokens;
    assert_eq!(length(r#"{"model_max_length": 12}"#), 12);
    assert_eq!(length(r#"{"model_max_length": 1000000000000000019884624838656}"#), 16);
    let both = [
        ("tokenizer_config.json", r#"{"model_max_length": 12}"#),
        ("sentence_roberta_config.json", r#"{"max_seq_length": 14}"#),
    ];
    assert_eq!(folder(&both).unwrap().max_tokens, 14);
}

#[test]
fn positions_before_the_first_token_s_take_from_the_length_and_it_is_said() {
    let config: &str = CONFIG.replace("\"bert\"", "\"roberta\"").replace("_id\": 0", "_id\": 1").leak();
    let folder =
        folder(&[("config.json", config), ("sentence_bert_config.json", r#"{"max_seq_length": 16}"#)]).unwrap();
    assert_eq!(folder.max_tokens, 14);
    assert!(folder.notes().iter().any(|note| note.contains("16 tokens but can place 14")), "{:?}", folder.notes());
}

#[test]
fn absurd_sizes_are_refused_before_anything_is_made() {
    for (from, to) in [
        ("\"hidden_size\": 8", "\"hidden_size\": 0"),
        ("\"num_attention_heads\": 2", "\"num_attention_heads\": 0"),
        ("\"num_attention_heads\": 2", "\"num_attention_heads\": 3"),
        ("\"num_hidden_layers\": 1", "\"num_hidden_layers\": 18446744073709551615"),
        ("\"intermediate_size\": 16", "\"intermediate_size\": -1"),
        ("\"vocab_size\": 9", "\"vocab_size\": 1e30"),
    ] {
        let error = refused(&[("config.json", CONFIG.replace(from, to).leak())]);
        assert!(error.starts_with("config.json of model tiny: "), "{to}: {error}");
    }
}

#[test]
fn prompts_and_cut_are_read_and_a_default_that_is_no_prompt_is_refused() {
    let settings = r#"{"prompts": {"query": "query: "}, "default_prompt_name": "query", "truncate_dim": 4,
        "similarity_fn_name": "dot"}"#;
    let folder = folder(&[("config_sentence_transformers.json", settings)]).unwrap();
    assert_eq!((folder.prompts()["query"].as_str(), folder.default_prompt.as_deref()), ("query: ", Some("query: ")));
    assert_eq!(folder.truncate_dim, Some(4));
    assert!(folder.notes().iter().any(|note| note.contains("\"dot\"")));
    let error = refused(&[("config_sentence_transformers.json", r#"{"default_prompt_name": "q"}"#)]);
    assert!(error.contains("default_prompt_name \"q\": expected one of []"), "{error}");
}

#[test]
fn pickled_weights_are_named() {
    let files = BTreeMap::from([("config.json", CONFIG), ("tokenizer.json", "{}"), ("pytorch_model.bin", "")]);
    let read = |file: &str| Ok(files.get(file).map(|text| Cow::Borrowed(text.as_bytes())));
    let error = ModelFolder::from_parts("tiny", read).unwrap_err().to_string();
    assert!(error.starts_with("pytorch_model.bin of model tiny: pickled weights are not read"), "{error}");
}

#[test]
fn a_missing_file_is_named_by_its_path() {
    let error = ModelFolder::read(Path::new("no/such/folder")).unwrap_err().to_string();
    assert!(error.starts_with("no config.json in no/such/folder: expected a folder in"), "{error}");
}
