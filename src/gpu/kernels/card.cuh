// What the kernels take from a card: half-precision numbers, copies into shared memory, and the instructions that
// multiply small matrices. PTX ISA 7.8, sections "cp.async", "ldmatrix", "mma.m16n8k16" and "cvt".
//
// Compiled by a host's compiler, the same names come from tests/gpu/driver/emulated.h.
#pragma once

// The kernels of one kind of operand, for which make.py makes a module; of all where none is named.
#if !defined(WITH_F32) && !defined(WITH_F16) && !defined(WITH_BF16)
#define WITH_F32
#define WITH_F16
#define WITH_BF16
#endif

#ifndef __CUDACC__
#include "emulated.h"
#else

struct F16 {
    unsigned short bits;
};
struct Bf16 {
    unsigned short bits;
};

#define KERNEL extern "C" __global__
#define DEVICE __device__ __forceinline__

DEVICE float widen(float value) { return value; }
DEVICE float widen(F16 value) {
    float wide;
    asm("cvt.f32.f16 %0, %1;" : "=f"(wide) : "h"(value.bits));
    return wide;
}
DEVICE float widen(Bf16 value) { return __uint_as_float((unsigned)value.bits << 16); }

DEVICE void narrow(float value, float &out) { out = value; }
DEVICE void narrow(float value, F16 &out) { asm("cvt.rn.f16.f32 %0, %1;" : "=h"(out.bits) : "f"(value)); }
DEVICE void narrow(float value, Bf16 &out) { asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(out.bits) : "f"(value)); }

// Two numbers in one register, the first in its lower half.
DEVICE unsigned pair(float first, float second, F16) {
    unsigned both;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(second), "f"(first));
    return both;
}
DEVICE unsigned pair(float first, float second, Bf16) {
    unsigned both;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(second), "f"(first));
    return both;
}

// The block's shared memory, as large as its launch asked for.
DEVICE unsigned char *shared_memory() {
    extern __shared__ __align__(128) unsigned char shared[];
    return shared;
}

DEVICE unsigned shared_address(const void *pointer) { return (unsigned)__cvta_generic_to_shared(pointer); }

// Begins to copy 16 bytes into shared memory; zeros where they are not `there`, without reading.
DEVICE void fetch(void *to, const void *from, bool there) {
    unsigned bytes = there ? 16 : 0;
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(to)), "l"(from), "r"(bytes)
                 : "memory");
}
// Closes a group of copies.
DEVICE void fetch_group() { asm volatile("cp.async.commit_group;" ::: "memory"); }
// Waits until at most so many groups are under way.
template <int UNDER_WAY> DEVICE void fetch_wait() {
    asm volatile("cp.async.wait_group %0;" ::"n"(UNDER_WAY) : "memory");
}

// Four 8x8 matrices, of which lane l names row l % 8 of matrix l / 8.
DEVICE void load_matrices(unsigned (&out)[4], const void *row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
                 : "r"(shared_address(row))
                 : "memory");
}
// As load_matrices, each matrix transposed.
DEVICE void load_transposed(unsigned (&out)[4], const void *row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
                 : "r"(shared_address(row))
                 : "memory");
}

DEVICE void multiply_one(float (&sums)[4], const unsigned (&a)[4], const unsigned *b, F16) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};"
                 : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
DEVICE void multiply_one(float (&sums)[4], const unsigned (&a)[4], const unsigned *b, Bf16) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};"
                 : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// sums[i][j] += a[i] b[j]: tiles of 16x16 numbers times pairs of tiles of 16x8, of which register b[j / 2] holds two.
template <class T, int ROWS, int OUTS>
DEVICE void multiply(float (&sums)[ROWS][OUTS][4], const unsigned (&a)[ROWS][4], const unsigned (&b)[OUTS / 2][4]) {
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
#pragma unroll
        for (int j = 0; j < OUTS; j++) {
            multiply_one(sums[i][j], a[i], &b[j / 2][j % 2 * 2], T());
        }
    }
}

// The value of the lane whose number differs by these bits.
DEVICE float shuffle_xor(float value, int bits) { return __shfl_xor_sync(0xffffffffu, value, bits); }
// The value of one lane.
DEVICE float shuffle_from(float value, int lane) { return __shfl_sync(0xffffffffu, value, lane); }
// The lanes of which something is true, as bits.
DEVICE unsigned warp_ballot(bool yes) { return __ballot_sync(0xffffffffu, yes); }
DEVICE int lowest_bit(unsigned bits) { return __ffs((int)bits) - 1; }
DEVICE int count_bits(unsigned bits) { return __popc(bits); }
// Adds one to a number that all blocks share, and gives what it was.
DEVICE unsigned add_one(unsigned *number) { return atomicAdd(number, 1u); }

#endif

constexpr int WARP = 32;

// Eight halves, moved at once.
struct alignas(16) Eight {
    unsigned pairs[4];
};

DEVICE float minus_infinity() { return __uint_as_float(0xff800000u); }

DEVICE float warp_sum(float value) {
#pragma unroll
    for (int bits = WARP / 2; bits > 0; bits /= 2) {
        value += shuffle_xor(value, bits);
    }
    return value;
}

DEVICE float warp_most(float value) {
#pragma unroll
    for (int bits = WARP / 2; bits > 0; bits /= 2) {
        value = fmaxf(value, shuffle_xor(value, bits));
    }
    return value;
}

DEVICE int least(int left, int right) { return left < right ? left : right; }
