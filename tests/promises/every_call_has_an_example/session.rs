use std::collections::{BTreeMap, BTreeSet};

use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

use super::call::{Body, Call, Key};
use crate::harness::{Description, TIMEOUT, TestShop};

/// A call that was made, and what came of it.
pub struct Example {
    pub service: &'static str,
    /// As the API's description has it.
    pub route: String,
    pub summary: String,
    /// With `$NAME` for what earlier answers brought.
    pub request: String,
    pub status: String,
    pub answer: Option<String>,
}

/// Makes calls one after the other.
pub struct Session<'a> {
    shop: &'a TestShop,
    descriptions: BTreeMap<&'static str, Description>,
    kept: BTreeMap<&'static str, String>,
    pub examples: Vec<Example>,
}

impl<'a> Session<'a> {
    pub async fn begin(shop: &'a TestShop, services: &[&'static str]) -> Self {
        let mut descriptions = BTreeMap::new();
        for service in services {
            descriptions.insert(*service, shop.description(service).await);
        }
        Self { shop, descriptions, kept: BTreeMap::new(), examples: Vec::new() }
    }

    pub async fn make(&mut self, call: Call) {
        if let Some(statements) = call.before {
            let database = self.shop.database(call.service).await;
            sqlx::raw_sql(statements).execute(&database).await.unwrap();
        }
        if let Some(properties) = &call.dead_letter {
            let vhost = self.shop.shop.accounts.namespace().vhost();
            let letter = json!({
                "routing_key": format!("{}.dead", call.service), "properties": properties, "payload": "no event",
                "payload_encoding": "string",
            });
            self.shop.management(&format!("exchanges/{vhost}/amq.default/publish"), &letter).await;
        }
        if call.path.contains("{link}") {
            self.kept.insert("link", self.link_in_a_mail().await);
        }
        let what = format!("{} {}", call.method, call.path);
        let (status, answer) = testkit::eventually(&what, TIMEOUT, async || {
            let answer = self.send(&call).await;
            let status = answer.status();
            let text = answer.text().await.unwrap();
            let Some((pointer, value)) = &call.until else { return Some((status, text)) };
            let body: Value = serde_json::from_str(&text).unwrap_or_default();
            let value: Value = serde_json::from_str(&self.filled(&value.to_string())).unwrap();
            (body.pointer(pointer) == Some(&value)).then_some((status, text))
        })
        .await;
        assert!(status.is_success(), "{what}: {status} {answer}");
        let (route, summary) = self.route(&call);
        let request = request(&call);
        for (name, pointer) in &call.keep {
            let body: Value = serde_json::from_str(&answer).unwrap();
            let value = body
                .pointer(pointer)
                .unwrap_or_else(|| panic!("{} {}: no {pointer} in {answer}", call.method, call.path));
            self.kept.insert(name, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
        let answer = (!answer.is_empty()).then(|| self.named(&answer));
        let status = status.to_string();
        self.examples.push(Example { service: call.service, route, summary, request, status, answer });
    }

    /// Which routes have an example. What every service offers alike needs one in one of them.
    pub fn shown(&self) -> BTreeSet<String> {
        self.examples.iter().map(|example| example.route.clone()).collect()
    }

    /// All routes that there are.
    pub fn described(&self) -> BTreeSet<String> {
        let routes = self.descriptions.values().flat_map(Description::routes);
        routes.map(|route| format!("{} {}", route.method, route.path)).collect()
    }

    /// What stands in a mail's link for those who want no more mails.
    async fn link_in_a_mail(&self) -> String {
        let mails = self.shop.mailbox.mails(&mailbox::Query::default());
        let mail = self.shop.mailbox.mail(mails[0].number).await.unwrap().unwrap();
        let (_, link) = mail.text.as_deref().unwrap().split_once("/unsubscribe?token=").unwrap();
        link.split_whitespace().next().unwrap().to_owned()
    }

    async fn send(&self, call: &Call) -> Response {
        let url = format!("{}{}", self.shop.url(call.service), self.filled(call.path));
        let mut request: RequestBuilder = Client::new().request(call.method.clone(), url);
        request = match call.key {
            Some(Key::Admin) => request.bearer_auth(&self.shop.shop.secrets.admin_key),
            Some(Key::Token(name)) => request.bearer_auth(&self.kept[name]),
            None => request,
        };
        for (name, value) in &call.headers {
            request = request.header(*name, *value);
        }
        match &call.body {
            Some(Body::Json(body)) => {
                request.header("content-type", "application/json").body(self.filled(&body.to_string()))
            }
            Some(Body::Text(content_type, text)) => request.header("content-type", *content_type).body(*text),
            None => request,
        }
        .send()
        .await
        .unwrap()
    }

    fn route(&self, call: &Call) -> (String, String) {
        let path = call.path.split('?').next().unwrap();
        let routes = self.descriptions[call.service].routes();
        let of_method = routes.iter().filter(|route| route.method == call.method);
        let route = of_method
            .filter(|route| fits(route.path, path))
            .min_by_key(|route| route.path.matches('{').count());
        let route = route.unwrap_or_else(|| panic!("no route {} {path}", call.method));
        let summary = route.operation["summary"].as_str().unwrap().to_owned();
        (format!("{} {}", route.method, route.path), summary)
    }

    /// With what earlier answers brought.
    fn filled(&self, text: &str) -> String {
        self.kept.iter().fold(text.to_owned(), |text, (name, value)| {
            let is_number = value.parse::<i64>().is_ok();
            let text = if is_number { text.replace(&format!("\"{{{name}}}\""), value) } else { text };
            text.replace(&format!("{{{name}}}"), value)
        })
    }

    /// With names for what was kept, so that the page is the same each time.
    fn named(&self, text: &str) -> String {
        let long = self.kept.iter().filter(|(_, value)| value.len() > 8);
        long.fold(text.to_owned(), |text, (name, value)| text.replace(value, &variable(name)))
    }
}

/// Whether a path is of this route.
fn fits(route: &str, path: &str) -> bool {
    let (route, path): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), path.split('/').collect());
    route.len() == path.len()
        && route.iter().zip(&path).all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
}

fn request(call: &Call) -> String {
    let mut lines = vec![format!("{} {}", call.method, with_variables(call.path))];
    match call.key {
        Some(Key::Admin) => lines.push("Authorization: Bearer $ADMIN_KEY".to_owned()),
        Some(Key::Token(name)) => lines.push(format!("Authorization: Bearer {}", variable(name))),
        None => {}
    }
    lines.extend(call.headers.iter().map(|(name, value)| format!("{name}: {value}")));
    match &call.body {
        Some(Body::Json(body)) => lines.extend([
            "Content-Type: application/json".to_owned(),
            String::new(),
            with_variables(&serde_json::to_string_pretty(body).unwrap()),
        ]),
        Some(Body::Text(content_type, text)) => {
            lines.extend([
                format!("Content-Type: {content_type}"),
                String::new(),
                text.trim_end().to_owned(),
            ]);
        }
        None => {}
    }
    lines.join("\n")
}

fn with_variables(text: &str) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((name, rest))
                if !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_') =>
            {
                filled.push_str(&variable(name));
                filled.push_str(rest);
            }
            _ => {
                filled.push('{');
                filled.push_str(part);
            }
        }
    }
    filled
}

fn variable(name: &str) -> String {
    format!("${}", name.to_uppercase())
}
