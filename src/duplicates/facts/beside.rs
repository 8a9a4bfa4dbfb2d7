//! Quantities of two texts of which nothing says that they say the same, so that no place of one answers to a place of the other.
//!
//! Only a quantity that is the one of its kind in both texts is set against another: the one sum of money, the one span of
//! years. Not here: texts that say the same, fact by fact (`differences`).

use super::differences::Link;
use super::sides::Side;
use super::{Fact, Value, figures};
use crate::coverage::{Difference, Given};
use crate::text::words;

/// The quantities of a text that say what they count or measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures(Vec<Fact>);

impl Figures {
    /// Reads a text.
    pub fn of(text: &str) -> Self {
        let mut facts = figures::figures(text, &words(text), None);
        facts.retain(|fact| matches!(&fact.value, Value::Quantity(quantity) if !quantity.is_bare()));
        Self(facts)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Quantities that are the only one of their kind in either text and do not agree, in the order of this text.
    pub fn beside(&self, other: &Self) -> Vec<Difference> {
        let only = |facts: &'_ [Fact], own: &Fact| -> Option<usize> {
            let mut alike = facts.iter().enumerate().filter(|(_, fact)| comparable(fact, own));
            alike.next().map(|(at, _)| at).filter(|_| alike.next().is_none())
        };
        let given = |fact: &Fact| Given { span: fact.span.clone(), value: fact.written() };
        let link = |left: &Fact| {
            only(&self.0, left)?;
            let right = &other.0[only(&other.0, left)?];
            (!left.agrees(right)).then(|| Link::differing(Side::Left, left.clone(), right.clone()))
        };
        let links = self.0.iter().filter_map(link);
        links.map(|link| Difference { kind: link.kind(), left: given(&link.left), right: given(&link.right) }).collect()
    }
}

fn comparable(left: &Fact, right: &Fact) -> bool {
    matches!((&left.value, &right.value), (Value::Quantity(a), Value::Quantity(b)) if a.comparable(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beside(left: &str, right: &str) -> Vec<(String, String)> {
        let found = Figures::of(left).beside(&Figures::of(right));
        found.into_iter().map(|one| (one.left.value, one.right.value)).collect()
    }

    #[test]
    fn the_only_sum_and_the_only_span_are_set_against_one_another() {
        let asked = "a five-year, $45 billion deal between OpenAI and Amazon";
        let found = beside(asked, "OpenAI signed a $38 billion, seven-year agreement with Amazon, its 10th partner.");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found.iter().any(|(left, right)| left.contains("45 billion") && right.contains("38 billion")),
            "{found:?}"
        );
    }

    #[test]
    fn of_several_sums_none_is_meant() {
        assert_eq!(beside("$45 billion", "$38 billion of $50 billion"), []);
        assert_eq!(beside("$45 billion or $40 billion", "$38 billion"), []);
        assert_eq!(beside("$45 billion", "45 billion dollars, and 7 percent"), []);
        assert_eq!(beside("in 2024", "38 of them"), []);
    }
}
