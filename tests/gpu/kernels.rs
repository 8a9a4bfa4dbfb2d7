//! Each kernel against plain loops in 64 bits, on shapes that are no whole tiles.

use refrain::gpu::{
    Attend, Buffer, Embed, Gpu, Heads, Kind, Lane, MODES, Norm, Pool, Product, STRETCH_QUERIES, Settle, Slope,
    narrowed, padded, widened,
};

use super::{card, numbers, rounded};

/// A card and a stream on it.
struct Bench {
    gpu: Gpu,
    lane: Lane,
}

impl Bench {
    fn open() -> Option<Self> {
        let gpu = card()?;
        let lane = gpu.lane().unwrap();
        Some(Self { gpu, lane })
    }

    fn floats(&mut self, values: &[f32]) -> Buffer {
        let buffer = self.gpu.zeros(Kind::F32, values.len()).unwrap();
        self.lane.put(values, &buffer).unwrap();
        buffer
    }

    fn integers(&mut self, values: &[u32]) -> Buffer {
        let buffer = self.gpu.zeros(Kind::U32, values.len()).unwrap();
        self.lane.put(values, &buffer).unwrap();
        buffer
    }

    /// Rows of `width` numbers as operands of a kind: padded with zeros.
    fn operands(&mut self, kind: Kind, values: &[f32], width: usize) -> Buffer {
        let rows = values.chunks(width);
        let laid: Vec<f32> =
            rows.flat_map(|row| row.iter().copied().chain(std::iter::repeat_n(0.0, padded(width) - width))).collect();
        let buffer = self.gpu.zeros(kind, laid.len()).unwrap();
        match kind {
            Kind::F32 => self.lane.put(&laid, &buffer).unwrap(),
            _ => self.lane.put(&narrowed(kind, &laid), &buffer).unwrap(),
        }
        buffer
    }

    /// The numbers of rows of operands, without what pads them, which must be zero.
    fn read(&mut self, buffer: &Buffer, width: usize) -> Vec<f32> {
        let laid = match buffer.kind() {
            Kind::F32 => self.lane.take::<f32>(buffer, buffer.len()).unwrap(),
            kind => widened(kind, &self.lane.take::<u16>(buffer, buffer.len()).unwrap()),
        };
        assert!(laid.chunks(padded(width)).all(|row| row[width..].iter().all(|&pad| pad == 0.0)));
        laid.chunks(padded(width)).flat_map(|row| row[..width].to_vec()).collect()
    }
}

const KINDS: [Kind; 3] = [Kind::F32, Kind::F16, Kind::Bf16];

/// How far a result may be from its value, by size: a rounding to the kind, and sums of 32 bits.
fn step(kind: Kind) -> f64 {
    match kind {
        Kind::F16 => 1e-3,
        Kind::Bf16 => 8e-3,
        _ => 1e-5,
    }
}

#[track_caller]
fn assert_near(made: &[f32], expected: &[f64], (kind, scale): (Kind, f64)) {
    assert_eq!(made.len(), expected.len());
    for (at, (made, expected)) in made.iter().zip(expected).enumerate() {
        let apart = (f64::from(*made) - expected).abs();
        assert!(apart <= step(kind) * (expected.abs() + scale), "{kind:?}, number {at}: {made} for {expected}");
    }
}

fn sloped(slope: Slope, x: f64) -> f64 {
    let tanh = |x: f64| 0.5 * x * (1.0 + (0.797_884_560_802_865_4 * (x + 0.044_715 * x * x * x)).tanh());
    match slope {
        Slope::Identity => x,
        Slope::Gelu => 0.5 * x * (1.0 + erf(x / std::f64::consts::SQRT_2)),
        Slope::GeluTanh => tanh(x),
        Slope::Relu => x.max(0.0),
        Slope::Silu => x / (1.0 + (-x).exp()),
    }
}

/// The error function by its series, which converges for what stands here.
fn erf(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        term *= -x * x / f64::from(n);
        sum += term / f64::from(2 * n + 1);
    }
    sum * 2.0 / std::f64::consts::PI.sqrt()
}

