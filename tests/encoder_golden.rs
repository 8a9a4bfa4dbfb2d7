//! The bundled model against sentence-transformers: tokens exactly, vectors to rounding, on both paths.

#![cfg(feature = "bundled-model")]
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::Path;

use candle_core::Device;
use ndarray::ArrayView1;
use refrain::embed::{Encoder, Precision, bundled};
use refrain::vectors::UnitRows;

fn golden(file: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file)).unwrap()
}

fn texts() -> Vec<String> {
    serde_json::from_slice(&golden("texts.json")).unwrap()
}

/// The rows of a little-endian f32 `.npy` file of 384 columns.
fn vectors(file: &str) -> UnitRows {
    let bytes = golden(file);
    let header = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert!(String::from_utf8_lossy(&bytes[10..header]).contains("'descr': '<f4', 'fortran_order': False"));
    let values = bytes[header..].as_chunks().0.iter().map(|&value| f32::from_le_bytes(value)).collect();
    UnitRows::from_flat(values, 384).unwrap()
}

fn fused() -> Encoder {
    Encoder::load(bundled::folder().unwrap(), &Device::Cpu).unwrap()
}

fn plain() -> Encoder {
    Encoder::load_plain(bundled::folder().unwrap(), &Device::Cpu).unwrap()
}

/// The largest difference of two vectors in one component.
fn apart(left: ArrayView1<'_, f32>, right: ArrayView1<'_, f32>) -> f32 {
    left.iter().zip(right).map(|(left, right)| (left - right).abs()).fold(0.0, f32::max)
}

#[track_caller]
fn assert_golden(encoder: &Encoder) {
    let made = encoder.embed(&texts(), &|_| {}).unwrap().vectors;
    let (widened, upstream) = (vectors("all-MiniLM-L6-v2.f16w.npy"), vectors("all-MiniLM-L6-v2.f32.npy"));
    assert_eq!(made.len(), widened.len());
    for row in 0..made.len() {
        let apart = apart(made.row(row), widened.row(row));
        assert!(apart < 1e-5, "text {row} is {apart} from sentence-transformers");
        let cosine = made.row(row).dot(&upstream.row(row));
        assert!(cosine >= 0.99999, "text {row} has cosine {cosine} to the upstream weights");
    }
}

#[test]
fn token_ids_are_the_reference_s() {
    let expected: Vec<Vec<u32>> = serde_json::from_slice(&golden("tokens.json")).unwrap();
    let encoder = fused();
    assert_eq!(texts().len(), expected.len());
    for (text, expected) in texts().iter().zip(expected) {
        assert_eq!(encoder.token_ids(text).unwrap(), [expected], "{text}");
    }
}

#[test]
fn the_fused_path_gives_the_reference_s_vectors() {
    assert_golden(&fused());
}

#[test]
fn the_plain_path_gives_the_reference_s_vectors() {
    assert_golden(&plain());
}

#[test]
fn a_fused_vector_is_the_same_bytes_alone_and_among_others() {
    let (encoder, texts) = (fused(), texts());
    let together = encoder.embed(&texts, &|_| {}).unwrap().vectors;
    for at in [0, 7, 50, texts.len() - 1] {
        let alone = encoder.embed(&texts[at..=at], &|_| {}).unwrap().vectors;
        assert_eq!(alone.row(0), together.row(at), "text {at}");
    }
}

#[test]
fn bf16_stays_near_the_reference_at_any_number_of_threads_or_is_an_error() {
    stays_near(Precision::Bf16, 0.9999);
}

#[test]
fn int8_stays_near_the_reference_at_any_number_of_threads_or_is_an_error() {
    stays_near(Precision::Int8, 0.995);
}

