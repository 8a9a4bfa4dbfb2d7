//! Where results go: standard output, or a file that is written aside and renamed, so that it is the
//! old one or the new one and never half.

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::ValueEnum;
use tempfile::NamedTempFile;

use super::args::{Ending, OutputArgs, PageArgs, PageFormat, When};
use super::open;
use super::progress::{Advised, Misuse};
use crate::findings::Findings;
use crate::report::{self, Page};

/// Names of standard output, which may be a file that others write to as well.
const STANDARD_OUTPUT: [&str; 3] = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// A place that was opened before the work began.
pub(super) enum Sink {
    Stdout,
    /// A device or a pipe: it is written to, never replaced.
    Stream {
        stream: File,
        path: PathBuf,
    },
    File {
        aside: NamedTempFile,
        path: PathBuf,
    },
}

impl Sink {
    /// Opens the file aside, or standard output where none is named.
    pub(super) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::Stdout) };
        if path == Path::new("-") || STANDARD_OUTPUT.iter().any(|name| path == Path::new(name)) {
            return Ok(Self::Stdout);
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if path.is_dir() {
            bail!("writing {}: it is a folder: expected the name of a file", path.display());
        }
        if !folder.is_dir() {
            bail!("writing {}: there is no folder {}", path.display(), folder.display());
        }
        let held = path.metadata().ok();
        if held.as_ref().is_some_and(|held| !held.is_file()) {
            let stream = OpenOptions::new().write(true).open(path);
            let stream = stream.with_context(|| format!("writing {}", path.display()))?;
            return Ok(Self::Stream { stream, path: path.to_owned() });
        }
        let path = behind_links(path);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(folder);
        let mut builder = tempfile::Builder::new();
        builder.prefix(".refrain-");
        #[cfg(unix)]
        builder.permissions(permissions());
        let aside = builder.tempfile_in(folder).map_err(|error| {
            // What the system said, without the name of the file aside, which means nothing to anyone.
            let said = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            anyhow!("writing {}: {said}", path.display())
        })?;
        if let Some(held) = held {
            let kept = aside.as_file().set_permissions(held.permissions());
            kept.with_context(|| format!("writing {}", path.display()))?;
        }
        Ok(Self::File { aside, path })
    }

    /// Writes everything; a file takes its name only when all is on disk.
    pub(super) fn write(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
        self.write_with(|out| write(out).map_err(anyhow::Error::from))
    }

    /// As [`Sink::write`], where more than writing can fail.
    pub(super) fn write_with(self, write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>) -> anyhow::Result<()> {
        match self {
            Self::Stdout => {
                let mut out = BufWriter::new(io::stdout().lock());
                write(&mut out)?;
                Ok(out.flush()?)
            }
            Self::Stream { stream, path } => {
                let mut out = BufWriter::new(stream);
                write(&mut out).and_then(|()| Ok(out.flush()?)).map_err(|error| named(error, &path))
            }
            Self::File { aside, path } => save(aside, &path, write).map_err(|error| named(error, &path)),
        }
    }

    /// A file without a name for what cannot be written yet: beside the file that it is for.
    pub(super) fn scratch(&self) -> anyhow::Result<File> {
        let folder = match self {
            Self::File { path, .. } => {
                path.parent().filter(|folder| !folder.as_os_str().is_empty()).map(Path::to_owned)
            }
            Self::Stdout | Self::Stream { .. } => Some(std::env::temp_dir()),
        };
        let folder = folder.unwrap_or_else(|| PathBuf::from("."));
        tempfile::tempfile_in(&folder).with_context(|| format!("writing to {}", folder.display()))
    }
}

/// The file that a link leads to, which is replaced rather than the link; it need not be there yet.
fn behind_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // As many as Linux follows.
    for _ in 0..40 {
        let Ok(target) = path.read_link() else { break };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    path
}

