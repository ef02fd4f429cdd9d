//! The way from a worker to the servers.

use std::io;
use support::Value;

/// A client's connection to a deployment. It finds the server that is responsible by itself, and
/// never sends a command again that may have been carried out.
pub trait Link: Send {
    /// Sends a command and returns its reply, be it an error or not.
    ///
    /// In a cluster the slot of `args[1]` says which node is responsible, also for LIST and REVOKE: the
    /// user's name is the hash tag of all of the user's keys. A command that was answered with MOVED or
    /// ASK was not carried out, so it may be sent again where that reply says.
    ///
    /// # Errors
    /// `ConnectionRefused` or `NotConnected` if nothing of the command was sent: the operation is then not
    /// part of the history. Any other error means that the command may have been carried out, or may still
    /// be. A link whose last call failed makes a new connection for the next one.
    fn call(&mut self, args: &[Vec<u8>]) -> io::Result<Value>;

    /// Whether every server that can serve the keys of the last call, now or after a failover, has
    /// confirmed within `ms` milliseconds that it has the effect of that call. True only if WAIT was sent
    /// on the very connection on which the call ran, and counted all replicas of that primary.
    ///
    /// # Errors
    /// If the connection is gone; the same as false.
    fn wait(&mut self, ms: u64) -> io::Result<bool>;
}

impl<L: Link + ?Sized> Link for Box<L> {
    fn call(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        (**self).call(args)
    }

    fn wait(&mut self, ms: u64) -> io::Result<bool> {
        (**self).wait(ms)
    }
}
