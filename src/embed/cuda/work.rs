//! One batch on a card: its memory, and its way through the layers.
//!
//! Source: transformers, `modeling_bert.py` without dropout, cross-attention and caches. What is carried on from layer to
//! layer stays in 32-bit floats, as do sums, softmax and norms; what enters a product is of the kind asked for.

use super::super::EmbedError;
use super::Shape;
use super::weights::{Layer, Loaded, Map};
use crate::gpu::{
    Attend, Buffer, Embed, Gpu, GpuError, Kind, Lane, Norm, Pool, Product, STRETCH_QUERIES, Settle, padded,
};

/// The memory of one batch, all of it with room for as many rows.
pub(super) struct Work {
    lane: Lane,
    ids: Buffer,
    places: Buffer,
    ends: Buffer,
    stretches: Buffer,
    modes: Buffer,
    /// Shape `(rows, hidden)`, 32-bit floats: what is carried on.
    states: Buffer,
    /// The same as operands.
    operands: Buffer,
    /// Shape `(rows, 3 hidden)`.
    qkv: Buffer,
    /// Shape `(rows, hidden)`: what attention gathered.
    context: Buffer,
    /// Shape `(rows, wide)`.
    wide: Buffer,
    /// Shape `(rows, hidden)`: what is added to the states.
    added: Buffer,
    /// Shape `(sequences, modes, hidden)`, 32-bit floats.
    pooled: Buffer,
}

/// What a batch's sequences look like from a card.
struct Laid {
    ids: Vec<u32>,
    places: Vec<u32>,
    /// The row after each sequence's last.
    ends: Vec<u32>,
    /// As [`Attend`] takes them.
    stretches: Vec<u32>,
}

impl Work {
    /// # Errors
    /// [`GpuError::OutOfMemory`], or what the driver fails with.
    pub(super) fn new(gpu: &Gpu, shape: &Shape, rows: usize) -> Result<Self, GpuError> {
        let mut lane = gpu.lane()?;
        let operands = |width: usize| gpu.zeros(shape.kind, rows * padded(width));
        let modes = gpu.zeros(Kind::U32, shape.modes.len())?;
        lane.put(&shape.modes, &modes)?;
        let gathered = shape.heads.count * shape.heads.size;
        Ok(Self {
            lane,
            ids: gpu.zeros(Kind::U32, rows)?,
            places: gpu.zeros(Kind::U32, rows)?,
            ends: gpu.zeros(Kind::U32, rows)?,
            stretches: gpu.zeros(Kind::U32, 4 * rows)?,
            modes,
            states: gpu.zeros(Kind::F32, rows * shape.hidden)?,
            operands: operands(shape.hidden)?,
            qkv: operands(3 * gathered)?,
            context: operands(gathered)?,
            wide: operands(shape.wide)?,
            added: operands(shape.hidden)?,
            pooled: gpu.zeros(Kind::F32, rows * shape.modes.len() * shape.hidden)?,
        })
    }
}

impl Work {
    /// The pooled vectors of sequences, laid end to end, of which the first `skip` tokens take no part in the pooling.
    ///
    /// # Errors
    /// [`EmbedError::Run`] for a token id or a position that the model has no row for, or a sequence without tokens;
    /// [`EmbedError::Gpu`] where the card fails.
    pub(super) fn run(
        &mut self,
        (shape, model): (&Shape, &Loaded),
        ids: &[&[u32]],
        skip: usize,
    ) -> Result<Vec<f32>, EmbedError> {
        let laid = shape.lay(ids, model.place_count)?;
        let (work, rows) = (self, laid.ids.len());
        work.lane.put(&laid.ids, &work.ids)?;
        work.lane.put(&laid.places, &work.places)?;
        work.lane.put(&laid.ends, &work.ends)?;
        work.lane.put(&laid.stretches, &work.stretches)?;
        let embed = Embed {
            ids: &work.ids,
            places: &work.places,
            words: &model.words,
            place_table: &model.places,
            norm: &model.first_norm,
            states: &work.states,
            operands: &work.operands,
            count: rows,
            width: shape.hidden,
        };
        work.lane.run(&embed.call()?)?;
        for layer in &model.layers {
            work.forward(layer, shape, (rows, laid.stretches.len() / 4))?;
        }
        Ok(work.pool(shape, ids.len(), skip)?)
    }

    fn forward(
        &mut self,
        layer: &Layer,
        shape: &Shape,
        (count, stretch_count): (usize, usize),
    ) -> Result<(), GpuError> {
        let lane = &mut self.lane;
        product(lane, &layer.qkv, (&self.operands, &self.qkv), count)?;
        let attend = Attend {
            qkv: &self.qkv,
            stretches: &self.stretches,
            out: &self.context,
            count,
            stretch_count,
            heads: shape.heads,
        };
        lane.run(&attend.call()?)?;
        product(lane, &layer.mixed, (&self.context, &self.added), count)?;
        self.settle(&layer.mixed_norm, (count, shape.hidden))?;
        product(&mut self.lane, &layer.widen, (&self.operands, &self.wide), count)?;
        product(&mut self.lane, &layer.narrow, (&self.wide, &self.added), count)?;
        self.settle(&layer.feed_norm, (count, shape.hidden))
    }

    fn settle(&mut self, norm: &Norm, (count, width): (usize, usize)) -> Result<(), GpuError> {
        let Self { lane, added, states, operands, .. } = self;
        lane.run(&Settle { added, norm, states, operands, count, width }.call()?)
    }

    fn pool(&mut self, shape: &Shape, sequences: usize, skip: usize) -> Result<Vec<f32>, GpuError> {
        let (mode_count, width) = (shape.modes.len(), shape.hidden);
        let Self { lane, states, ends, modes, pooled: out, .. } = self;
        lane.run(&Pool { states, ends, modes, out, sequences, mode_count, skip, width }.call()?)?;
        lane.take(out, sequences * mode_count * width)
    }
}

fn product(lane: &mut Lane, map: &Map, (rows, out): (&Buffer, &Buffer), count: usize) -> Result<(), GpuError> {
    let Map { weights, bias, inputs, outputs, slope } = map;
    let (&inputs, &outputs, &slope) = (inputs, outputs, slope);
    lane.run(&Product { rows, weights, bias, out, count, inputs, outputs, slope }.call()?)
}

impl Shape {
    /// Sequences end to end, every number checked that the card looks up with.
    fn lay(&self, sequences: &[&[u32]], place_count: usize) -> candle_core::Result<Laid> {
        let mut laid = Laid { ids: sequences.concat(), places: Vec::new(), ends: Vec::new(), stretches: Vec::new() };
        for ids in sequences {
            if ids.is_empty() {
                candle_core::bail!("a text without a single token");
            }
            let first = laid.places.len();
            let mut counted = 0;
            for &id in *ids {
                let place = self.positions.as_ref().map_or(0, |places| places.row(id, &mut counted));
                if id as usize >= self.vocab {
                    candle_core::bail!("token id {id} has no row in the model");
                }
                if place >= place_count {
                    candle_core::bail!("{} tokens for a model of {place_count} positions", ids.len());
                }
                laid.places.push(place as u32);
            }
            laid.ends.push(laid.places.len() as u32);
            let queries = (0..ids.len()).step_by(STRETCH_QUERIES);
            laid.stretches.extend(queries.flat_map(|query| [first as u32, ids.len() as u32, query as u32, 0]));
        }
        Ok(laid)
    }
}
