// The driver's functions that refrain calls, for cards that are this machine's processor: the kernels' own sources run on
// it, so that everything about a card but its speed and its rounding can be tested without one.
//
// Stricter than a driver where that finds mistakes: memory is NaN until it is written and ends at a page that cannot be
// touched, every address is looked up, and a module's text must declare the kernels that are called.
//
// EMULATED_CARDS, EMULATED_MEMORY (bytes a card), EMULATED_CAPABILITY (80 is 8.0), EMULATED_SECOND (the name of card 1) and
// EMULATED_DRIVER (12040 is 12.4) say what there is. EMULATED_FULL names a function that finds no memory; cuMemAlloc from the
// first launch on. EMULATED_REFUSES is what loading a module fails with (222: unsupported PTX).
#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

#include "fibers.h"
#include "kernels.h"

namespace {

using emulated::Block;
using emulated::Kernel;
using emulated::wrong;

enum Result {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    INVALID_DEVICE = 101,
    PRIMARY_CONTEXT_ACTIVE = 708,
    INVALID_PTX = 218,
    UNSUPPORTED_PTX = 222,
    INVALID_CONTEXT = 201,
    NOT_FOUND = 500,
    NO_DEVICE = 100,
};

struct Context {
    int card;
};
struct Module {
    // Parameters of each kernel that the text declares.
    std::map<std::string, unsigned> declared;
};
struct Function {
    const Kernel *kernel;
};
struct Memory {
    size_t bytes;
    int card;
    void *mapping;
    size_t mapped;
};

constexpr int MOST_CARDS = 16;

std::mutex lock;
std::map<uintptr_t, Memory> memory;
size_t used[MOST_CARDS];
std::map<const void *, size_t> pinned;
Context contexts[MOST_CARDS];
thread_local Context *current;
std::vector<std::unique_ptr<Block>> idle_blocks;

long long setting(const char *name, long long otherwise) {
    const char *text = std::getenv(name);
    return text == nullptr ? otherwise : std::atoll(text);
}
int cards() { return static_cast<int>(setting("EMULATED_CARDS", 2)); }
size_t limit() { return static_cast<size_t>(setting("EMULATED_MEMORY", 8ll << 30)); }

bool full(const char *function) {
    const char *text = std::getenv("EMULATED_FULL");
    return text != nullptr && std::strcmp(text, function) == 0;
}

std::atomic<bool> launched{false};

// The allocation that holds an address of the current card; null where none does.
const Memory *holding(uintptr_t address, size_t *left) {
    auto after = memory.upper_bound(address);
    if (after == memory.begin()) {
        return nullptr;
    }
    auto [start, found] = *std::prev(after);
    if (address >= start + found.bytes || current == nullptr || found.card != current->card) {
        return nullptr;
    }
    *left = start + found.bytes - address;
    return &std::prev(after)->second;
}

bool holds(uintptr_t address, size_t bytes) {
    std::lock_guard<std::mutex> guard(lock);
    size_t left = 0;
    return bytes == 0 || (holding(address, &left) != nullptr && left >= bytes);
}

std::unique_ptr<Block> take_block() {
    std::lock_guard<std::mutex> guard(lock);
    if (idle_blocks.empty()) {
        return std::make_unique<Block>();
    }
    auto block = std::move(idle_blocks.back());
    idle_blocks.pop_back();
    return block;
}

struct Launch {
    const Kernel *kernel;
    emulated::Index grid, block;
    unsigned shared;
    void **arguments;
};

void run_blocks(const Launch &launch, std::atomic<unsigned long long> &next, unsigned long long count) {
    auto block = take_block();
    for (auto at = next++; at < count; at = next++) {
        const auto &grid = launch.grid;
        block->block = {static_cast<unsigned>(at % grid.x), static_cast<unsigned>(at / grid.x % grid.y),
                        static_cast<unsigned>(at / grid.x / grid.y)};
        block->block_dim = launch.block;
        block->grid_dim = grid;
        block->threads = launch.block.x * launch.block.y * launch.block.z;
        block->shared_bytes = launch.shared;
        block->eager = at % 2 == 0;
        block->kernel = launch.kernel->call;
        block->arguments = launch.arguments;
        block->run();
    }
    std::lock_guard<std::mutex> guard(lock);
    idle_blocks.push_back(std::move(block));
}

void run(const Launch &launch) {
    unsigned long long count = static_cast<unsigned long long>(launch.grid.x) * launch.grid.y * launch.grid.z;
    std::atomic<unsigned long long> next{0};
    std::vector<std::thread> others;
    unsigned machine = std::thread::hardware_concurrency();
    for (unsigned thread = 1; thread < machine && thread < count; thread++) {
        others.emplace_back([&] { run_blocks(launch, next, count); });
    }
    run_blocks(launch, next, count);
    for (auto &other : others) {
        other.join();
    }
}

// The kernels that a module's text declares, with the number of their parameters.
std::map<std::string, unsigned> declared(const std::string &text) {
    std::map<std::string, unsigned> found;
    for (size_t at = text.find(".entry "); at != std::string::npos; at = text.find(".entry ", at + 1)) {
        size_t open = text.find('(', at), close = text.find(')', at);
        std::string name = text.substr(at + 7, open - at - 7);
        std::string list = text.substr(open, close - open);
        unsigned parameters = 0;
        for (size_t one = list.find(".param "); one != std::string::npos; one = list.find(".param ", one + 1)) {
            parameters++;
        }
        found[name] = parameters;
    }
    return found;
}

} // namespace

