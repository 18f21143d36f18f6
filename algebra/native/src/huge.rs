//! Large arrays on huge pages: sums of points in bucket order and the scatter of a transform reach
//! all over an array, and with pages of 4 KiB many of these reads miss the table of pages too.
//!
//! Where the system gives no memory, what is kept here goes back first; then the answer is null,
//! which `memory` turns into a refusal.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::{Mutex, MutexGuard};

/// Size of a huge page; smaller arrays stay with the system's allocator.
const HUGE: usize = 2 << 20;

/// Bytes of freed arrays that are kept for the next: fresh pages come cleared, which took an eighth
/// of a proof's time.
const KEPT: usize = 256 << 20;

/// Freed arrays: address and bytes.
struct Freed {
    arrays: [(usize, usize); 128],
    count: usize,
    bytes: usize,
}

static FREED: Mutex<Freed> = Mutex::new(Freed { arrays: [(0, 0); 128], count: 0, bytes: 0 });

impl Freed {
    /// An array of exactly this length, if one is kept.
    fn take(&mut self, bytes: usize) -> Option<*mut u8> {
        let found = self.arrays[..self.count].iter().position(|&(_, kept)| kept == bytes)?;
        let (address, _) = self.arrays[found];
        self.count -= 1;
        self.arrays[found] = self.arrays[self.count];
        self.bytes -= bytes;
        Some(address as *mut u8)
    }

    /// Whether there was room to keep it.
    fn keep(&mut self, pointer: *mut u8, bytes: usize) -> bool {
        let room = self.count < self.arrays.len() && self.bytes + bytes <= KEPT;
        if room {
            self.arrays[self.count] = (pointer as usize, bytes);
            self.count += 1;
            self.bytes += bytes;
        }
        room
    }
}

/// How often a lock is tried that is held for some hundred nanoseconds at most.
const TRIES: usize = 1000;

/// The freed arrays, if they are to be had. Nobody waits for them: a thread that held the lock
/// while the process forked does not exist in the child, where it stays held for ever.
fn freed() -> Option<MutexGuard<'static, Freed>> {
    (0..TRIES).find_map(|_| {
        let guard = FREED.try_lock().ok();
        if guard.is_none() {
            std::hint::spin_loop();
        }
        guard
    })
}

/// Give the system back what is kept; whether there was something.
fn release() -> bool {
    let Some(mut kept) = freed() else { return false };
    let count = std::mem::take(&mut kept.count);
    kept.bytes = 0;
    for &(address, bytes) in &kept.arrays[..count] {
        // SAFETY: it was mapped with this length, and is in nobody's hands.
        unsafe { libc::munmap(address as *mut libc::c_void, bytes) };
    }
    count > 0
}

/// What `ask` gives, the second time with all that was kept given back.
fn twice(ask: impl Fn() -> *mut u8) -> *mut u8 {
    let first = ask();
    if first.is_null() && release() {
        return ask();
    }
    first
}

/// The system's allocator, but whole huge pages, asked for by `madvise`, for arrays that fill one.
pub(crate) struct HugePages;

// SAFETY: sizes alone decide who serves a request, so memory goes back to where it came from.
unsafe impl GlobalAlloc for HugePages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if large(layout.size(), layout.align()) {
            let bytes = layout.size().next_multiple_of(HUGE);
            let kept = freed().and_then(|mut freed| freed.take(bytes));
            kept.unwrap_or_else(|| twice(|| map(layout.size())))
        } else {
            twice(|| System.alloc(layout))
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if large(layout.size(), layout.align()) {
            // The system gives zeros; a kept array has its last owner's numbers.
            twice(|| map(layout.size()))
        } else {
            twice(|| System.alloc_zeroed(layout))
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if large(layout.size(), layout.align()) {
            let bytes = layout.size().next_multiple_of(HUGE);
            if !freed().is_some_and(|mut freed| freed.keep(pointer, bytes)) {
                libc::munmap(pointer.cast(), bytes);
            }
        } else {
            System.dealloc(pointer, layout);
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !large(layout.size(), layout.align()) && !large(size, layout.align()) {
            return twice(|| System.realloc(pointer, layout, size));
        }
        let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
        if !new.is_null() {
            std::ptr::copy_nonoverlapping(pointer, new, layout.size().min(size));
            self.dealloc(pointer, layout);
        }
        new
    }
}

fn large(size: usize, align: usize) -> bool {
    size >= HUGE && align <= HUGE
}

/// Zeroed memory that starts on a huge page; null where there is none.
fn map(size: usize) -> *mut u8 {
    let Some(wanted) =
        size.checked_next_multiple_of(HUGE).filter(|wanted| *wanted <= isize::MAX as usize - HUGE)
    else {
        return std::ptr::null_mut();
    };
    // SAFETY: a fresh mapping, longer by one page than wanted; what lies before and after the
    // aligned part goes back.
    unsafe {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let start = libc::mmap(std::ptr::null_mut(), wanted + HUGE, protection, flags, -1, 0);
        if start == libc::MAP_FAILED {
            return std::ptr::null_mut();
        }
        let start: *mut u8 = start.cast();
        let before = start.align_offset(HUGE);
        let aligned = start.add(before);
        if before > 0 {
            libc::munmap(start.cast(), before);
        }
        libc::munmap(aligned.add(wanted).cast(), HUGE - before);
        // A wish: ordinary pages serve too.
        libc::madvise(aligned.cast(), wanted, libc::MADV_HUGEPAGE);
        aligned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tests run side by side, and one of them keeps the lock for a while.
    fn wait_for_freed() -> MutexGuard<'static, Freed> {
        loop {
            if let Some(guard) = freed() {
                return guard;
            }
        }
    }

    #[test]
    fn arrays_grow_and_shrink_across_the_border() {
        let words = HUGE / 8;
        for count in [words - 1, words, words + 1, 3 * words + 5] {
            let zeros = vec![0u64; count];
            assert!(zeros.iter().all(|&word| word == 0));
            assert!(count < words || zeros.as_ptr().align_offset(HUGE) == 0);
        }
        let kept = wait_for_freed();
        let sum = kept.arrays[..kept.count].iter().map(|&(_, bytes)| bytes).sum::<usize>();
        assert!(kept.bytes <= KEPT && kept.bytes == sum);
        drop(kept);
        let mut grown: Vec<u64> = Vec::new();
        (0..3 * words as u64).for_each(|word| grown.push(word));
        grown.truncate(words / 2);
        grown.shrink_to_fit();
        assert!(grown.iter().enumerate().all(|(index, &word)| word == index as u64));
        assert!(map(usize::MAX).is_null() && map(isize::MAX as usize).is_null());
    }

    #[test]
    fn a_lock_that_is_never_given_back_only_costs_the_kept_arrays() {
        std::thread::scope(|scope| {
            let held = wait_for_freed();
            let work = || (vec![7u64; HUGE], release());
            let (array, released) = scope.spawn(work).join().unwrap();
            assert!(array.len() == HUGE && !released);
            drop(held);
        });
        drop(vec![7u64; HUGE]);
        assert!(twice(std::ptr::null_mut).is_null());
    }
}
