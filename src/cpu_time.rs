//! The CPU time of the calling thread.
//!
//! Unlike the time of a clock it does not grow while other threads and processes run, so a limit on it
//! means the same on a busy machine.

/// The CPU time that this thread has used, in nanoseconds; `None` where the system does not tell.
///
/// Takes a fraction of a microsecond.
#[must_use]
pub fn of_this_thread() -> Option<u64> {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `clock_gettime` writes to the one `timespec` that it is given, which lives here.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    let seconds = u64::try_from(time.tv_sec).ok()?;
    let nanoseconds = u64::try_from(time.tv_nsec).ok()?;
    (status == 0).then_some(
        seconds
            .checked_mul(1_000_000_000)?
            .checked_add(nanoseconds)?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_with_work_and_not_with_sleep() {
        let start = of_this_thread().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(300));
        let slept = of_this_thread().unwrap();
        // As much work as takes longer than waking up does.
        let mut sum = 0u64;
        let mut worked = slept;
        while worked < slept + 50_000_000 {
            sum = std::hint::black_box(sum.wrapping_add(1));
            worked = of_this_thread().unwrap();
        }
        assert!(sum > 0);
        assert!(slept - start < 200_000_000, "{}", slept - start);
    }
}
