use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::services::Service;
use crate::texts::ParkedTexts;

/// Which parked events are meant. What is empty counts for nothing.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Filter {
    pub service: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub subject: String,
    pub error: String,
    pub state: String,
}

impl Filter {
    /// The services that are meant.
    pub fn services(&self) -> Vec<Service> {
        Service::named(&self.service).map_or_else(|| Service::ALL.to_vec(), |service| vec![service])
    }

    /// As the services' list takes it.
    pub fn query(&self) -> [(&str, &str); 5] {
        [
            ("type", &self.kind),
            ("subject", &self.subject),
            ("error", &self.error),
            ("state", &self.state),
            ("limit", "100"),
        ]
    }

    /// As the services' decisions on all that match take it.
    pub fn body(&self) -> Map<String, Value> {
        let fields = [("type", &self.kind), ("subject", &self.subject), ("error", &self.error)];
        let given = fields.into_iter().filter(|(_, value)| !value.is_empty());
        given.map(|(name, value)| (name.to_owned(), Value::from(value.as_str()))).collect()
    }

    /// The form in which it is written.
    pub fn form(&self, texts: &ParkedTexts) -> Markup {
        let fields = [
            ("type", texts.kind, &self.kind),
            ("subject", texts.subject, &self.subject),
            ("error", texts.error, &self.error),
        ];
        html! {
            form.filter role="search" action="/console/parked" {
                div {
                    label for="service" { (texts.service) }
                    select #service name="service" {
                        option value="" { (texts.all) }
                        @for service in Service::ALL {
                            option value=(service.name()) selected[service.name() == self.service] { (service.name()) }
                        }
                    }
                }
                @for (name, title, value) in fields {
                    div { label for=(name) { (title) } input id=(name) name=(name) value=(value); }
                }
                div {
                    label for="state" { (texts.state) }
                    select #state name="state" {
                        option value="" { (texts.all) }
                        @for state in ["failed", "waiting", "fatal"] {
                            option value=(state) selected[state == self.state] { (state) }
                        }
                    }
                }
                button type="submit" { (texts.find) }
            }
        }
    }

    /// The same as hidden fields.
    pub fn hidden(&self) -> Markup {
        let fields = [
            ("service", &self.service),
            ("type", &self.kind),
            ("subject", &self.subject),
            ("error", &self.error),
        ];
        html! { @for (name, value) in fields { input type="hidden" name=(name) value=(value); } }
    }
}
