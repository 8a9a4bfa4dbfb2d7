// The kernels' own sources, and a table of them by name.
#include "kernels.h"

#include <cstring>
#include <type_traits>
#include <utility>

#include "card.cuh"

// Each in a namespace, because each has its own sizes. What they share was included above.
namespace attention {
#include "attention.cu"
}
namespace neighbours_of {
#include "neighbours.cu"
}
namespace product_of {
#include "product.cu"
}
namespace rows_of {
#include "rows.cu"
}

namespace {

using namespace emulated;

template <auto KERNEL_FUNCTION> struct Entry;
template <class... Parameters, void (*FUNCTION)(Parameters...)> struct Entry<FUNCTION> {
    template <size_t... AT> static void call_with(void **arguments, std::index_sequence<AT...>) {
        FUNCTION(*static_cast<std::remove_reference_t<Parameters> *>(arguments[AT])...);
    }
    static void call(void **arguments) { call_with(arguments, std::index_sequence_for<Parameters...>()); }
    static bool is_address(unsigned parameter) {
        const bool addresses[] = {std::is_pointer_v<Parameters>...};
        return addresses[parameter];
    }
    static Kernel named(const char *name) { return {name, sizeof...(Parameters), &is_address, &call}; }
};

#define ENTRY(SPACE, NAME) Entry<&SPACE::NAME>::named(#NAME)

const Kernel KERNELS[] = {
    ENTRY(product_of, product_f32),
    ENTRY(product_of, product_f16),
    ENTRY(product_of, product_bf16),
    ENTRY(rows_of, embed_f32),
    ENTRY(rows_of, embed_f16),
    ENTRY(rows_of, embed_bf16),
    ENTRY(rows_of, settle_f32),
    ENTRY(rows_of, settle_f16),
    ENTRY(rows_of, settle_bf16),
    ENTRY(rows_of, pool),
    ENTRY(attention, attend_f16_32),
    ENTRY(attention, attend_f16_64),
    ENTRY(attention, attend_f16_128),
    ENTRY(attention, attend_bf16_32),
    ENTRY(attention, attend_bf16_64),
    ENTRY(attention, attend_bf16_128),
    ENTRY(attention, attend_f32_plain),
    ENTRY(attention, attend_f16_plain),
    ENTRY(attention, attend_bf16_plain),
    ENTRY(neighbours_of, nearest),
    ENTRY(neighbours_of, pairs),
};

} // namespace

namespace emulated {

const Kernel *find_kernel(const char *name) {
    for (const Kernel &kernel : KERNELS) {
        if (std::strcmp(kernel.name, name) == 0) {
            return &kernel;
        }
    }
    return nullptr;
}

} // namespace emulated
