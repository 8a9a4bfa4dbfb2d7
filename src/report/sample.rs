//! Findings made up for the tests, from the story of the sample corpus: three outlets on one deal.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::{Date, date};
use serde_json::{Map, Value};

use crate::article::{Article, OutletId, Place};
use crate::collection::{Collection, LeftOut, Problem};
use crate::coverage::*;
use crate::findings::{Findings, Run};
use crate::paragraph::{Kind, Paragraph};
use crate::quotation::{Change, Form, Found, Quotation, QuotedBy, Speaker};
use crate::theme::{Fit, Member, NearTheme, Origin, SubTheme, Theme, Themes};

/// Article and place of each row, with its text.
const ROWS: &[(usize, usize, &str)] = &[
    (
        0,
        2,
        "OpenAI has signed a landmark seven-year, $38 billion cloud-computing agreement with Amazon.com Inc., marking its first major strategic partnership since a recent corporate restructuring that gave the ChatGPT maker greater autonomy over its operations and finances.",
    ),
    (
        0,
        3,
        "Under the agreement, OpenAI will use Amazon Web Services (AWS) to train and deploy its next generation of large language models, tapping into hundreds of thousands of Nvidia graphics processors housed across Amazon’s global data centers. The companies said the new compute capacity would come online gradually through 2026, with room for additional expansion in the years that follow.",
    ),
    (
        0,
        4,
        "“Scaling frontier AI requires massive, reliable compute,” Altman said in a statement. “Our partnership with AWS strengthens the broad compute ecosystem that will power this next era and bring advanced AI to everyone.”",
    ),
    (
        0,
        6,
        "AWS shares surged to an all-time high following the announcement, lifting Amazon’s market capitalization by nearly $140 billion. Analysts said the agreement reaffirmed AWS’s position as a global leader in hyperscale cloud infrastructure.",
    ),
    (
        1,
        1,
        "The seven-year deal starts at once. OpenAI gains immediate access to hundreds of thousands of state-of-the-art Nvidia GPUs in AWS data centers, with ability to expand to tens of millions of CPUs for rapidly scaling agentic workloads. AWS clusters feature over 500,000 chips with sophisticated architectural design.",
    ),
    (
        1,
        2,
        "\"Scaling frontier AI requires massive, reliable compute,\" Altman said in a statement. \"Our partnership with AWS strengthens the broad compute ecosystem that will power this next era and bring advanced AI to everyone.\"",
    ),
    (
        1,
        5,
        "Last week, Microsoft’s preferential status expired under newly negotiated commercial terms, freeing OpenAI to partner more widely with other hyperscalers. OpenAI also committed an additional $250 billion to Microsoft services.",
    ),
    (
        2,
        1,
        "Some analysts warn the increased investment from OpenAI and tech giants signals the industry heads toward an AI bubble, with massive spending on unproven technology without clear return on investment signs.",
    ),
    (
        3,
        3,
        "The partnership will grant OpenAI access to hundreds of thousands of NVIDIA GPUs hosted in AWS data centers worldwide, from Oregon to Frankfurt to Singapore. Deployment will begin in early 2026 and expand through 2032, according to people familiar with the deal.",
    ),
    (
        3,
        7,
        "At $38 billion, the AWS contract rivals the GDP of smaller European nations. Industry analysts estimate that OpenAI’s combined commitments to Microsoft and Amazon could push its total infrastructure spending above $60 billion over the next decade – a staggering figure for a firm still seeking to build sustainable revenue streams.",
    ),
    (
        3,
        9,
        "“Compute is becoming the strategic currency of the digital age,” said one London-based AI strategist. “By securing AWS capacity, OpenAI is ensuring its future access to energy, chips, and infrastructure – but at enormous financial and operational risk.”",
    ),
];

/// The whole sample.
pub(crate) fn findings() -> Findings {
    let collection = collection();
    let coverage = Some(coverage(&collection));
    let quotations = Some(quotations(&collection));
    Findings { run: run(), collection, themes: Some(themes()), coverage, quotations }
}

/// The same, of no articles.
pub(crate) fn nothing() -> Findings {
    let none = Coverage {
        by: By::Statements,
        pairs: Vec::new(),
        groups: Vec::new(),
        overlap: BTreeMap::new(),
        exclusives: Vec::new(),
        omissions: Vec::new(),
        omitted_from: 2,
        misdated: Vec::new(),
        threshold: Threshold { above: Vec::new(), below: Vec::new(), sampled: 0, ..threshold(&collection()) },
    };
    let themes = Some(Themes::default());
    let (coverage, quotations) = (Some(none), Some(Vec::new()));
    Findings { run: run(), collection: Collection::default(), themes, coverage, quotations }
}

fn run() -> Run {
    Run {
        version: "0.1.0".into(),
        model: "all-MiniLM-L6-v2".into(),
        dim: 384,
        max_tokens: Some(256),
        device: "cpu".into(),
        precision: "f32".into(),
        windowed: 1,
        inputs: vec!["cloud.txt".into(), "week.jsonl".into(), "review.md".into()],
    }
}

fn collection() -> Collection {
    let outlets = ["Cloud Weekly", "Harbour Herald", "The Pan-European Technology Review of Record"];
    Collection {
        outlets: outlets.map(str::to_owned).to_vec(),
        articles: articles(),
        paragraphs: ROWS.iter().map(|&(article, place, text)| paragraph(article, place, Kind::Body, text)).collect(),
        left_out: left_out(),
        problems: vec![
            Problem { place: place("week.jsonl", Some(14)), what: "no \"outlet\" field".into(), lost: true },
            Problem { place: place("review.md", None), what: "2 bytes are not UTF-8".into(), lost: false },
        ],
        passed_over: Vec::new(),
    }
}

