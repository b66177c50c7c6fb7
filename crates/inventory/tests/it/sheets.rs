//! Stock as a file of a spreadsheet.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Shop, added, problem_name};

async fn put(shop: &Shop, query: &str, sheet: &str) -> (StatusCode, Value) {
    let (status, text) = shop.sheet(Method::PUT, &format!("/stock.csv{query}"), Some(sheet.to_owned())).await;
    (status, serde_json::from_str(&text).unwrap())
}

#[tokio::test]
async fn what_a_spreadsheet_writes_is_taken_and_each_line_is_reported() {
    let shop = Shop::open().await;
    let sheet = "\u{feff}SKU;Name;On hand;Location\r\n85123A;\"Lantern; white\";3,00;\r\nCUP;Cup;2;north\r\n";
    let (status, report) = put(&shop, "", sheet).await;
    assert_eq!(status, StatusCode::OK, "{report}");
    let lines =
        json!([{"line": 2, "sku": "85123A", "taken": true}, {"line": 3, "sku": "CUP", "taken": true}]);
    assert_eq!(report, json!({"changed": 2, "cut_lines": 0, "lines": lines, "ignored_columns": ["name"]}));
    assert_eq!((shop.stock("85123A").await, shop.stock("CUP").await), ((3, 0), (2, 0)));
    shop.assert_invariant().await;
}

#[tokio::test]
async fn one_wrong_line_keeps_all_from_being_taken_unless_asked() {
    let shop = Shop::with(&[("held", 3)]).await;
    shop.take(&[added(Uuid::new_v4(), "held", 3, 3)]).await.unwrap();
    let sheet = "sku,on_hand,low_at\nA,3,\nB,x,\nA,4,\nheld,1,1\nC,5,\n";
    let (status, problem) = put(&shop, "", sheet).await;
    assert_eq!(
        (status, problem_name(&problem)),
        (StatusCode::UNPROCESSABLE_ENTITY, "wrong-lines".to_owned())
    );
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("line 3: 'x' is not") && detail.contains("line 4: 'A' is already in line 2"),
        "{detail}"
    );
    let (status, problem) = put(&shop, "", "sku,on_hand\nA,3\nheld,1\n").await;
    assert_eq!((status, problem_name(&problem)), (StatusCode::CONFLICT, "held-for-carts".to_owned()));
    assert_eq!(shop.get("/stock/A").await.0, StatusCode::NOT_FOUND, "nothing is half-applied");

    let (status, report) = put(&shop, "?partial=true", sheet).await;
    assert_eq!((status, &report["changed"]), (StatusCode::OK, &json!(2)), "{report}");
    let taken: Vec<_> =
        report["lines"].as_array().unwrap().iter().map(|line| line["taken"] == true).collect();
    assert_eq!(taken, [true, false, false, false, true]);
    assert!(report["lines"][3]["problem"].as_str().unwrap().contains("3 are held"), "{report}");
    assert_eq!(
        (shop.stock("A").await, shop.stock("C").await, shop.stock("held").await),
        ((3, 0), (5, 0), (3, 3))
    );
    let (_, report) = put(&shop, "?cut_holds=newest", "sku,on_hand\nheld,1\n").await;
    assert_eq!((&report["changed"], &report["cut_lines"]), (&json!(1), &json!(1)));
    shop.assert_invariant().await;
}

#[tokio::test]
async fn what_is_exported_can_be_imported_again() {
    let shop = Shop::open().await;
    let list = json!([
        {"sku": "00123", "on_hand": 3, "low_at": 1}, {"sku": "=1+1", "on_hand": 4}, {"sku": "a\"b;c,d", "on_hand": 5},
        {"sku": "cup", "on_hand": 2}, {"sku": "cup", "location": "north", "on_hand": 6},
    ]);
    assert_eq!(shop.import(&list).await.0, StatusCode::OK);
    let (status, exported) = shop.sheet(Method::GET, "/stock.csv", None).await;
    assert_eq!(status, StatusCode::OK);
    assert!(exported.starts_with("\u{feff}sku,location,on_hand,held,available,low_at\r\n"), "{exported}");
    let (status, report) = put(&shop, "", &exported).await;
    assert_eq!(
        (status, &report["changed"], &report["ignored_columns"]),
        (StatusCode::OK, &json!(0), &json!([])),
        "{report}"
    );
    let other = Shop::open().await;
    assert_eq!(put(&other, "", &exported).await.1["changed"], 4);
    assert_eq!(other.sheet(Method::GET, "/stock.csv", None).await.1, exported);
}

#[tokio::test]
async fn what_is_no_sheet_is_refused() {
    let shop = Shop::open().await;
    for sheet in ["", "sku;quantity\nA;3", "\"sku"] {
        let (status, problem) = put(&shop, "", sheet).await;
        assert_eq!(
            (status, problem_name(&problem)),
            (StatusCode::UNPROCESSABLE_ENTITY, "unreadable-sheet".to_owned())
        );
    }
    let (status, problem) = shop.send(Method::PUT, "/stock.csv", Some(&json!([]))).await;
    assert_eq!(
        (status, problem_name(&problem)),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong-content-type".to_owned())
    );
}
