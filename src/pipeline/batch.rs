//! A corpus of any size, shard by shard: read, split, embed, hand on, each while the others work.
//!
//! A shard ends with the article that fills it, so it depends on the input alone. What is held does not grow with the
//! input: the shard that is gathered and embedded, one that waits to be kept, one that is, and some portions read ahead.
//! Not here: where shards go (`shards`, `cli`).

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use crate::collection::Problem;
use crate::corpus::{Item, Mark, Portion, Stream};
use crate::embed::{EmbedError, Encoder};
use crate::shards::Shard;
use crate::vectors::UnitRows;

/// Portions read ahead, and as many split ahead.
const AHEAD: usize = 16;
/// Articles and problems from which a shard is full, for each paragraph that it may have: bad input is kept too.
const ITEMS: usize = 4;
/// About the bytes of articles from which a shard is full.
const BYTES: usize = 256 << 20;
/// How often is looked whether the batch is over while nothing comes.
const LOOK: Duration = Duration::from_millis(50);

/// What is embedded, and how.
pub struct Batch<'a> {
    /// The inputs.
    pub stream: Arc<Stream>,
    /// The model.
    pub encoder: &'a Encoder,
    /// The threads it runs on.
    pub pool: &'a ThreadPool,
    /// Paragraphs from which a shard is full.
    pub shard_rows: usize,
    /// Where to go on.
    pub from: Start<'a>,
}

/// Where a batch goes on: what is finished of it.
#[derive(Default)]
pub struct Start<'a> {
    /// Shards.
    pub shards: usize,
    /// Their paragraphs.
    pub rows: u64,
    /// How far the input was read for them.
    pub mark: Mark,
    /// Holds a mark of what is read again against what it was: false where it differs.
    pub same: Option<&'a (dyn Fn(Mark) -> bool + Sync)>,
}

/// Told how far a batch is, and asked whether to go on.
pub trait Watch: Sync {
    /// What was read before is read again: the files up to about `bytes`.
    fn resumed(&self, _bytes: u64) {}
    /// So many paragraphs more are embedded; the files are read up to about `bytes`.
    fn embedded(&self, _paragraphs: usize, _bytes: u64) {}
    /// A problem of the input: false stops the batch before the shard it is in.
    fn goes_on(&self, _problem: &Problem) -> bool {
        true
    }
}

/// No one is told, nothing stops.
impl Watch for () {}

/// How a batch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The input was read to its end.
    Whole,
    /// A problem stopped it.
    Stopped,
    /// Reading broke off: a fault of this program.
    BrokenOff,
    /// What was read again is not what it was.
    OtherInput,
}

/// What a batch did, and what took its time.
#[derive(Debug, Clone, Copy)]
pub struct Summary {
    /// How it ended.
    pub end: End,
    /// Tokens run.
    pub tokens: u64,
    /// What the steps took. They overlap: their sum is more than the time it took.
    pub times: Times,
}

/// Seconds of work, each beside the others.
#[derive(Debug, Clone, Copy, Default)]
pub struct Times {
    /// Splitting articles into paragraphs.
    pub split: Duration,
    /// Tokenising and running the model.
    pub embed: Duration,
    /// Tokenising alone: on cards beside the model, else before it.
    pub tokenise: Duration,
    /// Keeping shards.
    pub keep: Duration,
    /// Waiting for articles to be read.
    pub wait: Duration,
}

