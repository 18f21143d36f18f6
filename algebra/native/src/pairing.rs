//! Products of pairings and sums of single points: what a verifier needs. All inputs are checked here.

use crate::error::{check_length, Error, Result};
use crate::limbs::Point;
use crate::{Fq, Fr};
use ark_bn254::{Bn254, Fq2, G1Projective, G2Affine};
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{PrimeField, Zero};

/// A G2 point from 128 big-endian bytes x.c0, x.c1, y.c0, y.c1; `index` names the pair in errors.
fn twist_point(bytes: &[u8], index: usize) -> Result<G2Affine> {
    let coordinate = |part: usize| {
        let mut limbs = [0u64; 4];
        for (limb, word) in limbs.iter_mut().rev().zip(bytes[32 * part..32 * part + 32].chunks_exact(8)) {
            *limb = u64::from_be_bytes(word.try_into().unwrap_or_default());
        }
        Fq::from_bigint(ark_ff::BigInt(limbs)).ok_or(Error::Range { what: "G2 coordinates", index })
    };
    let x = Fq2::new(coordinate(0)?, coordinate(1)?);
    let y = Fq2::new(coordinate(2)?, coordinate(3)?);
    let point = G2Affine::new_unchecked(x, y);
    if !point.is_on_curve() {
        return Err(Error::OffCurve { what: "G2 points", index });
    }
    if !point.is_in_correct_subgroup_assuming_on_curve() {
        return Err(Error::Subgroup { index });
    }
    Ok(point)
}

/// Whether the product of e(left[i], right[i]) is one. `left` has been checked on the curve (whose cofactor is 1).
pub fn check(left: &[Point], right: &[u8]) -> Result<bool> {
    check_length("G2 bytes", left.len() * 128, right.len())?;
    let mut first = Vec::with_capacity(left.len());
    let mut second = Vec::with_capacity(left.len());
    for (index, (point, bytes)) in left.iter().zip(right.chunks_exact(128)).enumerate() {
        let twist = twist_point(bytes, index)?;
        if !point.is_infinity() {
            first.push(point.to_ark());
            second.push(twist);
        }
    }
    Ok(Bn254::multi_pairing(first, second).is_zero())
}

pub fn sum(points: &[Point]) -> Point {
    let total = points.iter().fold(G1Projective::zero(), |total, point| total + point.to_ark());
    Point::from_ark(total.into_affine())
}

pub fn scaled_sum(points: &[Point], scalars: &[Fr]) -> Result<Point> {
    check_length("scalars", points.len(), scalars.len())?;
    let terms = points.iter().zip(scalars).map(|(point, scalar)| point.to_ark().mul_bigint(scalar.into_bigint()));
    let total = terms.fold(G1Projective::zero(), |total, term| total + term);
    Ok(Point::from_ark(total.into_affine()))
}
