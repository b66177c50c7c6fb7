//! One client's connection, from greeting to goodbye.

use std::io;

use mailin::{Action, Response, Session, SessionBuilder, response};
use tokio::net::TcpStream;

use super::{
    context::Context,
    extensions::with_smtputf8,
    lenient::lenient,
    receiver::{Draft, Finished, Receiver},
    wire::{Framing, Wire},
};
use crate::behaviour::{HangUp, Stage};

/// Longer than any command: RFC 5321 allows 512 bytes, extensions some more.
const COMMAND_BYTES: usize = 4096;
const HOST: &str = "mailbox";

pub(crate) struct Connection {
    wire: Wire,
    session: Session<Receiver>,
    finished: Finished,
    framing: Framing,
    context: Context,
}

/// What follows an answer.
#[derive(PartialEq, Eq)]
enum Then {
    Continue,
    Close,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream, context: Context) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let peer = stream.peer_addr()?.ip();
        let finished = Finished::default();
        let receiver = Receiver::new(context.limits.clone(), context.faults.clone(), finished.clone());
        let session = SessionBuilder::new(HOST).build(peer, receiver);
        Ok(Self { wire: Wire::new(stream), session, finished, framing: Framing::Command, context })
    }

    pub(crate) async fn run(mut self) -> io::Result<()> {
        if let Some(refusal) = self.context.faults.refusal(Stage::Greeting) {
            return self.answer(&refusal).await;
        }
        self.answer(&self.session.greeting()).await?;
        loop {
            let then = match self.next_response() {
                Some(response) => self.act_on(response).await?,
                None => self.wait().await?,
            };
            if then == Then::Close {
                return Ok(());
            }
        }
    }

    /// What the protocol says to the next line, when one is here.
    fn next_response(&mut self) -> Option<Response> {
        let line = self.wire.take_line(self.framing)?;
        Some(match self.framing {
            Framing::Data => self.session.process(line),
            Framing::Command if line.len() > COMMAND_BYTES => line_too_long(),
            Framing::Command => self.session.process(&lenient(line)),
        })
    }

    async fn act_on(&mut self, response: Response) -> io::Result<Then> {
        if response.action == Action::NoReply {
            return Ok(Then::Continue);
        }
        self.framing =
            if response.code == response::START_DATA.code { Framing::Data } else { Framing::Command };
        if let Some(draft) = self.finished.take() {
            return self.receive(draft).await;
        }
        self.answer(&response).await?;
        Ok(if response.action == Action::Reply { Then::Continue } else { Then::Close })
    }

    async fn receive(&mut self, draft: Draft) -> io::Result<Then> {
        if draft.too_long {
            self.answer(&mail_too_long(self.context.limits.mail_bytes)).await?;
            return Ok(Then::Continue);
        }
        if let Some(refusal) = self.context.faults.refusal(Stage::Content) {
            self.answer(&refusal).await?;
            return Ok(if refusal.action == Action::Close { Then::Close } else { Then::Continue });
        }
        let hang_up = self.context.faults.hang_up();
        if hang_up == Some(HangUp::BeforeStoring) {
            return Ok(Then::Close);
        }
        let Draft { from, to, mail, .. } = draft;
        let answer = match self.context.intake.keep(from, to, &mail).await {
            Ok(number) => Response::custom(250, format!("OK, kept as mail {number}")),
            // The reason was logged where it arose.
            Err(_) => response::OUT_OF_SPACE,
        };
        if hang_up == Some(HangUp::BeforeAnswering) {
            return Ok(Then::Close);
        }
        self.answer(&answer).await?;
        Ok(if hang_up.is_none() { Then::Continue } else { Then::Close })
    }

    /// Waits for more to read; ends the connection when it idles, when its line grows too long, and at the stop.
    async fn wait(&mut self) -> io::Result<Then> {
        let (longest, refusal) = match self.framing {
            Framing::Command => (COMMAND_BYTES, line_too_long()),
            Framing::Data => (
                self.context.limits.mail_bytes + COMMAND_BYTES,
                mail_too_long(self.context.limits.mail_bytes),
            ),
        };
        if self.wire.waiting() > longest {
            self.answer(&refusal).await?;
            return Ok(Then::Close);
        }
        tokio::select! {
            read = self.wire.fill() => {
                return Ok(if read? == 0 { Then::Close } else { Then::Continue });
            }
            () = tokio::time::sleep(self.context.limits.idle) => {}
            () = self.context.stop.cancelled() => {}
        }
        self.answer(&response::NO_SERVICE).await?;
        Ok(Then::Close)
    }

    async fn answer(&mut self, response: &Response) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(64);
        response.write_to(&mut bytes)?;
        self.wire.send(&with_smtputf8(bytes)).await
    }
}

fn line_too_long() -> Response {
    Response::custom(500, "Line too long".into())
}

fn mail_too_long(most: usize) -> Response {
    Response::custom(552, format!("Mail too long, {most} bytes are the most"))
}
