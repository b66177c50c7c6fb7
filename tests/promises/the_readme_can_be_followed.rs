//! Whoever follows the README word for word stumbles nowhere: its commands run as they are printed, in bash and in zsh.

use std::process::Stdio;

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::eventually;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::harness::{Everything, TIMEOUT, administration, own_namespace};
use crate::what_is_printed_can_be_typed::{FOLLOWED, OPERATIONS, README, commands};

/// What a command must print at last, by a part of it.
const EXPECTED: [(&str, &str); 13] = [
    ("$SHOP/carts/$CART -H", r#""status":"held""#),
    ("$SHOP/stock/LANTERN/holds", r#""waits_since""#),
    ("/history", "item-added"),
    ("q=lantren", "LANTERN"),
    ("doctor", "nothing is wrong with what was checked"),
    ("/publish", r#""routed":true"#),
    ("parked list", "a broken cart"),
    ("parked retry", "1 event is retried"),
    ("parked discard", "match"),
    ("mails list", "no such emails"),
    ("timers list", "no such timers"),
    ("/health/details", r#""delivering":true"#),
    ("events export --subject", "cart.item-added.v1"),
];

/// A shell in which somebody types.
struct Terminal {
    _shell: Child,
    keyboard: ChildStdin,
    screen: Lines<BufReader<ChildStdout>>,
}

impl Terminal {
    async fn open(shell: &[&str], folder: &TempDir) -> Self {
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).current_dir(folder).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CARTWHEEL_")) {
            command.env_remove(name);
        }
        let mut shell = command.spawn().unwrap();
        let (keyboard, screen) = (shell.stdin.take().unwrap(), shell.stdout.take().unwrap());
        let mut terminal = Self { _shell: shell, keyboard, screen: BufReader::new(screen).lines() };
        terminal.enter("exec 2>&1").await;
        terminal
    }

    /// What is printed, and whether the last command succeeded.
    async fn enter(&mut self, commands: &str) -> (bool, String) {
        let typed = format!("{commands}\nprintf '\\n%s\\n' \"ended: $?\"\n");
        self.keyboard.write_all(typed.as_bytes()).await.unwrap();
        let mut printed = String::new();
        loop {
            let line = self.screen.next_line().await.unwrap().expect("the shell goes on");
            match line.strip_prefix("ended: ") {
                Some(status) => return (status == "0", printed),
                None => printed.extend([line.as_str(), "\n"]),
            }
        }
    }
}

/// The cart's copy of a product follows within moments, in which a reader reads on.
async fn until_the_product_is_known(shop: &str) {
    let client = Client::new();
    let cart: Value =
        client.post(format!("{shop}/carts")).json(&json!({})).send().await.unwrap().json().await.unwrap();
    let add = format!("{shop}/carts/{}/items", cart["id"].as_str().unwrap());
    eventually("the cart knows the product", TIMEOUT, async || {
        let request = client.post(&add).bearer_auth(cart["token"].as_str().unwrap());
        let answer = request.json(&json!({"sku": "LANTERN", "quantity": 1})).send().await.unwrap();
        answer.status().is_success().then_some(())
    })
    .await;
    let delete = client.delete(add.trim_end_matches("/items")).bearer_auth(cart["token"].as_str().unwrap());
    delete.send().await.unwrap().error_for_status().unwrap();
}

/// Follows it in a shell, from a folder with the program under the name that it has in a checkout.
async fn follow(shell: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(testkit::cartwheel_binary(), folder.path().join("cartwheel")).unwrap();
    let namespace = own_namespace();
    let home = folder.path().join(".cartwheel");
    let everything = Everything::new(administration().await, &home, &namespace);
    let mut up = everything.command().spawn().unwrap();
    let connections = home.join("connections.json");
    eventually("everything is up", TIMEOUT, async || connections.exists().then_some(())).await;

    let mut terminal = Terminal::open(shell, &folder).await;
    let of_readme = commands(README).into_iter().filter(|(heading, _)| FOLLOWED.contains(&heading.as_str()));
    // What needs no more than the shell that has come so far.
    let of_operations = commands(OPERATIONS).into_iter().filter(|(_, block)| block.starts_with("curl "));
    for (_, block) in of_readme.chain(of_operations) {
        let block = block.as_str();
        if block.trim() == "./cartwheel up" {
            continue;
        }
        if block.contains("$SHOP/carts ") {
            until_the_product_is_known(&everything.url()).await;
        }
        let expected = EXPECTED.iter().find(|(part, _)| block.contains(part)).map_or("", |(_, text)| text);
        let mut printed = (false, String::new());
        let fits = eventually_or_last(&mut terminal, block, expected, &mut printed).await;
        assert!(fits, "{}: {block}\nprinted, without {expected}:\n{}", shell[0], printed.1);
    }
    let pid = up.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().await.unwrap().success());
    assert!(up.wait().await.unwrap().success());
    assert!(!connections.exists(), "what was written down is gone with the shop");
}

/// Enters the commands, those that only look again and again, until they succeed with what is expected.
async fn eventually_or_last(
    terminal: &mut Terminal,
    block: &str,
    expected: &str,
    printed: &mut (bool, String),
) -> bool {
    let only_looks = !block.contains(" -d ") && !block.contains("--yes");
    let began = tokio::time::Instant::now();
    loop {
        *printed = terminal.enter(block.trim_end()).await;
        let fits = printed.0 && printed.1.contains(expected);
        if fits || !only_looks || began.elapsed() > TIMEOUT {
            return fits;
        }
    }
}

#[tokio::test]
async fn in_bash() {
    follow(&["bash", "--noprofile", "--norc"]).await;
}

#[tokio::test]
async fn in_zsh() {
    if std::env::var_os("CI").is_none() && Command::new("zsh").arg("--version").output().await.is_err() {
        return;
    }
    follow(&["zsh", "--no-rcs"]).await;
}
