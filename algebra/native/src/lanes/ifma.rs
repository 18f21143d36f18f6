//! Lanes on AVX-512 IFMA (52-bit multiply-add): limb i of eight elements in vector i, five limbs of
//! 52 bits, every element below the modulus.

#![allow(clippy::missing_safety_doc)] // one rule for all: see the parent
#![allow(clippy::needless_range_loop)] // limbs of several arrays, side by side

use super::{split, Prime, LANES};
use crate::limbs::Point;
use std::arch::x86_64::*;

const LIMBS: usize = 5;
const BITS: u32 = 52;
const MASK: u64 = (1 << BITS) - 1;

/// Eight elements below the modulus.
pub type Lanes = [__m512i; LIMBS];

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn constant(value: u64) -> __m512i {
    _mm512_set1_epi64(value as i64)
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn modulus<F: Prime>() -> Lanes {
    const { split::<BITS>(F::WORDS) }.map(|limb| _mm512_set1_epi64(limb as i64))
}

/// Zeros.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn zero() -> Lanes {
    [_mm512_setzero_si512(); LIMBS]
}

/// Signed carries up the limbs; the top limb keeps its sign.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn carried(mut x: Lanes) -> Lanes {
    let mask = constant(MASK);
    for i in 0..LIMBS - 1 {
        x[i + 1] = _mm512_add_epi64(x[i + 1], _mm512_srai_epi64::<52>(x[i]));
        x[i] = _mm512_and_si512(x[i], mask);
    }
    x
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn negative(x: &Lanes) -> __mmask8 {
    _mm512_cmplt_epi64_mask(x[LIMBS - 1], _mm512_setzero_si512())
}

/// x or x - p, whichever is in [0, p), for x below 2p with loose limbs.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn reduced<F: Prime>(x: Lanes) -> Lanes {
    let p = modulus::<F>();
    let mut less = x;
    for i in 0..LIMBS {
        less[i] = _mm512_sub_epi64(less[i], p[i]);
    }
    let (x, less) = (carried(x), carried(less));
    select(negative(&less), &less, &x)
}

/// `set` where the mask is one, `clear` elsewhere.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn select(mask: __mmask8, clear: &Lanes, set: &Lanes) -> Lanes {
    let mut out = *clear;
    for i in 0..LIMBS {
        out[i] = _mm512_mask_blend_epi64(mask, clear[i], set[i]);
    }
    out
}

/// a + b, in [0, p).
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn add<F: Prime>(a: &Lanes, b: &Lanes) -> Lanes {
    let mut sum = *a;
    for i in 0..LIMBS {
        sum[i] = _mm512_add_epi64(a[i], b[i]);
    }
    reduced::<F>(sum)
}

/// a - b, in [0, p).
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn subtract<F: Prime>(a: &Lanes, b: &Lanes) -> Lanes {
    let p = modulus::<F>();
    let mut difference = *a;
    for i in 0..LIMBS {
        difference[i] = _mm512_sub_epi64(a[i], b[i]);
    }
    let difference = carried(difference);
    let borrow = negative(&difference);
    let mut lifted = difference;
    for i in 0..LIMBS {
        lifted[i] = _mm512_mask_add_epi64(difference[i], borrow, difference[i], p[i]);
    }
    carried(lifted)
}

/// a - b + p, in (0, 2p): good enough as one factor of a product.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn loose_difference<F: Prime>(a: &Lanes, b: &Lanes) -> Lanes {
    let p = modulus::<F>();
    let mut difference = *a;
    for i in 0..LIMBS {
        difference[i] = _mm512_add_epi64(_mm512_sub_epi64(a[i], b[i]), p[i]);
    }
    carried(difference)
}

/// 16 x, not reduced: turns the form of memory into that of a factor. Multiplication ignores bits
/// past the 52nd.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn shifted<F: Prime>(x: &Lanes) -> Lanes {
    let mut out = *x;
    for i in 0..LIMBS {
        out[i] = _mm512_slli_epi64::<4>(x[i]);
        if i > 0 {
            out[i] = _mm512_or_si512(out[i], _mm512_srli_epi64::<48>(x[i - 1]));
        }
    }
    out
}

/// a * b / 2^260, in [0, p). Wanted: a * b < 2^260 * p.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn multiply<F: Prime>(a: &Lanes, b: &Lanes) -> Lanes {
    let p = modulus::<F>();
    let inverse = constant(F::NEGATIVE_INVERSE & MASK);
    let zero = _mm512_setzero_si512();
    let mut t = [zero; LIMBS + 1];
    for word in b {
        for j in 0..LIMBS {
            t[j] = _mm512_madd52lo_epu64(t[j], a[j], *word);
        }
        let m = _mm512_madd52lo_epu64(zero, t[0], inverse);
        for j in 0..LIMBS {
            t[j + 1] = _mm512_madd52hi_epu64(t[j + 1], a[j], *word);
        }
        for j in 0..LIMBS {
            t[j] = _mm512_madd52lo_epu64(t[j], m, p[j]);
        }
        for j in 0..LIMBS {
            t[j + 1] = _mm512_madd52hi_epu64(t[j + 1], m, p[j]);
        }
        t[0] = _mm512_add_epi64(t[1], _mm512_srli_epi64::<52>(t[0]));
        for j in 1..LIMBS {
            t[j] = t[j + 1];
        }
        t[LIMBS] = zero;
    }
    reduced::<F>([t[0], t[1], t[2], t[3], t[4]])
}

/// The product in the form of memory.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn product<F: Prime>(a: &Lanes, b: &Lanes) -> Lanes {
    multiply::<F>(&shifted::<F>(a), b)
}

