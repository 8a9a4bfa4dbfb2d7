// Switching between fibers: by hand where the machine is known, because the system's own way asks the kernel twice.
#include "fibers.h"

#include <cstring>
#include <sys/mman.h>

namespace emulated {

__thread Block *here;

namespace {
constexpr size_t STACK = 64 * 1024;
}

#if defined(__x86_64__)
// Saves what a call must keep and the stack's top, and goes on where another fiber did so.
__attribute__((naked, noinline)) void switch_stacks(void **, void *) {
    asm("pushq %rbp; pushq %rbx; pushq %r12; pushq %r13; pushq %r14; pushq %r15;"
        "movq %rsp, (%rdi); movq %rsi, %rsp;"
        "popq %r15; popq %r14; popq %r13; popq %r12; popq %rbx; popq %rbp; ret");
}

namespace {
void start() {
    here->kernel(here->arguments);
    here->end_fiber();
}

void *fresh_stack(unsigned char *top) {
    // Six registers, the address to return to, and one word so that a function begins as after a call.
    void **words = reinterpret_cast<void **>(top) - 8;
    std::memset(words, 0, 8 * sizeof(void *));
    words[6] = reinterpret_cast<void *>(&start);
    return words;
}
} // namespace
#elif defined(__aarch64__)
extern "C" void refrain_switch_stacks(void **, void *);
asm(".global refrain_switch_stacks\n"
    "refrain_switch_stacks:\n"
    "sub sp, sp, #160\n"
    "stp x19, x20, [sp]\nstp x21, x22, [sp, #16]\nstp x23, x24, [sp, #32]\nstp x25, x26, [sp, #48]\n"
    "stp x27, x28, [sp, #64]\nstp x29, x30, [sp, #80]\n"
    "stp d8, d9, [sp, #96]\nstp d10, d11, [sp, #112]\nstp d12, d13, [sp, #128]\nstp d14, d15, [sp, #144]\n"
    "mov x2, sp\nstr x2, [x0]\nmov sp, x1\n"
    "ldp x19, x20, [sp]\nldp x21, x22, [sp, #16]\nldp x23, x24, [sp, #32]\nldp x25, x26, [sp, #48]\n"
    "ldp x27, x28, [sp, #64]\nldp x29, x30, [sp, #80]\n"
    "ldp d8, d9, [sp, #96]\nldp d10, d11, [sp, #112]\nldp d12, d13, [sp, #128]\nldp d14, d15, [sp, #144]\n"
    "add sp, sp, #160\nret\n");

void switch_stacks(void **from, void *to) { refrain_switch_stacks(from, to); }

namespace {
void start() {
    here->kernel(here->arguments);
    here->end_fiber();
}

void *fresh_stack(unsigned char *top) {
    void **words = reinterpret_cast<void **>(top) - 20;
    std::memset(words, 0, 20 * sizeof(void *));
    words[11] = reinterpret_cast<void *>(&start);
    return words;
}
} // namespace
#else
#error "emulated driver: fibers are written for x86-64 and aarch64"
#endif

Block::Block() {
    void *memory = mmap(nullptr, MOST_THREADS * STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        wrong("no memory for stacks");
    }
    stacks = static_cast<unsigned char *>(memory);
    shared = static_cast<unsigned char *>(std::aligned_alloc(128, MOST_SHARED));
}

Block::~Block() {
    munmap(stacks, MOST_THREADS * STACK);
    std::free(shared);
}

void Block::run() {
    here = this;
    // NaN in every format, so that reading what was not written is seen.
    std::memset(shared, 0xff, MOST_SHARED);
    alive = threads;
    arrived = 0;
    for (unsigned thread = 0; thread < threads; thread++) {
        Fiber &fiber = fibers[thread];
        fiber.stack_pointer = fresh_stack(stacks + (thread + 1) * STACK);
        fiber.thread = {thread % block_dim.x, thread / block_dim.x % block_dim.y, thread / block_dim.x / block_dim.y};
        fiber.groups.assign(1, {});
        if (thread % LANES == 0) {
            warps[thread / LANES] = Warp{~0u, ~0u, 0, {}};
        }
    }
    current = 0;
    switch_stacks(&host_stack_pointer, fibers[0].stack_pointer);
}

unsigned Block::next() const {
    unsigned count = threads / LANES, own = current / LANES;
    for (unsigned step = 0; step < count; step++) {
        unsigned warp = (own + step) % count, ready = warps[warp].ready;
        if (ready != 0) {
            unsigned after = step == 0 ? ready & (~1u << current % LANES) : 0;
            return warp * LANES + static_cast<unsigned>(__builtin_ctz(after != 0 ? after : ready));
        }
    }
    wrong("no thread of a block can go on");
}

void Block::rest() {
    void **from = &fibers[current].stack_pointer;
    current = next();
    switch_stacks(from, fibers[current].stack_pointer);
}

void Block::meet_block() {
    Warp &warp = warps[current / LANES];
    warp.ready &= ~(1u << current % LANES);
    if (++arrived < alive) {
        rest();
        return;
    }
    arrived = 0;
    for (unsigned at = 0; at < threads / LANES; at++) {
        if (warps[at].come != 0) {
            wrong("a block meets while a warp does");
        }
        warps[at].ready = warps[at].alive;
    }
}

void Block::end_fiber() {
    Warp &warp = warps[current / LANES];
    warp.ready &= ~(1u << current % LANES);
    warp.alive &= ~(1u << current % LANES);
    alive--;
    if (arrived != 0 && arrived == alive) {
        wrong("a thread ended while others wait for the block");
    }
    void *unused;
    if (alive == 0) {
        switch_stacks(&unused, host_stack_pointer);
    }
    current = next();
    switch_stacks(&unused, fibers[current].stack_pointer);
    wrong("an ended thread went on");
}

} // namespace emulated
