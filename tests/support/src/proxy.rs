//! A proxy on loopback before a server, which breaks the connections that go through it: it cuts them,
//! holds what is sent in one direction or in both, and lets it through later.
//!
//! Each connection has two threads, one for each direction. Held bytes are passed on in their order
//! when the proxy is mended, even if the client has gone meanwhile: that is how a command arrives late.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;

/// What a [`Proxy`] does to its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Connections are closed, and new ones are closed at once.
    Cut,
    /// What the server sends is held.
    HoldReplies,
    /// What clients send is held.
    HoldCommands,
    /// What either side sends is held.
    HoldBoth,
}

/// A proxy that passes connections to one server; it ends with this guard, and its connections with it.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// The trouble has changed, or a chunk has been passed on.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The server's port; 0 before there is one.
    target: u16,
    trouble: Option<Trouble>,
    ended: bool,
    next: u64,
    open: HashMap<u64, [TcpStream; 2]>,
    /// How many chunks have been read and not passed on yet.
    in_hand: usize,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread of the proxy panicked")
    }

    /// Waits until a chunk may be passed on. False if the connection has been cut meanwhile.
    fn may_pass(&self, connection: u64, to_server: bool) -> bool {
        let mut state = self.state();
        loop {
            if !state.open.contains_key(&connection) {
                return false;
            }
            let held = match state.trouble {
                None | Some(Trouble::Cut) => false,
                Some(Trouble::HoldBoth) => true,
                Some(Trouble::HoldCommands) => to_server,
                Some(Trouble::HoldReplies) => !to_server,
            };
            if !held {
                return true;
            }
            state = self.changed.wait(state).expect("no thread panicked");
        }
    }

    fn close(&self, connection: u64) {
        if let Some(sides) = self.state().open.remove(&connection) {
            shut(&sides);
        }
        self.changed.notify_all();
    }
}

fn shut(sides: &[TcpStream; 2]) {
    for side in sides {
        let _ = side.shutdown(Shutdown::Both); // fails if it is closed already
    }
}

impl Proxy {
    /// A proxy on a free port. Until [`Proxy::lead_to`] it closes every connection at once.
    #[track_caller]
    pub fn start() -> Proxy {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port for the proxy");
        let port = listener.local_addr().expect("its address").port();
        let shared = Arc::new(Shared::default());
        let its = shared.clone();
        thread::spawn(move || accept(&listener, &its));
        Proxy { port, shared }
    }

    /// A proxy that leads to this port.
    #[track_caller]
    pub fn before(port: u16) -> Proxy {
        let proxy = Proxy::start();
        proxy.lead_to(port);
        proxy
    }

    /// Sets the port of the server.
    pub fn lead_to(&self, port: u16) {
        self.shared.state().target = port;
    }

    /// The port that clients connect to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Troubles all present and later connections, until [`Proxy::mend`].
    pub fn trouble(&self, trouble: Trouble) {
        let mut state = self.shared.state();
        state.trouble = Some(trouble);
        if trouble == Trouble::Cut {
            state.open.drain().for_each(|(_, sides)| shut(&sides));
        }
        drop(state);
        self.shared.changed.notify_all();
    }

    /// Closes all present connections; new ones are fine.
    pub fn reset(&self) {
        let mut state = self.shared.state();
        state.open.drain().for_each(|(_, sides)| shut(&sides));
        drop(state);
        self.shared.changed.notify_all();
    }

    /// Ends the trouble: what was held goes on its way.
    pub fn mend(&self) {
        self.shared.state().trouble = None;
        self.shared.changed.notify_all();
    }

    /// Whether nothing is held or on its way through the proxy.
    pub fn is_idle(&self) -> bool {
        self.shared.state().in_hand == 0
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.state().ended = true;
        self.reset();
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)); // wakes the thread that accepts
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        if shared.state().ended {
            return;
        }
        let Ok(client) = client else { continue };
        // A connection that fails is closed, which its client sees.
        let _ = connect(client, shared);
    }
}

fn connect(client: TcpStream, shared: &Arc<Shared>) -> std::io::Result<()> {
    let target = {
        let state = shared.state();
        if state.trouble == Some(Trouble::Cut) {
            return Ok(());
        }
        state.target
    };
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, target))?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let sides = [client.try_clone()?, server.try_clone()?];
    let (client_again, server_again) = (client.try_clone()?, server.try_clone()?);
    let number = {
        let mut state = shared.state();
        state.next += 1;
        let number = state.next;
        state.open.insert(number, sides);
        number
    };
    let (one, other) = (shared.clone(), shared.clone());
    thread::spawn(move || pass(number, client, server_again, true, &one));
    thread::spawn(move || pass(number, server, client_again, false, &other));
    Ok(())
}

/// Passes on what comes from one side, until that side ends or the other is gone.
fn pass(number: u64, mut from: TcpStream, mut to: TcpStream, to_server: bool, shared: &Shared) {
    let mut chunk = [0; 1 << 14];
    while let Ok(count @ 1..) = from.read(&mut chunk) {
        shared.state().in_hand += 1;
        let passed = shared.may_pass(number, to_server) && to.write_all(&chunk[..count]).is_ok();
        shared.state().in_hand -= 1;
        if !passed {
            break;
        }
    }
    // The end of the stream waits its turn, too.
    shared.may_pass(number, to_server);
    shared.close(number);
}
