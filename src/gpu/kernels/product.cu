// Linear maps: out = activation(rows * weights^T + bias), of half-precision numbers on tensor cores or of 32-bit floats.
//
// Rows and weights are stored row after row, `inputs` numbers each; for halves a multiple of 8, so that every row begins
// at 16 bytes. What is added up for one number depends on its row and its output alone, in one order: a row has the same
// bytes in any batch.
#include "card.cuh"

// As gpu/ops/product.rs numbers them.
enum Activation { IDENTITY, GELU, GELU_TANH, RELU, SILU };

DEVICE float activate(float x, int activation) {
    if (activation == IDENTITY) {
        return x;
    }
    if (activation == GELU) {
        return 0.5f * x * (1.0f + erff(x * 0.70710678f));
    }
    if (activation == RELU) {
        // What is no number stays, which fmaxf would hide.
        return x < 0.0f ? 0.0f : x;
    }
    // 0.5 (1 + tanh y) is 1 / (1 + e^-2y).
    float slope = activation == SILU ? x : 1.5957691f * (x + 0.044715f * x * x * x);
    return x / (1.0f + expf(-slope));
}

struct Map {
    const float *bias;
    int rows;
    int outputs;
    int inputs;
    // Numbers from one row of the result to the next; a multiple of 8.
    int stride;
    int activation;
};

constexpr int THREADS = 256;

#if defined(WITH_F16) || defined(WITH_BF16)
// Rows and outputs of one block's tile, and the inputs of one step.
constexpr int TILE = 128;
constexpr int STEP = 32;
constexpr int STAGES = 3;
// A row of a step is four pieces of 16 bytes.
constexpr int PIECES = STEP / 8;
// From one row of a warp's 32 by 32 sums to the next: four rows of pairs fall on different banks.
constexpr int SUMS_GAP = 40;

// Where a piece lies. Eight rows that are read at once fall on different banks, because every second row exchanges pieces.
DEVICE int piece_at(int row, int piece) { return row * STEP + (piece ^ (row >> 1 & 3)) * 8; }

// Begins to copy a step of 128 rows, zeros beyond `rows` and `inputs`.
template <class T>
DEVICE void fetch_step(T *to, const T *from, int first, int rows, int inputs, int step) {
#pragma unroll
    for (int turn = 0; turn < TILE * PIECES / THREADS; turn++) {
        int at = turn * THREADS + (int)threadIdx.x;
        int row = at / PIECES, piece = at % PIECES;
        int input = step * STEP + piece * 8;
        bool there = first + row < rows && input < inputs;
        const T *source = there ? from + (long long)(first + row) * inputs + input : from;
        fetch(to + piece_at(row, piece), source, there);
    }
}

// Activates eight sums and stores those that are outputs.
template <class T> DEVICE void store_eight(T *row, int output, const float *sums, const float (&bias)[8], Map map) {
    float made[8];
#pragma unroll
    for (int i = 0; i < 8; i++) {
        made[i] = activate(sums[i] + bias[i], map.activation);
    }
    if (output + 8 <= map.outputs) {
        Eight eight;
#pragma unroll
        for (int i = 0; i < 4; i++) {
            eight.pairs[i] = pair(made[2 * i], made[2 * i + 1], T());
        }
        *(Eight *)(row + output) = eight;
        return;
    }
#pragma unroll
    for (int i = 0; i < 8; i++) {
        if (output + i < map.outputs) {
            narrow(made[i], row[output + i]);
        }
    }
}

