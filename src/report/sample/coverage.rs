//! Near-duplicate coverage of the sample: pairs, groups, a threshold, and a quotation.

use jiff::civil::date;

use super::find;
use crate::article::OutletId;
use crate::collection::Collection;
use crate::coverage::*;
use crate::quotation::{Change, Form, Found, Quotation, QuotedBy, Speaker};

fn passage(collection: &Collection, row: usize, part: &str) -> Passage {
    Passage { row, span: find(collection, row, part) }
}

fn whole(collection: &Collection, row: usize) -> Passage {
    Passage { row, span: 0..collection.text(row).len() }
}

/// A pair that shares `parts`, given as they stand at the left and at the right.
fn pair(collection: &Collection, left: Passage, right: Passage, parts: &[(&str, &str)]) -> Pair {
    let shared = parts.iter().map(|(at_left, at_right)| SharedSpan {
        left: find(collection, left.row, at_left),
        right: find(collection, right.row, at_right),
        words: at_left.split(' ').count(),
    });
    let shared = shared.collect();
    let (scope, grade, container) = (Scope::Statement, Grade::Contained, Some(Side::Right));
    Pair {
        left,
        right,
        scope,
        grade,
        container,
        cosine: 0.761_04,
        wording: 0.533_3,
        matched: 0.8,
        shared,
        probability: 0.934_56,
        differences: Vec::new(),
    }
}

pub(super) fn coverage(collection: &Collection) -> Coverage {
    Coverage {
        by: By::Statements,
        pairs: pairs(collection),
        groups: groups(collection),
        overlap: [
            cell((0, 1), (2, 0)),
            cell((0, 2), (1, 1)),
            cell((1, 0), (2, 0)),
            cell((1, 2), (1, 0)),
            cell((2, 0), (1, 0)),
            cell((2, 1), (1, 0)),
        ]
        .into(),
        exclusives: vec![
            Exclusive { row: 3, nearest: Some((9, 0.312)) },
            Exclusive { row: 7, nearest: Some((9, 0.391)) },
            Exclusive { row: 10, nearest: Some((2, 0.487)) },
            Exclusive { row: 9, nearest: Some((0, 0.522)) },
            Exclusive { row: 6, nearest: None },
        ],
        omissions: vec![Omission { group: 1, outlets: vec![OutletId(2)] }],
        omitted_from: Some(2),
        today: Some(date(2025, 11, 22)),
        misdated: vec![1],
        threshold: threshold(collection),
    }
}

fn cell((outlet, other): (u32, u32), (same_text, paraphrase): (usize, usize)) -> ((OutletId, OutletId), Overlap) {
    ((OutletId(outlet), OutletId(other)), Overlap { same_text, paraphrase })
}

fn statements(collection: &Collection) -> [Passage; 3] {
    let under = &collection.text(1)[..collection.text(1).find(" The companies").expect("a second sentence")];
    let gains = "OpenAI gains immediate access to hundreds of thousands of state-of-the-art Nvidia GPUs in AWS data centers, with ability to expand to tens of millions of CPUs for rapidly scaling agentic workloads.";
    let grant = "The partnership will grant OpenAI access to hundreds of thousands of NVIDIA GPUs hosted in AWS data centers worldwide, from Oregon to Frankfurt to Singapore.";
    [passage(collection, 1, under), passage(collection, 4, gains), passage(collection, 8, grant)]
}

