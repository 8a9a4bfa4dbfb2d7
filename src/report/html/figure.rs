//! Figures as facts give them ("US$ 38 billion", "1,351.62 point"), read as numbers to tell how far two lie apart.

/// How far two figures of one unit lie apart, relative to the larger: 0 to 2. None where they are no figures or of two units.
pub(super) fn apart(left: &str, right: &str) -> Option<f64> {
    let ((left, left_unit), (right, right_unit)) = (read(left)?, read(right)?);
    let larger = left.abs().max(right.abs());
    (left_unit == right_unit && larger > 0.0).then(|| (left - right).abs() / larger)
}

/// The first number of a text with its scale, and the other words, which are its unit.
fn read(text: &str) -> Option<(f64, String)> {
    let mut value = None;
    let mut unit = Vec::new();
    for word in text.split_whitespace() {
        match (value, scale(word)) {
            (None, _) => match word.replace(',', "").parse::<f64>() {
                Ok(number) if number.is_finite() => value = Some(number),
                _ => unit.push(word),
            },
            (Some(number), Some(scale)) => value = Some(number * scale),
            _ => unit.push(word),
        }
    }
    Some((value?, unit.join(" ")))
}

fn scale(word: &str) -> Option<f64> {
    match word {
        "thousand" => Some(1e3),
        "million" => Some(1e6),
        "billion" => Some(1e9),
        "trillion" => Some(1e12),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_one_unit_have_a_distance() {
        assert_eq!(apart("US$ 38 billion", "US$ 19 billion"), Some(0.5));
        assert_eq!(apart("1,500 point", "1.5 thousand point"), Some(0.0));
        assert_eq!(apart("US$ 38 billion", "38 billion"), None);
        assert_eq!(apart("Tuesday", "Monday"), None);
    }
}
