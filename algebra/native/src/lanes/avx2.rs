//! Lanes on AVX2 and FMA: limb i of eight elements in two vectors of four, five limbs of 51 bits.
//!
//! There is no 64-bit multiplication of vectors; doubles have one. For |x|, |y| <= 2^51 the sum of
//! x y and 1.5 * 2^103 rounds to a multiple of 2^51, which is the high half `h`; what rounding lost
//! is the low half, |l| <= 2^50, and a second multiply-add gives it exactly. Both are read as integers
//! by the bits of the double, whose constant part is taken off all at once. Limbs may be negative
//! where a function says so. (Emmart's trick, with limbs one bit shorter so that the usual rounding
//! serves.)

#![allow(clippy::missing_safety_doc)] // one rule for all: see the parent
#![allow(clippy::needless_range_loop)] // limbs of several arrays, side by side

use super::{split, Prime, LANES};
use crate::limbs::Point;
use std::arch::x86_64::*;

const LIMBS: usize = 5;
const BITS: i32 = 51;
const MASK: u64 = (1 << BITS) - 1;
/// Vectors of four in a `Lanes`.
const HALVES: usize = 2;

/// Eight elements below the modulus.
pub type Lanes = [[__m256i; HALVES]; LIMBS];

/// 1.5 * 2^103: sums with it round to multiples of 2^51.
const HIGH: f64 = (3u128 << 102) as f64;
/// 1.5 * 2^52: sums with it are integers in the low bits of a double.
const LOW: f64 = (3u64 << 51) as f64;
/// 2^52 likewise, for what is not negative.
const UNIT: f64 = (1u64 << 52) as f64;

/// Added to a limb before a shift, as AVX2 shifts no signs in; `BIAS >> BITS` less in the next limb
/// takes it off again.
const BIAS: i64 = 1 << 62;

/// Limbs cleared by a product with 2^(-51 j) mod p, side by side; the rest wait for each other.
const FOLDED: usize = 3;

/// Constants of a prime.
struct Constants<F>(std::marker::PhantomData<F>);

impl<F: Prime> Constants<F> {
    const MODULUS: [u64; LIMBS] = split::<51>(F::WORDS);
    const MODULUS_DOUBLES: [f64; LIMBS] = doubles(Self::MODULUS);
    const NEGATIVE_INVERSE: f64 = (F::NEGATIVE_INVERSE & MASK) as f64;
    /// Row i: 2^(51 (i - FOLDED)) mod p, which moves limb i up to limb FOLDED.
    const FOLDS: [[f64; LIMBS]; FOLDED] = folds(F::WORDS);
    /// -p, ready for a carry with signs.
    const MINUS_MODULUS: [i64; LIMBS] = biased(Self::MODULUS);
}

const fn doubles(limbs: [u64; LIMBS]) -> [f64; LIMBS] {
    [limbs[0] as f64, limbs[1] as f64, limbs[2] as f64, limbs[3] as f64, limbs[4] as f64]
}

/// The biases of a carry with signs, less `minus`.
const fn biased(minus: [u64; LIMBS]) -> [i64; LIMBS] {
    let mut out = [0; LIMBS];
    let mut i = 0;
    while i < LIMBS {
        let own = if i < LIMBS - 1 { BIAS } else { 0 };
        let last = if i > 0 { BIAS >> BITS } else { 0 };
        out[i] = own - last - minus[i] as i64;
        i += 1;
    }
    out
}

const BIASES: [i64; LIMBS] = biased([0; LIMBS]);

const fn folds(p: [u64; 4]) -> [[f64; LIMBS]; FOLDED] {
    let mut out = [[0.0; LIMBS]; FOLDED];
    let mut power = [1, 0, 0, 0];
    let mut row = FOLDED;
    while row > 0 {
        let mut bit = 0;
        while bit < BITS {
            power = halved(power, p);
            bit += 1;
        }
        row -= 1;
        out[row] = doubles(split::<51>(power));
    }
    out
}

/// x / 2 mod p.
const fn halved(mut x: [u64; 4], p: [u64; 4]) -> [u64; 4] {
    if x[0] & 1 == 1 {
        let mut carry = 0;
        let mut i = 0;
        while i < 4 {
            let sum = x[i] as u128 + p[i] as u128 + carry;
            x[i] = sum as u64;
            carry = sum >> 64;
            i += 1;
        }
    }
    [x[0] >> 1 | x[1] << 63, x[1] >> 1 | x[2] << 63, x[2] >> 1 | x[3] << 63, x[3] >> 1]
}

