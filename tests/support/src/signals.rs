//! Signals and limits of a server's process: freezing it, and filling its disk.

use super::Server;

impl Server {
    /// Stops the process by SIGSTOP: its connections stay open, and nobody answers.
    #[track_caller]
    pub fn freeze(&self) {
        self.signal(libc::SIGSTOP);
    }

    /// Lets a frozen process go on.
    #[track_caller]
    pub fn thaw(&self) {
        self.signal(libc::SIGCONT);
    }

    #[track_caller]
    fn signal(&self, signal: libc::c_int) {
        let pid = libc::pid_t::try_from(self.pid()).expect("a process ID");
        // SAFETY: kill has no conditions. The process is this one's child and has not been waited for,
        // so its number belongs to no other.
        let result = unsafe { libc::kill(pid, signal) };
        assert_eq!(result, 0, "signal {signal} to process {pid}");
    }

    /// Limits each file of the process to so many bytes: a write beyond fails (EFBIG), as on a disk that is
    /// full (ENOSPC). None removes the limit. A process that was started before
    /// [`survive_full_disks`] ends by a signal instead.
    #[track_caller]
    pub fn limit_files(&self, bytes: Option<u64>) {
        let limit = libc::rlimit {
            rlim_cur: bytes.unwrap_or(libc::RLIM_INFINITY),
            rlim_max: libc::RLIM_INFINITY,
        };
        let pid = libc::pid_t::try_from(self.pid()).expect("a process ID");
        // SAFETY: the new limit is valid for the call, and the old one is not asked for.
        let result =
            unsafe { libc::prlimit(pid, libc::RLIMIT_FSIZE, &limit, std::ptr::null_mut()) };
        assert_eq!(result, 0, "the limit of process {pid}");
    }
}

/// Lets servers that are started from now on get an error when they write beyond the limit of a file; by
/// default a signal ends them. Programs inherit which signals are ignored.
pub fn survive_full_disks() {
    // SAFETY: this process has no handler of this signal that could be lost.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
}
