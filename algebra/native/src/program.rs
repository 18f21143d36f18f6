//! Interpreter of the flat register program (docs/explanation/protocol.md 4.4): rows in chunks,
//! registers as arrays of a chunk.

use crate::error::{check_length, Error, Result};
use crate::lanes::in_lanes;
use crate::limbs::GRAIN;
use crate::memory::{collected, filled, room};
use crate::pool::{run, threads, Spread};
use crate::program_eights;
use crate::reserve::{RESERVE, THREAD};
use crate::Fr;
use ark_ff::AdditiveGroup;
use rayon::prelude::*;
use std::cell::Cell;

/// Registers of one worker should stay in the second-level cache.
const CACHE_BYTES: usize = 256 * 1024;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Operand {
    Register(usize),
    Query(usize),
    Scalar(usize),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Operation {
    Add,
    Subtract,
    Multiply,
}

#[derive(Debug)]
pub(crate) struct Instruction {
    pub(crate) operation: Operation,
    pub(crate) destination: usize,
    pub(crate) left: Operand,
    pub(crate) right: Operand,
}

/// A program whose operands have all been checked against the registers, queries and scalars it
/// will meet.
#[derive(Debug)]
pub struct Program {
    pub(crate) instructions: Vec<Instruction>,
    pub(crate) registers: usize,
    pub(crate) queries: Vec<(usize, i64)>,
    pub(crate) outputs: Vec<Operand>,
}

impl Program {
    /// Check a program and make it ready.
    ///
    /// `instructions`: four words each (operation, destination, left, right), operations 0 add, 1
    /// subtract, 2 multiply; an operand is its kind (0 register, 1 query, 2 scalar) times 2^24 and
    /// its index, and so are `outputs`. `queries`: pairs (column, rotation). `columns` and
    /// `scalars`: how many it will be run with. `Error::Program` names the first word that cannot
    /// run.
    pub fn parse(
        instructions: &[i32],
        registers: usize,
        queries: &[(i64, i64)],
        outputs: &[i64],
        columns: usize,
        scalars: usize,
    ) -> Result<Program> {
        check_length("instructions", instructions.len() / 4 * 4, instructions.len())?;
        let queries = queries
            .iter()
            .enumerate()
            .map(|(index, &(column, rotation))| match usize::try_from(column) {
                Ok(column) if column < columns => Ok((column, rotation)),
                _ => Err(wrong(format!("query {index} asks for column {column} of {columns}"))),
            })
            .collect::<Result<Vec<_>>>()?;
        let mut written = filled(false, registers)?;
        let operand = |word: i64, written: &[bool], place: &dyn Fn() -> String| {
            let wrong = |what: String| wrong(format!("{}: {what}", place()));
            let (kind, index) =
                (word >> 24, usize::try_from(word & 0xff_ffff).unwrap_or(usize::MAX));
            match kind {
                0 if index >= registers => Err(wrong(format!("register {index} of {registers}"))),
                0 if !written[index] => {
                    Err(wrong(format!("register {index} is read before it is written")))
                }
                0 => Ok(Operand::Register(index)),
                1 if index < queries.len() => Ok(Operand::Query(index)),
                1 => Err(wrong(format!("query {index} of {}", queries.len()))),
                2 if index < scalars => Ok(Operand::Scalar(index)),
                2 => Err(wrong(format!("scalar {index} of {scalars}"))),
                _ => Err(wrong(format!("unknown operand kind {kind}"))),
            }
        };
        let mut parsed = room(instructions.len() / 4)?;
        for (index, words) in instructions.chunks_exact(4).enumerate() {
            let operation = match words[0] {
                0 => Operation::Add,
                1 => Operation::Subtract,
                2 => Operation::Multiply,
                other => {
                    return Err(wrong(format!("instruction {index}: unknown operation {other}")))
                }
            };
            let left =
                operand(i64::from(words[2]), &written, &|| format!("instruction {index}, left"))?;
            let right =
                operand(i64::from(words[3]), &written, &|| format!("instruction {index}, right"))?;
            let destination = match usize::try_from(words[1]) {
                Ok(destination) if destination < registers => destination,
                _ => {
                    return Err(wrong(format!(
                        "instruction {index}: destination {} of {registers}",
                        words[1]
                    )))
                }
            };
            written[destination] = true;
            parsed.push(Instruction { operation, destination, left, right });
        }
        let outputs = outputs
            .iter()
            .enumerate()
            .map(|(index, &word)| operand(word, &written, &|| format!("output {index}")))
            .collect::<Result<Vec<_>>>()?;
        Ok(Program { instructions: parsed, registers, queries, outputs })
    }

    /// Run on every row of the columns: one vector per output, as long as they are. Query (c, k) in
    /// row i reads columns[c][i + k], row numbers modulo the length. `columns` and `scalars` are as
    /// many as `parse` was told. `Error::Length` unless the columns are as long as each other.
    pub fn run(&self, columns: &[&[Fr]], scalars: &[Fr]) -> Result<Vec<Vec<Fr>>> {
        let rows = columns.first().map_or(0, |column| column.len());
        for column in columns {
            check_length("columns", rows, column.len())?;
        }
        if rows == 0 || self.outputs.is_empty() {
            return Ok(vec![Vec::new(); self.outputs.len()]);
        }
        run(rows.saturating_mul(self.instructions.len()) > GRAIN, || {
            in_lanes!(program_eights::run(self, columns, scalars))
                .unwrap_or_else(|| self.run_plain(columns, scalars, rows))
        })
    }

    fn run_plain(&self, columns: &[&[Fr]], scalars: &[Fr], rows: usize) -> Result<Vec<Vec<Fr>>> {
        let mut results = self.empty_results(rows)?;
        let chunk = (CACHE_BYTES / 32 / self.registers.max(1)).clamp(16, 256);
        let slots = (self.registers + self.queries.len()) * chunk;
        RESERVE.secure(threads() * (slots * size_of::<Fr>() + THREAD))?;
        let jobs = jobs(&mut results, rows, chunk)?;
        jobs.into_par_iter().enumerate().each_with(
            || Workspace {
                registers: vec![Fr::ZERO; self.registers * chunk],
                wrapped: vec![Fr::ZERO; self.queries.len() * chunk],
            },
            |workspace, (index, outputs)| {
                self.run_chunk(workspace, columns, scalars, index * chunk, chunk, outputs)
            },
        );
        Ok(results)
    }

    /// Room for the results on so many rows.
    pub(crate) fn empty_results(&self, rows: usize) -> Result<Vec<Vec<Fr>>> {
        self.outputs.iter().map(|_| filled(Fr::ZERO, rows)).collect()
    }

    /// Run once on the scalars alone, one element per output. `Error::Length` if the program has
    /// queries.
    pub fn run_once(&self, scalars: &[Fr]) -> Result<Vec<Fr>> {
        check_length("queries", 0, self.queries.len())?;
        let mut registers = filled(Fr::ZERO, self.registers)?;
        let value = |operand: Operand, registers: &[Fr]| match operand {
            Operand::Register(index) => registers[index],
            Operand::Scalar(index) => scalars[index],
            Operand::Query(_) => Fr::ZERO,
        };
        for instruction in &self.instructions {
            let (left, right) =
                (value(instruction.left, &registers), value(instruction.right, &registers));
            registers[instruction.destination] = match instruction.operation {
                Operation::Add => left + right,
                Operation::Subtract => left - right,
                Operation::Multiply => left * right,
            };
        }
        Ok(self.outputs.iter().map(|&operand| value(operand, &registers)).collect())
    }

    fn run_chunk(
        &self,
        workspace: &mut Workspace,
        columns: &[&[Fr]],
        scalars: &[Fr],
        start: usize,
        chunk: usize,
        outputs: Vec<&mut [Fr]>,
    ) {
        let rows = columns[0].len();
        let count = chunk.min(rows - start);
        // A query is a plain slice of its column unless the rotation wraps round inside this chunk.
        let first = |rotation: i64| (start as i64 + rotation).rem_euclid(rows as i64) as usize;
        for (&(column, rotation), slots) in
            self.queries.iter().zip(workspace.wrapped.chunks_exact_mut(chunk))
        {
            let from = first(rotation);
            if from + count > rows {
                for (offset, slot) in slots[..count].iter_mut().enumerate() {
                    *slot = columns[column][(from + offset) % rows];
                }
            }
        }
        let wrapped: &[Fr] = &workspace.wrapped;
        let query = |index: usize| {
            let (column, rotation) = self.queries[index];
            let from = first(rotation);
            if from + count > rows {
                &wrapped[index * chunk..index * chunk + count]
            } else {
                &columns[column][from..from + count]
            }
        };
        // Destination and operands may be the same register, so the register file is a slice of
        // cells.
        let registers = Cell::from_mut(workspace.registers.as_mut_slice()).as_slice_of_cells();
        let register = |index: usize| &registers[index * chunk..index * chunk + count];
        for instruction in &self.instructions {
            let target = register(instruction.destination);
            let left = source(instruction.left, &register, &query, scalars);
            let right = source(instruction.right, &register, &query, scalars);
            match instruction.operation {
                Operation::Add => apply(target, left, right, |a, b| a + b),
                Operation::Subtract => apply(target, left, right, |a, b| a - b),
                Operation::Multiply => apply(target, left, right, |a, b| a * b),
            }
        }
        for (slots, &operand) in outputs.into_iter().zip(&self.outputs) {
            match source(operand, &register, &query, scalars) {
                Source::Cells(cells) => {
                    slots.iter_mut().zip(cells).for_each(|(slot, cell)| *slot = cell.get())
                }
                Source::Values(values) => slots.copy_from_slice(values),
                Source::Constant(value) => slots.fill(value),
            }
        }
    }
}

/// One job per chunk of rows: its slices of every output.
pub(crate) fn jobs(
    results: &mut [Vec<Fr>],
    rows: usize,
    chunk: usize,
) -> Result<Vec<Vec<&mut [Fr]>>> {
    let count = results.len();
    let jobs = (0..rows.div_ceil(chunk)).map(|_| room(count));
    let mut jobs = collected(jobs)?.into_iter().collect::<Result<Vec<Vec<&mut [Fr]>>>>()?;
    for result in results {
        for (job, part) in jobs.iter_mut().zip(result.chunks_mut(chunk)) {
            job.push(part);
        }
    }
    Ok(jobs)
}

struct Workspace {
    registers: Vec<Fr>,
    wrapped: Vec<Fr>,
}

#[derive(Clone, Copy)]
enum Source<'a> {
    Cells(&'a [Cell<Fr>]),
    Values(&'a [Fr]),
    Constant(Fr),
}

fn source<'a>(
    operand: Operand,
    register: &impl Fn(usize) -> &'a [Cell<Fr>],
    query: &impl Fn(usize) -> &'a [Fr],
    scalars: &[Fr],
) -> Source<'a> {
    match operand {
        Operand::Register(index) => Source::Cells(register(index)),
        Operand::Query(index) => Source::Values(query(index)),
        Operand::Scalar(index) => Source::Constant(scalars[index]),
    }
}

