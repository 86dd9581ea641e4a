//! [`Served`]: another program that serves a test.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server on a port of its own, which ends with this.
pub struct Served {
    port: u16,
    process: Child,
}

impl Served {
    /// Starts a program that listens on the port that it is told, and waits until it does.
    pub fn start(command: impl FnOnce(u16) -> Command) -> Self {
        let port = free_port();
        let mut command = command(port);
        let process = command.stdin(Stdio::null()).spawn().unwrap();
        let served = Self { port, process };
        wait_for(port, command.get_program().to_string_lossy().as_ref());
        served
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A port of this machine that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until somebody listens on a port.
pub fn wait_for(port: u16, who: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < deadline, "{who} does not listen");
        std::thread::sleep(Duration::from_millis(5));
    }
}