/// What the constant parts of the doubles in column k of a product come to, with the sign turned
/// and the biases added.
const COLUMNS: [i64; 2 * LIMBS] = {
    let mut out = [0i64; 2 * LIMBS];
    let mut first = 0;
    // Products of limbs i and j go to column i + j; folded limbs to FOLDED + j; the last two again
    // to i + j.
    while first < 2 * LIMBS {
        let column = if first < LIMBS {
            first
        } else if first < LIMBS + FOLDED {
            FOLDED
        } else {
            first - LIMBS
        };
        let mut j = 0;
        while j < LIMBS {
            out[column + j] = out[column + j].wrapping_sub(LOW.to_bits() as i64);
            out[column + j + 1] = out[column + j + 1].wrapping_sub(HIGH.to_bits() as i64);
            j += 1;
        }
        first += 1;
    }
    let mut k = 0;
    while k < 2 * LIMBS {
        out[k] = out[k].wrapping_add(if k < 2 * LIMBS - 1 { BIAS } else { 0 });
        out[k] = out[k].wrapping_sub(if k > 0 { BIAS >> BITS } else { 0 });
        k += 1;
    }
    out
};

#[inline]
#[target_feature(enable = "avx2,fma")]
fn integers(value: i64) -> __m256i {
    _mm256_set1_epi64x(value)
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn double(value: f64) -> __m256d {
    _mm256_set1_pd(value)
}

/// Zeros.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub fn zero() -> Lanes {
    [[_mm256_setzero_si256(); HALVES]; LIMBS]
}

/// Integers up to 2^51 either way as doubles.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn as_doubles(x: __m256i) -> __m256d {
    let bits = _mm256_add_epi64(x, integers(LOW.to_bits() as i64));
    _mm256_sub_pd(_mm256_castsi256_pd(bits), double(LOW))
}

/// The low 51 bits as doubles.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn low_bits(x: __m256i) -> __m256d {
    let bits = _mm256_and_si256(x, integers(MASK as i64));
    let unit = double(UNIT);
    _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(bits, _mm256_castpd_si256(unit))), unit)
}

/// Carry up limbs that are not negative (the biases see to that); the top limb keeps its sign.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn carry(x: &mut [__m256i; LIMBS]) {
    let mask = integers(MASK as i64);
    for i in 0..LIMBS - 1 {
        x[i + 1] = _mm256_add_epi64(x[i + 1], _mm256_srli_epi64::<BITS>(x[i]));
        x[i] = _mm256_and_si256(x[i], mask);
    }
}

/// x + p where x is negative; carried.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn lifted<F: Prime>(mut x: [__m256i; LIMBS]) -> [__m256i; LIMBS] {
    let negative = _mm256_cmpgt_epi64(_mm256_setzero_si256(), x[LIMBS - 1]);
    for i in 0..LIMBS {
        let modulus = integers(const { Constants::<F>::MODULUS }[i] as i64);
        x[i] = _mm256_add_epi64(x[i], _mm256_and_si256(negative, modulus));
    }
    carry(&mut x);
    x
}

/// The same limbs for both halves in turn.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn put(out: &mut Lanes, half: usize, x: [__m256i; LIMBS]) {
    for i in 0..LIMBS {
        out[i][half] = x[i];
    }
}

/// a + b, in [0, p).
#[inline]
#[target_feature(enable = "avx2,fma")]
pub fn add<F: Prime>(a: &Lanes, b: &Lanes) -> Lanes {
    let offsets = const { Constants::<F>::MINUS_MODULUS };
    let mut out = zero();
    for half in 0..HALVES {
        let mut sum = [_mm256_setzero_si256(); LIMBS];
        for i in 0..LIMBS {
            sum[i] =
                _mm256_add_epi64(_mm256_add_epi64(a[i][half], b[i][half]), integers(offsets[i]));
        }
        carry(&mut sum);
        put(&mut out, half, lifted::<F>(sum));
    }
    out
}

/// a - b, in [0, p).
#[inline]
#[target_feature(enable = "avx2,fma")]
pub fn subtract<F: Prime>(a: &Lanes, b: &Lanes) -> Lanes {
    let mut out = zero();
    for half in 0..HALVES {
        let mut difference = [_mm256_setzero_si256(); LIMBS];
        for i in 0..LIMBS {
            difference[i] =
                _mm256_add_epi64(_mm256_sub_epi64(a[i][half], b[i][half]), integers(BIASES[i]));
        }
        carry(&mut difference);
        put(&mut out, half, lifted::<F>(difference));
    }
    out
}

/// a - b in limbs of either sign: good enough as one factor of a product.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub fn loose_difference<F: Prime>(a: &Lanes, b: &Lanes) -> Lanes {
    let mut out = *a;
    for i in 0..LIMBS {
        for half in 0..HALVES {
            out[i][half] = _mm256_sub_epi64(a[i][half], b[i][half]);
        }
    }
    out
}

