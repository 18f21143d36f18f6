//! Views between flat `u64` arrays, canonical bytes and field elements or points.
//!
//! An element is 4 limbs in Montgomery form (what arkworks holds inside); a point is x then y, and
//! infinity is (0, 0), which is off the curve y^2 = x^3 + 3 and so stands for nothing else.

use crate::error::{check_length, Error, Result};
use crate::memory::filled;
use crate::pool::{run, Spread};
use crate::{Fq, Fr};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField, Zero};
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Up to this many elements a job stays on one thread. A handful does not even ask the pool: on a
/// busy machine waking it takes longer than the work.
pub const GRAIN: usize = 1024;

/// Affine point of G1; (0, 0) is infinity.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// First coordinate.
    pub x: Fq,
    /// Second coordinate.
    pub y: Fq,
}

impl Point {
    /// The neutral element.
    pub const INFINITY: Point = Point { x: Fq::ZERO, y: Fq::ZERO };

    /// Whether it is the neutral element.
    #[inline(always)]
    pub fn is_infinity(&self) -> bool {
        self.x.is_zero() && self.y.is_zero()
    }

    /// The point that adds up to infinity with it.
    #[inline(always)]
    pub fn negate(&self) -> Point {
        Point { x: self.x, y: -self.y }
    }

    /// Whether it is infinity or a solution of y^2 = x^3 + 3.
    pub fn on_curve(&self) -> bool {
        self.is_infinity() || self.y.square() == self.x.square() * self.x + Fq::from(3u64)
    }

    /// As arkworks writes it; nothing is checked.
    pub fn to_ark(self) -> ark_bn254::G1Affine {
        if self.is_infinity() {
            ark_bn254::G1Affine::identity()
        } else {
            ark_bn254::G1Affine::new_unchecked(self.x, self.y)
        }
    }

    /// From what arkworks writes.
    pub fn from_ark(point: ark_bn254::G1Affine) -> Point {
        point.xy().map_or(Point::INFINITY, |(x, y)| Point { x, y })
    }
}

// The casts below rest on these; `Fp` is one `[u64; 4]` and a zero-sized marker.
const _: () = assert!(std::mem::size_of::<Fr>() == 32 && std::mem::align_of::<Fr>() == 8);
const _: () = assert!(std::mem::size_of::<Fq>() == 32 && std::mem::align_of::<Fq>() == 8);
const _: () = assert!(std::mem::size_of::<Point>() == 64 && std::mem::align_of::<Point>() == 8);

/// Ask for a point that will be read soon; sums of points in the order of their buckets wait for
/// memory otherwise.
#[inline(always)]
pub(crate) fn prefetch(points: &[Point], index: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(point) = points.get(index) {
        use std::arch::x86_64::{_mm_prefetch, _MM_HINT_T0};
        let start = std::ptr::from_ref(point).cast::<i8>();
        // SAFETY: a hint that reads nothing; a point may lie across two lines of the cache.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(start);
            _mm_prefetch::<_MM_HINT_T0>(start.add(63));
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (points, index);
}

/// Types that are nothing but `u64` limbs.
///
/// # Safety
/// `size_of::<Self>() == 8 * LIMBS`, alignment 8, any bit pattern is memory safe.
pub unsafe trait Limbs: Copy {
    /// How many.
    const LIMBS: usize;
}
// SAFETY: asserted above; Montgomery words of any value are an element or one that is not reduced.
unsafe impl Limbs for Fr {
    const LIMBS: usize = 4;
}
// SAFETY: as for Fr.
unsafe impl Limbs for Point {
    const LIMBS: usize = 8;
}

/// View flat limbs as elements, without a copy. `Error::Length` unless they are whole elements.
pub fn view<T: Limbs>(limbs: &[u64]) -> Result<&[T]> {
    let rows = limbs.len() / T::LIMBS;
    check_length("limbs", rows * T::LIMBS, limbs.len())?;
    // SAFETY: `Limbs` promises size and alignment; the length is exact; the lifetime is the
    // input's.
    Ok(unsafe { std::slice::from_raw_parts(limbs.as_ptr().cast::<T>(), rows) })
}

/// Give elements away as flat limbs, without a copy.
#[cfg(feature = "python")]
pub(crate) fn flatten<T: Limbs>(elements: Vec<T>) -> Vec<u64> {
    let mut elements = std::mem::ManuallyDrop::new(elements);
    let (length, capacity) = (elements.len() * T::LIMBS, elements.capacity() * T::LIMBS);
    // SAFETY: same allocation, same alignment (8), sizes scaled by the exact ratio.
    unsafe { Vec::from_raw_parts(elements.as_mut_ptr().cast::<u64>(), length, capacity) }
}

fn little(bytes: &[u8]) -> BigInt<4> {
    let mut limbs = [0u64; 4];
    for (limb, part) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
        *limb = u64::from_le_bytes(part.try_into().unwrap_or_default());
    }
    BigInt(limbs)
}

fn big(bytes: &[u8]) -> BigInt<4> {
    let mut limbs = [0u64; 4];
    for (limb, part) in limbs.iter_mut().rev().zip(bytes.chunks_exact(8)) {
        *limb = u64::from_be_bytes(part.try_into().unwrap_or_default());
    }
    BigInt(limbs)
}

