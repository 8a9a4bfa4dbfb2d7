//! What the program says of cards: which it took, what is missing, what it gave up. The emulated driver is told by
//! variables what cards there are, so that each case can be had.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use refrain::embed::bundled;
use refrain::gpu::Gpu;

/// Whether the driver is the emulated one, which these tests can tell what to be.
fn emulated() -> bool {
    let found = Gpu::open(0).is_ok_and(|gpu| gpu.name() == "Emulated card") && bundled::AVAILABLE;
    if !found {
        eprintln!("skipped: the driver is not the emulated one");
    }
    found
}

struct Corpus(tempfile::TempDir);

impl Corpus {
    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("cards").tempdir().unwrap();
        let text = "Rain fell on Monday.\n\nThe ministry said that output fell by 4.2 percent.\n\n";
        std::fs::write(folder.path().join("daily.txt"), text.repeat(3)).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("daily.txt")
    }
}

fn embed(corpus: &Path, flags: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_refrain"));
    command.arg("embed").arg(corpus).args(flags).envs(settings.iter().copied()).output().unwrap()
}

fn told(run: &Output) -> String {
    String::from_utf8_lossy(&run.stderr).into_owned()
}

#[test]
fn what_is_missing_is_said_and_the_cpu_never_taken_for_it() {
    if !emulated() {
        return;
    }
    let corpus = Corpus::new();
    let cases: [(&str, (&str, &str), &str); 7] = [
        ("cuda", ("LD_LIBRARY_PATH", "no/such/folder"), "no NVIDIA driver: libcuda.so.1 cannot be opened ("),
        ("cuda", ("EMULATED_CARDS", "0"), "the NVIDIA driver finds no card"),
        (
            "cuda",
            ("EMULATED_DRIVER", "11040"),
            "the NVIDIA driver is too old: it is of CUDA 11.4, expected 11.8 or later",
        ),
        (
            "cuda",
            ("EMULATED_CAPABILITY", "75"),
            "card 0, Emulated card, has compute capability 7.5: expected 8.0 or later",
        ),
        ("cuda:0,7", ("EMULATED_CARDS", "2"), "no card 7: there are 2, counted from 0"),
        (
            "cuda:0,1",
            ("EMULATED_SECOND", "Other card"),
            "card 1 is Other card, compute capability 8.0, card 0 is Emulated card, compute capability 8.0: expected cards \
             of one make",
        ),
        ("cuda:1", ("EMULATED_CARDS", "1"), "no card 1: there is 1, counted from 0"),
    ];
    // A machine with cards finds its own driver where LD_LIBRARY_PATH names none.
    let own = Path::new("/dev/nvidiactl").exists();
    for (device, setting, expected) in cases.into_iter().skip(usize::from(own)) {
        let run = embed(&corpus.file(), &["--device", device], &[setting]);
        let asked = if device == "cuda" { "cuda:0" } else { device };
        assert_eq!((run.status.code(), run.stdout.len()), (Some(1), 0), "{expected}: {}", told(&run));
        assert!(told(&run).starts_with(&format!("error: device {asked}: {expected}")), "{}", told(&run));
        // Left to the program, the same machine runs on the CPU, and --verbose says why.
        if device == "cuda" {
            let run = embed(&corpus.file(), &["--verbose"], &[setting]);
            assert!(run.status.success() && told(&run).contains(&format!("; on cpu ({expected}")), "{}", told(&run));
        }
    }
}

#[test]
fn auto_takes_a_card_and_says_which() {
    if !emulated() {
        return;
    }
    let run = embed(&Corpus::new().file(), &["--verbose"], &[]);
    assert!(told(&run).contains("; on cuda:0 (Emulated card) in f16, instructions PTX"), "{}", told(&run));
}

#[test]
fn whichever_function_finds_no_memory_says_so() {
    if !emulated() {
        return;
    }
    let corpus = Corpus::new();
    for function in ["cuDevicePrimaryCtxRetain", "cuMemHostAlloc", "cuStreamCreate", "cuModuleLoadDataEx"] {
        let run = embed(&corpus.file(), &["--device", "cuda"], &[("EMULATED_FULL", function)]);
        let said = told(&run);
        assert!(run.status.code() == Some(1) && said.contains("out of memory on card 0: "), "{said}");
        assert!(said.contains(&format!("{function} failed")), "{said}");
    }
}

