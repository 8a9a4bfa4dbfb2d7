// The rows nearest to each query: scores in 32-bit floats, added up in the very order of the CPU's definition, and
// selected where they are computed, so that no matrix of all scores is ever held.
//
// A score is `dot(query, row) + offset(row)`. Vectors come in nine stretches of `length` numbers each, filled up with
// zeros: those whose place is 0, 4, 1, 5, 2, 6, 3, 7 modulo 8, and what is left over of eights. ndarray's `dot` adds up
// each of the eight by itself, then the sums of two (0 and 4, 1 and 5, ...), then what is left over one by one; every
// product and every sum is rounded by itself.
#include "card.cuh"

struct Vectors {
    // Numbers of a stretch, a multiple of 8; numbers of the last one, 8 or 0.
    int length;
    int rest;
};

// Which rows may answer: those whose label is not the query's.
struct Sides {
    const float *queries;
    const float *rows;
    const unsigned *query_labels;
    const unsigned *row_labels;
    const float *offsets;
    int query_count;
    int row_count;
};

constexpr int THREADS = 256;
constexpr int TILE = 64;
constexpr int STEP = 8;
constexpr int GAP = TILE + 4;
// From one query's scores to the next.
constexpr int SCORES_GAP = TILE + 1;

DEVICE void copy_step(float *to, const float *from, int first, int count, int width, int start) {
#pragma unroll
    for (int turn = 0; turn < TILE * STEP / THREADS; turn++) {
        int at = turn * THREADS + (int)threadIdx.x;
        int row = at / STEP, place = at % STEP;
        bool there = first + row < count;
        to[place * GAP + row] = there ? from[(long long)(first + row) * width + start + place] : 0.0f;
    }
}

// Adds the products of one stretch to `sums`.
DEVICE void add_stretch(float (&sums)[4][4], float *shared, Sides sides, Vectors vectors, int query, int row, int start,
                        int length) {
    float *left_step = shared, *right_step = shared + STEP * GAP;
    int down = (int)threadIdx.x / 16 * 4, across = (int)threadIdx.x % 16 * 4;
    int width = 8 * vectors.length + vectors.rest;
    for (int at = start; at < start + length; at += STEP) {
        __syncthreads();
        copy_step(left_step, sides.queries, query, sides.query_count, width, at);
        copy_step(right_step, sides.rows, row, sides.row_count, width, at);
        __syncthreads();
#pragma unroll
        for (int place = 0; place < STEP; place++) {
            const float *left = left_step + place * GAP + down, *right = right_step + place * GAP + across;
#pragma unroll
            for (int i = 0; i < 4; i++) {
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    sums[i][j] = __fadd_rn(sums[i][j], __fmul_rn(left[i], right[j]));
                }
            }
        }
    }
}

// Leaves the scores of 64 queries and 64 rows in shared memory; minus infinity where a row may not answer.
DEVICE void score_tile(float *scores, float *shared, Sides sides, Vectors vectors, int query, int row) {
    float sums[4][4] = {};
    for (int pair = 0; pair < 4; pair++) {
        float first[4][4] = {}, second[4][4] = {};
        add_stretch(first, shared, sides, vectors, query, row, 2 * pair * vectors.length, vectors.length);
        add_stretch(second, shared, sides, vectors, query, row, (2 * pair + 1) * vectors.length, vectors.length);
#pragma unroll
        for (int i = 0; i < 4; i++) {
#pragma unroll
            for (int j = 0; j < 4; j++) {
                sums[i][j] = __fadd_rn(sums[i][j], __fadd_rn(first[i][j], second[i][j]));
            }
        }
    }
    add_stretch(sums, shared, sides, vectors, query, row, 8 * vectors.length, vectors.rest);
    int down = (int)threadIdx.x / 16 * 4, across = (int)threadIdx.x % 16 * 4;
#pragma unroll
    for (int i = 0; i < 4; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) {
            int of = query + down + i, to = row + across + j;
            bool there = of < sides.query_count && to < sides.row_count;
            bool allowed = there && sides.query_labels[of] != sides.row_labels[to];
            scores[(down + i) * SCORES_GAP + across + j] =
                allowed ? __fadd_rn(sums[i][j], sides.offsets[to]) : minus_infinity();
        }
    }
    __syncthreads();
}

