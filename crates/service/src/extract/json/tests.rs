use serde::Deserialize;
use serde_json::{Value, json};

use super::*;

#[derive(Debug, Deserialize, PartialEq)]
struct Shopper {
    email: String,
    #[serde(default)]
    age: Option<u8>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Open {
    shopper: Option<Shopper>,
    #[serde(default)]
    gifts: Vec<Shopper>,
    #[serde(default)]
    payment: Option<Payment>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Payment {
    Cash,
    Card { number: String },
}

fn detail(body: &Value) -> String {
    let problem = read::<Open>(body.to_string().as_bytes()).unwrap_err();
    assert_eq!(problem.problem_type(), UNFITTING_BODY, "{body}");
    problem.detail().to_owned()
}

#[test]
fn what_fits_is_read() {
    let body = json!({"shopper": {"email": "a", "age": 7}, "gifts": [{"email": "b"}], "payment": "cash"});
    let shopper = |email: &str, age| Shopper { email: email.into(), age };
    let expected = Open {
        shopper: Some(shopper("a", Some(7))),
        gifts: vec![shopper("b", None)],
        payment: Some(Payment::Cash),
    };
    assert_eq!(read::<Open>(body.to_string().as_bytes()).unwrap(), expected);
    let card = read::<Open>(br#"{"payment": {"card": {"number": "1"}}}"#).unwrap();
    assert_eq!(card.payment, Some(Payment::Card { number: "1".into() }));
    assert_eq!(read::<Vec<u8>>(b"[1, 2]").unwrap(), [1, 2]);
}

#[test]
fn an_unknown_field_is_refused_wherever_it_stands_with_the_known_ones() {
    for (body, expected) in [
        (
            json!({"shoper": {}}),
            "at 'shoper': unknown field, the fields here are 'shopper', 'gifts', 'payment'",
        ),
        (
            json!({"shopper": {"emial": "a"}}),
            "at 'shopper.emial': unknown field, the fields here are 'email', 'age'",
        ),
        (json!({"gifts": [{"email": "a"}, {"emial": "b"}]}), "at 'gifts[1].emial': unknown field"),
        (
            json!({"payment": {"card": {"nummer": "1"}}}),
            "'payment.card.nummer': unknown field, the only field here is 'number'",
        ),
    ] {
        let detail = detail(&body);
        assert!(detail.contains(expected), "{detail}");
    }
}

#[test]
fn a_list_does_not_pass_for_an_object() {
    for (body, expected) in [
        (json!([null, []]), "The body doesn't fit: invalid type: sequence, expected an object"),
        (json!({"shopper": ["a", 7]}), "at 'shopper': invalid type: sequence, expected an object"),
        (
            json!({"gifts": [{"email": "a"}, ["b"]]}),
            "at 'gifts[1]': invalid type: sequence, expected an object",
        ),
        (
            json!({"payment": {"card": ["1"]}}),
            "at 'payment.card': invalid type: sequence, expected an object",
        ),
    ] {
        let detail = detail(&body);
        assert!(detail.contains(expected), "{detail}");
    }
}

#[test]
fn a_wrong_or_missing_value_is_named() {
    for (body, expected) in [
        (json!({"shopper": {}}), "at 'shopper': missing field `email`"),
        (
            json!({"shopper": {"email": 1}}),
            "at 'shopper.email': invalid type: integer `1`, expected a string",
        ),
        (json!({"shopper": {"email": "a", "age": 1.5}}), "at 'shopper.age': invalid type: floating point"),
        (json!({"shopper": {"email": "a", "age": "1"}}), "expected a whole number"),
        (json!("open"), "invalid type: string \"open\", expected an object"),
    ] {
        let detail = detail(&body);
        assert!(detail.contains(expected), "{detail}");
    }
}

#[test]
fn a_whole_number_may_have_a_decimal_point() {
    let age =
        |body: &str| read::<Open>(body.as_bytes()).map(|open| open.shopper.and_then(|shopper| shopper.age));
    assert_eq!(age(r#"{"shopper": {"email": "a", "age": 7.0}}"#).unwrap(), Some(7));
    for wrong in ["1e300", "-1.0", "9007199254740994.0"] {
        assert!(age(&format!(r#"{{"shopper": {{"email": "a", "age": {wrong}}}}}"#)).is_err(), "{wrong}");
    }
}

#[test]
fn what_is_not_json_is_malformed() {
    for body in ["", "{", "{}x", "{\"gifts\": [}", "{} {}"] {
        let problem = read::<Open>(body.as_bytes()).unwrap_err();
        assert_eq!(problem.problem_type(), MALFORMED_JSON, "{body}");
    }
}

#[test]
fn only_json_is_taken_for_json() {
    let is_json = |content_type: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
        must_be_json(&headers).is_ok()
    };
    for good in ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"] {
        assert!(is_json(good), "{good}");
    }
    for bad in ["", "text/plain", "text/json", "application/jsonx"] {
        assert!(!is_json(bad), "{bad}");
    }
    assert!(must_be_json(&HeaderMap::new()).is_err());
}
