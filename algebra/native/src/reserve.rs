//! Memory held back for small arrays, whose growth nobody checks.
//!
//! Where memory ends, `Vec` by itself ends the process. Large arrays ask first (`memory`), but
//! after one of them took the last of it, the next small one would be the end. So a call begins
//! with a reserve. When the allocator finds nothing more it spends the reserve, and from then on
//! large arrays are refused, so that the call ends with an error while small ones live on what was
//! held back.

use crate::error::{Error, Result};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

/// What the small arrays of one thread take at the most.
pub(crate) const THREAD: usize = 1 << 20;

/// The reserve of this process.
pub(crate) static RESERVE: Reserve = Reserve::new();

/// A block of memory that is there to be given back.
pub(crate) struct Reserve {
    /// Its first word is its size in bytes. Nothing else of it is touched.
    block: AtomicPtr<usize>,
    /// Its size once more, for all who may not look into it. It changes a little later.
    size: AtomicUsize,
    /// Whether it was spent since it was last secured.
    spent: AtomicBool,
}

impl Reserve {
    pub(crate) const fn new() -> Reserve {
        Reserve {
            block: AtomicPtr::new(std::ptr::null_mut()),
            size: AtomicUsize::new(0),
            spent: AtomicBool::new(false),
        }
    }

    /// Hold back at least so much from now on; `Error::Memory` where it is not to be had.
    pub(crate) fn secure(&self, bytes: usize) -> Result<()> {
        let held = !self.block.load(Ordering::Relaxed).is_null();
        if held && self.size.load(Ordering::Relaxed) >= bytes {
            return Ok(());
        }
        let bytes = bytes.max(size_of::<usize>());
        let layout = layout(bytes).ok_or(Error::Memory { bytes })?;
        // SAFETY: the layout is not empty, and has room for the size.
        let block: *mut usize = unsafe { System.alloc(layout) }.cast();
        if block.is_null() {
            return Err(Error::Memory { bytes });
        }
        // SAFETY: nobody else knows the block yet.
        unsafe { block.write(bytes) };
        give_back(self.block.swap(block, Ordering::AcqRel));
        self.size.store(bytes, Ordering::Relaxed);
        self.spent.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Whether it was spent since it was last secured.
    pub(crate) fn spent(&self) -> bool {
        self.spent.load(Ordering::Relaxed)
    }

    /// Give it back to the system, if that could help one who asks for so much.
    fn spend(&self, wanted: usize) -> bool {
        if self.size.load(Ordering::Relaxed) < wanted {
            return false;
        }
        self.spent.store(true, Ordering::Relaxed);
        give_back(self.block.swap(std::ptr::null_mut(), Ordering::AcqRel))
    }
}

impl Drop for Reserve {
    fn drop(&mut self) {
        give_back(*self.block.get_mut());
    }
}

fn layout(bytes: usize) -> Option<Layout> {
    Layout::from_size_align(bytes, align_of::<usize>()).ok()
}

/// Whether there was something to give back.
fn give_back(block: *mut usize) -> bool {
    if block.is_null() {
        return false;
    }
    // SAFETY: it was taken out of a reserve, so nobody else has it; it came from the same allocator
    // by the layout of the size that it begins with.
    unsafe {
        if let Some(layout) = layout(block.read()) {
            System.dealloc(block.cast(), layout);
        }
    }
    true
}

/// An allocator that spends a reserve before it gives up.
pub(crate) struct Reserved<A> {
    pub(crate) inner: A,
    pub(crate) reserve: &'static Reserve,
}

impl<A> Reserved<A> {
    fn twice(&self, wanted: usize, ask: impl Fn() -> *mut u8) -> *mut u8 {
        let first = ask();
        if first.is_null() && self.reserve.spend(wanted) {
            return ask();
        }
        first
    }
}

// SAFETY: all is passed on.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Reserved<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.twice(layout.size(), || self.inner.alloc(layout))
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.twice(layout.size(), || self.inner.alloc_zeroed(layout))
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        self.inner.dealloc(pointer, layout);
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        self.twice(size, || self.inner.realloc(pointer, layout, size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Has memory only after it was asked so often.
    struct Short(Cell<usize>);

    // SAFETY: it gives what the system gives, or nothing.
    unsafe impl GlobalAlloc for Short {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            match self.0.get() {
                0 => System.alloc(layout),
                left => {
                    self.0.set(left - 1);
                    std::ptr::null_mut()
                }
            }
        }

        unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
            System.dealloc(pointer, layout);
        }
    }

    #[test]
    fn a_reserve_is_spent_once_and_secured_again() {
        static RESERVE: Reserve = Reserve::new();
        let comes_through = |bytes: usize, short: usize| {
            let allocator = Reserved { inner: Short(Cell::new(short)), reserve: &RESERVE };
            let layout = layout(bytes).unwrap();
            // SAFETY: what is given goes back by the same layout.
            unsafe {
                let block = allocator.alloc(layout);
                if !block.is_null() {
                    allocator.dealloc(block, layout);
                }
                !block.is_null()
            }
        };
        assert!(comes_through(64, 0) && !comes_through(64, 1));
        RESERVE.secure(1 << 16).unwrap();
        assert!(comes_through(64, 0) && !comes_through((1 << 16) + 1, 1) && !RESERVE.spent());
        assert!(comes_through(1 << 16, 1) && RESERVE.spent() && !comes_through(64, 1));
        assert!(matches!(RESERVE.secure(usize::MAX), Err(Error::Memory { .. })) && RESERVE.spent());
        RESERVE.secure(1 << 16).unwrap();
        RESERVE.secure(3 << 16).unwrap();
        assert!(!RESERVE.spent() && !comes_through(64, 2) && RESERVE.spent());
    }
}
