//! Every entry point that takes bytes or words from outside, on mutations of good input: an answer
//! or an `Error`, never a panic, and what is accepted is what was meant. Deterministic, so a
//! failure repeats; it needs no nightly compiler.

use _native::limbs::{points, scalars, write_points, write_scalars, Point};
use _native::program::Program;
use _native::{group, pairing, Fr};

const ROUNDS: usize = 4_000;
const PAIRINGS: usize = 150;
const MODULI: [&str; 2] = [
    "30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001",
    "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47",
];
/// The generator of G2 as in EIP-197: x.c0, x.c1, y.c0, y.c1.
const G2: [&str; 4] = [
    "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed",
    "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2",
    "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa",
    "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b",
];

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

fn word(hex: &str) -> Vec<u8> {
    (0..32).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
}

/// One to four changes: a bit, a byte, a word (0, 1, r, p, all ones; either order), a cut, a
/// repetition.
fn mutate(good: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut out = good.to_vec();
    for _ in 0..=dice.below(4) {
        let (at, kind) = (dice.below(out.len()), dice.below(6));
        match kind {
            0 if !out.is_empty() => out[at] ^= 1 << dice.below(8),
            1 if !out.is_empty() => out[at] = [0, 1, 0x7f, 0x80, 0xff][dice.below(5)],
            2 | 3 if out.len() >= 32 => {
                let mut value = match dice.below(5) {
                    0 => vec![0; 32],
                    1 => [vec![0; 31], vec![1]].concat(),
                    2 => vec![0xff; 32],
                    other => word(MODULI[other - 3]),
                };
                if kind == 3 {
                    value.reverse();
                }
                let start = at / 32 * 32;
                let end = (start + 32).min(out.len());
                out[start..end].copy_from_slice(&value[..end - start]);
            }
            4 => out.truncate(at),
            _ => {
                let part = out[at..].to_vec();
                out.extend(part);
                out.truncate(8 * good.len());
            }
        }
    }
    out
}

fn some_points() -> Vec<Point> {
    group::fixed_base(&[1u64, 2, 3, 0, 12_345].map(Fr::from)).unwrap()
}

fn point_bytes(points: &[Point]) -> Vec<u8> {
    let mut out = vec![0; 64 * points.len()];
    write_points(points, &mut out).unwrap();
    out
}

fn scalar_bytes(scalars: &[Fr]) -> Vec<u8> {
    let mut out = vec![0; 32 * scalars.len()];
    write_scalars(scalars, &mut out).unwrap();
    out
}

#[test]
fn points_are_read_back_or_refused() {
    let (good, mut dice, mut accepted) = (point_bytes(&some_points()), Dice(1), 0);
    for _ in 0..ROUNDS {
        let data = mutate(&good, &mut dice);
        if let Ok(found) = points(&data, true) {
            assert!(found.iter().all(Point::on_curve));
            assert_eq!(point_bytes(&found), data);
            accepted += 1;
        }
        let _ = points(&data, false);
    }
    assert!(accepted > 0 && accepted < ROUNDS);
}

#[test]
fn scalars_are_read_back_or_refused() {
    let good = scalar_bytes(&[0u64, 1, 7, u64::MAX].map(Fr::from));
    let (mut dice, mut accepted) = (Dice(2), 0);
    for _ in 0..ROUNDS {
        let data = mutate(&good, &mut dice);
        if let Ok(found) = scalars("scalars", &data) {
            assert_eq!(scalar_bytes(&found), data);
            accepted += 1;
        }
    }
    assert!(accepted > 0 && accepted < ROUNDS);
}

#[test]
fn pairings_answer_or_refuse() {
    let (first, second) = (some_points(), [G2.map(word).concat(), G2.map(word).concat()].concat());
    let left = [first[0], first[0].negate()];
    assert_eq!(pairing::check(&left, &second), Ok(true));
    let (mut dice, mut refused) = (Dice(3), 0);
    for _ in 0..PAIRINGS {
        refused += usize::from(pairing::check(&left, &mutate(&second, &mut dice)).is_err());
    }
    assert!(refused > PAIRINGS / 2);
}

#[test]
fn programs_run_or_are_refused() {
    // register 0 = query 0 * scalar 0; register 1 = register 0 - query 1
    let good = [2, 0, 1 << 24, 2 << 24, 1, 1, 0, 1 << 24 | 1];
    let column: Vec<Fr> = (0..16u64).map(Fr::from).collect();
    let (mut dice, mut ran) = (Dice(4), 0);
    for _ in 0..ROUNDS {
        let mut words: Vec<i32> = good.to_vec();
        for _ in 0..dice.below(3) {
            let at = dice.below(words.len());
            words[at] =
                [0, 1, 2, 3, -1, i32::MIN, i32::MAX, 1 << 24, 2 << 24, 3 << 24, 1 << 24 | 2]
                    [dice.below(11)];
        }
        words.truncate(words.len() - [0, 0, 0, 1, 4][dice.below(5)]);
        let rotation = [0, 1, -1, 1 << 40, -(1 << 40)][dice.below(5)];
        let outputs = [[1, 0], [0, 2 << 24], [5, -1], [i64::MIN, i64::MAX]][dice.below(4)];
        let queries = [(0, 0), ([0, 1, -1, i64::MAX][dice.below(4)], rotation)];
        if let Ok(program) = Program::parse(&words, 2, &queries, &outputs, 1, 1) {
            let results = program.run(&[&column], &[Fr::from(3u64)]);
            assert_eq!(results.map(|vectors| vectors.len()), Ok(2));
            ran += 1;
        }
    }
    assert!(ran > 0 && ran < ROUNDS);
}
