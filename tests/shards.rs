//! What is written to a folder of shards is what is read back, and what is read in portions is what is read whole.

#![cfg(feature = "parquet")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use refrain::article::{Article, OutletId, Place};
use refrain::collection::{LeftOut, Problem};
use refrain::corpus::{Item, Mark, ReadOptions, SplitArticle, Stream, gather, read};
use refrain::model::ModelMark;
use refrain::paragraph::{Kind, Paragraph};
use refrain::shards::{Folder, Loaded, Opened, Settings, Shard, ShardsError, VectorType};
use refrain::vectors::UnitRows;

const DIM: usize = 5;

fn settings(vectors: VectorType) -> Settings {
    let (name, prompt) = ("tiny".to_owned(), "passage: ".to_owned());
    let model = ModelMark { name, crc32: "0badcafe".to_owned(), dim: DIM, max_tokens: Some(16), prompt };
    Settings {
        version: "0".to_owned(),
        model,
        device: "cpu".to_owned(),
        precision: "f32".to_owned(),
        vectors,
        text: true,
        shard_rows: 4,
        inputs: vec!["a.jsonl".to_owned()],
        input_bytes: None,
        reading: Vec::new(),
    }
}

fn load(folders: &[PathBuf]) -> Result<Loaded, ShardsError> {
    Opened::open(folders)?.load()
}

fn place(line: usize) -> Place {
    Place { file: "a.jsonl".to_owned(), line: Some(line) }
}

/// An article of some paragraphs, told by a number.
fn article(number: usize, texts: &[String]) -> Item {
    let paragraph = |at: usize, text: &String| Paragraph {
        article: 0,
        place: at + 1,
        kind: [Kind::Body, Kind::Quote, Kind::ListItem, Kind::TableRow][at % 4],
        span: at..at + text.len(),
        text: text.clone(),
    };
    let kept = texts.iter().enumerate().map(|(at, text)| paragraph(at, text)).collect();
    let left_out =
        LeftOut { paragraph: paragraph(texts.len(), &"Sign up".to_owned()), reason: "newsletter".to_owned() };
    let extra = serde_json::json!({ "desk": { "names": ["ü", null, number] } }).as_object().unwrap().clone();
    let article = Article {
        id: format!("id {number}"),
        outlet: OutletId(0),
        title: number.is_multiple_of(2).then(|| format!("Title {number}")),
        date: number.is_multiple_of(3).then(|| jiff::civil::date(1969 - number as i16, 12, 31)),
        url: number.is_multiple_of(5).then(|| "https://a.example/b?c".to_owned()),
        place: place(number + 1),
        text: String::new(),
        extra,
    };
    let problems = vec![Problem { place: place(number + 1), what: "odd".to_owned(), lost: false }];
    Item::Article(Box::new(SplitArticle {
        article,
        given_id: number % 2 == 1,
        outlet: format!("o{}", number % 3),
        kept,
        left_out: vec![left_out],
        problems,
    }))
}

fn rows(count: usize) -> UnitRows {
    let values = (0..count * DIM).map(|at| ((at * 37 % 101) as f32 - 50.5) / 50.0).collect();
    UnitRows::normalized(ndarray::Array2::from_shape_vec((count, DIM), values).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_is_written_is_read_back(articles in proptest::collection::vec(proptest::collection::vec("\\PC{0,20}", 0..4), 1..12), cut in 1_usize..6) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("batch");
        let items: Vec<Item> = articles.iter().enumerate().map(|(number, texts)| article(number, texts)).chain([Item::Problem(Problem { place: place(99), what: "torn".to_owned(), lost: true })]).collect();
        let count = articles.iter().map(Vec::len).sum();
        let vectors = rows(count);
        let mut shards = Folder::open(&path, settings(VectorType::F32)).unwrap();
        let mut first = 0;
        for (number, part) in items.chunks(cut).enumerate() {
            let own = part.iter().map(|item| if let Item::Article(split) = item { split.kept.len() } else { 0 }).sum::<usize>();
            let some = vectors.select(&(first..first + own).collect::<Vec<_>>());
            let mark = Mark { records: (number + 1) as u64, checksum: number as u32, bytes: 0 };
            shards.add(&Shard { number, first_row: first as u64, items: part.to_vec(), vectors: some, windowed: 1, mark }).unwrap();
            first += own;
        }
        prop_assert_eq!(shards.mark().records, items.len().div_ceil(cut) as u64);
        shards.finish().unwrap();
        drop(shards);
        prop_assert_eq!(Opened::open(std::slice::from_ref(&path)).unwrap().folders()[0].1.totals.paragraphs, count as u64);
        let loaded = load(&[path]).unwrap();
        prop_assert_eq!(loaded.vectors, vectors);
        prop_assert_eq!(loaded.items, items);
    }
}

#[test]
fn halves_are_near_and_of_length_one() {
    let folder = tempfile::tempdir().unwrap();
    let texts: Vec<String> = (0..300).map(|at| format!("text {at}")).collect();
    let mut shards = Folder::open(folder.path(), settings(VectorType::F16)).unwrap();
    let shard = Shard {
        number: 0,
        first_row: 0,
        items: vec![article(0, &texts)],
        vectors: rows(300),
        windowed: 0,
        mark: Mark::default(),
    };
    shards.add(&shard).unwrap();
    drop(shards);
    let loaded = load(&[folder.path().to_owned()]).unwrap();
    for (own, half) in shard.vectors.view().rows().into_iter().zip(loaded.vectors.view().rows()) {
        assert!((half.dot(&half) - 1.0).abs() < 1e-6 && own.dot(&half) > 0.999_999);
    }
}

