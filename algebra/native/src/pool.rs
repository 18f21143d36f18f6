//! The threads of the kernels: a pool a process, and the calling thread alone where there is none.
//!
//! Threads do not survive a fork and may be refused by the system, so rayon's own global pool,
//! which is made once and panics without threads, is never used. A kernel enters the pool by `run`;
//! inside it `Spread` ends parallel iterators on all its threads, outside in a plain loop. No other
//! file ends one in another way: `clippy.toml` sees to that.

#![allow(clippy::disallowed_methods)] // they are wrapped here

use crate::error::Result;
use crate::kept::Kept;
use crate::memory;
use crate::reserve::{Reserve, RESERVE, THREAD};
use rayon::iter::plumbing::{Producer, ProducerCallback};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::convert::Infallible;
use std::thread::{available_parallelism, Builder, JoinHandle};

/// No more threads than this, whatever RAYON_NUM_THREADS says, unless the machine has more cores.
const MOST: usize = 256;

/// Stack of a thread; the kernels keep their arrays elsewhere.
const STACK: usize = 2 << 20;

/// The pool of a process; `None` where only the calling thread is to be had.
struct Pool {
    process: u32,
    threads: Option<ThreadPool>,
}

static POOL: Kept<Pool> = Kept::new();

/// The pool of this process. One that came here through a fork has lost its threads, and is
/// replaced.
fn pool() -> Option<&'static ThreadPool> {
    let process = std::process::id();
    let make = || Ok::<_, Infallible>(Pool { process, threads: build(wanted()) });
    match POOL.get(|pool| pool.process == process, make) {
        Ok(pool) => pool.threads.as_ref(),
        Err(never) => match never {},
    }
}

fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// How many threads to ask for: RAYON_NUM_THREADS, or as many as there are cores.
fn wanted() -> usize {
    let given = std::env::var("RAYON_NUM_THREADS").ok().and_then(|text| text.parse().ok());
    given.filter(|&threads| threads > 0).unwrap_or_else(cores).min(cores().max(MOST))
}

/// A pool of so many threads, or of fewer where the system gives no more.
fn build(mut threads: usize) -> Option<ThreadPool> {
    while threads > 1 {
        // A thread that finds no memory while it starts ends the process.
        if Reserve::new().secure(threads * (STACK + THREAD)).is_err() {
            threads = (threads / 2).min(cores());
            continue;
        }
        let mut started: Vec<JoinHandle<()>> = Vec::new();
        let builder = ThreadPoolBuilder::new().num_threads(threads).spawn_handler(|thread| {
            let builder = Builder::new().name("tierproof".into()).stack_size(STACK);
            started.push(builder.spawn(|| thread.run())?);
            Ok(())
        });
        if let Ok(pool) = builder.build() {
            return Some(pool);
        }
        // What was started ends by itself. Half of it, so that others in this process get threads
        // too.
        threads = (started.len() / 2).min(cores());
        started.into_iter().for_each(|thread| drop(thread.join()));
    }
    None
}

/// How many threads a kernel of this process has.
pub fn available() -> usize {
    pool().map_or(1, ThreadPool::current_num_threads)
}

fn inside() -> bool {
    rayon::current_thread_index().is_some()
}

/// Run a kernel in the pool, if it is `worth` the waking of threads; else on this thread. Its small
/// arrays have their reserve.
pub(crate) fn run<T: Send>(worth: bool, kernel: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    if inside() {
        return kernel();
    }
    RESERVE.secure(THREAD)?;
    if !worth {
        return kernel();
    }
    let pool = pool();
    RESERVE.secure(pool.map_or(1, ThreadPool::current_num_threads) * THREAD)?;
    match pool {
        Some(pool) => pool.install(kernel),
        None => kernel(),
    }
}

/// How many threads share the work that is going on here.
pub(crate) fn threads() -> usize {
    if inside() {
        rayon::current_num_threads()
    } else {
        1
    }
}

/// Both, at the same time where there are threads.
pub(crate) fn join<A: Send, B: Send>(
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B + Send,
) -> (A, B) {
    if inside() {
        rayon::join(first, second)
    } else {
        (first(), second())
    }
}

/// The ends of a parallel iterator: on the threads of the pool, or outside of it one item after
/// another.
pub(crate) trait Spread: IndexedParallelIterator {
    /// `work` on each item.
    fn each(self, work: impl Fn(Self::Item) + Send + Sync) {
        if inside() {
            self.for_each(work);
        } else {
            self.with_producer(Alone(work));
        }
    }

    /// The same with something of its own for each thread.
    fn each_with<S>(
        self,
        start: impl Fn() -> S + Send + Sync,
        work: impl Fn(&mut S, Self::Item) + Send + Sync,
    ) {
        if inside() {
            self.for_each_init(start, work);
        } else {
            let mut own = start();
            self.with_producer(Alone(|item| work(&mut own, item)));
        }
    }

    /// All items in their order; refused where there is no memory for them.
    fn gather(self) -> Result<Vec<Self::Item>> {
        let count = self.len();
        let mut out = memory::room(count)?;
        let slots = out.spare_capacity_mut()[..count].par_iter_mut();
        slots.zip(self).each(|(slot, item)| {
            slot.write(item);
        });
        // SAFETY: there are as many items as slots, and each was written to its own.
        unsafe { out.set_len(count) };
        Ok(out)
    }
}
impl<I: IndexedParallelIterator> Spread for I {}

/// Takes the items of a parallel iterator in a loop.
struct Alone<F>(F);

impl<T, F: FnMut(T)> ProducerCallback<T> for Alone<F> {
    type Output = ();

    fn callback<P: Producer<Item = T>>(self, producer: P) {
        producer.into_iter().for_each(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::iter::{IntoParallelIterator, ParallelIterator};
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn squares(count: usize) -> Result<Vec<usize>> {
        (0..count).into_par_iter().with_min_len(8).map(|i| i * i).gather()
    }

    #[test]
    fn inside_and_outside_agree() {
        for count in [0, 1, 7, 1000] {
            let expected: Vec<usize> = (0..count).map(|i| i * i).collect();
            assert_eq!(squares(count), Ok(expected.clone()));
            assert_eq!(run(true, || squares(count)), Ok(expected));
        }
        assert_eq!(join(threads, inside), (1, false));
        assert_eq!(run(false, || Ok(threads())), Ok(1));
        assert_eq!(run(true, || Ok(join(threads, threads))), Ok((available(), available())));
    }

    #[test]
    fn each_item_is_met_once() {
        let sum = |inside: bool| {
            let (total, starts) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let work = || {
                (1..101usize).into_par_iter().each_with(
                    || starts.fetch_add(1, Ordering::Relaxed),
                    |_, item| {
                        total.fetch_add(item, Ordering::Relaxed);
                    },
                );
                Ok(())
            };
            assert_eq!(run(inside, work), Ok(()));
            (total.into_inner(), starts.into_inner())
        };
        assert_eq!(sum(false), (5050, 1));
        assert_eq!(sum(true).0, 5050);
    }

    #[test]
    fn a_pool_has_at_least_two_threads() {
        assert!(build(1).is_none() && build(0).is_none());
        assert_eq!(build(3).map(|pool| pool.current_num_threads()), Some(3));
        assert!((1..=cores().max(MOST)).contains(&wanted()));
    }
}
