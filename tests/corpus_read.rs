//! Reading: formats, encodings, and every way in which a file or a record can be wrong.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use refrain::collection::{Collection, Problem};
use refrain::corpus::{CorpusError, FieldNames, Limits, OutletTable, ReadOptions, read, read_with_stdin};
use refrain::paragraph::Kind;
use tempfile::TempDir;

const PROSE: &str = "The deal lasts seven years and costs $38 billion.";

/// A folder of files, removed when dropped.
struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        files.iter().for_each(|(name, bytes)| folder.write(name, bytes));
        folder
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self) -> Collection {
        self.read_as(&ReadOptions::default())
    }

    fn read_as(&self, options: &ReadOptions) -> Collection {
        read(&[self.0.path().to_owned()], options).unwrap()
    }
}

fn one(name: &str, bytes: &[u8]) -> Collection {
    Folder::new(&[(name, bytes)]).read()
}

/// `name:line lost what` of every problem.
fn problems(collection: &Collection) -> Vec<String> {
    let told = |problem: &Problem| {
        let name = Path::new(&problem.place.file).file_name().unwrap().to_string_lossy().into_owned();
        let line = problem.place.line.map(|line| format!(":{line}")).unwrap_or_default();
        format!("{name}{line} {} {}", if problem.lost { "lost:" } else { "note:" }, problem.what)
    };
    collection.problems.iter().map(told).collect()
}

fn texts(collection: &Collection) -> Vec<&str> {
    collection.paragraphs.iter().map(|paragraph| paragraph.text.as_str()).collect()
}

fn ids(collection: &Collection) -> Vec<&str> {
    collection.articles.iter().map(|article| article.id.as_str()).collect()
}

