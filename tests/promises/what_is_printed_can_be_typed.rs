//! The commands in README and docs exist, suit every shell, and are run by a test, or it is said why not.

use std::process::Command;

use clap::CommandFactory;
use regex::Regex;

pub const README: &str = include_str!("../../README.md");
pub const OPERATIONS: &str = include_str!("../../docs/operations.md");
const PAGES: [&str; 7] = [
    README,
    OPERATIONS,
    include_str!("../../docs/catalogue.md"),
    include_str!("../../docs/console.md"),
    include_str!("../../docs/guarantees.md"),
    include_str!("../../docs/recommendations.md"),
    include_str!("../../docs/storefront.md"),
];
/// Sections of README whose commands `the_readme_can_be_followed` runs.
pub const FOLLOWED: [&str; 3] = ["Try it", "Watch it", "When something fails"];
/// Commands of `cartwheel-verify` and of the script.
const OF_OTHERS: [&str; 6] = ["bench", "demo", "recommend", "servers", "test", "torture"];
/// What runs the blocks that are not run by `the_readme_can_be_followed`, by their first lines; or why nothing does.
const RUN_BY: [(&str, &str); 17] = [
    ("./cartwheel demo", "the_demo_is_audited"),
    (
        "./cartwheel recommend evaluate",
        "it needs the reader's own baskets; crates/verify/tests/evaluating.rs",
    ),
    ("docker compose run --rm doctor", "tests/smoke"),
    ("compose/create-secrets", "tests/smoke, with another folder"),
    ("docker compose build", "it compiles the program in a container, for ten minutes"),
    ("openssl req -x509", "certificates_are_issued_as_printed"),
    ("head --bytes 24", "tests/smoke"),
    ("curl -s -H", "the_readme_can_be_followed"),
    ("docker compose exec prometheus", "it needs the profile `observability`, whose images no test pulls"),
    ("docker compose restart rabbitmq", "tests/smoke"),
    ("export CARTWHEEL_FORMER_TOKEN_SECRET", "tests/smoke"),
    ("docker compose exec -T postgres pg_dump", "tests/smoke"),
    ("docker compose stop cart", "tests/smoke"),
    ("docker compose stop catalog", "tests/smoke"),
    ("install -d -m 755", "tests/smoke"),
    ("docker compose kill -s USR2", "tests/smoke"),
    ("docker compose --profile cluster", "tests/cluster, step by step"),
];

/// The commands printed in a page, with the heading that they stand under.
pub fn commands(page: &str) -> Vec<(String, String)> {
    let (mut heading, mut block, mut found) = (String::new(), None::<String>, Vec::new());
    for line in page.lines() {
        match (&mut block, line) {
            (None, "```sh") => block = Some(String::new()),
            (None, line) if line.starts_with("## ") => line[3..].clone_into(&mut heading),
            (None, _) => {}
            (Some(text), "```") => {
                found.push((heading.clone(), text.clone()));
                block = None;
            }
            (Some(text), line) => text.extend([line, "\n"]),
        }
    }
    found
}

/// At a prompt, zsh takes the words of a comment for arguments.
#[test]
fn nothing_that_is_to_be_typed_has_a_comment() {
    for (heading, block) in PAGES.iter().flat_map(|page| commands(page)) {
        let comment = block.lines().find(|line| line.starts_with('#') || line.contains(" # "));
        assert_eq!(comment, None, "{heading}");
    }
}

#[test]
fn each_block_is_run_by_a_test_or_it_is_said_why_not() {
    let mut unused = RUN_BY.to_vec();
    let followed = |heading: &String| FOLLOWED.contains(&heading.as_str());
    let operations = commands(OPERATIONS).into_iter();
    let blocks = commands(README).into_iter().filter(|(heading, _)| !followed(heading)).chain(operations);
    for (heading, block) in blocks {
        assert!(
            RUN_BY.iter().any(|(first, _)| block.starts_with(first)),
            "{heading}: who runs this?\n{block}"
        );
        unused.retain(|(first, _)| !block.starts_with(first));
    }
    assert_eq!(unused, [], "no block begins so");
}

/// Lines of blocks, and what stands between backticks in a text. What is left open (`<id>`, `…`) ends a command.
fn lines_with_the_program(page: &str) -> Vec<String> {
    let blocks: String = commands(page).into_iter().map(|(_, block)| block).collect();
    let spans = Regex::new(r"`(?:\./)?cartwheel ([^`]+)`").unwrap();
    let in_texts = spans.captures_iter(page).map(|span| span[1].replace('\n', " "));
    let in_blocks =
        blocks.lines().filter_map(|line| line.trim().strip_prefix("./cartwheel ").map(str::to_owned));
    in_blocks.chain(in_texts).collect()
}

#[test]
fn every_command_that_is_printed_exists() {
    let mut seen = 0;
    for line in PAGES.iter().flat_map(|page| lines_with_the_program(page)) {
        let words = line.split(['|', '>', '<', '…']).next().unwrap_or_default().split_whitespace();
        let words: Vec<&str> = words.map(|word| word.trim_matches('\'')).collect();
        if words.first().is_none_or(|word| OF_OTHERS.contains(word) || word.starts_with('-')) {
            continue;
        }
        let mut command = &cartwheel::cli::Cli::command();
        for word in words.iter().take_while(|word| !word.starts_with('-')) {
            let Some(inner) = command.find_subcommand(word) else { break };
            command = inner;
        }
        assert_ne!(command.get_name(), "cartwheel", "{line}");
        for flag in words.iter().filter_map(|word| word.strip_prefix("--")) {
            let known = command.get_arguments().any(|argument| argument.get_long() == Some(flag));
            assert!(known || flag == "version", "{line}: there is no --{flag}");
        }
        seen += 1;
    }
    assert!(seen > 40, "{seen} commands were found");
}

/// Whoever encrypts everything begins with these.
#[test]
fn certificates_are_issued_as_printed() {
    let (_, block) =
        commands(OPERATIONS).into_iter().find(|(_, block)| block.starts_with("openssl req -x509")).unwrap();
    let checks = "openssl verify -x509_strict -CAfile ca.pem -purpose sslserver rabbitmq.pem postgres.pem
        openssl verify -x509_strict -CAfile ca.pem -purpose sslclient cart.pem
        openssl x509 -in cart.pem -noout -subject -ext subjectAltName";
    for shell in [&["bash", "--noprofile", "--norc"][..], &["zsh", "--no-rcs"]] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).args(["-e", "-c", &format!("{block}\n{checks}")]).current_dir(&folder);
        let output = match command.output() {
            Ok(output) => output,
            Err(_) if shell[0] == "zsh" && std::env::var_os("CI").is_none() => continue,
            Err(error) => panic!("{}: {error}", shell[0]),
        };
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{}: {said}", shell[0]);
        assert!(said.contains("CN = cart") || said.contains("CN=cart"), "{said}");
        assert!(said.contains("DNS:cart"), "{said}");
    }
}
