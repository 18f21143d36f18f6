//! Products of pairings and sums of single points: what a verifier needs. All inputs are checked
//! here.
//!
//! A verifier pairs with the same few G2 points for ever. Their checks and the lines of their
//! Miller loops are kept.

use crate::error::{check_length, Error, Result};
use crate::limbs::Point;
use crate::Fq;
use ark_bn254::{Bn254, Fq2, G1Projective, G2Affine};
use ark_ec::pairing::Pairing;
use ark_ec::AffineRepr;
use ark_ec::CurveGroup;
use ark_ff::{PrimeField, Zero};
use std::collections::VecDeque;
use std::sync::{Arc, RwLock};

type Lines = Arc<<Bn254 as Pairing>::G2Prepared>;

/// G2 points whose lines are kept, some 20 KiB each: the generator and [tau] of a few setups. The
/// oldest goes first.
const KEPT: usize = 8;

/// Nobody waits for it: in a forked child it may be held for ever by a thread that the parent had.
static PREPARED: RwLock<VecDeque<([u8; 128], Lines)>> = RwLock::new(VecDeque::new());

/// The lines of a G2 point from its 128 bytes, from memory if it was met before; only checked
/// points are remembered.
fn prepared(bytes: &[u8], index: usize) -> Result<Lines> {
    let known = |kept: &VecDeque<([u8; 128], Lines)>| {
        kept.iter().find(|(key, _)| key.as_slice() == bytes).map(|(_, lines)| Arc::clone(lines))
    };
    if let Some(lines) = PREPARED.try_read().ok().and_then(|kept| known(&kept)) {
        return Ok(lines);
    }
    let lines = Lines::new(twist_point(bytes, index)?.into());
    let key = bytes.try_into().map_err(|_| Error::Length {
        what: "G2 bytes",
        expected: 128,
        got: bytes.len(),
    })?;
    if let Ok(mut kept) = PREPARED.try_write() {
        if known(&kept).is_none() {
            if kept.len() == KEPT {
                kept.pop_front();
            }
            kept.push_back((key, Arc::clone(&lines)));
        }
    }
    Ok(lines)
}

/// A G2 point from 128 big-endian bytes x.c0, x.c1, y.c0, y.c1; `index` names the pair in errors.
fn twist_point(bytes: &[u8], index: usize) -> Result<G2Affine> {
    let coordinate = |part: usize| {
        let mut limbs = [0u64; 4];
        for (limb, word) in
            limbs.iter_mut().rev().zip(bytes[32 * part..32 * part + 32].chunks_exact(8))
        {
            *limb = u64::from_be_bytes(word.try_into().unwrap_or_default());
        }
        Fq::from_bigint(ark_ff::BigInt(limbs)).ok_or(Error::Range { what: "G2 coordinates", index })
    };
    let x = Fq2::new(coordinate(0)?, coordinate(1)?);
    let y = Fq2::new(coordinate(2)?, coordinate(3)?);
    let point = G2Affine::new_unchecked(x, y);
    // (0, 0) stands for infinity in arkworks: with it one side of a pairing equation would be free.
    if point.is_zero() || !point.is_on_curve() {
        return Err(Error::OffCurve { what: "G2 points", index });
    }
    if !point.is_in_correct_subgroup_assuming_on_curve() {
        return Err(Error::Subgroup { index });
    }
    Ok(point)
}

/// Whether the product of e(left[i], right[i]) is one. `left` has been checked on the curve (whose
/// cofactor is 1); `right` is 128 big-endian bytes a point of G2: x.c0, x.c1, y.c0, y.c1.
///
/// `Error::Length` unless there is a G2 point for each of `left`; `Error::Range`, `Error::OffCurve`
/// and `Error::Subgroup` name the first pair whose G2 point is none, infinity among them.
pub fn check(left: &[Point], right: &[u8]) -> Result<bool> {
    check_length("G2 bytes", left.len() * 128, right.len())?;
    let mut first = Vec::with_capacity(left.len());
    let mut second = Vec::with_capacity(left.len());
    for (index, (point, bytes)) in left.iter().zip(right.chunks_exact(128)).enumerate() {
        let lines = prepared(bytes, index)?;
        if !point.is_infinity() {
            first.push(point.to_ark());
            second.push((*lines).clone());
        }
    }
    Ok(Bn254::multi_pairing(first, second).is_zero())
}

/// The sum of points, which must lie on the curve; on this thread.
pub fn sum(points: &[Point]) -> Point {
    let total = points.iter().fold(G1Projective::zero(), |total, point| total + point.to_ark());
    Point::from_ark(total.into_affine())
}