fn articles() -> Vec<Article> {
    let deal = "OpenAI Signs $38 Billion, Seven-Year Cloud Deal with Amazon to Power Next Phase of AI Expansion";
    let breaks = "OpenAI Breaks from Microsoft, Signs $38 Billion Cloud Deal with Amazon";
    vec![
        article(0, Some(deal), Some(date(2025, 11, 4)), place("cloud.txt", None)),
        Article {
            url: Some("https://herald.example/openai-aws".into()),
            extra: Map::from_iter([("section".to_owned(), Value::from("business"))]),
            ..article(1, Some("OpenAI turns to AWS"), Some(date(2025, 11, 3)), place("week.jsonl", Some(1)))
        },
        article(1, None, None, place("week.jsonl", Some(2))),
        article(2, Some(breaks), None, place("review.md", None)),
    ]
}

fn article(outlet: u32, title: Option<&str>, date: Option<Date>, place: Place) -> Article {
    Article {
        id: place.to_string(),
        outlet: OutletId(outlet),
        title: title.map(str::to_owned),
        date,
        url: None,
        place,
        text: String::new(),
        extra: Map::new(),
    }
}

fn place(file: &str, line: Option<usize>) -> Place {
    Place { file: file.to_owned(), line }
}

fn paragraph(article: usize, place: usize, kind: Kind, text: &str) -> Paragraph {
    Paragraph { article, place, kind, span: place * 500..place * 500 + text.len(), text: text.to_owned() }
}

fn left_out() -> Vec<LeftOut> {
    [
        (0, 1, Kind::Heading, "OpenAI Signs $38 Billion, Seven-Year Cloud Deal with Amazon", "heading"),
        (0, 7, Kind::Boilerplate, "See What’s Next in Tech With the Fast Forward Newsletter", "newsletter call"),
        (3, 1, Kind::Heading, "OpenAI Breaks from Microsoft, Signs $38 Billion Cloud Deal with Amazon", "heading"),
        (
            3,
            12,
            Kind::Boilerplate,
            "Your email address will not be published. Required fields are marked *",
            "comment form",
        ),
    ]
    .map(|(article, place, kind, text, reason)| LeftOut {
        paragraph: paragraph(article, place, kind, text),
        reason: reason.to_owned(),
    })
    .to_vec()
}

fn themes() -> Themes {
    Themes {
        themes: vec![
            Theme {
                description: Some("the size, length and terms of the contract".into()),
                keywords: words(&["seven-year", "agreement", "contract", "billion"]),
                fit: Some(Fit { given: true, ..fit(&[(3, 0.41), (4, 0.39)]) }),
                ..theme("Deal terms", Origin::Seeded, &[(9, 0.92), (0, 0.88), (6, 0.61)])
            },
            Theme {
                description: Some("lawsuits, regulators and antitrust".into()),
                fit: Some(Fit { absent: Some((0.203_12, 0.311)), ..fit(&[(6, 0.31), (8, 0.22)]) }),
                ..theme("Law and regulation", Origin::Seeded, &[])
            },
            Theme {
                keywords: words(&["nvidia", "gpus", "data centers", "capacity"]),
                ..theme("Nvidia GPUs in AWS data centers", Origin::Discovered, &[(4, 0.86), (8, 0.84), (1, 0.79)])
            },
            Theme {
                keywords: words(&["compute", "altman", "frontier"]),
                exemplars: vec![10],
                nearest: Some(NearTheme { theme: 1, cosine: 0.412_34 }),
                trust: Some(0.831_2),
                parts: vec![SubTheme {
                    name: "frontier compute".to_owned(),
                    keywords: words(&["frontier"]),
                    members: scored(&[(5, 0.9), (2, 0.8)]),
                    trust: 0.7,
                }],
                ..theme("Compute at scale", Origin::Discovered, &[(2, 0.91), (5, 0.91), (10, 0.63)])
            },
        ],
        unassigned: vec![3, 7],
        method: "Discovered as communities of the neighbour graph, resolution 1, seed 1.".into(),
    }
}

fn theme(name: &str, origin: Origin, members: &[(usize, f32)]) -> Theme {
    Theme {
        name: name.to_owned(),
        cohesion: if members.is_empty() { 0.0 } else { 0.678_91 },
        ..Theme::found(origin, scored(members))
    }
}

fn fit(misses: &[(usize, f32)]) -> Fit {
    Fit {
        threshold: 0.552_34,
        given: false,
        background: 0.124,
        counter: 1,
        absent: None,
        nearest_misses: scored(misses),
    }
}

fn scored(members: &[(usize, f32)]) -> Vec<Member> {
    members.iter().map(|&(row, score)| Member { row, score }).collect()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Where `part` stands in a row.
fn find(collection: &Collection, row: usize, part: &str) -> Range<usize> {
    let start = collection.text(row).find(part).expect(part);
    start..start + part.len()
}

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

fn coverage(collection: &Collection) -> Coverage {
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
        omitted_from: 2,
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
fn quotations(collection: &Collection) -> Vec<Quotation> {
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

fn threshold(collection: &Collection) -> Threshold {
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