fn pairs(collection: &Collection) -> Vec<Pair> {
    let [under, gains, grant] = statements(collection);
    let ours = "Our partnership with AWS strengthens the broad compute ecosystem that will power this next era and bring advanced AI to everyone";
    let altman = [
        (
            "Scaling frontier AI requires massive, reliable compute,” Altman said in a statement",
            "Scaling frontier AI requires massive, reliable compute,\" Altman said in a statement",
        ),
        (ours, ours),
    ];
    let verbatim = Pair {
        scope: Scope::Paragraph,
        grade: Grade::Verbatim,
        container: None,
        cosine: 0.998_1,
        wording: 1.0,
        matched: 1.0,
        ..pair(collection, whole(collection, 2), whole(collection, 5), &altman)
    };
    let nvidia = ("hundreds of thousands of Nvidia", "hundreds of thousands of NVIDIA");
    let access = [
        ("access to hundreds of thousands of", "access to hundreds of thousands of"),
        ("in AWS data centers", "in AWS data centers"),
    ];
    let hundreds = [("hundreds of thousands of", "hundreds of thousands of")];
    vec![
        verbatim,
        pair(collection, gains.clone(), grant.clone(), &access),
        Pair {
            cosine: 0.702,
            differences: vec![Difference {
                kind: FactKind::Date,
                left: Given { span: find(collection, 1, "2026"), value: "2026".to_owned() },
                right: Given { span: find(collection, 4, "tens of millions"), value: "2032".to_owned() },
            }],
            ..pair(collection, under.clone(), gains, &hundreds)
        },
        Pair { cosine: 0.655, ..pair(collection, under, grant, &[nvidia]) },
    ]
}

fn groups(collection: &Collection) -> Vec<Group> {
    let reading = |row, part: &str| Reading { row, span: find(collection, row, part), value: part.to_owned() };
    vec![
        Group {
            scope: Scope::Statement,
            grade: Grade::Contained,
            passages: statements(collection).to_vec(),
            pairs: vec![1, 2, 3],
            because: vec![2, 1, 1],
            origins: Origins { lots: vec![vec![0, 1], vec![2]], effective: 1.8 },
            first: Some(First { date: date(2025, 11, 3), outlets: vec![OutletId(0), OutletId(1)], undated: 1 }),
            disagreements: vec![Disagreement {
                kind: FactKind::Date,
                readings: vec![reading(1, "2026"), reading(8, "2032")],
            }],
        },
        Group {
            scope: Scope::Paragraph,
            grade: Grade::Verbatim,
            passages: vec![whole(collection, 2), whole(collection, 5)],
            pairs: vec![0],
            because: vec![0, 0],
            origins: Origins { lots: vec![vec![0, 1]], effective: 1.0 },
            first: None,
            disagreements: Vec::new(),
        },
    ]
}

/// One quotation: whole with its speaker, and cut with a word changed.
pub(super) fn quotations(collection: &Collection) -> Vec<Quotation> {
    let part = |row, text: &str| Passage { row, span: find(collection, row, text) };
    let words = "Scaling frontier AI requires massive, reliable compute";
    let speaker = Speaker {
        at: part(2, "Altman"),
        printed: "Altman".to_owned(),
        name: "Sam Altman".to_owned(),
        found: Found::Named,
    };
    let whole = QuotedBy {
        outlet: OutletId(0),
        row: 2,
        parts: vec![part(2, words)],
        form: Form::default(),
        changes: Vec::new(),
        speaker: Some(speaker),
    };
    let change = Change { fullest: vec![part(2, "massive")], member: vec![part(5, "reliable")], marked: true };
    let cut = QuotedBy {
        outlet: OutletId(1),
        row: 5,
        parts: vec![part(5, words)],
        form: Form { shortened: true, altered: true, extended: false },
        changes: vec![change],
        speaker: None,
    };
    vec![Quotation { fullest: 0, members: vec![whole, cut], speakers_differ: false }]
}

pub(super) fn threshold(collection: &Collection) -> Threshold {
    Threshold {
        value: 1.12,
        source: ThresholdSource::Measured,
        background: 0.334,
        spread: 0.121,
        sampled: 38,
        histogram: vec![0, 4, 9, 14, 7, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        above: vec![3, 2],
        below: vec![
            (whole(collection, 0), whole(collection, 9), 1.043_21),
            (whole(collection, 3), whole(collection, 9), 0.912),
        ],
    }
}