/// The system's errors say nothing of the file; others are about something else.
fn named(error: anyhow::Error, path: &Path) -> anyhow::Error {
    if error.is::<io::Error>() { error.context(format!("writing {}", path.display())) } else { error }
}

fn save(
    aside: NamedTempFile,
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut out = BufWriter::new(aside);
    write(&mut out)?;
    let aside = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    aside.as_file().sync_all()?;
    Ok(aside.persist(path).map(drop).map_err(|error| error.error)?)
}

#[cfg(unix)]
fn permissions() -> std::fs::Permissions {
    // As any new file: the umask takes what it takes.
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

/// Whether an error is a reader that went away, as `| head` does: no failure.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::BrokenPipe))
}

/// Refuses an output that is one of the inputs: it would be written over what was read.
///
/// # Errors
/// [`Misuse`], with the file.
pub(super) fn spare(inputs: &[PathBuf], output: Option<&Path>) -> anyhow::Result<()> {
    let Some(written) = output.and_then(|output| output.canonicalize().ok()).filter(|written| written.is_file()) else {
        return Ok(());
    };
    match inputs.iter().find(|input| input.canonicalize().is_ok_and(|input| input == written)) {
        Some(input) => {
            let input = input.display();
            Err(Misuse(format!("writing {input}: it is read too, and would be lost: name another file with -o")).into())
        }
        None => Ok(()),
    }
}

/// The format asked for, else the one the file's ending names, else text.
///
/// # Errors
/// An ending that promises a format which is not written, where none is asked for.
pub(super) fn format<F>(arguments: &OutputArgs<F>) -> anyhow::Result<F>
where
    F: Ending + ValueEnum + Send + Sync + 'static,
{
    if let Some(format) = arguments.format {
        return Ok(format);
    }
    let Some(path) = &arguments.output else { return Ok(F::TEXT) };
    let ending = ending(path);
    F::of_ending(ending.as_deref()).ok_or_else(|| {
        let what = format!(
            "writing {}: no report is written as .{}: expected {}, or --format",
            path.display(),
            ending.unwrap_or_default(),
            F::ENDINGS
        );
        Misuse(what).into()
    })
}

/// The ending of a file's name, in lower case.
pub(super) fn ending(path: &Path) -> Option<String> {
    path.extension().map(|ending| ending.to_string_lossy().to_lowercase())
}

/// Refuses what the arguments promise and cannot be kept, before the work begins.
///
/// # Errors
/// As [`format`]; `--open` or `--title` without a page; a table in Parquet where that is not built in, or on a terminal.
pub(super) fn check(arguments: &PageArgs) -> anyhow::Result<()> {
    let format = format(&arguments.output)?;
    open::check(arguments)?;
    if arguments.title.is_some() && format != PageFormat::Html {
        bail!(Misuse("--title is what an HTML page is headed by: write one with -o coverage.html".to_owned()));
    }
    if format == PageFormat::Parquet && !cfg!(feature = "parquet") {
        let what = "this build has no Parquet".to_owned();
        bail!(Advised { what, hint: "build with --features parquet, or write the same table as .csv".into() });
    }
    if format == PageFormat::Parquet && arguments.output.output.is_none() && io::stdout().is_terminal() {
        bail!(Misuse("Parquet is not for a terminal: add -o paragraphs.parquet".to_owned()));
    }
    Ok(())
}

/// Writes findings as the arguments say, and opens the page where they do.
pub(super) fn findings(sink: Sink, findings: &Findings, arguments: &PageArgs) -> anyhow::Result<()> {
    let PageArgs { most, list_left_out, explain_threshold, .. } = *arguments;
    let page = Page { most, list_left_out, explain_threshold, ..page(&arguments.output) };
    let format = format(&arguments.output)?;
    sink.write(|out| match format {
        PageFormat::Text => report::terminal(findings, &page, out),
        PageFormat::Json => report::json(findings, out),
        PageFormat::Markdown => report::markdown(findings, &page, out),
        PageFormat::Html => report::html(findings, arguments.title.as_deref(), out),
        PageFormat::Csv => report::csv(findings, out),
        PageFormat::Parquet => parquet(findings, out),
    })?;
    if let (true, Some(path)) = (arguments.open, &arguments.output.output) {
        open::open(path);
    }
    Ok(())
}

