//! Split articles into a collection: each given its outlet and an id that is no one else's.
//!
//! Not here: finding and decoding (`read`), splitting (`ready`).

use std::collections::{BTreeMap, BTreeSet};

use super::ready::SplitArticle;
use crate::article::{OutletId, Place};
use crate::collection::{Collection, Problem};
use crate::paragraph::Paragraph;

/// What a corpus holds, in reading order.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// An article.
    Article(Box<SplitArticle>),
    /// What could not be read.
    Problem(Problem),
}

/// Makes the collection: outlets by name, ids unique, problems by file and line.
pub fn gather(items: Vec<Item>) -> Collection {
    let mut problems = Problems::default();
    let mut articles = Vec::new();
    for item in items {
        match item {
            Item::Article(article) => {
                problems.know(&article.article.place);
                articles.push(*article);
            }
            Item::Problem(problem) => problems.add(problem),
        }
    }
    let outlets: BTreeSet<&str> = articles.iter().map(|article| article.outlet.as_str()).collect();
    let mut collection =
        Collection { outlets: outlets.into_iter().map(str::to_owned).collect(), ..Collection::default() };
    let ids = ids(&articles);
    let mut taken = BTreeMap::new();
    for (article, id) in articles.into_iter().zip(ids) {
        add(&mut collection, &mut taken, article, id).into_iter().for_each(|problem| problems.add(problem));
    }
    collection.problems = problems.in_order();
    collection
}

/// Problems by file, files in the order in which they were read.
#[derive(Default)]
struct Problems {
    files: BTreeMap<String, usize>,
    of_file: Vec<Vec<Problem>>,
}

impl Problems {
    fn know(&mut self, place: &Place) -> usize {
        if let Some(&at) = self.files.get(&place.file) {
            return at;
        }
        self.files.insert(place.file.clone(), self.of_file.len());
        self.of_file.push(Vec::new());
        self.of_file.len() - 1
    }

    fn add(&mut self, problem: Problem) {
        let at = self.know(&problem.place);
        self.of_file[at].push(problem);
    }

    /// A file's own problems and its articles' in the order of its lines.
    fn in_order(mut self) -> Vec<Problem> {
        self.of_file.iter_mut().for_each(|of_file| of_file.sort_by_key(|problem| problem.place.line));
        self.of_file.into_iter().flatten().collect()
    }
}

/// The id of each article, unique. Given ids are taken first: one made of a file's name gives way.
fn ids(articles: &[SplitArticle]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut ids = vec![String::new(); articles.len()];
    for given in [true, false] {
        for (at, one) in articles.iter().enumerate().filter(|(_, one)| one.given_id == given) {
            ids[at] = unique(&one.article.id, &taken);
            taken.insert(ids[at].clone());
        }
    }
    ids
}

/// Adds an article and its paragraphs under its unique id; what is wrong with it.
fn add(
    collection: &mut Collection,
    taken: &mut BTreeMap<String, Place>,
    split: SplitArticle,
    unique_id: String,
) -> Vec<Problem> {
    let SplitArticle { mut article, outlet, kept, left_out, mut problems, .. } = split;
    let outlet = collection.outlets.binary_search(&outlet).unwrap_or_default();
    article.outlet = OutletId(outlet as u32);
    let id = std::mem::replace(&mut article.id, unique_id);
    if article.id != id {
        let by = taken.get(&id).map_or_else(|| "a later article".to_owned(), |place| format!("the article at {place}"));
        let what = format!("id {id:?} is taken by {by}: kept as {:?}", article.id);
        problems.push(Problem { place: article.place.clone(), what, lost: false });
    }
    taken.insert(article.id.clone(), article.place.clone());
    let index = collection.articles.len();
    collection.articles.push(article);
    let kept = kept.into_iter().map(|paragraph| Paragraph { article: index, ..paragraph });
    collection.paragraphs.extend(kept);
    collection.left_out.extend(left_out.into_iter().map(|mut one| {
        one.paragraph.article = index;
        one
    }));
    problems
}

/// The id itself, else with the first number that makes it unique.
fn unique(id: &str, taken: &BTreeSet<String>) -> String {
    let numbered = |number: usize| format!("{id}#{number}");
    if !taken.contains(id) {
        return id.to_owned();
    }
    // Doubling, then halving: an id may come a hundred thousand times, and trying each number would square that.
    let mut last = 1;
    while taken.contains(&numbered(2 * last)) {
        last *= 2;
    }
    let mut free = 2 * last;
    while free - last > 1 {
        let middle = last + (free - last) / 2;
        if taken.contains(&numbered(middle)) { last = middle } else { free = middle }
    }
    numbered(free)
}
