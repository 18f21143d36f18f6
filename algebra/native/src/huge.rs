//! Large arrays on huge pages: sums of points in bucket order and the scatter of a transform reach
//! all over an array, and with pages of 4 KiB many of these reads miss the table of pages too.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;

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

fn freed() -> std::sync::MutexGuard<'static, Freed> {
    FREED.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// The system's allocator, but whole huge pages, asked for by `madvise`, for arrays that fill one.
pub struct HugePages;

// SAFETY: sizes alone decide who serves a request, so memory goes back to where it came from.
unsafe impl GlobalAlloc for HugePages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if large(layout.size(), layout.align()) {
            let kept = freed().take(layout.size().next_multiple_of(HUGE));
            kept.unwrap_or_else(|| map(layout.size()))
        } else {
            System.alloc(layout)
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if large(layout.size(), layout.align()) {
            map(layout.size()) // the kernel gives zeros; a kept array has its last owner's numbers
        } else {
            System.alloc_zeroed(layout)
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if large(layout.size(), layout.align()) {
            let bytes = layout.size().next_multiple_of(HUGE);
            if !freed().keep(pointer, bytes) {
                libc::munmap(pointer.cast(), bytes);
            }
        } else {
            System.dealloc(pointer, layout);
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !large(layout.size(), layout.align()) && !large(size, layout.align()) {
            return System.realloc(pointer, layout, size);
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
        libc::madvise(aligned.cast(), wanted, libc::MADV_HUGEPAGE); // a wish; ordinary pages serve too
        aligned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_grow_and_shrink_across_the_border() {
        let words = HUGE / 8;
        for count in [words - 1, words, words + 1, 3 * words + 5] {
            let zeros = vec![0u64; count];
            assert!(zeros.iter().all(|&word| word == 0));
            assert!(count < words || zeros.as_ptr().align_offset(HUGE) == 0);
        }
        let kept = freed();
        assert!(
            kept.bytes <= KEPT
                && kept.bytes
                    == kept.arrays[..kept.count].iter().map(|&(_, bytes)| bytes).sum::<usize>()
        );
        drop(kept);
        let mut grown: Vec<u64> = Vec::new();
        (0..3 * words as u64).for_each(|word| grown.push(word));
        grown.truncate(words / 2);
        grown.shrink_to_fit();
        assert!(grown.iter().enumerate().all(|(index, &word)| word == index as u64));
        assert!(map(usize::MAX).is_null() && map(isize::MAX as usize).is_null());
    }
}