/// One element from 32 little-endian canonical bytes. `Error::Length`; `Error::Range` if it is not
/// below the modulus.
pub fn scalar(what: &'static str, bytes: &[u8]) -> Result<Fr> {
    check_length(what, 32, bytes.len())?;
    Fr::from_bigint(little(bytes)).ok_or(Error::Range { what, index: 0 })
}

/// Elements from 32 little-endian canonical bytes each. `Error::Length` unless they are whole;
/// `Error::Range` names the first that is not below the modulus.
pub fn scalars(what: &'static str, bytes: &[u8]) -> Result<Vec<Fr>> {
    check_length(what, bytes.len() / 32 * 32, bytes.len())?;
    let parse = |(index, chunk): (usize, &[u8])| {
        Fr::from_bigint(little(chunk)).ok_or(Error::Range { what, index })
    };
    parse_all(bytes, 32, Fr::ZERO, parse)
}

/// Canonical little-endian bytes, 32 an element, into `out`; `Error::Length` unless it is so long.
pub fn write_scalars(elements: &[Fr], out: &mut [u8]) -> Result<()> {
    let write = |(chunk, element): (&mut [u8], &Fr)| {
        for (part, limb) in chunk.chunks_exact_mut(8).zip(element.into_bigint().0) {
            part.copy_from_slice(&limb.to_le_bytes());
        }
    };
    write_chunks(elements, out, write)
}

/// Points from 64 big-endian bytes each (x, y), zeros for infinity. `Error::Length` unless they are
/// whole; `Error::Range` for a coordinate that is not below the modulus, and, when `check`,
/// `Error::OffCurve` name the first point that is wrong.
pub fn points(bytes: &[u8], check: bool) -> Result<Vec<Point>> {
    check_length("point bytes", bytes.len() / 64 * 64, bytes.len())?;
    let parse = |(index, chunk): (usize, &[u8])| {
        let coordinate = |part| {
            Fq::from_bigint(big(part)).ok_or(Error::Range { what: "point coordinates", index })
        };
        let point = Point { x: coordinate(&chunk[..32])?, y: coordinate(&chunk[32..])? };
        if check && !point.on_curve() {
            return Err(Error::OffCurve { what: "points", index });
        }
        Ok(point)
    };
    parse_all(bytes, 64, Point::INFINITY, parse)
}

/// Points from 32 big-endian bytes of x each, and a byte that is 0 for the lesser of the two y and 1
/// for the greater. `Error::Length` unless there are as many of both; `Error::Range` for an x that
/// is not below the modulus and `Error::OffCurve` for one that no point has name the first.
pub fn points_from_x(bytes: &[u8], greater: &[u8]) -> Result<Vec<Point>> {
    check_length("point bytes", 32 * greater.len(), bytes.len())?;
    let parse = |(index, chunk): (usize, &[u8])| {
        let x = Fq::from_bigint(big(chunk)).ok_or(Error::Range { what: "points", index })?;
        let square = x.square() * x + Fq::from(3u64);
        let root = square.sqrt().ok_or(Error::OffCurve { what: "points", index })?;
        let flip = (root > -root) != (greater[index] != 0);
        Ok(Point { x, y: if flip { -root } else { root } })
    };
    parse_all(bytes, 32, Point::INFINITY, parse)
}

/// 64 big-endian bytes a point (x, y), infinity all zeros, into `out`; `Error::Length` unless it is
/// so long.
pub fn write_points(points: &[Point], out: &mut [u8]) -> Result<()> {
    let write = |(chunk, point): (&mut [u8], &Point)| {
        for (half, coordinate) in chunk.chunks_exact_mut(32).zip([point.x, point.y]) {
            for (part, limb) in half.chunks_exact_mut(8).rev().zip(coordinate.into_bigint().0) {
                part.copy_from_slice(&limb.to_be_bytes());
            }
        }
    };
    write_chunks(points, out, write)
}

/// `write` every element into its share of the bytes.
fn write_chunks<T: Limbs + Sync>(
    elements: &[T],
    out: &mut [u8],
    write: impl Fn((&mut [u8], &T)) + Send + Sync,
) -> Result<()> {
    let size = 8 * T::LIMBS;
    check_length("bytes", elements.len() * size, out.len())?;
    run(elements.len() > GRAIN, || {
        out.par_chunks_exact_mut(size).with_min_len(GRAIN).zip(elements).each(write);
        Ok(())
    })
}

/// Parse fixed-size chunks in parallel; of several bad chunks the first one is reported.
fn parse_all<T: Copy + Send + Sync>(
    bytes: &[u8],
    size: usize,
    default: T,
    parse: impl Fn((usize, &[u8])) -> Result<T> + Sync + Send,
) -> Result<Vec<T>> {
    run(bytes.len() > GRAIN * size, || {
        let mut out = filled(default, bytes.len() / size)?;
        let first = AtomicUsize::new(usize::MAX);
        let chunks = out.par_iter_mut().zip(bytes.par_chunks_exact(size)).with_min_len(GRAIN);
        chunks.enumerate().each(|(index, (slot, chunk))| match parse((index, chunk)) {
            Ok(value) => *slot = value,
            Err(_) => {
                first.fetch_min(index, Ordering::Relaxed);
            }
        });
        // The bad chunk is parsed again for its error, so that the answer does not depend on
        // timing.
        match bytes.chunks_exact(size).enumerate().nth(first.into_inner()) {
            Some(bad) => parse(bad).map(|_| out),
            None => Ok(out),
        }
    })
}
