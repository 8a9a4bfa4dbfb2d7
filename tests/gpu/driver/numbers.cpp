// Half-precision numbers, rounded to the nearest and to even between two, as `cvt.rn` does.
#include "emulated.h"

namespace emulated {

float from_f16(unsigned short bits) {
    int exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
    float size = exponent == 0    ? std::ldexp(static_cast<float>(fraction), -24)
                 : exponent == 31 ? (fraction == 0 ? INFINITY : NAN)
                                  : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
    return bits >> 15 ? -size : size;
}

unsigned short to_f16(float value) {
    unsigned bits = bits_of(value), sign = bits >> 16 & 0x8000;
    float size = std::fabs(value);
    if (std::isnan(value)) {
        return 0x7fff;
    }
    if (size >= 65520.0f) {
        return static_cast<unsigned short>(sign | 0x7c00);
    }
    if (size < 0x1p-14f) {
        // As many of the smallest half's size; this addition rounds to even as the format does.
        unsigned count = bits_of(size + 0.5f) - bits_of(0.5f);
        return static_cast<unsigned short>(sign | count);
    }
    unsigned half = bits_of(size);
    half += 0xfff + (half >> 13 & 1);
    return static_cast<unsigned short>(sign | ((half >> 13) - (112 << 10)));
}

unsigned short to_bf16(float value) {
    unsigned bits = bits_of(value);
    if (std::isnan(value)) {
        return 0x7fff;
    }
    return static_cast<unsigned short>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

const float *f16_values() {
    static const float *values = [] {
        float *made = new float[65536];
        for (unsigned bits = 0; bits < 65536; bits++) {
            made[bits] = from_f16(static_cast<unsigned short>(bits));
            // What is widened and narrowed again must be itself.
            if (!std::isnan(made[bits]) && to_f16(made[bits]) != bits) {
                wrong("a half does not survive being widened");
            }
        }
        return made;
    }();
    return values;
}

} // namespace emulated
