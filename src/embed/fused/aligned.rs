//! Values in memory from a cache line's start on.

/// Bytes of a cache line.
pub(super) const LINE: usize = 64;
/// Values of `T` that fill a cache line.
pub(super) const fn per_line<T>() -> usize {
    LINE / size_of::<T>()
}

/// A buffer that begins at a cache line.
#[derive(Debug)]
pub(super) struct Aligned<T> {
    values: Vec<T>,
    /// Where the first cache line begins.
    start: usize,
    length: usize,
}

impl<T> Default for Aligned<T> {
    fn default() -> Self {
        Self { values: Vec::new(), start: 0, length: 0 }
    }
}

impl<T: Copy + Default> Aligned<T> {
    /// Makes room for as many values. Those there were may no longer be at their place, and are never cleared.
    pub(super) fn fit(&mut self, length: usize) {
        self.values.resize(length + per_line::<T>(), T::default());
        // Where memory cannot be aligned, the kernels are slower and right.
        self.start = self.values.as_ptr().align_offset(LINE).min(per_line::<T>());
        self.length = length;
    }

    pub(super) fn all(&self) -> &[T] {
        &self.values[self.start..][..self.length]
    }

    pub(super) fn all_mut(&mut self) -> &mut [T] {
        &mut self.values[self.start..][..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_begin_at_a_cache_line() {
        let mut bytes = Aligned::<u8>::default();
        bytes.fit(3);
        assert_eq!((bytes.all_mut().len(), bytes.all().as_ptr() as usize % LINE), (3, 0));
    }
}
