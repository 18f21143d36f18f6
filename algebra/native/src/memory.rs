//! Arrays that are refused where there is no memory for them. `Vec` by itself ends the process
//! then.

use crate::error::{Error, Result};
use crate::reserve::RESERVE;

/// An empty array with room for `count` elements.
pub(crate) fn room<T>(count: usize) -> Result<Vec<T>> {
    let mut array = Vec::new();
    let bytes = count.saturating_mul(size_of::<T>());
    match array.try_reserve_exact(count) {
        Ok(()) if !RESERVE.spent() => Ok(array),
        _ => Err(Error::Memory { bytes }),
    }
}

/// `count` times the same.
pub(crate) fn filled<T: Copy>(value: T, count: usize) -> Result<Vec<T>> {
    let mut array = room(count)?;
    array.resize(count, value);
    Ok(array)
}

/// A copy.
pub(crate) fn copied<T: Copy>(source: &[T]) -> Result<Vec<T>> {
    let mut array = room(source.len())?;
    array.extend_from_slice(source);
    Ok(array)
}

/// What an iterator of known length gives.
pub(crate) fn collected<T>(items: impl ExactSizeIterator<Item = T>) -> Result<Vec<T>> {
    let mut array = room(items.len())?;
    array.extend(items);
    Ok(array)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_an_address_space_is_refused() {
        for count in [usize::MAX, usize::MAX / 32, 1 << 56] {
            assert!(matches!(room::<[u64; 4]>(count), Err(Error::Memory { .. })));
            assert!(matches!(filled([0u64; 4], count), Err(Error::Memory { .. })));
        }
        assert_eq!(filled(7u8, 3), Ok(vec![7; 3]));
        assert_eq!(copied(&[1, 2, 3]), Ok(vec![1, 2, 3]));
        assert_eq!(collected((0..3).map(|i| i + 1)), Ok(vec![1, 2, 3]));
    }
}
