use proptest::prelude::*;

use crate::{AmqpUrl, HttpUrl, PostgresUrl, SmtpUrl};

fn hosts(url: &AmqpUrl) -> Vec<(&str, u16)> {
    url.hosts().iter().map(|host| (host.name.as_str(), host.port)).collect()
}

fn broker(url: &str) -> AmqpUrl {
    url.parse().unwrap_or_else(|error| panic!("{url}: {error}"))
}

fn refusals(url: &str) -> Vec<String> {
    let tried = [
        url.parse::<AmqpUrl>().err(),
        url.parse::<PostgresUrl>().err(),
        url.parse::<SmtpUrl>().err(),
        url.parse::<HttpUrl>().err(),
    ];
    tried.into_iter().flatten().map(|error| error.to_string()).collect()
}

fn refusal(url: &str) -> String {
    url.parse::<AmqpUrl>().expect_err(url).to_string()
}

#[test]
fn hosts_and_ports_are_read() {
    assert_eq!(hosts(&broker("amqp://rabbit")), [("rabbit", 5672)]);
    assert_eq!(hosts(&broker("amqps://rabbit:")), [("rabbit", 5671)]);
    assert_eq!(hosts(&broker(" AMQP://10.0.0.7:5673\n")), [("10.0.0.7", 5673)]);
    assert_eq!(hosts(&broker("amqp://a:b@[2001:db8::5]")), [("2001:db8::5", 5672)]);
    assert_eq!(hosts(&broker("amqp://[::1]:7,rabbit_2,c:8/x")), [("::1", 7), ("rabbit_2", 5672), ("c", 8)]);
    assert_eq!(hosts(&broker("amqp://bücher.example")), [("xn--bcher-kva.example", 5672)]);
}

#[test]
fn user_password_and_name_are_decoded_alike_in_every_kind() {
    let login = "sh%40p:p%2Fa+s%25s%20%C3%BC";
    let broker = broker(&format!("amqp://{login}@h/a%2Fb%20c/"));
    let database: PostgresUrl = format!("postgresql://{login}@h/a%2Fb%20c/").parse().unwrap();
    let mail: SmtpUrl = format!("smtp://{login}@h/a%2Fb%20c/").parse().unwrap();
    let management: HttpUrl = format!("https://{login}@h/").parse().unwrap();
    let logins = [
        (broker.user(), broker.password()),
        (database.user(), database.password()),
        (mail.user(), mail.password()),
        (management.user(), management.password()),
    ];
    assert_eq!(logins, [(Some("sh@p"), Some("p/a+s%s ü")); 4]);
    assert_eq!([broker.name(), database.name(), mail.name()], [Some("a/b c"); 3]);
}

#[test]
fn an_unescaped_at_sign_in_a_password_is_part_of_it() {
    assert_eq!(broker("amqp://cart:p@ss@rabbit").password(), Some("p@ss"));
}

#[test]
fn no_path_and_a_slash_name_nothing() {
    for url in ["amqp://h", "amqp://h/", "amqp://h?heartbeat=3"] {
        assert_eq!(broker(url).name(), None, "{url}");
    }
    assert_eq!(broker("amqp://h/%2F").name(), Some("/"));
}

#[test]
fn a_base_keeps_its_path_and_loses_the_slash_at_its_end() {
    for url in ["https://shop.example/a%20b/c", "https://shop.example:443/a%20b/c/"] {
        let url: HttpUrl = url.parse().unwrap();
        let below: String = url.below(&["api", "queues", "a/b", ""]).unwrap().into();
        assert_eq!(below, "https://shop.example/a%20b/c/api/queues/a%2Fb/");
    }
}

