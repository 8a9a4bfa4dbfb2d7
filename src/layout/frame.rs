//! The square that is shown: places from -1 to 1, none of it spent on emptiness.
//!
//! An island far from the rest would leave both as dots. So an empty stripe from edge to edge is narrowed, along each axis by itself: what lies
//! together keeps its shape, and who lies left of whom stays so.

/// No empty stripe is broader than this share of the side, once the places themselves are told apart.
const EMPTY: f32 = 1.0 / 12.0;
/// Of how many mean gaps between places a stripe may be: few places have gaps that mean nothing.
const GAPS: f32 = 4.0;
/// Narrowing one stripe makes another broad; a few rounds end it.
const ROUNDS: usize = 16;
/// Between copies of one vector, and how far from the first they lie at most.
const COPIES: (f32, f32) = (0.003, 0.03);
/// The angle between one copy and the next, in turns: that of sunflower seeds (Vogel 1979), so that no two lie on one line.
const TURN: f32 = 0.381_966;

/// Places of all rows from those of their vectors: `of` names each row's vector, `copies` each vector's rows.
pub(super) fn framed(mut places: Vec<[f32; 2]>, of: &[u32], copies: &[Vec<usize>]) -> Vec<[f32; 2]> {
    narrow(&mut places, 0);
    narrow(&mut places, 1);
    fit(&mut places);
    let mut all: Vec<[f32; 2]> = of.iter().map(|&of| places[of as usize]).collect();
    for rows in copies {
        let step = COPIES.0.min(COPIES.1 / (rows.len() as f32).sqrt());
        for (at, &row) in rows.iter().enumerate() {
            let (sine, cosine) = (std::f32::consts::TAU * (TURN * at as f32).fract()).sin_cos();
            let radius = step * (at as f32).sqrt();
            all[row] = [all[row][0] + radius * cosine, all[row][1] + radius * sine];
        }
    }
    fit(&mut all);
    all
}

/// Narrows empty stripes along one axis.
fn narrow(places: &mut [[f32; 2]], axis: usize) {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|&a, &b| places[a][axis].total_cmp(&places[b][axis]).then(a.cmp(&b)));
    let mut gaps: Vec<f32> = order.windows(2).map(|two| places[two[1]][axis] - places[two[0]][axis]).collect();
    for _ in 0..ROUNDS {
        let side: f32 = gaps.iter().sum();
        let broadest = side * (EMPTY + GAPS / gaps.len().max(1) as f32);
        gaps.iter_mut().for_each(|gap| *gap = gap.min(broadest));
    }
    let mut at = 0.0;
    for (&row, gap) in order.iter().zip(std::iter::once(0.0).chain(gaps)) {
        at += gap;
        places[row][axis] = at;
    }
}

/// Moves the middle to zero and the farther edge to 1.
fn fit(places: &mut [[f32; 2]]) {
    let edges = |axis: usize| {
        let values = places.iter().map(|place| place[axis]);
        values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    };
    let (x, y) = (edges(0), edges(1));
    let side = (x.1 - x.0).max(y.1 - y.0);
    let scale = if side > 0.0 { 2.0 / side } else { 0.0 };
    let fitted = |value: f32, (low, high): (f32, f32)| ((value - (low + high) / 2.0) * scale).clamp(-1.0, 1.0);
    places.iter_mut().for_each(|place| *place = [fitted(place[0], x), fitted(place[1], y)]);
}
