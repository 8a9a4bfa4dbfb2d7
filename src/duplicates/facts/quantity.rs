//! A quantity: a number or a range with its unit, and what can be true beside another.
//!
//! Not here: where texts have them (`figures`), what a unit is (`units`).

use super::numerals::{Number, rounded, written};
use super::units::Measured;
use crate::coverage::FactKind;

/// A number, what it measures, and what the text says of it besides.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quantity {
    /// The number, or the lower end of a range.
    pub(super) number: Number,
    /// The upper end of a range.
    pub(super) to: Option<Number>,
    /// What is said of the number besides.
    pub(super) bound: Bound,
    /// What is counted or measured.
    pub(super) unit: Measured,
}

/// What a text says of a number besides its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// Nothing.
    Exactly,
    /// "about", "nearly".
    About,
    /// "more than", "at least".
    AtLeast,
    /// "up to", "less than".
    AtMost,
}

/// "about 38" and "39" are not a contradiction; "about 38" and "45" are.
const ABOUT: f64 = 0.05;
/// "4.4 percent" is rounded to "4 percent"; "$1.4 trillion" is not "$1 trillion".
const ROUNDED: f64 = 0.12;
/// "more than 38" speaks of something near 38: of 57, hardly of 80.
const BEYOND: f64 = 1.5;
/// From here on a number without a decimal may be rounded to two digits: "500,000" for 498,231.
const ROUND: f64 = 1000.0;

impl Quantity {
    /// Whether both measure the same kind of thing in the same unit. A vague number compares with a vague one only.
    pub(super) fn comparable(&self, other: &Self) -> bool {
        let vague = |quantity: &Self| matches!(quantity.number, Number::Vague(_));
        vague(self) == vague(other) && self.unit.same_kind(&other.unit)
    }

    /// Whether both give one number of things that are counted or paid in other units: "5 miles", "5 km".
    pub(super) fn same_number_otherwise(&self, other: &Self) -> bool {
        let known = self.unit.is_known() && other.unit.is_known();
        known && !self.unit.same_kind(&other.unit) && self.number == other.number && self.to == other.to
    }

    /// Whether both give the same number, whatever it counts.
    pub(super) fn agrees_in_number(&self, other: &Self) -> bool {
        let converts = self.unit.factor != other.unit.factor;
        match (self.ends(converts), other.ends(converts)) {
            (Some(a), Some(b)) => ends_agree((a, self), (b, other)),
            _ => self.number == other.number,
        }
    }

    /// Whether both give the same number of the same, one of them below zero.
    pub(super) fn opposes(&self, other: &Self) -> bool {
        let negated = |number: &Number| number.clone().negated();
        let turned = Self { number: negated(&self.number), to: self.to.as_ref().map(negated), ..self.clone() };
        !self.agrees(other) && turned.agrees(other)
    }

    /// Whether the text leaves the number open above or below.
    pub(super) fn is_limit(&self) -> bool {
        matches!(self.bound, Bound::AtLeast | Bound::AtMost)
    }

    /// Whether nothing says what is counted.
    pub(super) fn is_bare(&self) -> bool {
        self.unit.is_bare()
    }

    /// Whether both can be true of one thing: equal, equal as far as the rounder one goes, one within the
    /// other's range, or within what "about", "more than" and "up to" allow.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        self.comparable(other) && self.agrees_in_number(other)
    }

    /// Both ends, in the base of the unit where units are converted.
    fn ends(&self, converts: bool) -> Option<(End, Option<End>)> {
        let factor = if converts { self.unit.factor } else { 1.0 };
        let end = |number: &Number| match number {
            Number::Exact { value, digits } => Some(End { value: value * factor, digits: *digits }),
            Number::Vague(_) => None,
        };
        Some((end(&self.number)?, self.to.as_ref().and_then(end)))
    }

    /// Value and unit in one form: "USD 38 billion", "5 percent", "7 year".
    pub(super) fn written(&self, kind: FactKind) -> String {
        let one = |number: &Number| match number {
            Number::Exact { value, .. } => written(*value),
            Number::Vague(said) => said.clone(),
        };
        let value = match &self.to {
            Some(to) => format!("{} to {}", one(&self.number), one(to)),
            None => one(&self.number),
        };
        let said = match self.bound {
            Bound::Exactly => "",
            Bound::About => "about ",
            Bound::AtLeast => "at least ",
            Bound::AtMost => "up to ",
        };
        let shown = &self.unit.shown;
        match kind {
            FactKind::Money => format!("{said}{shown} {value}"),
            _ if shown.is_empty() => format!("{said}{value}"),
            _ => format!("{said}{value} {shown}"),
        }
    }
}

/// One end of a figure in its unit's base.
#[derive(Debug, Clone, Copy)]
struct End {
    value: f64,
    digits: u32,
}

fn ends_agree((a, x): ((End, Option<End>), &Quantity), (b, y): ((End, Option<End>), &Quantity)) -> bool {
    let inside = |at: End, (low, high): (End, End)| {
        let (low, high) = (low.value.min(high.value), low.value.max(high.value));
        (low..=high).contains(&at.value)
    };
    match (a, b) {
        ((low, Some(high)), (one, Some(other))) => alike(low, one) && alike(high, other),
        ((low, Some(high)), (one, None)) => inside(one, (low, high)),
        ((one, None), (low, Some(high))) => inside(one, (low, high)),
        ((one, None), (other, None)) => values_agree((one, x.bound), (other, y.bound)),
    }
}

fn values_agree((a, x): (End, Bound), (b, y): (End, Bound)) -> bool {
    let about = (x == Bound::About) != (y == Bound::About);
    if alike(a, b) || (about && near(a, b, ABOUT)) {
        return true;
    }
    let fits = |bound, limit: End, end: End, other: Bound| match bound {
        _ if other == bound => false,
        Bound::AtLeast => (0.0..=(BEYOND - 1.0) * limit.value.abs()).contains(&(end.value - limit.value)),
        Bound::AtMost => (0.0..=(BEYOND - 1.0) * end.value.abs()).contains(&(limit.value - end.value)),
        _ => false,
    };
    fits(x, a, b, y) || fits(y, b, a, x)
}

fn near(a: End, b: End, share: f64) -> bool {
    (a.value - b.value).abs() <= share * a.value.abs().max(b.value.abs())
}

/// Equal, or equal once both are rounded as the rounder one is written. Small whole numbers are not rounded.
fn alike(a: End, b: End) -> bool {
    let same = |u: f64, v: f64| (u - v).abs() <= 1e-9 * u.abs().max(v.abs());
    let whole = |end: End| end.value.fract() == 0.0 && end.value.abs() < ROUND;
    if same(a.value, b.value) || (whole(a) && whole(b)) {
        return same(a.value, b.value);
    }
    let least = if a.value.abs() >= ROUND { 2 } else { 1 };
    let digits = a.digits.max(least).min(b.digits.max(least));
    same(rounded(a.value, digits), rounded(b.value, digits)) && near(a, b, ROUNDED)
}
