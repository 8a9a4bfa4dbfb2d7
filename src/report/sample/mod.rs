//! Findings made up for the tests, from the story of the sample corpus: three outlets on one deal.

mod coverage;

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::{Date, date};
use serde_json::{Map, Value};

use self::coverage::{coverage, quotations, threshold};
use crate::article::{Article, OutletId, Place};
use crate::collection::{Collection, LeftOut, Problem};
use crate::coverage::*;
use crate::findings::{Findings, Run};
use crate::map::ThemeMap;
use crate::nearest::Hit;
use crate::paragraph::{Kind, Paragraph};
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

/// Places on a circle, and each row's two followers as its neighbours.
fn map() -> ThemeMap {
    let rows = ROWS.len();
    let turn = |row: usize| row as f32 / rows as f32 * std::f32::consts::TAU;
    let places = (0..rows).map(|row| [turn(row).cos(), turn(row).sin()]).collect();
    let near = |row: usize, step: usize| Hit { row: (row + step) % rows, cosine: 0.9 - step as f32 / 10.0 };
    let neighbours = (0..rows).map(|row| vec![near(row, 1), near(row, 2)]).collect();
    ThemeMap { places, neighbours, recall: None, method: "Laid out for the tests.".to_owned() }
}

/// The whole sample.
pub(crate) fn findings() -> Findings {
    let collection = collection();
    let coverage = Some(coverage(&collection));
    let quotations = Some(quotations(&collection));
    Findings { run: run(), collection, themes: Some(themes()), coverage, quotations, map: Some(map()) }
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
        omitted_from: Some(2),
        today: None,
        misdated: Vec::new(),
        threshold: Threshold { above: Vec::new(), below: Vec::new(), sampled: 0, ..threshold(&collection()) },
    };
    let themes = Some(Themes::default());
    let (coverage, quotations) = (Some(none), Some(Vec::new()));
    Findings { run: run(), collection: Collection::default(), themes, coverage, quotations, map: None }
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