// Puts a candidate into a warp's list behind all that are as good, and drops the last.
DEVICE void insert(float *list, unsigned *names, int k, float score, unsigned name, int lane) {
    int before = 0;
    for (int from = 0; from < k; from += WARP) {
        int at = from + lane;
        before += count_bits(warp_ballot(at < k && list[at] >= score));
    }
    // From the end, so that every number is read before it is overwritten.
    for (int from = (k - 1) / WARP * WARP; from >= 0 && from + WARP > before; from -= WARP) {
        int at = from + lane;
        bool moves = at > before && at < k;
        float moved_score = moves ? list[at - 1] : score;
        unsigned moved_name = moves ? names[at - 1] : name;
        __syncwarp();
        if (moves || at == before) {
            list[at] = moved_score;
            names[at] = moved_name;
        }
        __syncwarp();
    }
}

// The best `k` of each query among the rows `part * per_part..`, best first, then by row: rows and scores, of which a
// score of minus infinity is none. One warp keeps the lists of eight queries.
KERNEL void __launch_bounds__(THREADS)
    nearest(const float *queries, const float *rows, const unsigned *query_labels, const unsigned *row_labels,
            const float *offsets, unsigned *best_rows, float *best_scores, int query_count, int row_count, int length,
            int rest, int per_part, int k) {
    Sides sides{queries, rows, query_labels, row_labels, offsets, query_count, row_count};
    float *shared = (float *)shared_memory(), *scores = shared + 2 * STEP * GAP;
    int first = (int)blockIdx.x * TILE, part = (int)blockIdx.y;
    int warp = (int)threadIdx.x / WARP, lane = (int)threadIdx.x % WARP;
    long long lists = ((long long)part * query_count + first) * k;
    for (int of = warp; of < TILE && first + of < query_count; of += THREADS / WARP) {
        for (int at = lane; at < k; at += WARP) {
            best_scores[lists + of * k + at] = minus_infinity();
            best_rows[lists + of * k + at] = 0;
        }
    }
    int end = least(part * per_part + per_part, row_count);
    for (int row = part * per_part; row < end; row += TILE) {
        score_tile(scores, shared, sides, Vectors{length, rest}, first, row);
        for (int of = warp; of < TILE && first + of < query_count; of += THREADS / WARP) {
            float *list = best_scores + lists + of * k;
            unsigned *names = best_rows + lists + of * k;
            __syncwarp();
            float worst = list[k - 1];
            for (int half = 0; half < TILE; half += WARP) {
                float score = scores[of * SCORES_GAP + half + lane];
                // Rows come in order, so that an equal score never enters before an earlier row's.
                unsigned better = warp_ballot(score > worst);
                while (better != 0) {
                    int from = lowest_bit(better);
                    better &= better - 1;
                    float candidate = shuffle_from(score, from);
                    if (candidate > worst) {
                        insert(list, names, k, candidate, (unsigned)(row + half + from), lane);
                        worst = list[k - 1];
                    }
                }
            }
        }
        __syncthreads();
    }
}

// All pairs of a query and a row that scores at least `least_score`, in no order: `found` counts them all, also those
// beyond `room`, which are not written. `above`: only rows behind the query's own number.
KERNEL void __launch_bounds__(THREADS)
    pairs(const float *queries, const float *rows, const unsigned *query_labels, const unsigned *row_labels,
          const float *offsets, unsigned *found, unsigned *pair_rows, float *pair_scores, int query_count, int row_count,
          int length, int rest, int first_query, int room, int above, float least_score) {
    Sides sides{queries, rows, query_labels, row_labels, offsets, query_count, row_count};
    float *shared = (float *)shared_memory(), *scores = shared + 2 * STEP * GAP;
    int query = first_query + (int)blockIdx.y * TILE, row = (int)blockIdx.x * TILE;
    if (above && row + TILE - 1 <= query) {
        return;
    }
    score_tile(scores, shared, sides, Vectors{length, rest}, query, row);
    for (int at = (int)threadIdx.x; at < TILE * TILE; at += THREADS) {
        float score = scores[at / TILE * SCORES_GAP + at % TILE];
        bool behind = row + at % TILE > query + at / TILE;
        if (score >= least_score && score > minus_infinity() && (behind || !above)) {
            unsigned place = add_one(found);
            if (place < (unsigned)room) {
                pair_rows[2 * (long long)place] = (unsigned)(query + at / TILE);
                pair_rows[2 * (long long)place + 1] = (unsigned)(row + at % TILE);
                pair_scores[place] = score;
            }
        }
    }
}
