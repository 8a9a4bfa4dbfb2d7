// Attention of tokens to the tokens of their own sequence, which lie end to end: no padding and no mask.
//
// Softmax is taken as the keys come (Milakov and Gimelshein, arXiv 1805.02867; Dao et al., arXiv 2205.14135), in 32 bits.
// Keys are taken from the sequence's first, so that a token's result does not depend on what else is in the batch.
#include "card.cuh"

// A stretch of one sequence's queries, as gpu/ops/attend.rs lays it out.
struct Stretch {
    unsigned first; // The sequence's first row.
    unsigned length;
    unsigned query; // The first query, counted from the sequence's first row.
    unsigned unused;
};

struct Heads {
    int heads;
    // Numbers of one head.
    int size;
    // Numbers from one row of queries, keys and values to the next, and from one row of the result to the next.
    int stride;
    int out_stride;
    // What scores are multiplied by, with the logarithm to base 2 that makes exp2 of exp.
    float scale;
};

constexpr int WARPS = 4;
constexpr int QUERIES = 16 * WARPS;

// Where 16 bytes of a row of `WIDTH` numbers lie: eight rows that are read at once fall on different banks.
template <int WIDTH> DEVICE int swizzled(int row, int piece) {
    constexpr int LINES = WIDTH < 64 ? 64 / WIDTH : 1;
    constexpr int BITS = WIDTH < 64 ? WIDTH / 8 - 1 : 7;
    return row * WIDTH + (piece ^ (row / LINES & BITS)) * 8;
}

// Begins to copy `KEYS` rows of one head, zeros beyond the sequence and the head's size.
template <class T, int WIDTH, int KEYS>
DEVICE void fetch_rows(T *to, const T *from, int first, int length, Heads heads) {
    constexpr int PIECES = WIDTH / 8;
    for (int at = (int)threadIdx.x; at < KEYS * PIECES; at += WARPS * WARP) {
        int row = at / PIECES, piece = at % PIECES;
        bool there = first + row < length && piece * 8 < heads.size;
        const T *source = there ? from + (long long)(first + row) * heads.stride + piece * 8 : from;
        fetch(to + swizzled<WIDTH>(row, piece), source, there);
    }
}

template <class T> DEVICE unsigned two_of(const T *row, int at, bool there) {
    return there ? *(const unsigned *)(row + at) : 0;
}

// One warp's 16 queries, and what they have gathered so far. A lane holds parts of rows lane / 4 and lane / 4 + 8.
template <class T, int WIDTH, int KEYS> struct Asking {
    unsigned asked[WIDTH / 16][4];
    float gathered[1][WIDTH / 8][4];
    // The highest score, and the sum of all weights beside it.
    float most[2], total[2];

    DEVICE void begin(const T *queries, int first, int length, Heads heads, int lane) {
#pragma unroll
        for (int part = 0; part < WIDTH / 16; part++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                int at = part * 16 + i / 2 * 8 + lane % 4 * 2, row = first + lane / 4 + i % 2 * 8;
                bool there = row < length && at < heads.size;
                asked[part][i] = two_of(queries + (long long)row * heads.stride, at, there);
            }
        }
#pragma unroll
        for (int at = 0; at < WIDTH / 2; at++) {
            gathered[0][at / 4][at % 4] = 0.0f;
        }
        most[0] = most[1] = minus_infinity();
        total[0] = total[1] = 0.0f;
    }

    // Takes a block of keys and values, of which the first `left` are the sequence's.
    DEVICE void take(const T *keys, const T *values, int left, float scale, int lane) {
        float scores[1][KEYS / 8][4] = {};
        score(scores, keys, lane);
        float higher[2] = {most[0], most[1]};
#pragma unroll
        for (int j = 0; j < KEYS / 8; j++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                int key = j * 8 + lane % 4 * 2 + i % 2;
                scores[0][j][i] = key < left ? scores[0][j][i] * scale : minus_infinity();
                higher[i / 2] = fmaxf(higher[i / 2], scores[0][j][i]);
            }
        }
#pragma unroll
        for (int i = 0; i < 2; i++) {
            // The four lanes that share a row.
            higher[i] = fmaxf(higher[i], shuffle_xor(higher[i], 1));
            higher[i] = fmaxf(higher[i], shuffle_xor(higher[i], 2));
            float kept = exp2f(most[i] - higher[i]);
            most[i] = higher[i];
            total[i] *= kept;
#pragma unroll
            for (int j = 0; j < WIDTH / 8; j++) {
                gathered[0][j][i * 2] *= kept;
                gathered[0][j][i * 2 + 1] *= kept;
            }
        }
