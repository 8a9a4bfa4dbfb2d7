//! Tones as the terminal shows them: in colour, or in plain characters.

use anstyle::{AnsiColor, Style};

use crate::report::blocks::{Rich, Tone};

/// Whether there is colour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ink {
    colour: bool,
}

impl Ink {
    /// Ink with or without colour.
    pub(super) fn new(colour: bool) -> Self {
        Self { colour }
    }

    /// The text with marks round shared words where colour cannot show them. Before measuring and wrapping.
    pub(super) fn marked(self, rich: &Rich) -> Rich {
        rich.pieces().fold(Rich::default(), |marked, (tone, text)| match tone {
            Tone::Shared if !self.colour => marked.with(tone, &format!("«{text}»")),
            _ => marked.with(tone, text),
        })
    }

    /// The text with its colours.
    pub(super) fn painted(self, rich: &Rich) -> String {
        rich.pieces().map(|(tone, text)| self.paint(style(tone), text)).collect()
    }

    /// The title of a section.
    pub(super) fn heading(self, text: &str) -> String {
        self.paint(Style::new().bold().underline(), text)
    }

    fn paint(self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

fn style(tone: Tone) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Strong => Style::new().bold(),
        Tone::Quiet => Style::new().dimmed(),
        Tone::Shared => Style::new().bold().fg_color(Some(AnsiColor::Green.into())),
        Tone::Differs => Style::new().bold().fg_color(Some(AnsiColor::Yellow.into())),
    }
}