#define DRIVER extern "C" __attribute__((visibility("default"))) int

DRIVER cuInit(unsigned) { return cards() == 0 ? NO_DEVICE : SUCCESS; }

DRIVER cuDriverGetVersion(int *version) {
    *version = static_cast<int>(setting("EMULATED_DRIVER", 12040));
    return SUCCESS;
}

DRIVER cuDeviceGetCount(int *count) {
    *count = cards();
    return SUCCESS;
}

DRIVER cuDeviceGet(int *device, int ordinal) {
    *device = ordinal;
    return ordinal >= 0 && ordinal < cards() ? SUCCESS : INVALID_DEVICE;
}

DRIVER cuDeviceGetName(char *name, int length, int device) {
    const char *second = device == 1 ? std::getenv("EMULATED_SECOND") : nullptr;
    std::snprintf(name, static_cast<size_t>(length), "%s", second == nullptr ? "Emulated card" : second);
    return SUCCESS;
}

DRIVER cuDeviceGetAttribute(int *value, int attribute, int) {
    long long capability = setting("EMULATED_CAPABILITY", 80);
    switch (attribute) {
    case 75:
        *value = static_cast<int>(capability / 10);
        return SUCCESS;
    case 76:
        *value = static_cast<int>(capability % 10);
        return SUCCESS;
    default:
        return INVALID_VALUE;
    }
}

DRIVER cuDevicePrimaryCtxRetain(Context **context, int device) {
    if (full("cuDevicePrimaryCtxRetain")) {
        return OUT_OF_MEMORY;
    }
    contexts[device].card = device;
    *context = &contexts[device];
    return SUCCESS;
}

// Refused where the context is in use, as a driver may.
DRIVER cuDevicePrimaryCtxSetFlags_v2(int device, unsigned flags) {
    return device == 1 ? PRIMARY_CONTEXT_ACTIVE : flags == 4 ? SUCCESS : INVALID_VALUE;
}

DRIVER cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }

DRIVER cuCtxSetCurrent(Context *context) {
    current = context;
    return SUCCESS;
}

DRIVER cuMemGetInfo_v2(size_t *free, size_t *total) {
    if (current == nullptr) {
        return INVALID_CONTEXT;
    }
    std::lock_guard<std::mutex> guard(lock);
    *total = limit();
    *free = *total - used[current->card];
    return SUCCESS;
}

DRIVER cuMemAlloc_v2(uintptr_t *address, size_t bytes) {
    if (current == nullptr) {
        return INVALID_CONTEXT;
    }
    if (bytes == 0) {
        return INVALID_VALUE;
    }
    std::lock_guard<std::mutex> guard(lock);
    if (bytes > limit() - used[current->card] || (launched && full("cuMemAlloc"))) {
        return OUT_OF_MEMORY;
    }
    size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    // Ends where touching is refused, but for what aligning to 16 bytes leaves.
    size_t rounded = (bytes + 15) / 16 * 16, whole = (rounded + page - 1) / page * page;
    void *mapping = mmap(nullptr, whole + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED) {
        return OUT_OF_MEMORY;
    }
    auto start = reinterpret_cast<uintptr_t>(mapping);
    mprotect(reinterpret_cast<void *>(start + whole), page, PROT_NONE);
    *address = start + whole - rounded;
    std::memset(reinterpret_cast<void *>(*address), 0xff, rounded);
    memory[*address] = Memory{bytes, current->card, mapping, whole + page};
    used[current->card] += bytes;
    return SUCCESS;
}

DRIVER cuMemFree_v2(uintptr_t address) {
    std::lock_guard<std::mutex> guard(lock);
    auto found = memory.find(address);
    if (found == memory.end()) {
        wrong("memory is given back that was not taken");
    }
    used[found->second.card] -= found->second.bytes;
    munmap(found->second.mapping, found->second.mapped);
    memory.erase(found);
    return SUCCESS;
}

DRIVER cuMemHostAlloc(void **address, size_t bytes, unsigned) {
    if (full("cuMemHostAlloc")) {
        return OUT_OF_MEMORY;
    }
    *address = std::malloc(bytes);
    std::lock_guard<std::mutex> guard(lock);
    pinned[*address] = bytes;
    return *address == nullptr ? OUT_OF_MEMORY : SUCCESS;
}