#pragma unroll
        for (int j = 0; j < KEYS / 8; j++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                scores[0][j][i] = exp2f(scores[0][j][i] - most[i / 2]);
                total[i / 2] += scores[0][j][i];
            }
        }
        gather(scores, values, lane);
    }

    DEVICE void score(float (&scores)[1][KEYS / 8][4], const T *keys, int lane) {
#pragma unroll
        for (int part = 0; part < WIDTH / 16; part++) {
            unsigned a[1][4], b[KEYS / 16][4];
#pragma unroll
            for (int i = 0; i < 4; i++) {
                a[0][i] = asked[part][i];
            }
#pragma unroll
            for (int j = 0; j < KEYS / 16; j++) {
                int row = j * 16 + lane / 16 * 8 + lane % 8;
                load_matrices(b[j], keys + swizzled<WIDTH>(row, part * 2 + lane / 8 % 2));
            }
            multiply<T, 1, KEYS / 8>(scores, a, b);
        }
    }

    DEVICE void gather(const float (&weights)[1][KEYS / 8][4], const T *values, int lane) {
#pragma unroll
        for (int part = 0; part < KEYS / 16; part++) {
            // What a product leaves in a lane's registers is laid out as what another takes.
            unsigned a[1][4], b[WIDTH / 16][4];
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const float *two = weights[0][part * 2 + i / 2] + i % 2 * 2;
                a[0][i] = pair(two[0], two[1], T());
            }
#pragma unroll
            for (int j = 0; j < WIDTH / 16; j++) {
                load_transposed(b[j], values + swizzled<WIDTH>(part * 16 + lane % 16, j * 2 + lane / 16));
            }
            multiply<T, 1, WIDTH / 8>(gathered, a, b);
        }
    }

    // Writes what was gathered; `out` is the sequence's first row.
    DEVICE void end(T *out, int first, int length, Heads heads, int lane) {
#pragma unroll
        for (int i = 0; i < 2; i++) {
            total[i] += shuffle_xor(total[i], 1);
            total[i] += shuffle_xor(total[i], 2);
            int query = first + lane / 4 + i * 8;
            T *row = out + (long long)query * heads.out_stride;
#pragma unroll
            for (int j = 0; j < WIDTH / 8; j++) {
                int at = j * 8 + lane % 4 * 2;
                if (query < length && at < heads.size) {
                    float first_share = gathered[0][j][i * 2] / total[i], second = gathered[0][j][i * 2 + 1] / total[i];
                    *(unsigned *)(row + at) = pair(first_share, second, T());
                }
            }
        }
    }
};

// `WIDTH` is the head's size or more; the size is a multiple of 8.
template <class T, int WIDTH, int KEYS>
DEVICE void attend(const T *qkv, const Stretch *stretches, T *out, Heads heads) {
    constexpr int STAGE = 2 * KEYS * WIDTH;
    T *shared = (T *)shared_memory();
    Stretch stretch = stretches[blockIdx.x];
    int length = (int)stretch.length, head = (int)blockIdx.y, hidden = heads.heads * heads.size;
    int lane = (int)threadIdx.x % WARP, first = (int)stretch.query + (int)threadIdx.x / WARP * 16;
    const T *queries = qkv + (long long)stretch.first * heads.stride + head * heads.size;
    const T *keys = queries + hidden, *values = keys + hidden;
    int blocks = (length + KEYS - 1) / KEYS;
    auto fetch_both = [&](int block) {
        T *stage = shared + block % 2 * STAGE;
        fetch_rows<T, WIDTH, KEYS>(stage, keys, block * KEYS, length, heads);
        fetch_rows<T, WIDTH, KEYS>(stage + KEYS * WIDTH, values, block * KEYS, length, heads);
    };
    fetch_both(0);
    fetch_group();
    // The last warps of a sequence's last stretch may have no queries: they copy, and gather nothing.
    bool idle = first >= length;
    Asking<T, WIDTH, KEYS> asking;
    asking.begin(queries, first, length, heads, lane);
    for (int block = 0; block < blocks; block++) {
        if (block + 1 < blocks) {
            fetch_both(block + 1);
        }
        fetch_group();
        fetch_wait<1>();
        __syncthreads();
        if (!idle) {
            const T *stage = shared + block % 2 * STAGE;
            asking.take(stage, stage + KEYS * WIDTH, length - block * KEYS, heads.scale, lane);
        }
        __syncthreads();
    }
    if (!idle) {
        T *rows = out + (long long)stretch.first * heads.out_stride + head * heads.size;
        asking.end(rows, first, length, heads, lane);
    }
}

