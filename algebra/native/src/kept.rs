//! What is worked out once and read by all threads of a process.
//!
//! No thread ever waits for another here. A lock that some thread holds while the process forks
//! stays held in the child for ever, for that thread does not exist there; with `Kept` two threads
//! that come at once both work, and the second finds its result not needed.

use std::sync::atomic::{AtomicPtr, Ordering};

/// A value that is replaced rarely. What it held before is not freed, as somebody may still read
/// it.
pub(crate) struct Kept<T>(AtomicPtr<T>);

impl<T: Send + Sync + 'static> Kept<T> {
    pub(crate) const fn new() -> Kept<T> {
        Kept(AtomicPtr::new(std::ptr::null_mut()))
    }

    /// What is kept, if it `serves`; else what `make` gives, which is kept from now on. An error of
    /// `make` leaves all as it was.
    pub(crate) fn get<E>(
        &self,
        serves: impl Fn(&T) -> bool,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<&'static T, E> {
        let mut found = self.0.load(Ordering::Acquire);
        if let Some(value) = valid(found).filter(|value| serves(value)) {
            return Ok(value);
        }
        let made = Box::into_raw(Box::new(make()?));
        loop {
            match self.0.compare_exchange(found, made, Ordering::AcqRel, Ordering::Acquire) {
                // SAFETY: it came from a box a moment ago, and is never freed from here on.
                Ok(_) => return Ok(unsafe { &*made }),
                Err(other) => found = other,
            }
            if let Some(value) = valid(found).filter(|value| serves(value)) {
                // SAFETY: nobody else has seen it.
                drop(unsafe { Box::from_raw(made) });
                return Ok(value);
            }
        }
    }
}

fn valid<T: 'static>(pointer: *mut T) -> Option<&'static T> {
    // SAFETY: what is stored came from a box and is never freed.
    unsafe { pointer.as_ref() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    #[test]
    fn what_serves_is_kept_and_what_does_not_is_replaced() {
        static KEPT: Kept<Vec<u8>> = Kept::new();
        let get = |length: usize| {
            KEPT.get(|kept| kept.len() >= length, || Ok::<_, Infallible>(vec![7; length])).unwrap()
        };
        let first = get(3);
        assert!(std::ptr::eq(first, get(2)) && first.len() == 3);
        let second = get(5);
        assert!(second.len() == 5 && std::ptr::eq(second, get(4)) && first.len() == 3);
        assert!(KEPT.get(|kept| kept.len() > 5, || Err("no memory")).is_err());
        assert!(std::ptr::eq(second, get(1)));
    }

    #[test]
    fn threads_that_come_at_once_agree() {
        static KEPT: Kept<usize> = Kept::new();
        let take = |index: usize| *KEPT.get(|_| true, || Ok::<_, Infallible>(index)).unwrap();
        let seen: Vec<usize> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|index| scope.spawn(move || take(index))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(seen.iter().all(|&index| index == seen[0]));
    }
}