#[test]
fn a_driver_that_does_not_finish_the_kernels_says_why_and_is_known_before_texts_are_read() {
    if !emulated() {
        return;
    }
    let corpus = Corpus::new();
    for (code, likely) in [("222", ": the driver is too old"), ("221", ": libnvidia-ptxjitcompiler.so.1"), ("1", "")] {
        let run = embed(&corpus.file(), &["--device", "cuda"], &[("EMULATED_REFUSES", code)]);
        let said = told(&run);
        assert!(run.status.code() == Some(1) && said.starts_with("error: card 0 takes no kernels: "), "{said}");
        assert!(said.contains(&format!("({code}){likely}")) && said.contains("; ptxas: line 1; and line 2"), "{said}");
        let run = embed(&corpus.file(), &[], &[("EMULATED_REFUSES", code)]);
        assert!(
            run.status.success() && told(&run).contains("runs on the CPU: card 0 takes no kernels"),
            "{}",
            told(&run)
        );
    }
}

#[test]
fn neighbours_that_do_not_fit_beside_the_model_are_found_on_the_cpu_which_is_said() {
    if !emulated() {
        return;
    }
    let folder = tempfile::Builder::new().prefix("cards").tempdir().unwrap();
    let corpus = folder.path().join("two.jsonl");
    let line = |outlet| {
        format!("{{\"id\": \"{outlet}\", \"outlet\": \"{outlet}\", \"text\": \"Rain fell on both ports.\"}}\n")
    };
    std::fs::write(&corpus, ["daily", "herald"].map(line).concat()).unwrap();
    let duplicates = |settings: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_refrain"));
        command.arg("duplicates").arg(&corpus).args(["--device", "cuda"]).envs(settings.iter().copied());
        command.output().unwrap()
    };
    let (whole, full) = (duplicates(&[]), duplicates(&[("EMULATED_FULL", "cuMemAlloc")]));
    assert!(whole.status.success() && told(&whole).is_empty(), "{}", told(&whole));
    let said = told(&full);
    assert!(said.starts_with("warning: neighbours are found on the CPU: out of memory on card 0: "), "{said}");
    assert_eq!((said.lines().count(), full.status.code()), (1, Some(0)), "{said}");
    assert!(whole.stdout == full.stdout && !whole.stdout.is_empty());
}

#[test]
fn too_little_memory_halves_the_batch_is_said_once_and_changes_no_byte() {
    if !emulated() {
        return;
    }
    let corpus = Corpus::new();
    let whole = embed(&corpus.file(), &["--device", "cuda"], &[]);
    assert_eq!((told(&whole), whole.status.code()), (String::new(), Some(0)));
    let short = embed(&corpus.file(), &["--device", "cuda"], &[("EMULATED_MEMORY", "200000000")]);
    let said = told(&short);
    assert!(said.contains("runs 4096 tokens at once instead of 16384: out of memory on card 0: "), "{said}");
    assert_eq!((said.lines().count(), short.status.code()), (1, Some(0)), "{said}");
    assert!(whole.stdout == short.stdout && !whole.stdout.is_empty());
    // Not even the weights.
    let none = embed(&corpus.file(), &["--device", "cuda"], &[("EMULATED_MEMORY", "20000000")]);
    assert!(
        none.status.code() == Some(1) && told(&none).starts_with("error: out of memory on card 0: "),
        "{}",
        told(&none)
    );
    // Numbers that the CPU does not run: the card's reason is the one to know.
    let f16 = embed(&corpus.file(), &["--precision", "f16"], &[("EMULATED_MEMORY", "20000000")]);
    assert!(told(&f16).starts_with("error: out of memory on card 0: "), "{}", told(&f16));
    // Nor the smallest batch.
    let none = embed(&corpus.file(), &["--device", "cuda"], &[("EMULATED_MEMORY", "48000000")]);
    assert!(
        none.status.code() == Some(1) && told(&none).starts_with("error: out of memory on card 0: "),
        "{}",
        told(&none)
    );
}