/// x / 2: turns the form of memory into that of a factor.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub fn shifted<F: Prime>(x: &Lanes) -> Lanes {
    let one = integers(1);
    let mut out = zero();
    for half in 0..HALVES {
        let odd = _mm256_sub_epi64(_mm256_setzero_si256(), _mm256_and_si256(x[0][half], one));
        let mut even = [_mm256_setzero_si256(); LIMBS];
        for i in 0..LIMBS {
            let modulus = integers(const { Constants::<F>::MODULUS }[i] as i64);
            even[i] = _mm256_add_epi64(x[i][half], _mm256_and_si256(odd, modulus));
        }
        carry(&mut even);
        for i in 0..LIMBS - 1 {
            let next = _mm256_slli_epi64::<{ BITS - 1 }>(_mm256_and_si256(even[i + 1], one));
            out[i][half] = _mm256_or_si256(_mm256_srli_epi64::<1>(even[i]), next);
        }
        out[LIMBS - 1][half] = _mm256_srli_epi64::<1>(even[LIMBS - 1]);
    }
    out
}

/// a * b / 2^255, in [0, p). Wanted: limbs up to 2^51 and numbers up to p, either way.
///
/// Every column sums at most twenty halves of products below 2^52, so with its bias it is positive
/// and below 2^63. The result is a b / 2^255, less than 0.38 p, and at most half of p either way
/// from the last two limbs, whose quotients are signed; so one p at most is missing.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub fn multiply<F: Prime>(a: &Lanes, b: &Lanes) -> Lanes {
    let (high, both) = (double(HIGH), double(HIGH + LOW));
    let mut t = [[_mm256_setzero_si256(); HALVES]; 2 * LIMBS];
    for k in 0..2 * LIMBS {
        t[k] = [integers(COLUMNS[k]); HALVES];
    }
    macro_rules! add_product {
        ($x:expr, $y:expr, $column:expr, $half:expr) => {
            let h = _mm256_fmadd_pd($x, $y, high);
            let l = _mm256_fmadd_pd($x, $y, _mm256_sub_pd(both, h));
            t[$column + 1][$half] = _mm256_add_epi64(t[$column + 1][$half], _mm256_castpd_si256(h));
            t[$column][$half] = _mm256_add_epi64(t[$column][$half], _mm256_castpd_si256(l));
        };
    }
    let mut factors = [[double(0.0); HALVES]; LIMBS];
    for i in 0..LIMBS {
        for half in 0..HALVES {
            factors[i][half] = as_doubles(a[i][half]);
        }
    }
    for i in 0..LIMBS {
        for half in 0..HALVES {
            let limb = as_doubles(b[i][half]);
            for j in 0..LIMBS {
                add_product!(factors[j][half], limb, i + j, half);
            }
        }
    }
    for i in 0..FOLDED {
        for half in 0..HALVES {
            let limb = low_bits(t[i][half]);
            t[i + 1][half] =
                _mm256_add_epi64(t[i + 1][half], _mm256_srli_epi64::<BITS>(t[i][half]));
            for j in 0..LIMBS {
                add_product!(limb, double(const { Constants::<F>::FOLDS }[i][j]), FOLDED + j, half);
            }
        }
    }
    for i in FOLDED..LIMBS {
        for half in 0..HALVES {
            let limb = low_bits(t[i][half]);
            let inverse = double(const { Constants::<F>::NEGATIVE_INVERSE });
            let h = _mm256_fmadd_pd(limb, inverse, high);
            let quotient = _mm256_fmadd_pd(limb, inverse, _mm256_sub_pd(high, h));
            for j in 0..LIMBS {
                add_product!(
                    quotient,
                    double(const { Constants::<F>::MODULUS_DOUBLES }[j]),
                    i + j,
                    half
                );
            }
            t[i + 1][half] =
                _mm256_add_epi64(t[i + 1][half], _mm256_srli_epi64::<BITS>(t[i][half]));
        }
    }
    let mut out = zero();
    for half in 0..HALVES {
        let mut result = [_mm256_setzero_si256(); LIMBS];
        for i in 0..LIMBS {
            result[i] = t[LIMBS + i][half];
        }
        carry(&mut result);
        put(&mut out, half, lifted::<F>(result));
    }
    out
}

/// The product in the form of memory.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub fn product<F: Prime>(a: &Lanes, b: &Lanes) -> Lanes {
    multiply::<F>(&shifted::<F>(a), b)
}

