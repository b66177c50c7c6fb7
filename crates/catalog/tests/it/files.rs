use std::time::Duration;

use events::catalog::{ProductChanged, ProductDescribed};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use testkit::{ADMIN_KEY, eventually};

use crate::support::{Catalog, problem_name, product};

const CSV: &str = "sku;name;price;currency;categories;attribute.material;name.de\r\n\
                   A;Lantern;2,55;GBP;Home/Lighting|Sale;tin;Laterne\r\n\
                   B;Mug;;GBP;;;\r\n\
                   C;Bowl;1;JPY;;;\r\n";

async fn send(catalog: &Catalog, path: &str, content_type: &str, file: String) -> (StatusCode, Value) {
    let url = format!("{}{path}", catalog.rest_api.url);
    let request =
        Client::new().post(url).bearer_auth(ADMIN_KEY).header("content-type", content_type).body(file);
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn finished(catalog: &Catalog, id: &Value) -> Value {
    let path = format!("/imports/{}", id.as_str().unwrap());
    let finished = async || {
        let (_, import) = catalog.get(&path).await;
        import["finished"].as_bool().unwrap().then_some(import)
    };
    eventually("the import is finished", Duration::from_mins(1), finished).await
}

async fn export(catalog: &Catalog, format: &str) -> String {
    let url = format!("{}/products/export?format={format}", catalog.rest_api.url);
    Client::new().get(url).bearer_auth(ADMIN_KEY).send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn of_a_csv_file_the_good_lines_are_written_and_the_bad_ones_reported() {
    let catalog = Catalog::with(&[product("C", "Bowl", 2)]).await;
    let (status, import) = send(&catalog, "/imports", "text/csv; charset=utf-8", CSV.to_owned()).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{import}");
    let fault = json!([{"line": 3, "field": "price", "rule": "is empty"}]);
    assert_eq!((&import["products"], &import["refused"], &import["faults"]), (&json!(3), &json!(1), &fault));
    let import = finished(&catalog, &import["id"]).await;
    for (field, value) in [
        ("products", json!(3)),
        ("written", json!(2)),
        ("changed", json!(2)),
        ("refused", json!(1)),
        ("faults", fault),
    ] {
        assert_eq!(import[field], value, "{field}");
    }
    let (_, lantern) = catalog.get("/products/A").await;
    assert_eq!(
        (&lantern["price"]["amount"], &lantern["categories"]),
        (&json!(255), &json!(["Home/Lighting", "Sale"]))
    );
    assert_eq!(
        (&lantern["attributes"]["material"], &lantern["translations"]["de"]["name"]),
        (&json!("tin"), &json!("Laterne"))
    );
    assert_eq!(catalog.published_of::<ProductDescribed>().await.len(), 1);
    assert_eq!(catalog.published_of::<ProductChanged>().await.len(), 3);
    assert_eq!(catalog.published().await.last().unwrap().cause.correlation_id.len(), 36);
}

#[tokio::test]
async fn json_lines_are_read_as_strictly_as_requests() {
    let catalog = Catalog::open().await;
    let lines = [
        product("A", "Lantern", 255).to_string(),
        String::new(),
        "{\"sku\": \"B\"".to_owned(),
        json!({"sku": "C", "name": "Mug", "price": {"amount": -1, "currency": "GBP"}}).to_string(),
        json!({"sku": "D", "name": "Mug", "colour": "red", "price": {"amount": 1, "currency": "GBP"}})
            .to_string(),
        json!({"sku": "E", "name": "", "price": {"amount": 1, "currency": "GBP"}}).to_string(),
    ];
    let (status, import) =
        send(&catalog, "/imports?dry_run=true", "application/jsonl", lines.join("\n")).await;
    assert_eq!((status, &import["id"]), (StatusCode::OK, &Value::Null));
    let faults: Vec<(u64, Option<&str>)> = import["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (fault["line"].as_u64().unwrap(), fault["field"].as_str()))
        .collect();
    assert_eq!(faults, [(3, None), (4, Some("price.amount")), (5, Some("colour")), (6, Some("name"))]);
    assert_eq!(catalog.listed("").await, Vec::<String>::new(), "it was a dry run");
    let (_, import) = send(&catalog, "/imports", "application/x-ndjson", lines.join("\n")).await;
    finished(&catalog, &import["id"]).await;
    assert_eq!(catalog.listed("").await, ["A"]);
}

#[tokio::test]
async fn what_is_exported_can_be_imported() {
    let catalog = Catalog::open().await;
    let (_, import) = send(&catalog, "/imports", "text/csv", CSV.to_owned()).await;
    finished(&catalog, &import["id"]).await;
    catalog.put_with("D", &json!({"published_from": "2999-01-01T00:00:00Z", "options": {"size": "L"}, "description": "a, \"b\"\nc"})).await;
    for (format, content_type) in [("csv", "text/csv"), ("jsonl", "application/jsonl")] {
        let file = export(&catalog, format).await;
        let again = Catalog::open().await;
        let (_, import) = send(&again, "/imports", content_type, file.clone()).await;
        assert_eq!(import["faults"], json!([]), "{file}");
        finished(&again, &import["id"]).await;
        assert_eq!(export(&again, format).await, file);
        let (_, import) = send(&catalog, "/imports", content_type, file).await;
        assert_eq!(finished(&catalog, &import["id"]).await["changed"], 0, "{format}");
    }
}

#[tokio::test]
async fn imports_take_effect_in_order_once_and_part_by_part_with_any_number_of_instances() {
    let catalog = Catalog::open().await;
    let others = [catalog.another().await, catalog.another().await];
    let file = |amount: i64| {
        (0..1200)
            .map(|place| product(&format!("{place:04}"), "Mug", amount).to_string() + "\n")
            .collect::<String>()
    };
    let mut last = Value::Null;
    for (amount, instance) in [(1, &catalog), (2, &others[0]), (3, &others[1])] {
        let (status, import) = send(instance, "/imports", "application/jsonl", file(amount)).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{import}");
        last = import["id"].clone();
    }
    let import = finished(&catalog, &last).await;
    assert_eq!((&import["written"], &import["changed"]), (&json!(1200), &json!(1200)));
    let amounts: Vec<i64> =
        catalog.published_of::<ProductChanged>().await.iter().map(|event| event.price.amount).collect();
    assert_eq!(amounts, [vec![1; 1200], vec![2; 1200], vec![3; 1200]].concat());
}

#[tokio::test]
async fn a_product_that_can_not_be_written_keeps_no_other_from_being_written() {
    let catalog = Catalog::open().await;
    sqlx::raw_sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN IF NEW.sku = 'B' THEN RAISE 'not this one'; END IF; RETURN NEW; END $$;
         CREATE TRIGGER refuse BEFORE INSERT ON products FOR EACH ROW EXECUTE FUNCTION refuse();",
    )
    .execute(&catalog.pool)
    .await
    .unwrap();
    let file = "sku,name,price,currency\nA,Lantern,2.55,GBP\nB,Mug,1.00,GBP\nC,Jug,3.00,GBP\n";
    let (status, first) = send(&catalog, "/imports", "text/csv", file.to_owned()).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{first}");
    let (_, second) =
        send(&catalog, "/imports", "text/csv", "sku,name,price,currency\nD,Cup,1.00,GBP\n".to_owned()).await;
    let first = finished(&catalog, &first["id"]).await;
    assert_eq!((&first["written"], &first["refused"]), (&json!(2), &json!(1)), "{first}");
    assert_eq!(first["faults"][0]["line"], 3);
    assert!(first["faults"][0]["rule"].as_str().unwrap().contains("'B' can't be written"), "{first}");
    assert_eq!(finished(&catalog, &second["id"]).await["written"], 1);
    assert_eq!(catalog.listed("").await, ["A", "C", "D"]);
}

#[tokio::test]
async fn a_file_that_is_none_is_refused() {
    let catalog = Catalog::open().await;
    for (content_type, file, status, name) in [
        ("text/csv", "sku,title\n", StatusCode::UNPROCESSABLE_ENTITY, "unreadable-file"),
        ("application/json", "[]", StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong-content-type"),
    ] {
        let (answered, problem) = send(&catalog, "/imports", content_type, file.to_owned()).await;
        assert_eq!((answered, problem_name(&problem)), (status, name.to_owned()));
    }
    let (status, problem) = catalog.get("/imports/00000000-0000-7000-8000-000000000000").await;
    assert_eq!((status, problem_name(&problem)), (StatusCode::NOT_FOUND, "unknown-import".to_owned()));
    for path in ["/imports/00000000-0000-7000-8000-000000000000", "/products/export"] {
        assert_eq!(catalog.send_without_key(Method::GET, path).await, StatusCode::UNAUTHORIZED);
    }
}
