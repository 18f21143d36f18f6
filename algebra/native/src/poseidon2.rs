//! The Poseidon2 permutation, t = 3, x^5, 8 full and 56 partial rounds, Horizen parameters drawn
//! from the Grain LFSR.

use crate::error::{check_length, Result};
use crate::kept::Kept;
use crate::lanes::{in_lanes, LANES};
use crate::pool::{run, Spread};
use crate::Fr;
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField};
use rayon::prelude::*;
use std::convert::Infallible;

/// Words of a state.
pub const WIDTH: usize = 3;
const FULL: usize = 8;
const PARTIAL: usize = 56;
const BITS: usize = 254;

/// The Grain LFSR of the Poseidon papers, in self-shrinking mode.
struct Grain {
    state: [bool; 80],
    head: usize,
}

impl Grain {
    fn new() -> Grain {
        let mut bits = Vec::with_capacity(80);
        let fields = [
            (1, 2),
            (0, 4),
            (BITS, 12),
            (WIDTH, 12),
            (FULL, 10),
            (PARTIAL, 10),
            ((1 << 30) - 1, 30),
        ];
        for (value, width) in fields {
            bits.extend((0..width).rev().map(|bit| value >> bit & 1 == 1));
        }
        let mut state = [false; 80];
        state.copy_from_slice(&bits);
        let mut grain = Grain { state, head: 0 };
        for _ in 0..160 {
            grain.step();
        }
        grain
    }

    fn step(&mut self) -> bool {
        let tap = |offset: usize| self.state[(self.head + offset) % 80];
        let bit = tap(62) ^ tap(51) ^ tap(38) ^ tap(23) ^ tap(13) ^ tap(0);
        self.state[self.head] = bit;
        self.head = (self.head + 1) % 80;
        bit
    }

    /// Of each pair of bits the second counts if the first is one.
    fn bit(&mut self) -> bool {
        while !self.step() {
            self.step();
        }
        self.step()
    }

    /// 254 bits, highest first, drawn again while not below the modulus.
    fn element(&mut self) -> Fr {
        loop {
            let mut limbs = [0u64; 4];
            for position in (0..BITS).rev() {
                limbs[position / 64] |= u64::from(self.bit()) << (position % 64);
            }
            if let Some(element) = Fr::from_bigint(BigInt(limbs)) {
                return element;
            }
        }
    }
}

struct Constants {
    first: [[Fr; WIDTH]; FULL / 2],
    partial: [Fr; PARTIAL],
    last: [[Fr; WIDTH]; FULL / 2],
}

fn constants() -> &'static Constants {
    static CONSTANTS: Kept<Constants> = Kept::new();
    let make = || {
        let mut grain = Grain::new();
        Ok::<_, Infallible>(Constants {
            first: std::array::from_fn(|_| std::array::from_fn(|_| grain.element())),
            partial: std::array::from_fn(|_| grain.element()),
            last: std::array::from_fn(|_| std::array::from_fn(|_| grain.element())),
        })
    };
    match CONSTANTS.get(|_| true, make) {
        Ok(constants) => constants,
        Err(never) => match never {},
    }
}

#[inline(always)]
fn fifth(x: Fr) -> Fr {
    x.square().square() * x
}

/// circ(2, 1, 1).
#[inline(always)]
fn external(state: &mut [Fr; WIDTH]) {
    let sum = state[0] + state[1] + state[2];
    state.iter_mut().for_each(|word| *word += sum);
}

/// All ones plus diag(1, 1, 2).
#[inline(always)]
fn internal(state: &mut [Fr; WIDTH]) {
    let sum = state[0] + state[1] + state[2];
    state[0] += sum;
    state[1] += sum;
    state[2] = state[2].double() + sum;
}

fn full_round(state: &mut [Fr; WIDTH], constants: &[Fr; WIDTH]) {
    for (word, constant) in state.iter_mut().zip(constants) {
        *word = fifth(*word + constant);
    }
    external(state);
}