fn dot(left: &[f32], right: &[f32]) -> f64 {
    left.iter().zip(right).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

fn check_product(bench: &mut Bench, kind: Kind, [count, inputs, outputs]: [usize; 3], slope: Slope) {
    let rows = rounded(kind, &numbers(1, count * inputs));
    let weights = rounded(kind, &numbers(2, outputs * inputs));
    let bias = numbers(3, outputs);
    let out = bench.gpu.zeros(kind, count * padded(outputs)).unwrap();
    let (a, w) = (bench.operands(kind, &rows, inputs), bench.operands(kind, &weights, inputs));
    let b = bench.floats(&bias);
    let product = Product { rows: &a, weights: &w, bias: &b, out: &out, count, inputs, outputs, slope };
    bench.lane.run(&product.call().unwrap()).unwrap();
    let made = bench.read(&out, outputs);
    let of = |row: usize, output: usize| {
        let sum = dot(&rows[row * inputs..][..inputs], &weights[output * inputs..][..inputs]);
        sloped(slope, sum + f64::from(bias[output]))
    };
    let expected: Vec<f64> = (0..count * outputs).map(|at| of(at / outputs, at % outputs)).collect();
    assert_near(&made, &expected, (kind, (inputs as f64).sqrt() * 0.1));
}

#[test]
fn products_are_their_definition() {
    let Some(mut bench) = Bench::open() else { return };
    for kind in KINDS {
        for shape in [[1, 1, 1], [3, 8, 5], [129, 40, 131], [64, 72, 24], [200, 33, 128], [5, 384, 260]] {
            check_product(&mut bench, kind, shape, Slope::Identity);
        }
        for slope in [Slope::Gelu, Slope::GeluTanh, Slope::Relu, Slope::Silu] {
            check_product(&mut bench, kind, [17, 24, 19], slope);
        }
    }
}

/// Rows brought to mean 0 and variance 1, then scaled and shifted.
fn normed(row: &[f64], weight: &[f32], bias: &[f32], epsilon: f32) -> Vec<f64> {
    let mean = row.iter().sum::<f64>() / row.len() as f64;
    let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / row.len() as f64;
    let scale = 1.0 / (variance + f64::from(epsilon)).sqrt();
    let each = row.iter().zip(weight).zip(bias);
    each.map(|((x, &w), &b)| (x - mean) * scale * f64::from(w) + f64::from(b)).collect()
}

#[test]
fn embeddings_and_residuals_are_normalised() {
    let Some(mut bench) = Bench::open() else { return };
    for (kind, width) in KINDS.into_iter().zip([20, 384, 50]) {
        let (vocab, count, epsilon) = (7, 11, 1e-5);
        let (words, places) = (rounded(kind, &numbers(4, vocab * width)), numbers(5, 9 * width));
        let (weight, bias) = (numbers(6, width), numbers(7, width));
        let ids: Vec<u32> = (0..count).map(|at| (at * 3 % vocab) as u32).collect();
        let at: Vec<u32> = (0..count).map(|at| (at % 9) as u32).collect();
        let norm = Norm { weight: bench.floats(&weight), bias: bench.floats(&bias), epsilon };
        let table = bench.gpu.zeros(kind, words.len()).unwrap();
        match kind {
            Kind::F32 => bench.lane.put(&words, &table).unwrap(),
            _ => bench.lane.put(&narrowed(kind, &words), &table).unwrap(),
        }
        let place_table = bench.floats(&places);
        let (id_buffer, place_buffer) = (bench.integers(&ids), bench.integers(&at));
        let states = bench.gpu.zeros(Kind::F32, count * width).unwrap();
        let operands = bench.gpu.zeros(kind, count * padded(width)).unwrap();
        let embed = Embed {
            ids: &id_buffer,
            places: &place_buffer,
            words: &table,
            place_table: &place_table,
            norm: &norm,
            states: &states,
            operands: &operands,
            count,
            width,
        };
        bench.lane.run(&embed.call().unwrap()).unwrap();
        let row = |at: usize, id: u32| -> Vec<f64> {
            let (word, place) = (&words[id as usize * width..][..width], &places[at % 9 * width..][..width]);
            word.iter().zip(place).map(|(&a, &b)| f64::from(a) + f64::from(b)).collect()
        };
        let first: Vec<f64> =
            ids.iter().enumerate().flat_map(|(at, &id)| normed(&row(at, id), &weight, &bias, epsilon)).collect();
        let made: Vec<f32> = bench.lane.take(&states, count * width).unwrap();
        assert_near(&made, &first, (Kind::F32, 1.0));
        assert_near(&bench.read(&operands, width), &first, (kind, 1.0));

        let more = rounded(kind, &numbers(8, count * width));
        let added = bench.operands(kind, &more, width);
        let settle = Settle { added: &added, norm: &norm, states: &states, operands: &operands, count, width };
        bench.lane.run(&settle.call().unwrap()).unwrap();
        let sums: Vec<f64> = first.iter().zip(&more).map(|(a, &b)| a + f64::from(b)).collect();
        let second: Vec<f64> = sums.chunks(width).flat_map(|row| normed(row, &weight, &bias, epsilon)).collect();
        let made: Vec<f32> = bench.lane.take(&states, count * width).unwrap();
        assert_near(&made, &second, (Kind::F32, 2.0));
        assert_near(&bench.read(&operands, width), &second, (kind, 2.0));
    }
}

/// Attention of one head of one sequence by its definition.
fn attended(qkv: &[f32], (first, length): (usize, usize), (heads, head): (Heads, usize)) -> Vec<f64> {
    let (size, width) = (heads.size, 3 * heads.count * heads.size);
    let of = |row: usize, part: usize| &qkv[(first + row) * width + (part * heads.count + head) * size..][..size];
    let query = |row: usize| {
        let scores: Vec<f64> = (0..length).map(|key| dot(of(row, 0), of(key, 1)) / (size as f64).sqrt()).collect();
        let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = scores.iter().map(|score| (score - most).exp()).collect();
        let total: f64 = weights.iter().sum();
        (0..size)
            .map(move |at| {
                weights.iter().enumerate().map(|(key, w)| w * f64::from(of(key, 2)[at])).sum::<f64>() / total
            })
            .collect::<Vec<f64>>()
    };
    (0..length).flat_map(query).collect()
}

fn check_attention(bench: &mut Bench, kind: Kind, heads: Heads, lengths: &[usize]) {
    let (count, width) = (lengths.iter().sum::<usize>(), 3 * heads.count * heads.size);
    let qkv = rounded(kind, &numbers(9, count * width).iter().map(|x| 3.0 * x).collect::<Vec<f32>>());
    let (mut stretches, mut first) = (Vec::new(), 0);
    for &length in lengths {
        (0..length).step_by(STRETCH_QUERIES).for_each(|query| {
            stretches.extend([first as u32, length as u32, query as u32, 0]);
        });
        first += length;
    }
    let hidden = heads.count * heads.size;
    let (input, list) = (bench.operands(kind, &qkv, width), bench.integers(&stretches));
    let out = bench.gpu.zeros(kind, count * padded(hidden)).unwrap();
    let stretch_count = stretches.len() / 4;
    let attend = Attend { qkv: &input, stretches: &list, out: &out, count, stretch_count, heads };
    bench.lane.run(&attend.call().unwrap()).unwrap();
    let made = bench.read(&out, hidden);
    let mut first = 0;
    for &length in lengths {
        for head in 0..heads.count {
            let expected = attended(&qkv, (first, length), (heads, head));
            let rows = made[first * hidden..(first + length) * hidden].chunks(hidden);
            let of_head: Vec<f32> = rows.flat_map(|row| row[head * heads.size..][..heads.size].to_vec()).collect();
            assert_near(&of_head, &expected, (kind, 2.0));
        }
        first += length;
    }
}

#[test]
fn attention_is_its_definition_at_every_length_and_head_size() {
    let Some(mut bench) = Bench::open() else { return };
    for kind in KINDS {
        for size in [5, 16, 32, 40, 64, 80, 128] {
            check_attention(&mut bench, kind, Heads { count: 2, size }, &[1, 63, 2, 65]);
        }
    }
    check_attention(&mut bench, Kind::F16, Heads { count: 1, size: 32 }, &[64, 300, 128]);
    check_attention(&mut bench, Kind::F32, Heads { count: 1, size: 200 }, &[33, 4]);
}

#[test]
fn pooling_is_its_definition() {
    let Some(mut bench) = Bench::open() else { return };
    let (width, lengths, skip) = (150, [1_usize, 4, 2, 9], 2_usize);
    let states = numbers(10, lengths.iter().sum::<usize>() * width);
    let ends: Vec<u32> = lengths
        .iter()
        .scan(0, |end, length| {
            *end += length;
            Some(*end as u32)
        })
        .collect();
    let modes: Vec<u32> = (0..MODES.len() as u32).collect();
    let (input, end_buffer, mode_buffer) = (bench.floats(&states), bench.integers(&ends), bench.integers(&modes));
    let out = bench.gpu.zeros(Kind::F32, lengths.len() * modes.len() * width).unwrap();
    let pool = Pool {
        states: &input,
        ends: &end_buffer,
        modes: &mode_buffer,
        out: &out,
        sequences: lengths.len(),
        mode_count: modes.len(),
        skip,
        width,
    };
    bench.lane.run(&pool.call().unwrap()).unwrap();
    let made: Vec<f32> = bench.lane.take(&out, out.len()).unwrap();
    for (sequence, (&length, made)) in lengths.iter().zip(made.chunks(modes.len() * width)).enumerate() {
        let rows = &states[(ends[sequence] as usize - length) * width..ends[sequence] as usize * width];
        let column = |at: usize| -> Vec<f64> { rows.chunks(width).map(|row| f64::from(row[at])).skip(skip).collect() };
        for at in 0..width {
            let taken = column(at);
            let (count, sum) = (taken.len() as f64, taken.iter().sum::<f64>());
            let weights: f64 = (skip + 1..=length).map(|place| place as f64).sum();
            let weighted: f64 = taken.iter().zip(skip + 1..).map(|(x, place)| x * place as f64).sum();
            let most = taken.iter().copied().reduce(f64::max).unwrap_or(0.0);
            let (first, last) = (taken.first().copied().unwrap_or(0.0), taken.last().copied().unwrap_or(0.0));
            let [mean, root] = [count, count.sqrt()].map(|divisor| sum / divisor.max(1e-9));
            let expected = [first, most, mean, root, weighted / weights.max(1e-9), last];
            let of_modes: Vec<f32> = made.chunks(width).map(|vector| vector[at]).collect();
            assert_near(&of_modes, &expected, (Kind::F32, 1.0));
        }
    }
}

#[test]
fn a_state_that_is_no_number_makes_no_usable_vector_in_any_pooling_that_reads_it() {
    let Some(mut bench) = Bench::open() else { return };
    for at in 0..3 {
        let mut states = [1.0, 5.0, 2.0];
        states[at] = f32::NAN;
        let (input, ends) = (bench.floats(&states), bench.integers(&[3]));
        let modes = bench.integers(&(0..MODES.len() as u32).collect::<Vec<u32>>());
        let out = bench.gpu.zeros(Kind::F32, MODES.len()).unwrap();
        let (mode_count, sequences, skip, width) = (MODES.len(), 1, 0, 1);
        let pool = Pool { states: &input, ends: &ends, modes: &modes, out: &out, sequences, mode_count, skip, width };
        bench.lane.run(&pool.call().unwrap()).unwrap();
        let made: Vec<f32> = bench.lane.take(&out, MODES.len()).unwrap();
        let unusable: Vec<bool> = made.iter().map(|value| value.is_nan()).collect();
        assert_eq!(unusable, [at == 0, true, true, true, true, at == 2], "state {at}: {made:?}");
    }
}

#[test]
fn what_does_not_fit_is_not_launched() {
    let Some(mut bench) = Bench::open() else { return };
    let (few, halves) = (bench.floats(&[0.0; 8]), bench.gpu.zeros(Kind::F16, 64).unwrap());
    let product = |rows, out| {
        Product { rows, weights: &few, bias: &few, out, count: 1, inputs: 8, outputs: 1, slope: Slope::Identity }.call()
    };
    assert!(product(&few, &few).is_ok());
    assert!(product(&halves, &few).unwrap_err().to_string().contains("a buffer of other numbers"));
    let too_many = Product {
        rows: &few,
        weights: &few,
        bias: &few,
        out: &few,
        count: 2,
        inputs: 8,
        outputs: 1,
        slope: Slope::Relu,
    };
    assert!(too_many.call().unwrap_err().to_string().contains("a buffer that is too short"));
    assert!(bench.lane.put(&[1_u32], &few).is_err() && bench.lane.take::<f32>(&few, 9).is_err());
}
