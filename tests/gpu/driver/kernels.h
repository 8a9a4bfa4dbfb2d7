// The kernels that were compiled into the emulated driver.
#pragma once

namespace emulated {

struct Kernel {
    const char *name;
    unsigned parameters;
    // Whether a parameter is an address.
    bool (*is_address)(unsigned parameter);
    void (*call)(void **arguments);
};

// The kernel of a name; null where there is none.
const Kernel *find_kernel(const char *name);

} // namespace emulated