/// What makes a number in the form of memory a factor.
pub fn to_factor<F: Prime>() -> F {
    F::HALF
}

/// A bit for each lane that is zero.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub fn is_zero(x: &Lanes) -> u8 {
    let mut mask = 0;
    for half in 0..HALVES {
        let any =
            x.iter().fold(_mm256_setzero_si256(), |any, limb| _mm256_or_si256(any, limb[half]));
        let equal = _mm256_cmpeq_epi64(any, _mm256_setzero_si256());
        mask |= (_mm256_movemask_pd(_mm256_castsi256_pd(equal)) as u8) << (4 * half);
    }
    mask
}

/// `set` where the mask is one, `clear` elsewhere.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub fn select(mask: u8, clear: &Lanes, set: &Lanes) -> Lanes {
    let mut out = *clear;
    for half in 0..HALVES {
        let bit = 1 << (4 * half);
        let bits = _mm256_setr_epi64x(bit, 2 * bit, 4 * bit, 8 * bit);
        let chosen = _mm256_cmpeq_epi64(_mm256_and_si256(integers(i64::from(mask)), bits), bits);
        for i in 0..LIMBS {
            out[i][half] = _mm256_blendv_epi8(clear[i][half], set[i][half], chosen);
        }
    }
    out
}

/// Lane l of vector k becomes lane k of vector l.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn transpose_four(r: [__m256i; 4]) -> [__m256i; 4] {
    let (a, b) = (_mm256_unpacklo_epi64(r[0], r[1]), _mm256_unpackhi_epi64(r[0], r[1]));
    let (c, d) = (_mm256_unpacklo_epi64(r[2], r[3]), _mm256_unpackhi_epi64(r[2], r[3]));
    [
        _mm256_permute2x128_si256::<0x20>(a, c),
        _mm256_permute2x128_si256::<0x20>(b, d),
        _mm256_permute2x128_si256::<0x31>(a, c),
        _mm256_permute2x128_si256::<0x31>(b, d),
    ]
}

/// Eight elements, `stride` words apart, from memory.
#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn load_strided(source: *const u64, stride: usize) -> Lanes {
    let mask = integers(MASK as i64);
    let joined = |low, high| _mm256_and_si256(_mm256_or_si256(low, high), mask);
    let mut out = zero();
    for half in 0..HALVES {
        let row = |k: usize| _mm256_loadu_si256(source.add((4 * half + k) * stride).cast());
        let x = transpose_four([row(0), row(1), row(2), row(3)]);
        out[0][half] = _mm256_and_si256(x[0], mask);
        out[1][half] = joined(_mm256_srli_epi64::<51>(x[0]), _mm256_slli_epi64::<13>(x[1]));
        out[2][half] = joined(_mm256_srli_epi64::<38>(x[1]), _mm256_slli_epi64::<26>(x[2]));
        out[3][half] = joined(_mm256_srli_epi64::<25>(x[2]), _mm256_slli_epi64::<39>(x[3]));
        out[4][half] = _mm256_srli_epi64::<12>(x[3]);
    }
    out
}

#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn store_strided(x: &Lanes, target: impl Fn(usize) -> *mut u64) {
    let joined = |low, high| _mm256_or_si256(low, high);
    for half in 0..HALVES {
        let [a, b, c, d, e] = [x[0][half], x[1][half], x[2][half], x[3][half], x[4][half]];
        let rows = transpose_four([
            joined(a, _mm256_slli_epi64::<51>(b)),
            joined(_mm256_srli_epi64::<13>(b), _mm256_slli_epi64::<38>(c)),
            joined(_mm256_srli_epi64::<26>(c), _mm256_slli_epi64::<25>(d)),
            joined(_mm256_srli_epi64::<39>(d), _mm256_slli_epi64::<12>(e)),
        ]);
        for (k, row) in rows.into_iter().enumerate() {
            _mm256_storeu_si256(target(4 * half + k).cast(), row);
        }
    }
}

/// Lane l of vector k becomes lane k of vector l.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub fn transpose(rows: &mut [Lanes; LANES]) {
    for limb in 0..LIMBS {
        let four = |first: usize, half: usize| {
            transpose_four([
                rows[first][limb][half],
                rows[first + 1][limb][half],
                rows[first + 2][limb][half],
                rows[first + 3][limb][half],
            ])
        };
        let blocks = [[four(0, 0), four(4, 0)], [four(0, 1), four(4, 1)]];
        for (half, [low, high]) in blocks.into_iter().enumerate() {
            for k in 0..4 {
                rows[4 * half + k][limb] = [low[k], high[k]];
            }
        }
    }
}

super::memory!("avx2,fma");