/// Runs a batch; `keep` takes its shards in order, on the calling thread. `stdin` stands in for standard input; where it
/// waits for more when the batch fails, it is left waiting on a thread of its own.
///
/// # Errors
/// Those of the model, and of `keep`.
pub fn run<E: From<EmbedError>>(
    batch: &Batch<'_>,
    stdin: impl Read + Send + 'static,
    watch: &dyn Watch,
    keep: &mut dyn FnMut(Shard) -> Result<(), E>,
) -> Result<Summary, E> {
    let (portions, read) = sync_channel(AHEAD);
    let stream = batch.stream.clone();
    thread::spawn(move || {
        stream.read(stdin, &mut |portion| portions.send(Some(portion)).is_ok());
        // Only now is it the end. Where it is not taken, the batch has ended otherwise.
        let _ = portions.send(None);
    });
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (parts, split) = sync_channel(AHEAD);
        let (shards, made) = sync_channel(1);
        let over = &over;
        let splitter = scope.spawn(move || Splitter { batch, over, out: parts, times: Times::default() }.run(&read));
        let maker = scope.spawn(move || {
            let made = Maker::new(batch, watch, shards).run(&split);
            over.store(true, Ordering::Relaxed);
            made
        });
        let mut time = Duration::ZERO;
        let kept = made.iter().try_for_each(|shard| clocked(&mut time, || keep(shard)));
        // Where a shard was not kept, the maker finds nobody to take the next, and the splitter waits for no input.
        over.store(kept.is_err(), Ordering::Relaxed);
        drop(made);
        let made = joined(maker);
        let Times { split, wait, .. } = joined(splitter);
        kept?;
        let summary = made?;
        Ok(Summary { times: Times { split, wait, keep: time, ..summary.times }, ..summary })
    })
}

fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// A portion, split.
struct Part {
    /// Bytes of the files read for shards that are there already, where this portion holds some.
    before: Option<u64>,
    /// An item a record of what is new.
    items: Vec<(Item, Mark)>,
}

/// Splits what is read, and holds what was read before against what it was.
struct Splitter<'a> {
    batch: &'a Batch<'a>,
    /// Whether nobody takes more.
    over: &'a AtomicBool,
    /// Ends with an end: where it breaks off without one, something went wrong.
    out: SyncSender<Result<Part, End>>,
    times: Times,
}

impl Splitter<'_> {
    fn run(mut self, read: &Receiver<Option<Portion>>) -> Times {
        let from = self.batch.from.mark;
        let mut seen = 0;
        while let Some(portion) = self.next(read) {
            let Some(mut portion) = portion else {
                let end = if seen < from.records { End::OtherInput } else { End::Whole };
                let _ = self.out.send(Err(end));
                break;
            };
            seen = portion.marks().last().map_or(seen, |mark| mark.records);
            let part = if self.is_same(&portion) {
                let before = portion.marks().take_while(|mark| mark.records <= from.records).last();
                portion.skip_to(from);
                let split = || self.batch.pool.install(|| self.batch.stream.split(portion));
                Ok(Part { before: before.map(|mark| mark.bytes), items: clocked(&mut self.times.split, split) })
            } else {
                Err(End::OtherInput)
            };
            if part.is_err() | self.out.send(part).is_err() {
                break;
            }
        }
        self.times
    }

    /// The next portion, or that there are no more; none where nobody takes it, or the reader broke off.
    fn next(&mut self, read: &Receiver<Option<Portion>>) -> Option<Option<Portion>> {
        let begun = Instant::now();
        let next = loop {
            match read.recv_timeout(LOOK) {
                Ok(portion) => break Some(portion),
                Err(RecvTimeoutError::Timeout) if !self.over.load(Ordering::Relaxed) => {}
                Err(_) => break None,
            }
        };
        self.times.wait += begun.elapsed();
        next
    }

    /// Whether records that were read before are what they were.
    fn is_same(&self, portion: &Portion) -> bool {
        let before = |mark: &Mark| mark.records <= self.batch.from.mark.records;
        self.batch.from.same.is_none_or(|same| portion.marks().filter(before).all(same))
    }
}

/// Makes shards of what is split.
struct Maker<'a> {
    batch: &'a Batch<'a>,
    watch: &'a dyn Watch,
    out: SyncSender<Shard>,
    shards: usize,
    first_row: u64,
    items: Vec<Item>,
    rows: usize,
    /// About what the items hold.
    bytes: usize,
    mark: Mark,
    /// Bytes read for the last shard.
    closed: u64,
    tokens: u64,
    times: Times,
}

impl<'a> Maker<'a> {
    fn new(batch: &'a Batch<'a>, watch: &'a dyn Watch, out: SyncSender<Shard>) -> Self {
        let Start { shards, rows: first_row, mark, .. } = batch.from;
        let (items, rows, bytes, tokens, times) = (Vec::new(), 0, 0, 0, Times::default());
        Self { batch, watch, out, shards, first_row, items, rows, bytes, mark, closed: 0, tokens, times }
    }

