use reqwest::Method;
use serde_json::Value;

/// One call of the API, as an example. `{name}` in its path and body stands for what an earlier answer brought.
pub struct Call {
    pub service: &'static str,
    pub method: Method,
    pub path: &'static str,
    pub key: Option<Key>,
    pub headers: Vec<(&'static str, &'static str)>,
    pub body: Option<Body>,
    pub until: Option<(&'static str, Value)>,
    pub keep: Vec<(&'static str, &'static str)>,
    /// Statements on the service's database that bring about what the call is for.
    pub before: Option<&'static str>,
    /// The properties of a dead letter that the service gets before the call.
    pub dead_letter: Option<Value>,
}

/// Who makes the call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// With a cart's token; its name among what was kept.
    Token(&'static str),
    Admin,
}

pub enum Body {
    Json(Value),
    Text(&'static str, &'static str),
}

/// A call that needs no key.
pub fn call(service: &'static str, method: Method, path: &'static str) -> Call {
    let (headers, keep) = (Vec::new(), Vec::new());
    Call {
        service,
        method,
        path,
        key: None,
        headers,
        body: None,
        until: None,
        keep,
        before: None,
        dead_letter: None,
    }
}

/// A call of who has the cart's token.
pub fn shopper(method: Method, path: &'static str) -> Call {
    Call { key: Some(Key::Token("token")), ..call("cart", method, path) }
}

/// A call of an operator.
pub fn operator(service: &'static str, method: Method, path: &'static str) -> Call {
    Call { key: Some(Key::Admin), ..call(service, method, path) }
}

impl Call {
    pub fn json(self, body: Value) -> Self {
        Self { body: Some(Body::Json(body)), ..self }
    }

    pub fn text(self, content_type: &'static str, text: &'static str) -> Self {
        Self { body: Some(Body::Text(content_type, text)), ..self }
    }

    pub fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    pub fn token(self, name: &'static str) -> Self {
        Self { key: Some(Key::Token(name)), ..self }
    }

    /// Makes the call again until its answer has this value here.
    pub fn until(self, pointer: &'static str, value: impl Into<Value>) -> Self {
        Self { until: Some((pointer, value.into())), ..self }
    }

    /// Keeps a value of the answer for later calls.
    pub fn keep(mut self, name: &'static str, pointer: &'static str) -> Self {
        self.keep.push((name, pointer));
        self
    }

    pub fn before(self, statements: &'static str) -> Self {
        Self { before: Some(statements), ..self }
    }

    pub fn dead_letter(self, properties: Value) -> Self {
        Self { dead_letter: Some(properties), ..self }
    }
}