/// The permutation of one state.
pub fn permute(mut state: [Fr; WIDTH]) -> [Fr; WIDTH] {
    let constants = constants();
    external(&mut state);
    constants.first.iter().for_each(|round| full_round(&mut state, round));
    for constant in &constants.partial {
        state[0] = fifth(state[0] + constant);
        internal(&mut state);
    }
    constants.last.iter().for_each(|round| full_round(&mut state, round));
    state
}

/// Permute states of `WIDTH` words, laid out one after the other, in place. `Error::Length` unless
/// all are whole.
pub fn permute_many(words: &mut [Fr]) -> Result<()> {
    const JOB: usize = 16 * WIDTH;
    check_length("state words", words.len() / WIDTH * WIDTH, words.len())?;
    run(words.len() > JOB, || {
        words.par_chunks_mut(JOB).each(permute_chunk);
        Ok(())
    })
}

fn permute_chunk(words: &mut [Fr]) {
    let (whole, rest) = words.as_chunks_mut::<{ WIDTH * LANES }>();
    for states in whole {
        let None::<()> = in_lanes!(eights::permute(states)) else { continue };
        states.as_chunks_mut::<WIDTH>().0.iter_mut().for_each(|state| *state = permute(*state));
    }
    rest.as_chunks_mut::<WIDTH>().0.iter_mut().for_each(|state| *state = permute(*state));
}

/// Eight states at a time.
mod eights {
    macro_rules! kernels {
        ($lanes:ident, $features:literal) => {
            use super::super::{constants, WIDTH};
            use crate::lanes::{$lanes as simd, LANES};
            use crate::Fr;
            use ark_ff::AdditiveGroup;
            use simd::Lanes;

            #[inline]
            #[target_feature(enable = $features)]
            fn fifth(x: &Lanes) -> Lanes {
                let factor = simd::shifted::<Fr>(x);
                let square = simd::multiply::<Fr>(&factor, x);
                simd::multiply::<Fr>(&factor, &simd::product::<Fr>(&square, &square))
            }

            #[inline]
            #[target_feature(enable = $features)]
            fn sum(state: &[Lanes; WIDTH]) -> Lanes {
                simd::add::<Fr>(&simd::add::<Fr>(&state[0], &state[1]), &state[2])
            }

            #[inline]
            #[target_feature(enable = $features)]
            fn external(state: &mut [Lanes; WIDTH]) {
                let sum = sum(state);
                for word in state {
                    *word = simd::add::<Fr>(word, &sum);
                }
            }

            #[target_feature(enable = $features)]
            fn full_round(state: &mut [Lanes; WIDTH], constants: &[Fr; WIDTH]) {
                for (word, &constant) in state.iter_mut().zip(constants) {
                    *word = fifth(&simd::add::<Fr>(word, &simd::splat(constant)));
                }
                external(state);
            }

            #[target_feature(enable = $features)]
            pub fn permute(words: &mut [Fr; WIDTH * LANES]) {
                let constants = constants();
                let mut state: [Lanes; WIDTH] = std::array::from_fn(|word| {
                    simd::load(&std::array::from_fn(|lane| words[lane * WIDTH + word]))
                });
                external(&mut state);
                for round in &constants.first {
                    full_round(&mut state, round);
                }
                for &constant in &constants.partial {
                    state[0] = fifth(&simd::add::<Fr>(&state[0], &simd::splat(constant)));
                    let sum = sum(&state);
                    state[2] = simd::add::<Fr>(&state[2], &state[2]);
                    for word in &mut state {
                        *word = simd::add::<Fr>(word, &sum);
                    }
                }
                for round in &constants.last {
                    full_round(&mut state, round);
                }
                for (word, lanes) in state.iter().enumerate() {
                    let mut eight = [Fr::ZERO; LANES];
                    simd::store(lanes, &mut eight);
                    for (lane, value) in eight.into_iter().enumerate() {
                        words[lane * WIDTH + word] = value;
                    }
                }
            }
        };
    }
    crate::lanes::for_all_lanes!(kernels);
}