    fn run(mut self, split: &Receiver<Result<Part, End>>) -> Result<Summary, EmbedError> {
        if let Some(problem) = self.batch.stream.problem().filter(|_| self.shards == 0)
            && !self.take(Item::Problem(problem), self.mark)?
        {
            return Ok(self.summary(End::Stopped));
        }
        for part in split {
            let part = match part {
                Ok(part) => part,
                Err(End::Whole) => {
                    if !self.items.is_empty() && self.first_row + self.rows as u64 > 0 {
                        self.close()?;
                    }
                    return Ok(self.summary(End::Whole));
                }
                Err(end) => return Ok(self.summary(end)),
            };
            if let Some(bytes) = part.before {
                self.closed = bytes;
                self.watch.resumed(bytes);
            }
            for (item, mark) in part.items {
                if !self.take(item, mark)? {
                    return Ok(self.summary(End::Stopped));
                }
            }
        }
        // What was gathered is no shard that a whole run would have made.
        Ok(self.summary(End::BrokenOff))
    }

    /// Adds an item; false where it is to stop.
    fn take(&mut self, mut item: Item, mark: Mark) -> Result<bool, EmbedError> {
        let (rows, problems) = match &mut item {
            Item::Article(article) => {
                // Nothing reads it once it is split.
                article.article.text = String::new();
                self.bytes += article.bytes();
                (article.kept.len(), article.problems.as_slice())
            }
            Item::Problem(problem) => (0, std::slice::from_ref(&*problem)),
        };
        if !problems.iter().all(|problem| self.watch.goes_on(problem)) {
            return Ok(false);
        }
        self.rows += rows;
        self.items.push(item);
        self.mark = mark;
        let full = self.rows >= self.batch.shard_rows
            || self.items.len() >= ITEMS * self.batch.shard_rows
            || self.bytes >= BYTES;
        Ok(!full || self.close()?)
    }

    /// Embeds what was gathered and hands it on; false where it is no longer taken.
    fn close(&mut self) -> Result<bool, EmbedError> {
        let begun = Instant::now();
        let (vectors, windowed) = self.embed()?;
        self.times.embed += begun.elapsed();
        let (items, rows) = (std::mem::take(&mut self.items), std::mem::take(&mut self.rows));
        self.bytes = 0;
        let (number, first_row, mark) = (self.shards, self.first_row, self.mark);
        self.shards += 1;
        self.first_row += rows as u64;
        Ok(self.out.send(Shard { number, first_row, items, vectors, windowed, mark }).is_ok())
    }

    fn embed(&mut self) -> Result<(UnitRows, usize), EmbedError> {
        let Batch { encoder, pool, .. } = self.batch;
        let texts: Vec<&str> = self.items.iter().flat_map(texts).collect();
        if texts.is_empty() {
            return Ok((UnitRows::empty(encoder.dim()), 0));
        }
        // The files are read to the shard's end: as much of that way is gone as there are texts embedded.
        let (start, way, count) = (self.closed, self.mark.bytes.saturating_sub(self.closed), AtomicUsize::new(0));
        let done = |more: usize| {
            let part = (count.fetch_add(more, Ordering::Relaxed) + more) as f64 / texts.len() as f64;
            self.watch.embedded(more, start + (way as f64 * part) as u64);
        };
        let embedded = pool.install(|| encoder.embed(&texts, &done))?;
        self.closed = self.mark.bytes;
        self.tokens += embedded.tokens as u64;
        self.times.tokenise += embedded.tokenising;
        Ok((embedded.vectors, embedded.windowed.len()))
    }

    fn summary(&self, end: End) -> Summary {
        Summary { end, tokens: self.tokens, times: self.times }
    }
}

fn texts(item: &Item) -> impl Iterator<Item = &str> {
    let kept = match item {
        Item::Article(article) => article.kept.as_slice(),
        Item::Problem(_) => &[],
    };
    kept.iter().map(|paragraph| paragraph.text.as_str())
}

/// Adds the time that work takes.
fn clocked<T>(time: &mut Duration, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    *time += start.elapsed();
    done
}
