//! A library that moves the wall clock of a program that has it in LD_PRELOAD.
//!
//! The file that the environment's `CHAOS_CLOCK` names holds the number of nanoseconds to add, as a
//! signed 64-bit integer. It is mapped into memory, so that a change is seen at once. The monotonic clock
//! stays as it is. libfaketime does the same for most programs, but not for those that use jemalloc, as
//! Redis does: each waits for the other when the program starts.
//!
//! No function here may allocate memory, since the allocator asks for the time while it starts.

use std::os::raw::{c_int, c_void};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicI64, AtomicPtr, Ordering::Relaxed};

const NANOS: i64 = 1_000_000_000;

/// In place of the file, where there is none.
static NO_OFFSET: AtomicI64 = AtomicI64::new(0);
/// The offset; null before the first call.
static OFFSET: AtomicPtr<AtomicI64> = AtomicPtr::new(null_mut());

/// The nanoseconds to add now.
fn offset() -> i64 {
    let mut at = OFFSET.load(Relaxed);
    if at.is_null() {
        at = map().unwrap_or(&raw const NO_OFFSET as *mut AtomicI64);
        OFFSET.store(at, Relaxed); // two threads at once map it twice, which does no harm
    }
    // SAFETY: it points to a static, or to eight bytes that stay mapped and are aligned to a page.
    unsafe { &*at }.load(Relaxed)
}

fn map() -> Option<*mut AtomicI64> {
    // SAFETY: the strings end with NUL. The file is mapped for reading, and the mapping is never undone.
    unsafe {
        let path = libc::getenv(c"CHAOS_CLOCK".as_ptr());
        if path.is_null() {
            return None;
        }
        let file = libc::open(path, libc::O_RDONLY | libc::O_CLOEXEC);
        if file < 0 {
            return None;
        }
        let at = libc::mmap(null_mut(), 8, libc::PROT_READ, libc::MAP_SHARED, file, 0);
        libc::close(file);
        (at != libc::MAP_FAILED).then_some(at.cast())
    }
}

/// The real time of a clock, as the system call tells it.
fn real(clock: libc::clockid_t) -> (c_int, libc::timespec) {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the kernel writes one timespec.
    let result = unsafe { libc::syscall(libc::SYS_clock_gettime, clock, &mut time) };
    (result as c_int, time)
}

/// The moved wall clock, in nanoseconds since 1970.
fn moved() -> i64 {
    let (_, time) = real(libc::CLOCK_REALTIME);
    time.tv_sec * NANOS + time.tv_nsec + offset()
}

/// As that of the C library.
///
/// # Safety
/// As there.
#[no_mangle]
pub unsafe extern "C" fn clock_gettime(clock: libc::clockid_t, out: *mut libc::timespec) -> c_int {
    let (result, mut time) = real(clock);
    if [libc::CLOCK_REALTIME, libc::CLOCK_REALTIME_COARSE].contains(&clock) {
        let now = moved();
        time.tv_sec = now / NANOS;
        time.tv_nsec = now % NANOS;
    }
    // SAFETY: the caller promises that `out` is valid.
    unsafe { out.write(time) };
    result
}

/// As that of the C library.
///
/// # Safety
/// As there.
#[no_mangle]
pub unsafe extern "C" fn gettimeofday(out: *mut libc::timeval, zone: *mut c_void) -> c_int {
    let now = moved();
    if !out.is_null() {
        let time = libc::timeval {
            tv_sec: now / NANOS,
            tv_usec: now % NANOS / 1000,
        };
        // SAFETY: the caller promises that `out` is valid.
        unsafe { out.write(time) };
    }
    if !zone.is_null() {
        // SAFETY: two integers, the second of which nobody uses; zero is UTC.
        unsafe { zone.cast::<[c_int; 2]>().write([0, 0]) };
    }
    0
}

/// As that of the C library.
///
/// # Safety
/// As there.
#[no_mangle]
pub unsafe extern "C" fn time(out: *mut libc::time_t) -> libc::time_t {
    let seconds = moved() / NANOS;
    if !out.is_null() {
        // SAFETY: the caller promises that `out` is null or valid.
        unsafe { out.write(seconds) };
    }
    seconds
}