fn stays_near(precision: Precision, least: f32) {
    let encoder = match Encoder::load_at(bundled::folder().unwrap(), &Device::Cpu, precision) {
        Ok(encoder) => encoder,
        Err(error) => {
            assert!(error.to_string().contains("this processor does not multiply it"), "{error}");
            return println!("left out: no {precision:?} on this processor");
        }
    };
    let (texts, exact) = (texts(), vectors("all-MiniLM-L6-v2.f16w.npy"));
    let [one, two] = [1, 2].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| encoder.embed(&texts, &|_| {})).unwrap().vectors
    });
    assert_eq!(one, two);
    let cosines: Vec<f32> = (0..one.len()).map(|row| one.row(row).dot(&exact.row(row))).collect();
    assert!(cosines.iter().all(|&cosine| cosine > least), "{cosines:?}");
}

#[test]
fn a_plain_vector_is_the_same_alone_and_among_others_to_rounding() {
    let (encoder, texts) = (plain(), &texts()[80..]);
    let together = encoder.embed(texts, &|_| {}).unwrap().vectors;
    for at in [0, 7, texts.len() - 1] {
        let alone = encoder.embed(&texts[at..=at], &|_| {}).unwrap().vectors;
        assert!(apart(alone.row(0), together.row(at)) < 1e-6, "text {at}");
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let (encoder, texts) = (fused(), texts());
    let [one, two, three] = [1, 2, 3].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| encoder.embed(&texts, &|_| {})).unwrap().vectors
    });
    assert!(one == two && two == three);
}

#[test]
fn a_long_text_is_the_mean_of_its_windows_weighted_by_their_tokens() {
    let encoder = fused();
    let sentences: Vec<String> =
        (0..100).map(|n| format!("Outlet {n} reports that item {n} rose by {n} percent.")).collect();
    let long = sentences.join(" ");
    assert!(long.split(' ').count() >= 1_000);
    let windows = encoder.token_ids(&long).unwrap();
    assert!(windows.len() > 1 && windows.iter().all(|ids| Some(ids.len()) <= encoder.max_tokens()));

    // Nothing dropped: the windows without their [CLS] and [SEP] are the words of all sentences.
    let inner =
        |windows: &[Vec<u32>]| -> Vec<u32> { windows.iter().flat_map(|ids| ids[1..ids.len() - 1].to_vec()).collect() };
    let words: Vec<u32> = sentences.iter().flat_map(|sentence| inner(&encoder.token_ids(sentence).unwrap())).collect();
    assert_eq!(inner(&windows), words);

    let made = encoder.embed(&["short", &long], &|_| {}).unwrap();
    assert_eq!(made.windowed, [1]);
    assert!(apart(made.vectors.row(1), weighted_mean(&encoder, &sentences, &windows).row(0)) < 1e-6);
}

/// The vector that `windows`, each of which holds whole sentences, should make.
fn weighted_mean(encoder: &Encoder, sentences: &[String], windows: &[Vec<u32>]) -> UnitRows {
    let mut rest = sentences.iter();
    let stretches: Vec<String> = windows
        .iter()
        .map(|ids| {
            let mut taken: Vec<&str> = Vec::new();
            let mut left = ids.len() - 2;
            while left > 0 {
                let sentence = rest.next().unwrap();
                left -= encoder.token_ids(sentence).unwrap()[0].len() - 2;
                taken.push(sentence);
            }
            taken.join(" ")
        })
        .collect();
    let vectors = encoder.embed(&stretches, &|_| {}).unwrap().vectors;
    let mut sum = ndarray::Array2::zeros((1, encoder.dim()));
    for (vector, ids) in vectors.view().rows().into_iter().zip(windows) {
        sum.row_mut(0).scaled_add(ids.len() as f32, &vector);
    }
    UnitRows::normalized(sum).unwrap()
}

#[test]
fn an_empty_text_and_a_word_have_vectors() {
    let made = fused().embed(&["", "Inflation"], &|_| {}).unwrap();
    assert_eq!((made.vectors.len(), made.windowed.len()), (2, 0));
    assert!(fused().embed::<&str>(&[], &|_| {}).unwrap().vectors.is_empty());
}