/// What makes a number in the form of memory a factor.
pub fn to_factor<F: Prime>() -> F {
    F::from(16u64)
}

/// A bit for each lane that is zero.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn is_zero(x: &Lanes) -> __mmask8 {
    let any = x.iter().fold(_mm512_setzero_si512(), |any, limb| _mm512_or_si512(any, *limb));
    _mm512_cmpeq_epi64_mask(any, _mm512_setzero_si512())
}

/// Eight elements, `stride` words apart, from memory.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
unsafe fn load_strided(source: *const u64, stride: usize) -> Lanes {
    let pair = |k: usize| {
        let low = _mm256_loadu_si256(source.add(2 * k * stride).cast());
        let high = _mm256_loadu_si256(source.add((2 * k + 1) * stride).cast());
        _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
    };
    let even = _mm512_setr_epi64(0, 4, 8, 12, 1, 5, 9, 13);
    let odd = _mm512_setr_epi64(2, 6, 10, 14, 3, 7, 11, 15);
    let (r0, r1, r2, r3) = (pair(0), pair(1), pair(2), pair(3));
    let (a, b) = (_mm512_permutex2var_epi64(r0, even, r1), _mm512_permutex2var_epi64(r2, even, r3));
    let (c, d) = (_mm512_permutex2var_epi64(r0, odd, r1), _mm512_permutex2var_epi64(r2, odd, r3));
    let x0 = _mm512_shuffle_i64x2::<0x44>(a, b);
    let x1 = _mm512_shuffle_i64x2::<0xee>(a, b);
    let x2 = _mm512_shuffle_i64x2::<0x44>(c, d);
    let x3 = _mm512_shuffle_i64x2::<0xee>(c, d);
    let mask = constant(MASK);
    let joined = |low, high| _mm512_and_si512(_mm512_or_si512(low, high), mask);
    [
        _mm512_and_si512(x0, mask),
        joined(_mm512_srli_epi64::<52>(x0), _mm512_slli_epi64::<12>(x1)),
        joined(_mm512_srli_epi64::<40>(x1), _mm512_slli_epi64::<24>(x2)),
        joined(_mm512_srli_epi64::<28>(x2), _mm512_slli_epi64::<36>(x3)),
        _mm512_srli_epi64::<16>(x3),
    ]
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
unsafe fn store_strided(x: &Lanes, target: impl Fn(usize) -> *mut u64) {
    let joined = |low, high| _mm512_or_si512(low, high);
    let x0 = joined(x[0], _mm512_slli_epi64::<52>(x[1]));
    let x1 = joined(_mm512_srli_epi64::<12>(x[1]), _mm512_slli_epi64::<40>(x[2]));
    let x2 = joined(_mm512_srli_epi64::<24>(x[2]), _mm512_slli_epi64::<28>(x[3]));
    let x3 = joined(_mm512_srli_epi64::<36>(x[3]), _mm512_slli_epi64::<16>(x[4]));
    let (a, b) = (_mm512_shuffle_i64x2::<0x44>(x0, x1), _mm512_shuffle_i64x2::<0xee>(x0, x1));
    let (c, d) = (_mm512_shuffle_i64x2::<0x44>(x2, x3), _mm512_shuffle_i64x2::<0xee>(x2, x3));
    let even = _mm512_setr_epi64(0, 4, 8, 12, 1, 5, 9, 13);
    let odd = _mm512_setr_epi64(2, 6, 10, 14, 3, 7, 11, 15);
    let rows = [
        _mm512_permutex2var_epi64(a, even, c),
        _mm512_permutex2var_epi64(a, odd, c),
        _mm512_permutex2var_epi64(b, even, d),
        _mm512_permutex2var_epi64(b, odd, d),
    ];
    for (k, row) in rows.into_iter().enumerate() {
        _mm256_storeu_si256(target(2 * k).cast(), _mm512_castsi512_si256(row));
        _mm256_storeu_si256(target(2 * k + 1).cast(), _mm512_extracti64x4_epi64::<1>(row));
    }
}

/// Lane l of vector k becomes lane k of vector l.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn transpose(rows: &mut [Lanes; LANES]) {
    for limb in 0..LIMBS {
        let r: [__m512i; LANES] = std::array::from_fn(|k| rows[k][limb]);
        // Pairs, then fours, then eights.
        let pair = |k: usize| {
            (_mm512_unpacklo_epi64(r[k], r[k + 1]), _mm512_unpackhi_epi64(r[k], r[k + 1]))
        };
        let ((a0, a1), (b0, b1), (c0, c1), (d0, d1)) = (pair(0), pair(2), pair(4), pair(6));
        for (column, (a, b, c, d)) in [(a0, b0, c0, d0), (a1, b1, c1, d1)].into_iter().enumerate() {
            let (ab_low, ab_high) =
                (_mm512_shuffle_i64x2::<0x44>(a, b), _mm512_shuffle_i64x2::<0xee>(a, b));
            let (cd_low, cd_high) =
                (_mm512_shuffle_i64x2::<0x44>(c, d), _mm512_shuffle_i64x2::<0xee>(c, d));
            rows[column][limb] = _mm512_shuffle_i64x2::<0x88>(ab_low, cd_low);
            rows[column + 2][limb] = _mm512_shuffle_i64x2::<0xdd>(ab_low, cd_low);
            rows[column + 4][limb] = _mm512_shuffle_i64x2::<0x88>(ab_high, cd_high);
            rows[column + 6][limb] = _mm512_shuffle_i64x2::<0xdd>(ab_high, cd_high);
        }
    }
}

super::memory!("avx512f,avx512ifma");
