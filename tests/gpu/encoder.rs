//! Models on cards against sentence-transformers' vectors and the CPU's, and the same bytes however they are batched.

use std::path::{Path, PathBuf};

use candle_core::Device;
use refrain::embed::{DeviceChoice, EmbedError, Encoder, ModelFolder, Precision, bundled, open_device};
use refrain::vectors::UnitRows;

use super::card;

fn tiny(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/architectures").join(name)
}

fn json<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn on(cards: &[usize], folder: ModelFolder, precision: Precision) -> Result<Encoder, EmbedError> {
    Encoder::load_on(folder, &open_device(&DeviceChoice::Cuda(cards.to_vec())).unwrap(), precision)
}

fn embedded(encoder: &Encoder, texts: &[String]) -> UnitRows {
    encoder.embed(texts, &|_| {}).unwrap().vectors
}

/// The smallest cosine of two sets of vectors, and the mean.
fn cosines(left: &UnitRows, right: &UnitRows) -> (f32, f32) {
    let each = (0..left.len()).map(|row| left.row(row).dot(&right.row(row)));
    let all: Vec<f32> = each.collect();
    (all.iter().copied().fold(f32::INFINITY, f32::min), all.iter().sum::<f32>() / all.len() as f32)
}

fn apart(left: &UnitRows, right: &UnitRows) -> f32 {
    left.view().iter().zip(right.view()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn small_models_give_the_reference_s_vectors() {
    if card().is_none() {
        return;
    }
    let texts: Vec<String> = json(&tiny("texts.json"));
    for name in ["bert", "distilbert", "roberta", "xlm-roberta"] {
        let rows: Vec<Vec<f32>> = json(&tiny(name).join("vectors.json"));
        let expected = UnitRows::from_flat(rows.concat(), rows[0].len()).unwrap();
        for (precision, least) in [(Precision::F32, 0.999_999), (Precision::F16, 0.999_99), (Precision::Bf16, 0.999)] {
            let encoder = on(&[0], ModelFolder::read(&tiny(name)).unwrap(), precision).unwrap();
            let made = embedded(&encoder, &texts);
            let (worst, mean) = cosines(&made, &expected);
            eprintln!("{name} in {}: cosine {worst} at least, {mean} on average", encoder.precision());
            assert!(worst >= least, "{name} in {}: {worst}", encoder.precision());
            if precision == Precision::F32 {
                assert!(apart(&made, &expected) < 1e-5, "{name}: {}", apart(&made, &expected));
            }
        }
    }
}

#[test]
fn every_pooling_is_the_reference_s() {
    if card().is_none() {
        return;
    }
    let folder = |variant: &str| {
        let copy = tempfile::Builder::new().prefix("tiny").tempdir().unwrap();
        for layer in [tiny("bert"), tiny("bert/variants").join(variant)] {
            copy_all(&layer, copy.path());
        }
        copy
    };
    let texts: Vec<String> = json(&tiny("texts.json"));
    for variant in ["all-switches", "cls", "lasttoken", "max", "mean_sqrt_len_tokens", "weightedmean", "without-prompt"]
    {
        let copy = folder(variant);
        let rows: Vec<Vec<f32>> = json(&copy.path().join("vectors.json"));
        let expected = UnitRows::from_flat(rows.concat(), rows[0].len()).unwrap();
        let encoder = on(&[0], ModelFolder::read(copy.path()).unwrap(), Precision::F32).unwrap();
        let made = embedded(&encoder, &texts);
        assert!(apart(&made, &expected) < 1e-5, "{variant}: {}", apart(&made, &expected));
    }
}

fn copy_all(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() && !path.ends_with("variants") {
            std::fs::create_dir_all(&target).unwrap();
            copy_all(&path, &target);
        } else if path.is_file() {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// Texts of one word to more than the bundled model reads at once.
fn texts() -> Vec<String> {
    let words = "The agency said on Monday that output fell by 4.2 percent after the storm closed two ports ";
    let long = |repeats: usize| words.repeat(repeats).trim().to_owned();
    ["Rain", "", "Two words", "Prices rose, the ministry said."]
        .map(str::to_owned)
        .into_iter()
        .chain([long(1), long(3), long(16)])
        .collect()
}

#[test]
fn the_bundled_model_agrees_with_the_cpu_and_is_the_same_bytes_alone_and_in_any_batch() {
    if card().is_none() || !bundled::AVAILABLE {
        return;
    }
    let texts = texts();
    let cpu = Encoder::load(bundled::folder().unwrap(), &Device::Cpu).unwrap();
    assert_eq!(cpu.device_kind(), "cpu");
    let cpu = embedded(&cpu, &texts);
    for (precision, least) in [(Precision::F32, 0.999_999), (Precision::Auto, 0.999_99), (Precision::Bf16, 0.999_5)] {
        let encoder = on(&[0], bundled::folder().unwrap(), precision).unwrap();
        let together = encoder.embed(&texts, &|_| {}).unwrap();
        assert_eq!(together.windowed, [6], "the last text is longer than the model reads");
        let (worst, mean) = cosines(&together.vectors, &cpu);
        eprintln!("bundled in {}: cosine {worst} at least, {mean} on average", encoder.precision());
        assert!(worst >= least, "{}: {worst}", encoder.precision());
        if precision == Precision::Auto {
            for (row, text) in texts.iter().enumerate().step_by(2) {
                let alone = embedded(&encoder, std::slice::from_ref(text));
                assert_eq!(alone.row(0), together.vectors.row(row), "text {row}");
            }
            let reversed: Vec<String> = texts.iter().rev().cloned().collect();
            let reversed = embedded(&encoder, &reversed);
            assert!((0..texts.len()).all(|row| reversed.row(texts.len() - 1 - row) == together.vectors.row(row)));
        }
    }
}

#[test]
fn two_cards_give_the_bytes_of_one() {
    let folder = || ModelFolder::read(&tiny("bert")).unwrap();
    let Ok(both) = open_device(&DeviceChoice::Cuda(vec![0, 1])) else {
        eprintln!("skipped: there are not two cards");
        return;
    };
    // More than one turn and more than one batch.
    let text = |at: usize| if at.is_multiple_of(400) { "many words ".repeat(at % 13) } else { (at % 97).to_string() };
    let texts: Vec<String> = (0..8_300).map(text).collect();
    let one = on(&[0], folder(), Precision::F16).unwrap();
    let two = Encoder::load_on(folder(), &both, Precision::F16).unwrap();
    assert_eq!((one.device(), two.device()), ("cuda:0", "cuda:0,1"));
    assert!(one.device_kind().starts_with("cuda, ") && one.device_kind() == two.device_kind());
    assert!(two.device_kind().contains(", compute capability "), "{}", two.device_kind());
    let told = std::sync::atomic::AtomicUsize::new(0);
    let count = |texts| {
        told.fetch_add(texts, std::sync::atomic::Ordering::Relaxed);
    };
    let made = two.embed(&texts, &count).unwrap().vectors;
    assert_eq!(told.into_inner(), texts.len());
    let some: Vec<usize> = (0..texts.len()).step_by(40).collect();
    let few: Vec<String> = some.iter().map(|&row| texts[row].clone()).collect();
    assert_eq!(made.select(&some), embedded(&one, &few));
}

#[test]
fn what_cards_do_not_run_is_named() {
    if card().is_none() {
        return;
    }
    let refused =
        |name: &str, precision| on(&[0], ModelFolder::read(&tiny(name)).unwrap(), precision).err().unwrap().to_string();
    let error = refused("modernbert", Precision::Auto);
    assert!(error.starts_with("device cuda:0: model modernbert has the architecture \"modernbert\", which runs on the CPU alone; cards run BERT"), "{error}");
    assert!(refused("static", Precision::F16).contains("has a static token table, which runs on the CPU alone"));
    assert_eq!(refused("bert", Precision::Int8), "precision int8: it runs on the CPU alone; f32 runs everywhere");
    let auto = open_device(&DeviceChoice::Auto).unwrap();
    let encoder = Encoder::load_on(ModelFolder::read(&tiny("modernbert")).unwrap(), &auto, Precision::Auto).unwrap();
    assert_eq!((auto.name().as_str(), encoder.device()), ("cuda:0", "cpu"));
    let load = |name, precision| Encoder::load_on(ModelFolder::read(&tiny(name)).unwrap(), &auto, precision);
    let error = load("modernbert", Precision::F16).err().unwrap().to_string();
    assert!(error.starts_with("device cuda:0: model modernbert has"), "{error}");
    // Some processors multiply bytes, some do not; cards are not asked.
    let notes =
        load("bert", Precision::Int8).map_or_else(|error| vec![error.to_string()], |int8| int8.notes().to_vec());
    assert!(notes.iter().all(|note| !note.contains("runs on the CPU")), "{notes:?}");
    assert!(
        encoder.notes().iter().any(|note| note.starts_with("runs on the CPU: device cuda:0: model modernbert has"))
    );
}