template <class T> DEVICE void product(const T *rows, const T *weights, T *out, Map map) {
    T *shared = (T *)shared_memory();
    int first_row = (int)blockIdx.y * TILE, first_output = (int)blockIdx.x * TILE;
    int warp = (int)threadIdx.x / WARP, lane = (int)threadIdx.x % WARP;
    // Two by four warps, each with 64 rows and 32 outputs.
    int warp_row = warp / 4 * 64, warp_output = warp % 4 * 32;
    int steps = (map.inputs + STEP - 1) / STEP;
    auto fetch_both = [&](int step) {
        T *stage = shared + step % STAGES * 2 * TILE * STEP;
        fetch_step(stage, rows, first_row, map.rows, map.inputs, step);
        fetch_step(stage + TILE * STEP, weights, first_output, map.outputs, map.inputs, step);
    };
    // Of the last tiles some warps hold neither rows nor outputs: they copy, and multiply nothing.
    bool idle = first_row + warp_row >= map.rows || first_output + warp_output >= map.outputs;
    float sums[4][4][4] = {};
    for (int step = 0; step < STAGES - 1; step++) {
        if (step < steps) {
            fetch_both(step);
        }
        fetch_group();
    }
    for (int step = 0; step < steps; step++) {
        fetch_wait<STAGES - 2>();
        __syncthreads();
        // Into the stage that all warps left before they met above.
        if (step + STAGES - 1 < steps) {
            fetch_both(step + STAGES - 1);
        }
        fetch_group();
        if (idle) {
            continue;
        }
        const T *row_stage = shared + step % STAGES * 2 * TILE * STEP;
        const T *weight_stage = row_stage + TILE * STEP;
#pragma unroll
        for (int half = 0; half < STEP / 16; half++) {
            unsigned a[4][4], b[2][4];
#pragma unroll
            for (int i = 0; i < 4; i++) {
                int row = warp_row + i * 16 + lane % 16;
                load_matrices(a[i], row_stage + piece_at(row, half * 2 + lane / 16));
            }
#pragma unroll
            for (int j = 0; j < 2; j++) {
                int row = warp_output + j * 16 + lane / 16 * 8 + lane % 8;
                load_matrices(b[j], weight_stage + piece_at(row, half * 2 + lane / 8 % 2));
            }
            multiply<T, 4, 4>(sums, a, b);
        }
    }
    // Through shared memory, so that a warp's stores are whole stretches of rows, and so that what activates is compiled
    // twice and not for each of a lane's 64 sums.
    __syncthreads();
    if (idle) {
        return;
    }
    float *mine = (float *)shared_memory() + warp * 32 * SUMS_GAP;
    int output = first_output + warp_output + lane % 4 * 8;
    float bias[8];
#pragma unroll
    for (int i = 0; i < 8; i++) {
        bias[i] = output + i < map.outputs ? map.bias[output + i] : 0.0f;
    }
#pragma unroll
    for (int half = 0; half < 2; half++) {
#pragma unroll
        for (int part = 0; part < 16; part++) {
            const float *sum = sums[half * 2 + part / 8][part % 4] + part / 4 % 2 * 2;
            float *to = mine + (part / 4 * 8 + lane / 4) * SUMS_GAP + part % 4 * 8 + lane % 4 * 2;
            to[0] = sum[0];
            to[1] = sum[1];
        }
        __syncwarp();
#pragma unroll 1
        for (int turn = 0; turn < 4; turn++) {
            int place = turn * 8 + lane / 4, row = first_row + warp_row + half * 32 + place;
            if (row < map.rows) {
                T *to = out + (long long)row * map.stride;
                store_eight(to, output, mine + place * SUMS_GAP + lane % 4 * 8, bias, map);
            }
        }
        __syncwarp();
    }
}

#ifdef WITH_F16
KERNEL void __launch_bounds__(THREADS, 2)
    product_f16(const F16 *rows, const F16 *weights, F16 *out, const float *bias, int count, int outputs, int inputs,
                int stride, int activation) {
    product(rows, weights, out, Map{bias, count, outputs, inputs, stride, activation});
}
#endif

#ifdef WITH_BF16
KERNEL void __launch_bounds__(THREADS, 2)
    product_bf16(const Bf16 *rows, const Bf16 *weights, Bf16 *out, const float *bias, int count, int outputs,
                 int inputs, int stride, int activation) {
    product(rows, weights, out, Map{bias, count, outputs, inputs, stride, activation});
}
#endif
#endif

#ifdef WITH_F32
// Rows and outputs of one block's tile of 32-bit floats, the inputs of one step, and how far apart inputs lie.
constexpr int WIDE_TILE = 64;
constexpr int WIDE_STEP = 16;
constexpr int WIDE_GAP = WIDE_TILE + 4;

// Copies a step of 64 rows, input after input, zeros beyond `rows` and `inputs`.
DEVICE void copy_step(float *to, const float *from, int first, int rows, int inputs, int step) {
#pragma unroll
    for (int turn = 0; turn < WIDE_TILE * WIDE_STEP / THREADS; turn++) {
        int at = turn * THREADS + (int)threadIdx.x;
        int row = at / WIDE_STEP, input = step * WIDE_STEP + at % WIDE_STEP;
        bool there = first + row < rows && input < inputs;
        to[at % WIDE_STEP * WIDE_GAP + row] = there ? from[(long long)(first + row) * inputs + input] : 0.0f;
    }
}

KERNEL void __launch_bounds__(THREADS)
    product_f32(const float *rows, const float *weights, float *out, const float *bias, int count, int outputs,
                int inputs, int stride, int activation) {
    float *row_step = (float *)shared_memory();
    float *weight_step = row_step + WIDE_STEP * WIDE_GAP;
    int first_row = (int)blockIdx.y * WIDE_TILE, first_output = (int)blockIdx.x * WIDE_TILE;
    int down = (int)threadIdx.x / 16 * 4, across = (int)threadIdx.x % 16 * 4;
    float sums[4][4] = {};
    for (int step = 0; step * WIDE_STEP < inputs; step++) {
        copy_step(row_step, rows, first_row, count, inputs, step);
        copy_step(weight_step, weights, first_output, outputs, inputs, step);
        __syncthreads();
#pragma unroll
        for (int input = 0; input < WIDE_STEP; input++) {
            const float *left = row_step + input * WIDE_GAP + down, *right = weight_step + input * WIDE_GAP + across;
#pragma unroll
            for (int i = 0; i < 4; i++) {
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    sums[i][j] = fmaf(left[i], right[j], sums[i][j]);
                }
            }
        }
        __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) {
            int row = first_row + down + i, output = first_output + across + j;
            if (row < count && output < outputs) {
                out[(long long)row * stride + output] = activate(sums[i][j] + bias[output], activation);
            }
        }
    }
}
#endif
