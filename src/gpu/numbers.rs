//! The numbers that cards hold.

/// How numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 32-bit whole numbers.
    U32,
    /// 32-bit floats.
    F32,
    /// IEEE half precision: 5 bits of exponent, 10 of fraction.
    F16,
    /// The upper half of a 32-bit float.
    Bf16,
}

impl Kind {
    /// Bytes a number.
    pub fn bytes(self) -> usize {
        match self {
            Self::U32 | Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
        }
    }
}

/// A number of this machine that is copied to a card and back as it is.
pub trait Number: sealed::Sealed + Copy + Default {
    /// Whether a buffer of this kind holds such numbers.
    fn is(kind: Kind) -> bool;
}

mod sealed {
    /// Types without padding of which every pattern of bits is a value.
    pub trait Sealed {}
    impl Sealed for u16 {}
    impl Sealed for u32 {}
    impl Sealed for f32 {}
}

/// The bits of a half.
impl Number for u16 {
    fn is(kind: Kind) -> bool {
        matches!(kind, Kind::F16 | Kind::Bf16)
    }
}

impl Number for u32 {
    fn is(kind: Kind) -> bool {
        kind == Kind::U32
    }
}

impl Number for f32 {
    fn is(kind: Kind) -> bool {
        kind == Kind::F32
    }
}

/// Bits of halves of a kind, each the nearest to its value, the even one of two; infinite beyond what the kind holds.
pub fn narrowed(kind: Kind, values: &[f32]) -> Vec<u16> {
    let narrow = if kind == Kind::Bf16 { to_bf16 } else { to_f16 };
    values.iter().map(|&value| narrow(value)).collect()
}

/// The values of halves of a kind.
pub fn widened(kind: Kind, halves: &[u16]) -> Vec<f32> {
    let widen = if kind == Kind::Bf16 { from_bf16 } else { from_f16 };
    halves.iter().map(|&half| widen(half)).collect()
}

fn to_bf16(value: f32) -> u16 {
    let bits = value.to_bits();
    if value.is_nan() {
        return 0x7fff;
    }
    ((bits + 0x7fff + (bits >> 16 & 1)) >> 16) as u16
}

fn to_f16(value: f32) -> u16 {
    let sign = (value.to_bits() >> 16 & 0x8000) as u16;
    let size = value.abs();
    if value.is_nan() {
        return 0x7fff;
    }
    if size >= 65_520.0 {
        return sign | 0x7c00;
    }
    if size < 6.103_515_6e-5 {
        // A half's smallest step is the step of floats from 0.5 on, so this addition rounds as the format does.
        return sign | ((size + 0.5).to_bits() - 0.5_f32.to_bits()) as u16;
    }
    let bits = size.to_bits();
    let rounded = bits + 0xfff + (bits >> 13 & 1);
    sign | ((rounded >> 13) - (112 << 10)) as u16
}

fn from_bf16(half: u16) -> f32 {
    f32::from_bits(u32::from(half) << 16)
}

fn from_f16(half: u16) -> f32 {
    let half = u32::from(half);
    let sign = (half & 0x8000) << 16;
    if half & 0x7c00 == 0x7c00 {
        return f32::from_bits(sign | 0x7f80_0000 | (half & 0x3ff) << 13);
    }
    // Exact, subnormal ones too: the exponent's bias differs by 112.
    let size = f32::from_bits((half & 0x7fff) << 13) * f32::from_bits((112 + 127) << 23);
    f32::from_bits(size.to_bits() | sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_survives_being_widened_and_a_float_goes_to_the_nearest() {
        for kind in [Kind::F16, Kind::Bf16] {
            for half in 0..=u16::MAX {
                let value = widened(kind, &[half])[0];
                if value.is_finite() {
                    assert_eq!(narrowed(kind, &[value]), [half], "{kind:?} {half:#x}");
                    let next = widened(kind, &[half + 1])[0];
                    let between = value + (next - value) / 2.0;
                    if next.is_finite() {
                        let even = half + (half & 1);
                        assert_eq!(narrowed(kind, &[between]), [even], "{kind:?} {half:#x}");
                    }
                }
            }
        }
        assert_eq!(narrowed(Kind::F16, &[65_519.0, 65_520.0, -1e9]), [0x7bff, 0x7c00, 0xfc00]);
    }
}
