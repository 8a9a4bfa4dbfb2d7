// What kernels take from a card, for a host's compiler: the counterpart of src/gpu/kernels/card.cuh.
//
// Every number is rounded as the PTX ISA says; sums of a product of matrices are 32-bit ones in order of inputs, which
// the ISA leaves open.
#pragma once

#include <cmath>
#include <cstring>

#include "fibers.h"

#define KERNEL extern "C"
#define DEVICE inline
#define __launch_bounds__(...)
#define threadIdx (emulated::here->fibers[emulated::here->current].thread)
#define blockIdx (emulated::here->block)
#define blockDim (emulated::here->block_dim)
#define gridDim (emulated::here->grid_dim)

struct F16 {
    unsigned short bits;
};
struct Bf16 {
    unsigned short bits;
};

namespace emulated {
float from_f16(unsigned short bits);
unsigned short to_f16(float value);
unsigned short to_bf16(float value);
// The value of every half.
const float *f16_values();

inline unsigned bits_of(float value) {
    unsigned bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}
inline float float_of(unsigned bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}
} // namespace emulated

inline float __uint_as_float(unsigned bits) { return emulated::float_of(bits); }
inline float __fmul_rn(float left, float right) { return left * right; }
inline float __fadd_rn(float left, float right) { return left + right; }

inline float widen(float value) { return value; }
inline float widen(F16 value) {
    static const float *values = emulated::f16_values();
    return values[value.bits];
}
inline float widen(Bf16 value) { return emulated::float_of(static_cast<unsigned>(value.bits) << 16); }
inline void narrow(float value, float &out) { out = value; }
inline void narrow(float value, F16 &out) { out.bits = emulated::to_f16(value); }
inline void narrow(float value, Bf16 &out) { out.bits = emulated::to_bf16(value); }
template <class T> unsigned pair(float first, float second, T) {
    T low, high;
    narrow(first, low);
    narrow(second, high);
    return low.bits | static_cast<unsigned>(high.bits) << 16;
}

inline unsigned char *shared_memory() { return emulated::here->shared; }
inline void __syncthreads() { emulated::here->meet_block(); }
inline void __syncwarp() {
    int nothing = 0;
    emulated::meet_warp(nothing, [](int **) {});
}

namespace emulated {
inline void check_shared(const void *pointer) {
    auto offset = static_cast<const unsigned char *>(pointer) - here->shared;
    if (offset < 0 || offset + 16 > here->shared_bytes || offset % 16 != 0) {
        wrong("16 bytes that are not in the block's shared memory");
    }
}
inline void copy(const Copy &copy) {
    check_shared(copy.to);
    if (copy.there) {
        std::memcpy(copy.to, copy.from, 16);
    } else {
        std::memset(copy.to, 0, 16);
    }
}
} // namespace emulated

inline void fetch(void *to, const void *from, bool there) {
    if (reinterpret_cast<uintptr_t>(from) % 16 != 0) {
        emulated::wrong("a copy of 16 bytes from an address that is no multiple of 16");
    }
    emulated::Copy copy{to, from, there};
    if (emulated::here->eager) {
        emulated::copy(copy);
    } else {
        emulated::here->fibers[emulated::here->current].groups.back().push_back(copy);
    }
}
inline void fetch_group() { emulated::here->fibers[emulated::here->current].groups.emplace_back(); }
template <int UNDER_WAY> void fetch_wait() {
    auto &groups = emulated::here->fibers[emulated::here->current].groups;
    // The open one does not count.
    while (groups.size() > UNDER_WAY + 1) {
        for (const auto &copy : groups.front()) {
            emulated::copy(copy);
        }
        groups.erase(groups.begin());
    }
}

namespace emulated {
struct MatrixRow {
    const unsigned short *row;
    unsigned *out;
};
inline void matrices(unsigned (&out)[4], const void *row, bool across) {
    check_shared(row);
    MatrixRow mine{static_cast<const unsigned short *>(row), out};
    meet_warp(mine, [across](MatrixRow **given) {
        for (unsigned lane = 0; lane < LANES; lane++) {
            for (unsigned matrix = 0; matrix < 4; matrix++) {
                unsigned line = lane / 4, pair = lane % 4 * 2;
                unsigned low = across ? given[matrix * 8 + pair]->row[line] : given[matrix * 8 + line]->row[pair];
                unsigned high =
                    across ? given[matrix * 8 + pair + 1]->row[line] : given[matrix * 8 + line]->row[pair + 1];
                given[lane]->out[matrix] = low | high << 16;
            }
        }
    });
}
template <class T> float part(unsigned two, unsigned which) {
    return widen(T{static_cast<unsigned short>(two >> which * 16)});
}
} // namespace emulated

