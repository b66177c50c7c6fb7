//! Connections to the mail server.
//!
//! They are kept here and not in lettre's pool. The pool takes back a connection whose dialogue was interrupted, and
//! would read the answer to one mail as the answer to the next. It also doesn't distinguish a server that refuses the
//! client from one that refuses a mail.

mod answer;
mod connection;
mod server;

pub use connection::Connection;
pub use server::Server;
