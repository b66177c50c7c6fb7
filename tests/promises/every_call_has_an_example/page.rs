use regex::Regex;
use serde_json::Value;

use super::session::Example;

/// What an answer may have at most, in lines.
const LONGEST: usize = 60;

/// The examples as a page: by service, in the order in which the calls were made.
pub fn render(examples: &[Example]) -> String {
    let mut page = "# The REST API by example\n\n\
        Every call, as a test makes it against a running shop, and what came back. `$NAME` stands for what an earlier\n\
        answer brought. Times and ids are made equal here. [api.md](api.md) says what holds for all of them.\n"
        .to_owned();
    for service in super::SERVICES {
        page.push_str("\n## ");
        page.push_str(service);
        page.push('\n');
        for example in examples.iter().filter(|example| example.service == service) {
            page.push_str(&one(example));
        }
    }
    page
}

fn one(Example { route, summary, request, status, answer, .. }: &Example) -> String {
    let answer = answer
        .as_deref()
        .map(|answer| format!("\n\n{}", shortened(&stable(&pretty(answer)))))
        .unwrap_or_default();
    format!("\n### {summary}\n\n`{route}`\n\n```http\n{request}\n```\n\n```http\n{status}{answer}\n```\n")
}

fn pretty(answer: &str) -> String {
    match serde_json::from_str::<Value>(answer) {
        Ok(body) => serde_json::to_string_pretty(&body).unwrap(),
        Err(_) => answer.trim_end().replace('\r', ""),
    }
}

/// The same each time, though ids, times and measured numbers are not.
fn stable(answer: &str) -> String {
    let replaced = [
        (
            r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "01980000-0000-7000-8000-000000000001",
        ),
        (r"\d{4}-\d\d-\d\dT[0-9:.]+(Z|\+00:00)", "2026-01-01T12:00:00Z"),
        (r"[A-Za-z0-9_-]{40,}(\.[A-Za-z0-9_-]+)*", "…"),
        (r"since=\d+-\d+", "since=4711-0"),
    ];
    replaced.into_iter().fold(answer.to_owned(), |text, (pattern, by)| {
        Regex::new(pattern).unwrap().replace_all(&text, by).into_owned()
    })
}

fn shortened(answer: &str) -> String {
    let lines: Vec<&str> = answer.lines().collect();
    if lines.len() <= LONGEST {
        return answer.to_owned();
    }
    format!("{}\n…", lines[..LONGEST].join("\n"))
}
