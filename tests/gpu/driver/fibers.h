// The threads of one block as fibers of one thread of this machine, by warps, which meet where the kernels meet.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace emulated {

struct Index {
    unsigned x, y, z;
};

constexpr unsigned LANES = 32;
constexpr unsigned MOST_THREADS = 1024;
constexpr unsigned MOST_SHARED = 48 * 1024;

[[noreturn]] inline void wrong(const char *what) {
    std::fprintf(stderr, "emulated driver: %s\n", what);
    std::abort();
}

// A copy into shared memory that has begun.
struct Copy {
    void *to;
    const void *from;
    bool there;
};

struct Fiber {
    void *stack_pointer;
    Index thread;
    unsigned lane;
    // Groups of copies under way, the last of which is open.
    std::vector<std::vector<Copy>> groups;
};

struct Warp {
    // Lanes that can go on, and lanes that have not ended.
    uint32_t ready, alive;
    unsigned come;
    void *given[LANES];
};

// One block while it runs.
struct Block {
    Index block, block_dim, grid_dim;
    // Whether copies are made when they begin, or only when they are waited for: a kernel may rely on neither.
    bool eager;
    unsigned char *shared;
    unsigned shared_bytes;
    unsigned threads, alive, arrived;
    Fiber fibers[MOST_THREADS];
    Warp warps[MOST_THREADS / LANES];
    unsigned current;
    void *host_stack_pointer;
    void (*kernel)(void **);
    void **arguments;

    Block();
    ~Block();
    void run();
    // Lets others go on until this fiber can.
    void rest();
    void meet_block();
    void end_fiber();

  private:
    unsigned char *stacks;
    unsigned next() const;
};

// The block that this thread of the machine runs.
extern __thread Block *here;

// Every lane of a warp gives something, and the last to come acts on all of it.
template <class Given, class Act> void meet_warp(Given &mine, Act act) {
    Block &block = *here;
    unsigned thread = block.current;
    Warp &warp = block.warps[thread / LANES];
    warp.given[thread % LANES] = &mine;
    if (++warp.come < LANES) {
        warp.ready &= ~(1u << thread % LANES);
        block.rest();
        return;
    }
    if (warp.alive != ~0u) {
        wrong("a warp meets without all its lanes");
    }
    act(reinterpret_cast<Given **>(warp.given));
    warp.come = 0;
    warp.ready = ~0u;
}

} // namespace emulated