#[inline(always)]
fn apply(
    target: &[Cell<Fr>],
    left: Source<'_>,
    right: Source<'_>,
    operation: impl Fn(Fr, Fr) -> Fr + Copy,
) {
    use Source::{Cells, Constant, Values};
    macro_rules! rows {
        ($a:ident, $left:expr, $b:ident, $right:expr) => {
            for ((slot, $a), $b) in target.iter().zip($left).zip($right) {
                slot.set(operation($left.read($a), $right.read($b)));
            }
        };
    }
    match (left, right) {
        (Cells(l), Cells(r)) => rows!(a, l, b, r),
        (Cells(l), Values(r)) => rows!(a, l, b, r),
        (Values(l), Cells(r)) => rows!(a, l, b, r),
        (Values(l), Values(r)) => rows!(a, l, b, r),
        (Cells(l), Constant(r)) => {
            target.iter().zip(l).for_each(|(slot, a)| slot.set(operation(a.get(), r)))
        }
        (Values(l), Constant(r)) => {
            target.iter().zip(l).for_each(|(slot, a)| slot.set(operation(*a, r)))
        }
        (Constant(l), Cells(r)) => {
            target.iter().zip(r).for_each(|(slot, b)| slot.set(operation(l, b.get())))
        }
        (Constant(l), Values(r)) => {
            target.iter().zip(r).for_each(|(slot, b)| slot.set(operation(l, *b)))
        }
        (Constant(l), Constant(r)) => {
            let value = operation(l, r);
            target.iter().for_each(|slot| slot.set(value));
        }
    }
}

/// How `rows!` reads one element of either kind of slice.
trait Read {
    type Item;
    fn read(&self, item: &Self::Item) -> Fr;
}
impl Read for &[Cell<Fr>] {
    type Item = Cell<Fr>;
    #[inline(always)]
    fn read(&self, item: &Cell<Fr>) -> Fr {
        item.get()
    }
}
impl Read for &[Fr] {
    type Item = Fr;
    #[inline(always)]
    fn read(&self, item: &Fr) -> Fr {
        *item
    }
}

fn wrong(reason: String) -> Error {
    Error::Program { reason }
}
