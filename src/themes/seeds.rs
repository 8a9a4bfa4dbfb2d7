//! Seeded themes as the user writes them: `themes.toml`.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::ThemesError;

/// A theme the user described.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeSeed {
    /// Its name, unique.
    pub name: String,
    /// What it is about, in a sentence or two.
    pub description: String,
    /// Texts that belong to it, as they might stand in an article.
    #[serde(default)]
    pub examples: Vec<String>,
    /// Texts that look like it and do not belong: what is nearer to one of them does not fit.
    #[serde(default)]
    pub counter_examples: Vec<String>,
    /// The smallest score that fits; derived from the corpus where none.
    pub threshold: Option<f32>,
}

/// Twelve subjects of everyday life, each in the words that a theme is described in.
const UNRELATED: [&str; 12] = [
    "Gardening. Soil, seeds, pruning roses and growing vegetables.",
    "Dentistry. Teeth, fillings and diseases of the gums.",
    "Chess. Openings, endgames and grandmasters.",
    "Volcanoes. Eruptions, lava and clouds of ash.",
    "Baking. Flour, dough, ovens and loaves of bread.",
    "Divorce law. Custody of children and the division of property.",
    "Railways. Timetables, signals, locomotives and delays.",
    "Opera. Singers, arias and productions on stage.",
    "Beekeeping. Hives, swarms and the harvest of honey.",
    "Astronomy. Telescopes, galaxies and distant planets.",
    "School lessons. Pupils, homework, marks and teachers.",
    "Boxing. Fights, rounds, knockouts and title belts.",
];

/// The themes of one `themes.toml`, in its order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ThemeSeeds(Vec<ThemeSeed>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    theme: Vec<ThemeSeed>,
}

impl ThemeSeeds {
    /// Reads a `themes.toml`.
    ///
    /// # Errors
    /// [`ThemesError::Read`], or [`ThemesError::Seeds`] with the line for what is not TOML or an unknown or missing field, and with the theme for
    /// an empty name, text or description, a name given twice, or a threshold that is no score; also for what has no theme.
    pub fn read(path: &Path) -> Result<Self, ThemesError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ThemesError::Read { path: path.to_owned(), source })?;
        let seeds = Self::parse(&text).and_then(|seeds| match seeds.is_empty() {
            true => Err("it has no theme: expected at least one [[theme]] with a name and a description".to_owned()),
            false => Ok(seeds),
        });
        seeds.map_err(|what| ThemesError::Seeds { path: path.to_owned(), what })
    }

    /// Parses the text of a `themes.toml`; the error says what was found and where.
    ///
    /// # Errors
    /// As [`ThemeSeeds::read`], in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        for (at, theme) in file.theme.iter().enumerate() {
            check(at + 1, theme)?;
            if file.theme[..at].iter().any(|other| other.name == theme.name) {
                return Err(format!("two themes are named \"{}\": expected each name once", theme.name));
            }
        }
        Ok(Self(file.theme))
    }

    /// The themes.
    pub fn themes(&self) -> &[ThemeSeed] {
        &self.0
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The texts to embed: theme by theme its name with its description, its examples, its counter-examples.
    pub fn texts(&self) -> Vec<String> {
        self.0
            .iter()
            .flat_map(|theme| theme.texts().into_iter().chain(theme.counter_examples.iter().cloned()))
            .collect()
    }

    /// Texts to embed beside them, unrelated to each other: how near such texts come in a model says from where on texts
    /// are related. None where there are no themes.
    pub fn unrelated(&self) -> &'static [&'static str] {
        if self.is_empty() { &[] } else { &UNRELATED }
    }
}

impl ThemeSeed {
    /// The texts that belong to it: the name with the description, then the examples.
    pub(super) fn texts(&self) -> Vec<String> {
        std::iter::once(format!("{}. {}", self.name, self.description)).chain(self.examples.iter().cloned()).collect()
    }
}

fn check(at: usize, theme: &ThemeSeed) -> Result<(), String> {
    if theme.name.trim().is_empty() {
        return Err(format!("theme {at} has an empty name: expected what to call it"));
    }
    if theme.description.trim().is_empty() {
        return Err(format!(
            "theme \"{}\" has an empty description: expected a sentence on what it is about",
            theme.name
        ));
    }
    for (kind, texts) in [("example", &theme.examples), ("counter-example", &theme.counter_examples)] {
        if let Some(blank) = texts.iter().position(|text| text.trim().is_empty()) {
            return Err(format!("theme \"{}\": {kind} {} is empty: expected a text, or none", theme.name, blank + 1));
        }
    }
    match theme.threshold {
        Some(threshold) if !(-1.0..=2.0).contains(&threshold) => {
            Err(format!("theme \"{}\" has the threshold {threshold}: expected a score from -1 to 2", theme.name))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_has_a_name_a_description_and_room_for_examples() {
        let seeds =
            ThemeSeeds::parse("[[theme]]\nname = \"chips\"\ndescription = \"GPUs.\"\nexamples = [\"An H100.\"]\ncounter_examples = [\"Crisps.\"]\n")
                .unwrap();
        assert_eq!(seeds.texts(), ["chips. GPUs.", "An H100.", "Crisps."]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let wrong = |text: &str| ThemeSeeds::parse(text).unwrap_err();
        assert!(wrong("[[theme]]\nname = \"a\"\n").contains("description"));
        assert!(wrong("[[theme]]\nname = \"a\"\ndescription = \"b\"\ncolour = 1\n").contains("line 4"));
        assert!(wrong("[[theme]]\nname = \"a\"\ndescription = \" \"\n").contains("empty description"));
        let theme = "[[theme]]\nname = \"a\"\ndescription = \"b\"\n";
        assert!(wrong(&format!("{theme}{theme}")).contains("two themes are named \"a\""));
        assert!(wrong(&format!("{theme}threshold = 3.0\n")).contains("from -1 to 2"));
        assert!(wrong(&format!("{theme}threshold = nan\n")).contains("from -1 to 2"));
        assert!(wrong(&format!("{theme}counter_examples = [\"c\", \" \"]\n")).contains("counter-example 2 is empty"));
    }

    #[test]
    fn an_empty_file_has_no_themes() {
        assert!(ThemeSeeds::parse("").unwrap().is_empty());
    }
}
