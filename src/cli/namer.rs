//! Names of discovered themes by a command of the user's: `--namer "CMD"`.
//!
//! The command is run by the shell once a theme, one after another, largest first. It gets one JSON object on standard input
//! (docs/formats.md) and answers with a name, the first line of its standard output that is not blank. Where it fails, says nothing or
//! gives a name that another theme has, the theme keeps its own, which is said.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde::Serialize;

use super::progress::{Level, say};
use crate::collection::Collection;
use crate::pipeline::Progress;
use crate::report::counted;
use crate::theme::{Origin, Theme, Themes};

/// Characters of a name at the most: what is longer is an answer, no name.
const LONGEST: usize = 100;

/// Bytes read of an answer: the rest is not waited for.
const MOST_SAID: u64 = 4096;
/// How long a command may take, and how often it is looked at.
const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(5);

/// What the command is told of a theme.
#[derive(Serialize)]
struct Asked<'a> {
    schema: &'static str,
    name: &'a str,
    keywords: &'a [String],
    paragraphs: usize,
    exemplars: Vec<&'a str>,
    taken: &'a [String],
}

/// Renames the discovered themes; none as one of `others`, which have their names.
///
/// # Errors
/// With `strict`, the first theme that keeps its own name because the command did not give one.
pub(super) fn name(
    command: &str,
    collection: &Collection,
    (themes, others): (&mut Themes, &[String]),
    (strict, progress): (bool, &dyn Progress),
) -> anyhow::Result<()> {
    let mut taken: Vec<String> = themes.themes.iter().map(|theme| theme.name.clone()).collect();
    taken.extend_from_slice(others);
    let discovered: Vec<usize> =
        (0..themes.themes.len()).filter(|&at| themes.themes[at].origin == Origin::Discovered).collect();
    progress.begin("naming themes", discovered.len());
    let mut kept = Vec::new();
    for at in discovered {
        match answer(command, collection, &themes.themes[at], &taken) {
            Ok(name) => {
                taken[at].clone_from(&name);
                themes.themes[at].name = name;
            }
            Err(error) if strict => {
                return Err(error.context(format!("naming theme {}, \"{}\"", at + 1, themes.themes[at].name)));
            }
            Err(error) => kept.push((at, error)),
        }
        progress.advance(1);
    }
    progress.end();
    if let Some((at, error)) = kept.first() {
        let many = match kept.len() {
            1 => "1 theme keeps its own name".to_owned(),
            n => format!("{} keep their own names", counted(n, "theme")),
        };
        let first = &themes.themes[*at].name;
        say(&format!("--namer: {many}; theme {}, \"{first}\": {error:#}", at + 1), Level::Warning);
    }
    Ok(())
}

fn answer(command: &str, collection: &Collection, theme: &Theme, taken: &[String]) -> anyhow::Result<String> {
    let rows = theme.representative.iter().chain(&theme.exemplars);
    let asked = Asked {
        schema: "refrain.namer/1",
        name: &theme.name,
        keywords: &theme.keywords,
        paragraphs: theme.members.len(),
        exemplars: rows.map(|&row| collection.text(row)).collect(),
        taken,
    };
    let said = run(command, &serde_json::to_vec(&asked)?)?;
    let name = said.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    // A name given in quotes is that name.
    let name = name.trim_matches('"').trim();
    if name.is_empty() {
        bail!("the command said nothing: expected a name on its standard output");
    }
    if name.chars().count() > LONGEST {
        bail!("the command's answer has {} characters: expected a name of at most {LONGEST}", name.chars().count());
    }
    if name != theme.name && taken.iter().any(|other| other == name) {
        bail!("another theme is named \"{name}\": expected each name once");
    }
    Ok(name.to_owned())
}

/// The standard output of a command that is given something on its standard input; one that takes longer than
/// [`PATIENCE`] is ended.
fn run(command: &str, input: &[u8]) -> anyhow::Result<String> {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut child = Command::new(shell)
        .args([flag, command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .with_context(|| format!("starting {shell}"))?;
    let begun = Instant::now();
    // Neither side waits for the other. The threads are not waited for: what a command started itself may hold the pipes
    // open after it was ended.
    let (told, input) = (child.stdin.take(), input.to_vec());
    std::thread::spawn(move || told.map(|mut pipe| pipe.write_all(&input)));
    let (says, hears) = mpsc::channel();
    let said = child.stdout.take();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = said.map(|pipe| pipe.take(MOST_SAID).read_to_end(&mut bytes)).transpose().map(|_| bytes);
        // Nobody hears it who has lost patience.
        let _ = says.send(read);
    });
    let Ok(said) = hears.recv_timeout(PATIENCE) else { return Err(ended(&mut child)) };
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if begun.elapsed() > PATIENCE => return Err(ended(&mut child)),
            None => std::thread::sleep(POLL),
        }
    };
    if !status.success() {
        bail!("the command failed ({status}): expected it to end with 0 and a name on its standard output");
    }
    String::from_utf8(said?).context("the command's answer is no UTF-8")
}

/// Ends a command that took too long, and says so.
fn ended(child: &mut Child) -> anyhow::Error {
    let took = format!("the command took more than {} seconds: it was ended", PATIENCE.as_secs());
    match child.kill().and_then(|()| child.wait()) {
        Ok(_) => anyhow::Error::msg(took),
        Err(error) => anyhow::Error::new(error).context(took),
    }
}
