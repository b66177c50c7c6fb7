//! Lines from a socket, answers to it.

use std::io;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const READ_BYTES: usize = 16 * 1024;

/// What ends a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// CRLF or a bare LF, for people who type commands into netcat.
    Command,
    /// CRLF only. A bare LF inside a mail must not make a lone dot end it, or a part of the mail could pass for
    /// commands ("SMTP smuggling").
    Data,
}

pub(crate) struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    taken: usize,
    searched: usize,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, buffer: Vec::with_capacity(READ_BYTES), taken: 0, searched: 0 }
    }

    /// The next whole line, with what ends it, when it is here already.
    pub(crate) fn take_line(&mut self, framing: Framing) -> Option<&[u8]> {
        while let Some(at) = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n') {
            let end = self.searched + at + 1;
            self.searched = end;
            let line = self.taken..end;
            if framing == Framing::Command || self.buffer[line.clone()].ends_with(b"\r\n") {
                self.taken = end;
                return Some(&self.buffer[line]);
            }
        }
        self.searched = self.buffer.len();
        None
    }

    /// Bytes of a line that isn't whole yet.
    pub(crate) fn waiting(&self) -> usize {
        self.buffer.len() - self.taken
    }

    /// Waits for more bytes. None come any more when it answers 0. May be dropped without losing any.
    pub(crate) async fn fill(&mut self) -> io::Result<usize> {
        self.acknowledge();
        self.buffer.drain(..self.taken);
        self.searched -= self.taken;
        self.taken = 0;
        self.buffer.reserve(READ_BYTES);
        self.stream.read_buf(&mut self.buffer).await
    }

    /// Lets the system confirm at once what has arrived. Many clients, lettre among them, send a mail and the dot that
    /// ends it in two writes without `TCP_NODELAY`; the second waits for this, 40 ms by default.
    #[cfg(target_os = "linux")]
    fn acknowledge(&self) {
        if let Err(error) = self.stream.set_quickack(true) {
            tracing::debug!(%error, "mailbox can't ask for quick acknowledgements");
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn acknowledge(&self) {}

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }
}