#[test]
fn parameters_are_checked() {
    let url: PostgresUrl = "postgres:///cart?host=%2Frun%2Fpostgresql&sslmode=verify-full".parse().unwrap();
    assert_eq!((url.parameter("host"), url.hosts().len()), (Some("/run/postgresql"), 0));
    assert_eq!(broker("amqp://h?heartbeat=7").number::<u16>("heartbeat"), Some(7));
    assert!(refusal("amqp://h?heartbeat=soon").contains("its parameter heartbeat must be seconds"));
    assert!(refusal("amqp://h?heartbeat=1&heartbeat=2").contains("twice"));
    assert!(refusal("amqp://h?hartbeat=1").contains("known are heartbeat, "));
    assert!("https://h?a=b".parse::<HttpUrl>().unwrap_err().to_string().contains("none is"));
    assert!(
        "postgres://h/a?sslmode=on".parse::<PostgresUrl>().unwrap_err().to_string().contains("verify-full")
    );
}

#[test]
fn what_is_wrong_is_said() {
    for (url, reason) in [
        ("", "it is empty"),
        ("  ", "it is empty"),
        ("rabbit:5672", "it has no scheme"),
        ("amqp:/rabbit", "it has no scheme"),
        ("http://rabbit", "it does not start with amqp:// or amqps://"),
        ("amqp://", "it names no host"),
        ("amqp://:5672", "it names no host"),
        ("amqp://a,,b", "it names no host"),
        ("amqp://2001:db8::5", "its port is not a number"),
        ("amqp://[::1", "closing bracket"),
        ("amqp://[::g]", "neither a name nor an address"),
        ("amqp://a b", "neither a name nor an address"),
        ("amqp://h:0", "its port is not a number"),
        ("amqp://h:65536", "its port is not a number"),
        ("amqp://u:pa/ss@h", "its port is not a number"),
        ("amqp://h/a/b", "a slash inside a name is written %2F"),
        ("amqp://u:p#1@h", "which is written %23"),
        ("amqp://u:%ff@h", "is not UTF-8"),
        ("amqp://u:%00@h", "control character"),
        ("amqp://u@h/a\tb", "control character"),
    ] {
        let refusal = refusal(url);
        assert!(refusal.contains(reason), "{url:?}: {refusal}");
        assert!(
            refusal.ends_with("It looks like amqp://user:password@host:5672/vhost, or amqps:// with TLS")
        );
    }
    assert!("smtp://a,b".parse::<SmtpUrl>().unwrap_err().to_string().starts_with("it names several hosts"));
    assert!("postgres:///a".parse::<PostgresUrl>().unwrap_err().to_string().starts_with("it names no host"));
}

#[test]
fn what_is_shown_has_no_login() {
    let url = broker("amqps://cart:secret@a:1,b/shop?heartbeat=5");
    assert_eq!(url.to_string(), "amqps://a:1,b:5671/shop?heartbeat=5");
    assert_eq!(format!("{url:?}"), "Endpoint(amqps://a:1,b:5671/shop?heartbeat=5)");
    assert_eq!(url.expose(), "amqps://cart:secret@a:1,b:5671/shop?heartbeat=5");
    assert_eq!(url.without_user().with_name("a/b").expose(), "amqps://a:1,b:5671/a%2Fb?heartbeat=5");
}

proptest! {
    #[test]
    fn what_was_written_is_read(user in "[^\\p{Cc}]{1,9}", password in "[^\\p{Cc}]{1,9}", name in "[^\\p{Cc}]{0,9}") {
        let written = broker("amqp://h").with_user(&user, &password).with_name(&name).expose();
        let read = broker(&written);
        prop_assert_eq!((read.user(), read.password()), (Some(user.as_str()), Some(password.as_str())));
        prop_assert_eq!(read.name().unwrap_or_default(), name);
    }

    #[test]
    fn no_text_breaks_the_reader(text in ".{0,60}") {
        for scheme in ["", "amqp://", "postgres://", "smtp://u:p@", "https://h/"] {
            refusals(&format!("{scheme}{text}"));
        }
    }

    #[test]
    fn no_refusal_repeats_a_password(password in "[!-~]{0,8}SeCrEt[!-~]{0,8}", scheme in "(amqp|postgres|smtp|https|http)") {
        for refusal in refusals(&format!("{scheme}://user:{password}@host/a/b")) {
            prop_assert!(!refusal.contains("SeCrEt"), "{}", refusal);
        }
    }
}