fn outlets(collection: &Collection) -> Vec<&str> {
    collection.articles.iter().map(|article| collection.outlet_name(article.outlet)).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

// ---- inputs -------------------------------------------------------------------------------------

#[test]
fn nothing_given_and_what_does_not_exist_is_an_error() {
    assert!(matches!(read(&[], &ReadOptions::default()), Err(CorpusError::NoInput)));
    let error = read(&["no/such/file.txt".into()], &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().starts_with("input no/such/file.txt: "), "{error}");
}

#[test]
fn a_folder_with_nothing_to_read_is_an_error_that_names_the_extensions() {
    let folder = Folder::new(&[("themes.toml", b"[[theme]]")]);
    let error = read(&[folder.0.path().to_owned()], &ReadOptions::default()).unwrap_err().to_string();
    assert!(error.contains("holds nothing to read: expected files ending in .txt, .text, .md,"), "{error}");
}

#[test]
fn folders_are_read_in_order_of_path_without_hidden_and_unknown_files() {
    let prose = PROSE.as_bytes();
    let folder = Folder::new(&[
        ("b.txt", prose),
        ("a/z.md", prose),
        ("a/b/c.txt", prose),
        (".hidden.txt", prose),
        (".git/x.txt", prose),
        ("themes.toml", prose),
        ("notes.docx", prose),
    ]);
    let collection = folder.read();
    assert_eq!(ids(&collection), ["c", "z", "b"]);
    assert_eq!(outlets(&collection), ["a", "a", "b"]);
    assert_eq!(collection.outlets, ["a", "b"]);
}

#[test]
fn a_file_named_twice_is_read_once_and_one_of_any_name_is_sniffed() {
    let folder = Folder::new(&[
        ("page.dat", b"<p>The deal is <b>large</b>.</p>"),
        ("lines.log", b"{\"text\": \"The deal is large.\"}"),
    ]);
    let inputs = [folder.path("page.dat"), folder.path("lines.log"), folder.path("page.dat")];
    let collection = read(&inputs, &ReadOptions::default()).unwrap();
    assert_eq!(texts(&collection), ["The deal is large.", "The deal is large."]);
    assert_eq!(ids(&collection), ["page", "lines:1"]);
}

#[test]
fn standard_input_may_be_text_or_records_packed_or_not() {
    let piped = |bytes: &[u8]| read_with_stdin(&["-".into()], &ReadOptions::default(), bytes).unwrap();
    let collection = piped(PROSE.as_bytes());
    assert_eq!((ids(&collection), outlets(&collection)), (vec!["stdin"], vec!["stdin"]));
    assert_eq!(collection.articles[0].place.file, "-");
    let record = format!("{{\"id\": 7, \"outlet\": \"Daily\", \"text\": \"{PROSE}\"}}");
    let collection = piped(&gzip(record.as_bytes()));
    assert_eq!((ids(&collection), outlets(&collection)), (vec!["7"], vec!["Daily"]));
}

#[test]
fn two_files_of_one_stem_are_told_apart_by_path() {
    let folder =
        Folder::new(&[("a/x.txt", PROSE.as_bytes()), ("b/x.txt", PROSE.as_bytes()), ("b/x.md", PROSE.as_bytes())]);
    let collection = folder.read();
    let ends: Vec<bool> =
        ids(&collection).iter().zip(["a/x", "b/x.md", "b/x.txt"]).map(|(id, end)| id.ends_with(end)).collect();
    assert_eq!(ends, [true; 3], "{:?}", ids(&collection));
    assert!(collection.problems.is_empty());
}

// ---- outlets ------------------------------------------------------------------------------------

#[test]
fn an_outlet_is_a_field_else_listed_else_the_folder_else_the_stem() {
    let folder = Folder::new(&[
        ("outlets.csv", b"file,outlet\nb.txt,Listed\n"),
        (
            "bbc/a.jsonl",
            b"{\"publisher\": \"Field\", \"text\": \"The deal is large.\"}\n{\"text\": \"The deal is small.\"}",
        ),
        ("bbc/b.txt", PROSE.as_bytes()),
        ("c.txt", PROSE.as_bytes()),
    ]);
    let outlets_file = OutletTable::read(&folder.path("outlets.csv")).unwrap();
    let collection = folder.read_as(&ReadOptions { outlets: outlets_file, ..ReadOptions::default() });
    assert_eq!(outlets(&collection), ["Field", "bbc", "Listed", "c"]);
    assert_eq!(collection.outlets, ["Field", "Listed", "bbc", "c"]);
    assert!(collection.problems.is_empty());
}

#[test]
fn a_listed_file_is_known_by_its_path_below_the_folder() {
    let folder = Folder::new(&[("a/x.txt", PROSE.as_bytes()), ("b/x.txt", PROSE.as_bytes())]);
    let table = OutletTable::parse("file,outlet\na/x.txt,First\nx,Second\n", Path::new("o.csv")).unwrap();
    let collection = folder.read_as(&ReadOptions { outlets: table, ..ReadOptions::default() });
    assert_eq!(outlets(&collection), ["First", "Second"]);
}

#[cfg(unix)]
#[test]
fn a_link_back_to_its_own_folder_ends() {
    let folder = Folder::new(&[("a/x.txt", PROSE.as_bytes())]);
    std::os::unix::fs::symlink(folder.path("a"), folder.path("a/again")).unwrap();
    let collection = folder.read();
    assert_eq!((collection.len(), problems(&collection).len()), (1, 0));
}

#[test]
fn an_outlets_file_that_cannot_be_read_is_an_error() {
    assert!(matches!(OutletTable::read(Path::new("no/outlets.csv")), Err(CorpusError::OutletsFile { .. })));
}

// ---- records ------------------------------------------------------------------------------------

#[test]
fn records_keep_their_fields_and_pass_unknown_ones_through() {
    let line = br#"{"id": "a1", "source": {"id": null, "name": "Daily"}, "title": "The Deal", "date": "Nov. 4, 2025", "url": "https://d.com/1", "text": "First of all, it is large.\nSecond, it is long.", "section": "tech", "words": 9}"#;
    let collection = one("week.jsonl", line);
    let article = &collection.articles[0];
    assert_eq!(
        (article.id.as_str(), article.title.as_deref(), article.url.as_deref()),
        ("a1", Some("The Deal"), Some("https://d.com/1"))
    );
    assert_eq!(article.date, Some(jiff::civil::date(2025, 11, 4)));
    assert_eq!(article.place.line, Some(1));
    assert_eq!(serde_json::to_string(&article.extra).unwrap(), r#"{"section":"tech","words":9}"#);
    assert_eq!(outlets(&collection), ["Daily"]);
    assert_eq!(collection.paragraphs.len(), 2);
}

#[test]
fn fields_may_be_named_by_the_user() {
    let names = FieldNames { text: Some("body".into()), outlet: Some("paper".into()), ..FieldNames::default() };
    let folder = Folder::new(&[(
        "a.jsonl",
        b"{\"body\": \"The deal is large.\", \"paper\": \"Daily\", \"text\": 1}\n{\"body\": \"It is small.\"}",
    )]);
    let collection = folder.read_as(&ReadOptions { fields: names, ..ReadOptions::default() });
    assert_eq!(outlets(&collection), ["Daily", "a"]);
    assert_eq!(
        problems(&collection),
        ["a.jsonl:2 note: no \"paper\" field, which --outlet-field names: found fields body"]
    );
}

#[test]
fn a_record_of_one_line_is_content_and_a_record_of_html_is_read_as_such() {
    let lines = b"{\"text\": \"Fed holds rates steady\"}\n{\"text\": \"<p>The deal is large.</p><script>x()</script><p>Amazon rose by 5%.</p>\"}";
    assert_eq!(texts(&one("a.jsonl", lines)), ["Fed holds rates steady", "The deal is large.", "Amazon rose by 5%."]);
}

#[test]
fn csv_and_tsv_records_may_span_lines() {
    let csv = "id,outlet,text\n1,Daily,\"The deal is large.\nIt is long, too.\"\n2,Herald,The deal is small.\n";
    let collection = one("a.csv", csv.as_bytes());
    assert_eq!(texts(&collection), ["The deal is large.", "It is long, too.", "The deal is small."]);
    assert_eq!(collection.articles.iter().map(|article| article.place.line).collect::<Vec<_>>(), [Some(2), Some(4)]);
    assert_eq!(texts(&one("a.tsv", csv.replace(',', "\t").replace("long\t", "long,").as_bytes())), texts(&collection));
    assert_eq!(texts(&one("b.csv", b"id;text\n1;The deal, they say, is large.\n")), ["The deal, they say, is large."]);
    let wide: Vec<u8> = format!("\u{feff}{csv}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(texts(&one("wide.csv", &wide)), texts(&collection));
}

#[test]
fn a_csv_without_a_text_column_is_one_problem_and_a_cut_row_is_refused() {
    assert_eq!(
        problems(&one("a.csv", b"id,body\n1,x\n2,y\n")),
        ["a.csv lost: no \"text\" column: found columns id, body; name it with --text-field"]
    );
    let ragged = one("a.csv", b"id,text\n1,The deal is large.,more\n");
    assert_eq!(
        (problems(&ragged), ragged.len()),
        (
            vec![
                "a.csv:2 lost: row of 3 cells: the head names 2; put a text that holds the separator between quotes"
                    .to_owned()
            ],
            0
        )
    );
    assert_eq!(texts(&one("b.csv", b"id,text\n1,The deal is large.,,\n")), ["The deal is large."]);
    let short = one("c.csv", b"id,text,title\n1,The deal is large.\n");
    assert_eq!(
        (problems(&short), short.len()),
        (vec!["c.csv:2 note: row of 2 cells: the head names 3; the others are taken as empty".to_owned()], 1)
    );
}

#[test]
fn json_documents_hold_one_article_or_a_list() {
    assert_eq!(
        ids(&one("a.json", b"[{\"text\": \"The deal is large.\"}, {\"id\": \"x\", \"text\": \"It is long.\"}]")),
        ["a:1", "x"]
    );
    assert_eq!(ids(&one("b.json", b"{\"text\": \"The deal\\n is large.\"}")), ["b:1"]);
    assert_eq!(ids(&one("c.json", b"{\"text\": \"The deal is large.\"}\n{\"text\": \"It is long.\"}")), ["c:1", "c:2"]);
    assert_eq!(
        problems(&one("d.json", b"{\"text\": \n oops}")),
        ["d.json:2 lost: not JSON: expected value at column 2"]
    );
    assert_eq!(
        problems(&one("e.json", b"7")),
        ["e.json lost: found a number: expected an object or a list of objects"]
    );
}

#[test]
fn a_line_that_is_not_json_is_told_and_the_next_is_read() {
    let collection = one("a.jsonl", b"{\"text\": \"One of two.\"}\n\nnot json\n[1]\n{\"text\": \"Two of two.\"}\n");
    assert_eq!(collection.len(), 2);
    assert_eq!(
        problems(&collection),
        [
            "a.jsonl:3 lost: not JSON: expected ident at column 2",
            "a.jsonl:4 lost: found a list: expected an object, one a line"
        ]
    );
}

#[test]
fn a_missing_or_empty_text_is_told_with_the_fields_found() {
    let collection = one("a.jsonl", b"{\"id\": 1, \"body\": \"x\"}\n{\"text\": \" \"}\n{\"text\": null}\n");
    assert_eq!(
        problems(&collection),
        [
            "a.jsonl:1 lost: no \"text\" field: found fields id, body; name it with --text-field",
            "a.jsonl:2 lost: the \"text\" field is empty",
            "a.jsonl:3 lost: the \"text\" field is empty",
        ]
    );
}

#[test]
fn a_line_over_the_limit_is_told_with_its_size_and_the_next_is_read() {
    let long = format!("{{\"text\": \"{}\"}}\n{{\"text\": \"The deal is large.\"}}\n", "x".repeat(5000));
    let limits = Limits { line: 1000, file: 1000 };
    let folder = Folder::new(&[("a.jsonl", long.as_bytes()), ("b.txt", long.as_bytes())]);
    let collection = folder.read_as(&ReadOptions { limits, ..ReadOptions::default() });
    assert_eq!(texts(&collection), ["The deal is large."]);
    assert_eq!(
        problems(&collection),
        [
            "a.jsonl:1 lost: line of 5012 bytes: expected at most 1000",
            "b.txt lost: more than 1000 bytes: expected an article of at most that size"
        ]
    );
}

#[test]
fn two_articles_with_one_id_are_both_kept_and_told() {
    let collection = one("a.jsonl", b"{\"id\": \"x\", \"text\": \"One of two.\"}\n{\"id\": \"x\", \"text\": \"Two of two.\"}\n{\"id\": \"x\", \"text\": \"Three of two.\"}");
    assert_eq!(ids(&collection), ["x", "x#2", "x#3"]);
    let told = problems(&collection);
    assert!(told[0].starts_with("a.jsonl:2 note: id \"x\" is taken by the article at "), "{told:?}");
    assert!(told[0].ends_with("a.jsonl: line 1: kept as \"x#2\""), "{told:?}");
}

#[test]
fn a_date_that_cannot_be_read_stays_among_the_extra_fields() {
    let collection = one("a.jsonl", b"{\"date\": \"04/11/2025\", \"text\": \"The deal is large.\"}");
    assert_eq!(collection.articles[0].extra["date"], "04/11/2025");
    assert_eq!(
        problems(&collection),
        ["a.jsonl:1 note: date \"04/11/2025\" cannot be read: expected a day such as 2025-11-04"]
    );
}

#[test]
fn an_article_without_content_is_kept_and_told() {
    let collection = one("a.txt", b"Leave a Reply\nRequired fields are marked *\n");
    assert_eq!((collection.articles.len(), collection.len(), collection.left_out.len()), (1, 0, 2));
    assert_eq!(problems(&collection), ["a.txt note: no paragraph kept of 2: comment form"]);
}

#[test]
fn a_title_again_in_the_text_is_a_heading() {
    let collection =
        one("a.jsonl", b"{\"title\": \"It is done!\", \"text\": \"It is done!\\nThe deal is large, they said.\"}");
    assert_eq!(texts(&collection), ["The deal is large, they said."]);
    assert_eq!(collection.left_out[0].paragraph.kind, Kind::Heading);
}

// ---- encodings ----------------------------------------------------------------------------------

const PRICE: &str = "The café’s deal costs £3 million.";

#[test]
fn text_files_of_every_encoding_read_alike() {
    let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let marked = format!("\u{feff}{PRICE}");
    for bytes in [
        PRICE.as_bytes().to_vec(),
        marked.as_bytes().to_vec(),
        wide(PRICE, u16::to_le_bytes),
        wide(PRICE, u16::to_be_bytes),
        wide(&marked, u16::to_le_bytes),
        wide(&marked, u16::to_be_bytes),
        b"The caf\xe9\x92s deal costs \xa33 million.".to_vec(),
        PRICE.replace(' ', "\u{a0}").into_bytes(),
        PRICE.replace("deal", "de\u{ad}a\u{200b}l").into_bytes(),
        format!("{PRICE}\r\n\r\n").into_bytes(),
    ] {
        let collection = one("a.txt", &bytes);
        assert_eq!(texts(&collection), [PRICE], "{bytes:?}");
        assert!(collection.problems.is_empty());
    }
}

#[test]
fn a_byte_order_mark_stays_in_the_text_so_that_spans_are_the_files() {
    let bytes = format!("\u{feff}{PRICE}\n").into_bytes();
    let collection = one("a.txt", &bytes);
    assert_eq!(&bytes[collection.paragraphs[0].span.clone()], PRICE.as_bytes());
}

#[test]
fn records_in_utf16_and_windows_1252_are_read() {
    let record = format!("{{\"text\": \"{PRICE}\"}}\n");
    let wide: Vec<u8> = format!("\u{feff}{record}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(texts(&one("a.jsonl", &wide)), [PRICE]);
    let collection = one("a.jsonl", b"{\"text\": \"The caf\xe9\x92s deal costs \xa33 million.\"}");
    assert_eq!(texts(&collection), [PRICE]);
    assert_eq!(problems(&collection), ["a.jsonl:1 note: not UTF-8: read as Windows-1252"]);
}

#[test]
fn a_page_in_its_declared_charset_is_read() {
    let collection = one("a.html", b"<html><head><meta charset=\"windows-1252\"></head><body><p>The caf\xe9\x92s deal costs \xa33 million.</p></body></html>");
    assert_eq!(texts(&collection), [PRICE]);
}

#[test]
fn empty_and_binary_files_are_told() {
    let folder = Folder::new(&[
        ("a.txt", b""),
        ("b.txt", b" \n\n\xef\xbb\xbf \n"),
        ("c.txt", b"%PDF-1.7 x"),
        ("d.txt", b"\x7fELF\0\0\0\0\0\0a"),
        ("e.jsonl", b""),
        ("f.csv", b""),
        ("g.html", b""),
    ]);
    assert_eq!(
        problems(&folder.read()),
        [
            "a.txt lost: no text: the file is empty",
            "b.txt lost: no text: the file is empty",
            "c.txt lost: binary file (PDF): expected text",
            "d.txt lost: binary file (program): expected text",
            "e.jsonl lost: no text: the file is empty",
            "f.csv lost: no text: the file is empty",
            "g.html lost: no text: the file is empty",
        ]
    );
}

// ---- packed files -------------------------------------------------------------------------------

#[test]
fn packed_files_are_read_and_gzip_members_joined() {
    let record = format!("{{\"text\": \"{PROSE}\"}}\n");
    let members = [gzip(record.as_bytes()), gzip(record.as_bytes())].concat();
    let zst = zstd::stream::encode_all(PROSE.as_bytes(), 3).unwrap();
    let folder = Folder::new(&[("a.jsonl.gz", &members), ("b.txt.zst", &zst)]);
    assert_eq!(ids(&folder.read()), ["a:1", "a:2", "b"]);
}

#[test]
fn a_torn_gzip_file_gives_what_can_be_read() {
    // Text that does not compress to nothing, so that half of the file holds some of the lines.
    let line = |at: usize| {
        format!("{{\"text\": \"Outlet {} signed deal {} today.\"}}\n", at * 7919 % 997, at * 104_729 % 9973)
    };
    let records: String = (0..400).map(line).collect();
    let whole = gzip(records.as_bytes());
    let collection = one("a.jsonl.gz", &whole[..whole.len() / 2]);
    assert!(collection.len() > 50 && collection.len() < 400, "{}", collection.len());
    let told = problems(&collection);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains("lost: cannot be read to its end: ")
            && told[0].contains(&format!("; the {} articles before line", collection.len())),
        "{told:?}"
    );
}

#[test]
fn a_bomb_is_refused() {
    let bomb = gzip(&vec![b'a'; 1 << 20]);
    let limits = Limits { line: 1 << 16, file: 1 << 16 };
    let folder = Folder::new(&[("a.txt.gz", &bomb), ("b.jsonl.gz", &bomb)]);
    let told = problems(&folder.read_as(&ReadOptions { limits, ..ReadOptions::default() }));
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|problem| problem.contains("65536")), "{told:?}");
}

#[cfg(not(feature = "parquet"))]
#[test]
fn parquet_says_how_it_is_built_in() {
    assert_eq!(
        problems(&one("a.parquet", b"PAR1")),
        ["a.parquet lost: Parquet is not built in: build with --features parquet, or convert the file to JSONL or CSV"]
    );
}

// ---- documents ----------------------------------------------------------------------------------

#[test]
fn markdown_front_matter_gives_fields() {
    let page = "---\ntitle: The Deal\ndate: 2025-11-04\nsource: Daily\nlayout: post\n---\n\nThe deal is large, they say.\n\nIt is long, too, they say.\n";
    let collection = one("a.md", page.as_bytes());
    let article = &collection.articles[0];
    assert_eq!((article.title.as_deref(), article.date), (Some("The Deal"), Some(jiff::civil::date(2025, 11, 4))));
    assert_eq!(outlets(&collection), ["Daily"]);
    assert_eq!(article.extra["layout"], "post");
    assert_eq!(collection.len(), 2);
}

#[test]
fn one_run_gives_one_answer() {
    let folder = Folder::new(&[]);
    for at in 0..40 {
        folder.write(
            &format!("outlet{}/{at}.txt", at % 7),
            format!("Deal {at} is large.\n\nIt costs ${at} billion.").as_bytes(),
        );
    }
    assert_eq!(folder.read(), folder.read());
}

#[test]
fn files_of_other_endings_are_told_once_and_a_named_one_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.txt", "b.story", "themes.toml"] {
        fs::write(folder.path().join(name), "The deal is large and lasts for seven years.").unwrap();
    }
    let read_all = |inputs: &[PathBuf]| read(inputs, &ReadOptions::default()).unwrap();
    let story = folder.path().join("b.story");
    let whole = read_all(&[folder.path().to_owned(), folder.path().to_owned()]);
    assert_eq!(whole.passed_over, [story.display().to_string()]);
    assert!(whole.problems.is_empty() && whole.articles.len() == 1);
    let named = read_all(&[folder.path().to_owned(), story]);
    assert!(named.passed_over.is_empty() && named.articles.len() == 2);
}

#[test]
fn a_given_id_goes_before_one_made_of_a_files_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "The deal is large and lasts for seven years.").unwrap();
    fs::write(folder.path().join("b.jsonl"), "{\"id\": \"a\", \"text\": \"Oil falls for a third day.\"}\n").unwrap();
    let both = read(&[folder.path().to_owned()], &ReadOptions::default()).unwrap();
    assert_eq!(ids(&both), ["a#2", "a"]);
    assert!(both.problems[0].what.contains("is taken by a later article: kept as \"a#2\""), "{:?}", both.problems);
}

#[test]
fn torn_bytes_in_utf_8_are_replaced_and_windows_1252_is_not_taken_for_it() {
    let torn = one("a.txt", b"The caf\xc3\xa9 in Z\xc3\xbcrich closed early \xff\xfe\x80 on Monday.");
    assert!(torn.paragraphs[0].text.contains("café in Zürich"), "{:?}", torn.paragraphs);
    assert_eq!(torn.problems.len(), 1);
    let quoted = one("a.txt", b"It is called the \x91CAF\xc9\x92 by all of them.");
    assert!(quoted.paragraphs[0].text.contains("CAFÉ"), "{:?}", quoted.paragraphs);
}
