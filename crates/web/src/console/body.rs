use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use maud::{Markup, Render, html};
use serde::Deserialize;
use serde_json::Value;

/// What a message says, as services answer it: JSON as it is, all else in base64.
#[derive(Deserialize)]
pub struct Body {
    body: Option<Value>,
    body_base64: Option<String>,
}

impl Body {
    fn text(&self) -> String {
        match (&self.body, &self.body_base64) {
            (Some(body), _) => format!("{body:#}"),
            (None, Some(base64)) => decoded(base64).unwrap_or_else(|| base64.clone()),
            (None, None) => String::new(),
        }
    }
}

/// What is no JSON may be text all the same.
fn decoded(base64: &str) -> Option<String> {
    String::from_utf8(BASE64_STANDARD.decode(base64).ok()?).ok()
}

impl Render for Body {
    fn render(&self) -> Markup {
        html! { pre.body tabindex="0" { (self.text()) } }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(answer: Value) -> String {
        serde_json::from_value::<Body>(answer).unwrap().render().into_string()
    }

    #[test]
    fn it_is_shown_as_people_read_it() {
        let base64 = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
        assert!(shown(json!({"body": {"a": 1}, "body_base64": null})).contains("{\n  &quot;a&quot;: 1\n}"));
        assert!(
            shown(json!({"body": null, "body_base64": base64(b"<no event>")})).contains("&lt;no event&gt;")
        );
        let bytes = base64(&[0xff, 0]);
        assert!(shown(json!({"body": null, "body_base64": bytes})).contains(&bytes));
    }
}
