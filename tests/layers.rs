//! Imports run one way: a module uses only modules of lower floors, and only the program's own floor sees them all.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Floors from the ground up. Modules of one floor may not use each other, but for the ground floor,
/// where the order below is the order of use.
const FLOORS: &[&[&str]] = &[
    &["text"],
    &["background"],
    &["vectors"],
    &["model"],
    &["article"],
    &["paragraph"],
    &["collection"],
    &["theme_log"],
    &["theme"],
    &["coverage"],
    &["nearest"],
    &["quotation"],
    &["map"],
    &["holdings"],
    &["findings"],
    &["corpus", "measure"],
    &["shards", "gpu"],
    &["embed"],
    &["neighbours"],
    &["themes", "duplicates", "layout"],
    &["lookup"],
    &["pipeline"],
    &["library"],
    &["report"],
    &["serve"],
    &["cli"],
];
/// The last floor of plain words; `report` reads these and nothing above them.
const GROUND: &str = "findings";

fn floor(module: &str) -> usize {
    FLOORS
        .iter()
        .position(|floor| floor.contains(&module))
        .unwrap_or_else(|| panic!("module {module} has no floor: give it one"))
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The top-level modules a file names after `crate::`, comments and tests set aside.
fn used(text: &str) -> BTreeSet<String> {
    let code: String = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect();
    let name = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names: BTreeSet<String> = code.split("crate::").skip(1).map(name).filter(|name| !name.is_empty()).collect();
    for group in code.split("crate::{").skip(1) {
        names.extend(parts(group).into_iter().map(|part| name(part.trim())));
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The parts of a group of imports, up to its closing brace; a group inside it belongs to its part.
fn parts(group: &str) -> Vec<String> {
    let (mut depth, mut found) = (0, vec![String::new()]);
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => found.push(String::new()),
            _ => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                found.last_mut().unwrap().push(c);
            }
        }
    }
    found
}

/// Module to the modules it uses, with the file that does.
fn uses() -> BTreeMap<String, Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    files(&source(), &mut found);
    let mut uses: BTreeMap<String, Vec<(String, PathBuf)>> = BTreeMap::new();
    for path in found {
        let inside = path.strip_prefix(source()).unwrap();
        let module = inside.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned();
        if module == "lib" || module == "main" {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        uses.entry(module).or_default().extend(used(&text).into_iter().map(|name| (name, path.clone())));
    }
    uses
}

#[test]
fn imports_run_downwards() {
    for (module, used) in uses() {
        for (name, path) in used {
            let down = name == module || floor(&name) < floor(&module);
            assert!(down, "{}: {module} uses {name}, which is not below it", path.display());
        }
    }
}

#[test]
fn the_report_reads_findings_and_the_words_below_them_alone() {
    for (name, path) in uses().remove("report").unwrap() {
        assert!(name == "report" || floor(&name) <= floor(GROUND), "{}: report uses {name}", path.display());
    }
}

#[test]
fn every_module_has_a_floor_and_every_floor_a_module() {
    let modules: BTreeSet<String> = uses().into_keys().collect();
    let named: BTreeSet<String> = FLOORS.iter().flat_map(|floor| floor.iter().map(|name| (*name).to_owned())).collect();
    assert_eq!(modules, named);
}

#[test]
fn an_upward_import_would_be_seen() {
    assert_eq!(used("use crate::{themes::Theme, cli};\n// crate::report\nlet x = crate::embed::y();"), {
        ["cli", "embed", "themes"].map(str::to_owned).into()
    });
    assert_eq!(used("use crate::{a::{b, c::{d}}, cli};"), ["a", "cli"].map(str::to_owned).into());
}

#[test]
fn every_file_says_what_it_is() {
    let mut found = Vec::new();
    files(&source(), &mut found);
    for path in found {
        assert!(fs::read_to_string(&path).unwrap().starts_with("//!"), "{} does not open with //!", path.display());
    }
}