#[cfg(feature = "parquet")]
fn parquet(findings: &Findings, out: &mut dyn Write) -> io::Result<()> {
    report::parquet(findings, out)
}

/// Refused by [`check`] before it is come to.
#[cfg(not(feature = "parquet"))]
fn parquet(_: &Findings, _: &mut dyn Write) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The page the arguments and the terminal make.
pub(super) fn page<F: ValueEnum + Send + Sync>(arguments: &OutputArgs<F>) -> Page {
    let terminal = arguments.output.is_none() && io::stdout().is_terminal();
    let columns = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let width = arguments.width.or_else(|| terminal.then(columns).flatten()).unwrap_or(80);
    let colour = match arguments.color {
        When::Always => true,
        When::Never => false,
        When::Auto => terminal && anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
    };
    Page { width, colour, ..Page::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        std::fs::write(&path, "old").unwrap();
        let failed = Sink::open(Some(&path)).unwrap().write(|out| {
            out.write_all(b"half")?;
            Err(io::Error::other("killed"))
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_a_device_written_to_and_the_mode_kept() {
        use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

        let folder = tempfile::tempdir().unwrap();
        let (target, link, null) = (folder.path().join("a.md"), folder.path().join("b.md"), Path::new("/dev/null"));
        std::fs::write(&target, "old").unwrap();
        // More than a umask leaves of a new file.
        std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o666)).unwrap();
        symlink(&target, &link).unwrap();
        for path in [&*link, null] {
            Sink::open(Some(path)).unwrap().write(|out| out.write_all(b"new")).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "new");
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(target.metadata().unwrap().permissions().mode() & 0o777, 0o666);
        std::fs::remove_file(&target).unwrap();
        Sink::open(Some(&link)).unwrap().write(|out| out.write_all(b"again")).unwrap();
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "again");
        assert!(null.metadata().unwrap().file_type().is_char_device());
    }

    #[test]
    fn an_ending_that_promises_another_format_is_refused() {
        let of = |path: &str, asked| {
            let (output, color) = (Some(PathBuf::from(path)), When::Auto);
            format(&OutputArgs { format: asked, output, color, width: None }).map_err(|error| error.to_string())
        };
        assert_eq!(of("a.JSON", None), Ok(PageFormat::Json));
        assert_eq!(of("a.html", None), Ok(PageFormat::Html));
        assert_eq!(of("a.parquet", None), Ok(PageFormat::Parquet));
        assert_eq!(of("report", None), Ok(PageFormat::Text));
        assert_eq!(of("a.pdf", Some(PageFormat::Text)), Ok(PageFormat::Text));
        let refused = "writing a.pdf: no report is written as .pdf: expected .txt, .md, .html, .json, .csv or .parquet, or --format";
        assert_eq!(of("a.pdf", None), Err(refused.to_owned()));
    }

    #[test]
    fn an_input_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let [input, other] = ["a.jsonl", "b.jsonl"].map(|name| folder.path().join(name));
        std::fs::write(&input, "{}").unwrap();
        assert!(spare(std::slice::from_ref(&input), Some(&other)).is_ok());
        assert!(spare(&[folder.path().to_owned()], Some(&other)).is_ok());
        let error = spare(std::slice::from_ref(&input), Some(&folder.path().join(".").join("a.jsonl"))).err().unwrap();
        assert!(error.to_string().contains("would be lost"), "{error}");
    }

    #[test]
    fn a_folder_that_is_not_there_fails_before_the_work() {
        let error = Sink::open(Some(Path::new("no/such/folder/out.md"))).err().unwrap();
        assert_eq!(error.to_string(), "writing no/such/folder/out.md: there is no folder no/such/folder");
    }
}