inline void load_matrices(unsigned (&out)[4], const void *row) { emulated::matrices(out, row, false); }
inline void load_transposed(unsigned (&out)[4], const void *row) { emulated::matrices(out, row, true); }

template <class T, int ROWS, int OUTS>
void multiply(float (&sums)[ROWS][OUTS][4], const unsigned (&a)[ROWS][4], const unsigned (&b)[OUTS / 2][4]) {
    struct Operands {
        float (*sums)[OUTS][4];
        const unsigned (*a)[4];
        const unsigned (*b)[4];
    } mine{sums, a, b};
    emulated::meet_warp(mine, [](Operands **given) {
        float right[16][OUTS * 8];
        for (int j = 0; j < OUTS; j++) {
            for (unsigned lane = 0; lane < emulated::LANES; lane++) {
                for (unsigned i = 0; i < 4; i++) {
                    unsigned two = given[lane]->b[j / 2][j % 2 * 2 + i / 2];
                    right[lane % 4 * 2 + i % 2 + i / 2 * 8][j * 8 + lane / 4] = emulated::part<T>(two, i % 2);
                }
            }
        }
        for (int i = 0; i < ROWS; i++) {
            float left[16][16], out[16][OUTS * 8];
            for (unsigned lane = 0; lane < emulated::LANES; lane++) {
                for (unsigned at = 0; at < 8; at++) {
                    unsigned two = given[lane]->a[i][at / 2];
                    left[lane / 4 + at / 2 % 2 * 8][lane % 4 * 2 + at % 2 + at / 4 * 8] = emulated::part<T>(two, at % 2);
                }
                for (int j = 0; j < OUTS; j++) {
                    for (unsigned at = 0; at < 4; at++) {
                        out[lane / 4 + at / 2 * 8][j * 8 + lane % 4 * 2 + at % 2] = given[lane]->sums[i][j][at];
                    }
                }
            }
            for (int row = 0; row < 16; row++) {
                for (int input = 0; input < 16; input++) {
                    for (int column = 0; column < OUTS * 8; column++) {
                        out[row][column] += left[row][input] * right[input][column];
                    }
                }
            }
            for (unsigned lane = 0; lane < emulated::LANES; lane++) {
                for (int j = 0; j < OUTS; j++) {
                    for (unsigned at = 0; at < 4; at++) {
                        given[lane]->sums[i][j][at] = out[lane / 4 + at / 2 * 8][j * 8 + lane % 4 * 2 + at % 2];
                    }
                }
            }
        }
    });
}

namespace emulated {
struct Shuffled {
    float value, got;
    unsigned from;
};
inline float shuffle(float value, unsigned from) {
    Shuffled mine{value, 0.0f, from % LANES};
    meet_warp(mine, [](Shuffled **given) {
        for (unsigned lane = 0; lane < LANES; lane++) {
            given[lane]->got = given[given[lane]->from]->value;
        }
    });
    return mine.got;
}
inline unsigned lane() { return here->current % LANES; }
} // namespace emulated

inline float shuffle_xor(float value, int bits) {
    return emulated::shuffle(value, emulated::lane() ^ static_cast<unsigned>(bits));
}
inline float shuffle_from(float value, int lane) { return emulated::shuffle(value, static_cast<unsigned>(lane)); }

namespace emulated {
struct Voted {
    bool yes;
    unsigned all;
};
} // namespace emulated

inline unsigned warp_ballot(bool yes) {
    emulated::Voted mine{yes, 0};
    emulated::meet_warp(mine, [](emulated::Voted **given) {
        unsigned all = 0;
        for (unsigned lane = 0; lane < emulated::LANES; lane++) {
            all |= static_cast<unsigned>(given[lane]->yes) << lane;
        }
        for (unsigned lane = 0; lane < emulated::LANES; lane++) {
            given[lane]->all = all;
        }
    });
    return mine.all;
}
inline int lowest_bit(unsigned bits) { return __builtin_ctz(bits); }
inline int count_bits(unsigned bits) { return __builtin_popcount(bits); }
inline unsigned add_one(unsigned *number) { return __atomic_fetch_add(number, 1u, __ATOMIC_RELAXED); }
