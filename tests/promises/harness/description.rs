use reqwest::{Client, Method, RequestBuilder, Url};
use serde_json::{Map, Value, json};

use super::{Cart, TestShop};

/// A service's description of its REST API.
pub struct Description {
    service: &'static str,
    openapi: Value,
}

/// What the description says of one route.
pub struct Route<'a> {
    description: &'a Description,
    pub method: Method,
    pub path: &'a str,
    pub operation: &'a Value,
}

impl TestShop {
    pub async fn description(&self, service: &'static str) -> Description {
        let url = format!("{}/openapi.json", self.url(service));
        Description { service, openapi: reqwest::get(url).await.unwrap().json().await.unwrap() }
    }
}

impl Description {
    pub fn routes(&self) -> Vec<Route<'_>> {
        let mut routes = Vec::new();
        for (path, operations) in self.openapi["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let method = method.to_uppercase().parse().unwrap();
                routes.push(Route { description: self, method, path, operation });
            }
        }
        routes
    }

    /// Without references and the null of what may be left out.
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        if let Some(reference) = schema["$ref"].as_str() {
            return self.resolved(self.openapi.pointer(reference.trim_start_matches('#')).unwrap());
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            return self.resolved(choices.iter().find(|choice| choice["type"] != "null").unwrap());
        }
        schema
    }

    /// A value that fits the schema, with all fields that there are.
    fn example(&self, schema: &Value) -> Value {
        let schema = self.resolved(schema);
        if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)) {
            return example.clone();
        }
        if schema["format"] == "date-time" {
            return json!("2026-01-01T12:00:00Z");
        }
        match type_of(schema) {
            "object" => {
                let fields = properties(schema).map(|(name, schema)| (name.clone(), self.example(schema)));
                fields.collect::<Map<_, _>>().into()
            }
            "array" => json!([self.example(&schema["items"])]),
            "string" => json!("text"),
            "integer" => json!(1),
            other => panic!("no example of {other}"),
        }
    }

    /// The strings in a value of this schema: each as a JSON pointer, with its schema.
    fn strings<'a>(&'a self, schema: &'a Value, pointer: String) -> Vec<(String, &'a Value)> {
        let schema = self.resolved(schema);
        match type_of(schema) {
            "object" => properties(schema)
                .flat_map(|(name, schema)| self.strings(schema, format!("{pointer}/{name}")))
                .collect(),
            "array" => self.strings(&schema["items"], format!("{pointer}/0")),
            "string" => vec![(pointer, schema)],
            _ => Vec::new(),
        }
    }
}

/// The named fields of an object; a map has none.
fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}

impl Route<'_> {
    pub fn body(&self) -> Option<Value> {
        Some(self.description.example(self.body_schema()?))
    }

    /// The strings in the body: each as a JSON pointer, with its schema.
    pub fn strings_in_body(&self) -> Vec<(String, &Value)> {
        self.body_schema().map(|schema| self.description.strings(schema, String::new())).unwrap_or_default()
    }

    /// Its parameters that are strings: where each stands, its name and its schema.
    pub fn string_parameters(&self) -> Vec<(&str, &str, &Value)> {
        let parameters = self.operation["parameters"].as_array().into_iter().flatten();
        let described = parameters.map(|parameter| {
            let schema = self.description.resolved(&parameter["schema"]);
            (parameter["in"].as_str().unwrap(), parameter["name"].as_str().unwrap(), schema)
        });
        described.filter(|(_, _, schema)| type_of(schema) == "string").collect()
    }

    /// Whether its ids are numbers.
    fn has_numbers(&self) -> bool {
        let parameters = self.operation["parameters"].as_array().into_iter().flatten();
        let mut ids = parameters.filter(|parameter| parameter["name"] == "id" && parameter["in"] == "path");
        ids.any(|id| type_of(self.description.resolved(&id["schema"])) == "integer")
    }

    fn body_schema(&self) -> Option<&Value> {
        let content = &self.operation["requestBody"]["content"]["application/json"]["schema"];
        (!content.is_null()).then_some(content)
    }

    /// The request, but for its body, with the key that the route needs.
    pub fn request(&self, shop: &TestShop, cart: &Cart, query: &str) -> RequestBuilder {
        self.request_to(shop, cart, &format!("{}{query}", self.path))
    }

    /// The same to another path.
    pub fn request_to(&self, shop: &TestShop, cart: &Cart, path: &str) -> RequestBuilder {
        let id = if self.has_numbers() { "1".to_owned() } else { cart.id.to_string() };
        let path = path.replace("{id}", &id).replace("{sku}", "LANTERN");
        let url: Url = format!("{}{path}", shop.url(self.description.service)).parse().unwrap();
        let request = Client::new().request(self.method.clone(), url);
        let security = self.operation["security"].to_string();
        if security.contains("admin-key") {
            request.bearer_auth(&shop.shop.secrets.admin_key)
        } else if security.contains("cart-token") {
            request.bearer_auth(&cart.token)
        } else {
            request
        }
    }
}

fn type_of(schema: &Value) -> &str {
    let of_list = || schema["type"].as_array()?.iter().find(|one| *one != "null")?.as_str();
    schema["type"].as_str().or_else(of_list).unwrap_or_else(|| panic!("no type: {schema}"))
}

/// A JSON pointer as answers name places: `items[0].sku`.
pub fn place(pointer: &str) -> String {
    let segments =
        pointer.split('/').skip(1).enumerate().map(|(at, segment)| match segment.parse::<usize>() {
            Ok(index) => format!("[{index}]"),
            Err(_) if at == 0 => segment.to_owned(),
            Err(_) => format!(".{segment}"),
        });
    segments.collect()
}