#[test]
fn folders_of_two_models_do_not_go_together() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["left", "right"].map(|name| folder.path().join(name));
    let other = Settings {
        model: ModelMark { prompt: "query: ".to_owned(), ..settings(VectorType::F32).model },
        ..settings(VectorType::F32)
    };
    drop(Folder::open(&paths[0], settings(VectorType::F32)).unwrap());
    drop(Folder::open(&paths[1], other).unwrap());
    let error = load(&paths).unwrap_err();
    assert!(matches!(error, ShardsError::Mixed { what: "prompt", .. }), "{error}");
    assert_eq!(load(&paths[..1]).unwrap().vectors.len(), 0);
}

#[test]
fn a_manifest_that_somebody_changed_is_refused_and_reserves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut shards = Folder::open(folder.path(), settings(VectorType::F32)).unwrap();
    let items = vec![article(0, &["one".to_owned(), "two".to_owned()])];
    shards
        .add(&Shard { number: 0, first_row: 0, items, vectors: rows(2), windowed: 0, mark: Mark::default() })
        .unwrap();
    drop(shards);
    let path = folder.path().join("_manifest.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let refused = |from: &str, to: &str| {
        assert!(text.contains(from), "{text}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
        load(&[folder.path().to_owned()]).unwrap_err().to_string()
    };
    let most = u64::MAX.to_string();
    let said = refused("\"paragraphs\": 2", &format!("\"paragraphs\": {most}"));
    assert!(said.contains("2 rows, the manifest lists"), "{said}");
    let said = refused("\"totals\": {\n    \"paragraphs\": 2", "\"totals\": {\n    \"paragraphs\": 3");
    assert!(said.contains("are not the sums of the shards"), "{said}");
    let said = refused("\"dim\": 5", &format!("\"dim\": {most}"));
    assert!(said.contains("part-00000.parquet"), "{said}");
    let said = refused("part-00000.parquet", "../part-00000.parquet");
    assert!(said.contains("not listed in order"), "{said}");
}

#[test]
fn a_manifest_of_another_kind_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |text: &str| {
        std::fs::write(folder.path().join("_manifest.json"), text).unwrap();
        load(&[folder.path().to_owned()]).unwrap_err().to_string()
    };
    assert!(refused("{\"shards\": []}").contains("no \"schema\": expected \"refrain.shards/1\""));
    assert!(refused("{\"schema\": \"refrain.shards/9\"}").contains("found the schema \"refrain.shards/9\""));
    assert!(refused("half").contains("not JSON"));
    assert!(refused("{\"schema\": \"refrain.shards/1\"}").contains("missing field"));
}

/// Everything the inputs hold, read in portions.
fn streamed(inputs: &[PathBuf]) -> (Vec<Item>, Mark) {
    let stream = Stream::open(inputs, ReadOptions::default()).unwrap();
    let (mut items, mut last) = (Vec::new(), Mark::default());
    stream.read(std::io::empty(), &mut |portion| {
        for (item, mark) in stream.split(portion) {
            assert_eq!(mark.records, last.records + 1);
            items.push(item);
            last = mark;
        }
        true
    });
    (items, last)
}

#[test]
fn a_corpus_in_portions_is_the_corpus() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let folder = tempfile::tempdir().unwrap();
    let line = |at: usize| {
        if at % 7 == 3 {
            "torn\n".to_owned()
        } else {
            format!("{{\"id\": \"{}\", \"text\": \"Text {at} says what the others say.\"}}\n", at % 900)
        }
    };
    std::fs::write(folder.path().join("many.jsonl"), (0..3_000).map(line).collect::<String>()).unwrap();
    std::fs::write(folder.path().join("table.csv"), "text,outlet\n\"A row of a table, all in all.\",Daily\nshort\n")
        .unwrap();
    let inputs = [seeds, folder.path().to_owned()];
    let whole = read(&inputs, &ReadOptions::default()).unwrap();
    let (items, mark) = streamed(&inputs);
    let mut portions = gather(items);
    portions.passed_over.clone_from(&whole.passed_over);
    assert!(portions == whole);
    // Folders of vectors are no texts, but other manifests hide nothing.
    let (vectors, pages) = (folder.path().join("vectors"), folder.path().join("pages"));
    drop(Folder::open(&vectors, settings(VectorType::F32)).unwrap());
    std::fs::create_dir(&pages).unwrap();
    std::fs::write(pages.join("_manifest.json"), "{\"text\": \"A page that a crawler fetched for us.\"}").unwrap();
    let more = read(&inputs, &ReadOptions::default()).unwrap();
    assert_eq!(more.articles.len(), whole.articles.len() + 1);
    assert_eq!(more.passed_over, [vectors.to_str().unwrap()]);
    std::fs::remove_dir_all(&pages).unwrap();
    std::fs::remove_dir_all(&vectors).unwrap();
    assert_eq!(mark.bytes, Stream::open(&inputs, ReadOptions::default()).unwrap().bytes.unwrap());
    // One word of one record, and all that follows is marked otherwise.
    std::fs::write(folder.path().join("table.csv"), "text,outlet\n\"A row of a table, all in one.\",Daily\nshort\n")
        .unwrap();
    assert_ne!(streamed(&inputs).1.checksum, mark.checksum);
}
