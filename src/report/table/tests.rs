//! The table read back, as CSV and as Parquet.

use super::record::records;
use super::*;
use crate::findings::Findings;
use crate::report::sample;

/// Findings with a title that tries both formats.
fn findings() -> Findings {
    let mut findings = sample::findings();
    findings.collection.articles[0].title = Some("A \"quoted\", split\nand \0 title; =1+1".to_owned());
    findings
}

fn csv_of(findings: &Findings) -> Vec<Vec<String>> {
    let mut bytes = Vec::new();
    csv(findings, &mut bytes).unwrap();
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(&*bytes);
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn csv_reads_back_as_it_was() {
    let findings = findings();
    let rows = csv_of(&findings);
    let at = |name: &str| rows[0].iter().position(|column| column == name).unwrap();
    assert_eq!(rows.len(), findings.collection.len() + 1);
    assert_eq!(rows[1][at("title")], *findings.collection.articles[0].title.as_ref().unwrap());
    for (row, record) in rows[1..].iter().zip(records(&findings)) {
        assert_eq!(row[at("text")], record.text);
        assert_eq!(row[at("theme")], record.theme.map_or("", |(name, _)| name));
        assert_eq!(row[at("date")], record.date.map_or_else(String::new, |date| date.to_string()));
        let near: serde_json::Value = serde_json::from_str(&row[at("neighbors")]).unwrap();
        assert_eq!(near["ids"].as_array().unwrap().len(), record.neighbours.unwrap().0.len());
        assert_eq!(near["ids"].as_array().unwrap().len(), near["distances"].as_array().unwrap().len());
    }
}

#[test]
fn what_was_not_looked_for_is_empty() {
    let findings = Findings { themes: None, coverage: None, map: None, ..findings() };
    let rows = csv_of(&findings);
    assert_eq!(rows[0][10], "theme");
    assert!(rows[1..].iter().all(|row| row[10..].iter().all(String::is_empty)));
}

#[test]
fn a_row_is_of_its_best_theme_its_first_group_and_its_closest_pair() {
    let findings = findings();
    let coverage = findings.coverage.as_ref().unwrap();
    let rows: Vec<_> = records(&findings).collect();
    let pair = &coverage.pairs[0];
    assert_eq!(rows[pair.left.row].grade, Some(pair.grade));
    for (at, group) in coverage.groups.iter().enumerate() {
        let has = |row: usize| rows[row].groups.as_ref().unwrap().contains(&(at + 1));
        assert!(group.passages.iter().all(|passage| has(passage.row)));
    }
    let exclusive = rows.iter().filter(|row| row.exclusive == Some(true)).count();
    assert_eq!(exclusive, coverage.exclusives.len());
    assert!(rows.iter().filter_map(|row| row.theme).count() > 0);
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_reads_back_as_it_was() {
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use ::parquet::record::RowAccessor;

    let findings = findings();
    let mut bytes = Vec::new();
    parquet(&findings, &mut bytes).unwrap();
    let mut again = Vec::new();
    parquet(&findings, &mut again).unwrap();
    assert_eq!(bytes, again);
    let file = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
    let rows: Vec<_> = file.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), findings.collection.len());
    for (row, record) in rows.iter().zip(records(&findings)) {
        assert_eq!(row.get_long(0).unwrap(), record.row as i64);
        assert_eq!(row.get_string(9).unwrap(), record.text);
        assert_eq!(row.get_string(4).ok().map(|title| &**title), record.title);
        let themes = row.get_list(12).unwrap();
        assert_eq!(themes.len(), record.themes.unwrap().len());
        let near = row.get_group(20).unwrap();
        assert_eq!(near.get_list(0).unwrap().len(), record.neighbours.unwrap().0.len());
    }
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_of_nothing_looked_for_is_null() {
    use ::parquet::file::reader::{FileReader, SerializedFileReader};

    let findings = Findings { themes: None, coverage: None, map: None, ..findings() };
    let mut bytes = Vec::new();
    parquet(&findings, &mut bytes).unwrap();
    let file = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
    for row in file.get_row_iter(None).unwrap().map(Result::unwrap) {
        assert!(row.get_column_iter().skip(10).all(|(_, value)| *value == ::parquet::record::Field::Null));
    }
}