#define ATTEND(NAME, T, WIDTH, KEYS)                                                                                   \
    KERNEL void __launch_bounds__(WARPS *WARP) attend_##NAME##_##WIDTH(const T *qkv, const Stretch *stretches, T *out, \
                                                                       int heads, int size, int stride,                \
                                                                       int out_stride, float scale) {                  \
        attend<T, WIDTH, KEYS>(qkv, stretches, out, Heads{heads, size, stride, out_stride, scale});                    \
    }
#ifdef WITH_F16
ATTEND(f16, F16, 32, 64)
ATTEND(f16, F16, 64, 64)
ATTEND(f16, F16, 128, 32)
#endif
#ifdef WITH_BF16
ATTEND(bf16, Bf16, 32, 64)
ATTEND(bf16, Bf16, 64, 64)
ATTEND(bf16, Bf16, 128, 32)
#endif

// For any head: one warp a query. Each lane scores one of 32 keys, then gathers every 32nd number of their values.
template <class T>
DEVICE void attend_plain(const T *qkv, const Stretch *stretches, T *out, Heads heads) {
    int warp = (int)threadIdx.x / WARP, lane = (int)threadIdx.x % WARP, warps = (int)blockDim.x / WARP;
    float *asked = (float *)shared_memory() + warp * 2 * heads.size, *gathered = asked + heads.size;
    Stretch stretch = stretches[blockIdx.x];
    int length = (int)stretch.length, head = (int)blockIdx.y, hidden = heads.heads * heads.size;
    const T *rows = qkv + (long long)stretch.first * heads.stride + head * heads.size;
    const T *keys = rows + hidden, *values = keys + hidden;
    int end = least((int)stretch.query + QUERIES, length);
    for (int query = (int)stretch.query + warp; query < end; query += warps) {
        for (int at = lane; at < heads.size; at += WARP) {
            asked[at] = widen(rows[(long long)query * heads.stride + at]);
            gathered[at] = 0.0f;
        }
        __syncwarp();
        float most = minus_infinity(), total = 0.0f;
        for (int first = 0; first < length; first += WARP) {
            float score = 0.0f;
            int key = first + lane;
            for (int at = 0; key < length && at < heads.size; at++) {
                score = fmaf(asked[at], widen(keys[(long long)key * heads.stride + at]), score);
            }
            score = key < length ? score * heads.scale : minus_infinity();
            float higher = fmaxf(most, warp_most(score));
            float kept = exp2f(most - higher), weight = exp2f(score - higher);
            most = higher;
            total = total * kept + warp_sum(weight);
            for (int from = 0; from < heads.size; from += WARP) {
                int at = from + lane;
                float sum = at < heads.size ? gathered[at] * kept : 0.0f;
                for (int other = 0; other < WARP; other++) {
                    float share = shuffle_from(weight, other);
                    if (first + other < length && at < heads.size) {
                        sum = fmaf(share, widen(values[(long long)(first + other) * heads.stride + at]), sum);
                    }
                }
                if (at < heads.size) {
                    gathered[at] = sum;
                }
            }
        }
        T *row = out + ((long long)stretch.first + query) * heads.out_stride + head * heads.size;
        for (int at = lane; at < heads.size; at += WARP) {
            narrow(gathered[at] / total, row[at]);
        }
        // The next query overwrites what other lanes may still read.
        __syncwarp();
    }
}

#define ATTEND_PLAIN(NAME, T)                                                                                          \
    KERNEL void attend_##NAME##_plain(const T *qkv, const Stretch *stretches, T *out, int heads, int size, int stride, \
                                      int out_stride, float scale) {                                                   \
        attend_plain(qkv, stretches, out, Heads{heads, size, stride, out_stride, scale});                              \
    }
#ifdef WITH_F32
ATTEND_PLAIN(f32, float)
#endif
#ifdef WITH_F16
ATTEND_PLAIN(f16, F16)
#endif
#ifdef WITH_BF16
ATTEND_PLAIN(bf16, Bf16)
#endif
