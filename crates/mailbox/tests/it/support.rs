//! Senders and readers.

use std::path::PathBuf;

use anyhow::Context as _;
use axum::{Router, body::Body, http::Request, response::Response};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor, message::MultiPart};
use mailbox::{Limits, Mailbox, Options};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

pub type Smtp = AsyncSmtpTransport<Tokio1Executor>;

/// A mailbox that ends with its test.
pub struct Started {
    pub mailbox: Mailbox,
    stop: CancellationToken,
}

impl Started {
    pub async fn in_memory() -> anyhow::Result<Self> {
        Self::with(None, Limits::default()).await
    }

    pub async fn with(store: Option<PathBuf>, limits: Limits) -> anyhow::Result<Self> {
        let stop = CancellationToken::new();
        let options = Options { smtp: "127.0.0.1:0".parse()?, store, clock: envelope::Clock::system() };
        let mailbox = Mailbox::start_limited(options, limits, stop.clone()).await?;
        Ok(Self { mailbox, stop })
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.mailbox.stopped().await;
    }

    pub fn sender(&self) -> anyhow::Result<Smtp> {
        Ok(Smtp::from_url(&self.mailbox.smtp_url())?.build())
    }

    pub async fn send(&self, mail: Message) -> anyhow::Result<()> {
        self.sender()?.send(mail).await?;
        Ok(())
    }

    pub async fn client(&self) -> anyhow::Result<Client> {
        Client::connect(&self.mailbox).await
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<Page> {
        Page::get(self.mailbox.router(), path).await
    }
}

/// A mail with text and HTML, as the shop sends them.
pub fn mail(to: &str, subject: &str, message_id: &str) -> anyhow::Result<Message> {
    let body = MultiPart::alternative_plain_html(
        String::from("Two lamps were added.\r\nThank you!"),
        String::from("<p>Two <b>lamps</b> were added.</p>"),
    );
    Ok(Message::builder()
        .from("Shop <shop@example.test>".parse()?)
        .to(to.parse()?)
        .subject(subject)
        .message_id(Some(format!("<{message_id}>")))
        .multipart(body)?)
}

/// A client that sends exactly the given lines.
pub struct Client(BufReader<TcpStream>);

impl Client {
    /// Connects and says hello.
    pub async fn connect(mailbox: &Mailbox) -> anyhow::Result<Self> {
        let url = mailbox.smtp_url();
        let stream = TcpStream::connect(url.strip_prefix("smtp://").context("scheme")?).await?;
        let mut client = Self(BufReader::new(stream));
        client.reply().await?;
        client.say("HELO client").await?;
        Ok(client)
    }

    /// Says a line and returns the answer.
    pub async fn say(&mut self, line: &str) -> anyhow::Result<String> {
        self.write(&format!("{line}\r\n")).await?;
        self.reply().await
    }

    pub async fn write(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(self.0.get_mut().write_all(text.as_bytes()).await?)
    }

    pub async fn reply(&mut self) -> anyhow::Result<String> {
        let mut reply = String::new();
        self.0.read_line(&mut reply).await?;
        Ok(reply.trim_end().to_owned())
    }

    /// Whether the server has closed the connection without a word.
    pub async fn is_cut(&mut self) -> bool {
        !matches!(self.0.read(&mut [0]).await, Ok(1..))
    }

    /// Hands a mail over, as it stands.
    pub async fn hand_over(&mut self, to: &str, mail: &str) -> anyhow::Result<String> {
        self.say("MAIL FROM:<shop@example.test>").await?;
        self.say(&format!("RCPT TO:<{to}>")).await?;
        self.say("DATA").await?;
        self.say(&format!("{mail}\r\n.")).await
    }
}

/// What the page answered.
pub struct Page {
    pub status: u16,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Page {
    pub async fn get(router: Router, path: &str) -> anyhow::Result<Self> {
        let response: Response = router.oneshot(Request::get(path).body(Body::empty())?).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await?;
        Ok(Self { status, headers, text: String::from_utf8(bytes.into())? })
    }

    pub fn json(&self) -> anyhow::Result<serde_json::Value> {
        Ok(serde_json::from_str(&self.text)?)
    }

    /// The text with the slashes as a browser reads them; the template engine escapes them in attributes.
    pub fn markup(&self) -> String {
        self.text.replace("&#x2f;", "/")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
