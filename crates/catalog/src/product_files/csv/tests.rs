use super::*;

fn faults(file: &str) -> Vec<(u64, Option<String>, String)> {
    let read = read_csv(file.as_bytes()).unwrap();
    read.faults.into_iter().map(|fault| (fault.line, fault.field, fault.rule)).collect()
}

fn amounts(file: &[u8]) -> Vec<(String, i64)> {
    let read = read_csv(file).unwrap();
    assert_eq!(read.faults, []);
    read.products.iter().map(|product| (product.sku().to_owned(), product.price().amount)).collect()
}

#[test]
fn a_file_is_read_as_any_spreadsheet_writes_it() {
    let expected = [("A".to_owned(), 255), ("B".to_owned(), 100)];
    for file in [
        "sku,name,price,currency\nA,Lantern,2.55,GBP\nB,\"Mug, red\",1,GBP\n",
        "\u{FEFF}sku;name;price;currency\r\nA;Lantern;2,55;GBP\r\n;;;\r\nB;\"Mug \"\"red\"\"\";1,00;GBP",
        "currency\tprice\tname\tsku\nGBP\t2.55\tLantern\tA\n\nGBP\t1.0\t\"Mug\nred\"\tB",
    ] {
        // A name has no line breaks, so that one is refused; a comma is none.
        if file.contains("Mug\n") {
            assert_eq!(faults(file)[0].0, 4);
        } else {
            assert_eq!(amounts(file.as_bytes()), expected, "{file}");
        }
    }
}

#[test]
fn a_bad_line_is_named_with_its_column_and_the_others_are_read() {
    let file = "sku,name,price,currency,published_from,name.de,description.de\n\
                A,,1,GBP,,,\nB,Mug,1.555,GBP,,,\nC,Mug,1,XYZ,,,\nD,Mug,1\nE,Mug,1,GBP,tomorrow,,\nF,Mug,1,GBP,,,Ein Becher\n\
                G,Mug,1,GBP,,,\nG,Mug,2,GBP,,,\nimport,Mug,2,GBP,,,\n";
    let found: Vec<(u64, String)> =
        faults(file).into_iter().map(|(line, field, _)| (line, field.unwrap_or_default())).collect();
    let expected = [
        (2, "name"),
        (3, "price"),
        (4, "currency"),
        (5, ""),
        (6, "published_from"),
        (7, "description.de"),
        (9, "sku"),
        (10, "sku"),
    ];
    assert_eq!(found, expected.map(|(line, field)| (line, field.to_owned())));
    assert_eq!(faults(file)[6].2, "'G' is in line 8 too");
    assert_eq!(read_csv(file.as_bytes()).unwrap().products.len(), 1);
}

#[test]
fn what_is_no_such_file_is_refused_as_a_whole() {
    for (file, reason) in [
        ("", "there is no column 'sku'"),
        ("sku,name,price\n", "there is no column 'currency'"),
        ("sku,name,price,currency,colour\n", "'colour' is no column. The columns are 'sku', 'name'"),
        ("sku,sku,name\n", "there are two columns 'sku'"),
    ] {
        let error = read_csv(file.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(reason), "{error}");
    }
}

#[test]
fn what_is_written_is_read_again() {
    let file = "sku,name,description,price,currency,categories,picture,variant_of,published_from,option.size,attribute.material,name.de,description.de\n\
                A,Lantern,\"Of tin, with a door.\",2.55,GBP,Home/Lighting|Sale,https://shop.example/a.jpg,LANTERN,2026-12-01T08:00:00+00:00,L,tin,Laterne,Aus Blech\n\
                B,Mug,,100,JPY,,,,,,,,\n";
    let products = read_csv(file.as_bytes()).unwrap().products;
    assert_eq!(products.len(), 2);
    let more =
        ["option.size", "attribute.material", "name.de", "description.de"].map(|name| name.parse().unwrap());
    let columns: Vec<Column> = Column::PLAIN.into_iter().chain(more).collect();
    let mut written = write_csv(&columns, products[..1].iter(), true).unwrap();
    written.extend(write_csv(&columns, products[1..].iter(), false).unwrap());
    assert_eq!(String::from_utf8(written).unwrap(), file);
}