DRIVER cuMemFreeHost(void *address) {
    std::lock_guard<std::mutex> guard(lock);
    if (pinned.erase(address) == 0) {
        wrong("pinned memory is given back that was not taken");
    }
    std::free(address);
    return SUCCESS;
}

DRIVER cuMemcpyHtoDAsync_v2(uintptr_t to, const void *from, size_t bytes, void *) {
    if (!holds(to, bytes)) {
        wrong("a copy to what is not the card's memory");
    }
    std::memcpy(reinterpret_cast<void *>(to), from, bytes);
    return SUCCESS;
}

DRIVER cuMemcpyDtoHAsync_v2(void *to, uintptr_t from, size_t bytes, void *) {
    if (!holds(from, bytes)) {
        wrong("a copy from what is not the card's memory");
    }
    std::memcpy(to, reinterpret_cast<void *>(from), bytes);
    return SUCCESS;
}

DRIVER cuMemsetD8Async(uintptr_t to, unsigned char value, size_t bytes, void *) {
    if (!holds(to, bytes)) {
        wrong("what is not the card's memory is set");
    }
    std::memset(reinterpret_cast<void *>(to), value, bytes);
    return SUCCESS;
}

DRIVER cuStreamCreate(void **stream, unsigned) {
    if (full("cuStreamCreate")) {
        return OUT_OF_MEMORY;
    }
    *stream = std::malloc(1);
    return SUCCESS;
}

DRIVER cuStreamDestroy_v2(void *stream) {
    std::free(stream);
    return SUCCESS;
}

DRIVER cuCtxSynchronize() { return current == nullptr ? INVALID_CONTEXT : SUCCESS; }

DRIVER cuStreamSynchronize(void *) { return current == nullptr ? INVALID_CONTEXT : SUCCESS; }

DRIVER cuModuleLoadDataEx(Module **module, const char *text, unsigned count, int *options, void **values) {
    if (full("cuModuleLoadDataEx")) {
        return OUT_OF_MEMORY;
    }
    if (count != 2 || options[0] != 5 || options[1] != 6) {
        wrong("other options than a log of errors and its size");
    }
    if (int refused = static_cast<int>(setting("EMULATED_REFUSES", SUCCESS))) {
        std::snprintf(static_cast<char *>(values[0]), reinterpret_cast<size_t>(values[1]), "ptxas: line 1\nand line 2\n");
        return refused;
    }
    std::string ptx(text);
    if (ptx.find(".version 7.8") == std::string::npos || ptx.find(".target sm_80") == std::string::npos) {
        return INVALID_PTX;
    }
    if (setting("EMULATED_DRIVER", 12040) < 11080) {
        return UNSUPPORTED_PTX;
    }
    *module = new Module{declared(ptx)};
    return SUCCESS;
}

DRIVER cuModuleUnload(Module *module) {
    delete module;
    return SUCCESS;
}

DRIVER cuModuleGetFunction(Function **function, Module *module, const char *name) {
    auto found = module->declared.find(name);
    if (found == module->declared.end()) {
        return NOT_FOUND;
    }
    const Kernel *kernel = emulated::find_kernel(name);
    if (kernel == nullptr || kernel->parameters != found->second) {
        wrong("PTX that was not made of these sources");
    }
    // As long as the process, as a driver's would be as long as its module.
    *function = new Function{kernel};
    return SUCCESS;
}

DRIVER cuLaunchKernel(Function *function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                      unsigned block_y, unsigned block_z, unsigned shared, void *, void **arguments, void **) {
    Launch launch{function->kernel, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared, arguments};
    unsigned long long threads = 1ull * block_x * block_y * block_z;
    bool fits = threads >= 1 && threads <= emulated::MOST_THREADS && grid_x >= 1 && grid_y >= 1 && grid_z >= 1 &&
                grid_x <= 0x7fffffff && grid_y <= 65535 && grid_z <= 65535 && shared <= emulated::MOST_SHARED;
    if (!fits || current == nullptr) {
        return current == nullptr ? INVALID_CONTEXT : INVALID_VALUE;
    }
    if (threads % emulated::LANES != 0) {
        wrong("a block that is not whole warps");
    }
    for (unsigned at = 0; at < launch.kernel->parameters; at++) {
        uintptr_t address = launch.kernel->is_address(at) ? *static_cast<uintptr_t *>(arguments[at]) : 0;
        if (launch.kernel->is_address(at) && !holds(address, 1)) {
            wrong("a kernel is given an address that is not the card's memory");
        }
    }
    launched = true;
    run(launch);
    return SUCCESS;
}

DRIVER cuGetErrorName(int error, const char **name) {
    *name = error == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : error == NO_DEVICE ? "CUDA_ERROR_NO_DEVICE"
            : error == UNSUPPORTED_PTX                          ? "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"
                                                                : "CUDA_ERROR_UNKNOWN";
    return SUCCESS;
}
