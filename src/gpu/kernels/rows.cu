// What happens to rows between the linear maps: embeddings summed and normalised, residuals added and normalised,
// tokens pooled. One warp a row; sums in 32 bits, in one order whatever else is in the batch.
#include "card.cuh"

struct Norm {
    const float *weight;
    const float *bias;
    float epsilon;
    int width;
    // Numbers from one row of operands to the next.
    int stride;
};

// Normalises one row whose values are in `state` already, each lane's own, and sum up to `sum` over this lane's.
template <class T> DEVICE void norm_row(float *state, T *operand, float sum, Norm norm, int lane) {
    float mean = warp_sum(sum) / (float)norm.width;
    float squares = 0.0f;
    for (int at = lane; at < norm.width; at += WARP) {
        float apart = state[at] - mean;
        squares = fmaf(apart, apart, squares);
    }
    float scale = 1.0f / sqrtf(warp_sum(squares) / (float)norm.width + norm.epsilon);
    for (int at = lane; at < norm.width; at += WARP) {
        float value = fmaf((state[at] - mean) * scale, norm.weight[at], norm.bias[at]);
        state[at] = value;
        narrow(value, operand[at]);
    }
}

// The first state of each token: its word's embedding and its place's, normalised.
template <class T>
DEVICE void embed(const unsigned *ids, const unsigned *places, const T *words, const float *place_table, float *states,
                  T *operands, Norm norm, int rows) {
    int row = (int)(blockIdx.x * blockDim.x + threadIdx.x) / WARP, lane = (int)threadIdx.x % WARP;
    if (row >= rows) {
        return;
    }
    const T *word = words + (long long)ids[row] * norm.width;
    const float *place = place_table + (long long)places[row] * norm.width;
    float *state = states + (long long)row * norm.width;
    float sum = 0.0f;
    for (int at = lane; at < norm.width; at += WARP) {
        float value = widen(word[at]) + place[at];
        state[at] = value;
        sum += value;
    }
    norm_row(state, operands + (long long)row * norm.stride, sum, norm, lane);
}

// states = norm(states + added).
template <class T> DEVICE void settle(const T *added, float *states, T *operands, Norm norm, int rows) {
    int row = (int)(blockIdx.x * blockDim.x + threadIdx.x) / WARP, lane = (int)threadIdx.x % WARP;
    if (row >= rows) {
        return;
    }
    const T *more = added + (long long)row * norm.stride;
    float *state = states + (long long)row * norm.width;
    float sum = 0.0f;
    for (int at = lane; at < norm.width; at += WARP) {
        float value = state[at] + widen(more[at]);
        state[at] = value;
        sum += value;
    }
    norm_row(state, operands + (long long)row * norm.stride, sum, norm, lane);
}

#define ROW_KERNELS(NAME, T)                                                                                           \
    KERNEL void embed_##NAME(const unsigned *ids, const unsigned *places, const T *words, const float *place_table,    \
                             const float *weight, const float *bias, float *states, T *operands, float epsilon,        \
                             int width, int stride, int rows) {                                                        \
        embed(ids, places, words, place_table, states, operands, Norm{weight, bias, epsilon, width, stride}, rows);    \
    }                                                                                                                  \
    KERNEL void settle_##NAME(const T *added, const float *weight, const float *bias, float *states, T *operands,      \
                              float epsilon, int width, int stride, int rows) {                                        \
        settle(added, states, operands, Norm{weight, bias, epsilon, width, stride}, rows);                             \
    }
ROW_KERNELS(f32, float)
ROW_KERNELS(f16, F16)
ROW_KERNELS(bf16, Bf16)

// As gpu/ops/pool.rs numbers them.
enum Mode { CLS, MOST, MEAN, MEAN_SQRT, WEIGHTED, LAST };

// One vector of each sequence and mode: tokens `first..end` of `states`, of which the first `skip` take no part. As
// embed/pooling.rs says it: zeros where none is left, positions counted from 1, sums in order of tokens.
KERNEL void pool(const float *states, const unsigned *ends, const unsigned *modes, float *out, int skip, int width) {
    int sequence = (int)blockIdx.x, mode = (int)modes[blockIdx.y];
    long long first = sequence == 0 ? 0 : ends[sequence - 1], end = ends[sequence];
    int length = (int)(end - first);
    const float *rows = states + first * width;
    float *vector = out + ((long long)sequence * gridDim.y + blockIdx.y) * width;
    for (int at = (int)threadIdx.x; at < width; at += (int)blockDim.x) {
        float sum = mode == MOST && skip < length ? minus_infinity() : 0.0f, weights = 0.0f;
        int from = mode == LAST && skip < length ? length - 1 : skip;
        int to = mode == CLS ? least(skip + 1, length) : length;
        for (int token = from; token < to; token++) {
            float value = rows[(long long)token * width + at];
            float weight = mode == WEIGHTED ? (float)(token + 1) : 1.0f;
            // What is no number stays, as it does in sums: the vector must come out unusable, not wrong.
            bool more = value > sum || value != value;
            sum = mode == MOST ? (more ? value : sum) : fmaf(weight, value, sum);
            weights += weight;
        }
        float divisor = mode == MEAN || mode == WEIGHTED ? weights : mode == MEAN_SQRT ? sqrtf(weights) : 1.0f;
        vector[at] = sum / fmaxf(divisor, 1e-9f);
    }
}
