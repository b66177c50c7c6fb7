use std::process::Command;

/// A service with settings that can be used, up to the servers, which are not there; and these, in place of some of them.
fn start(service: &str, settings: &[(&str, &str)]) -> (Option<i32>, String) {
    let output = Command::new(testkit::cartwheel_binary())
        .args(["serve", service])
        .env("CARTWHEEL_DATABASE_URL", "postgres://shop:geheim@127.0.0.1:1/shop")
        .env("CARTWHEEL_BROKER_URL", "amqp://shop:geheim@127.0.0.1:1/shop")
        .env("CARTWHEEL_SMTP_URL", "smtp://shop:geheim@127.0.0.1:1")
        .env("CARTWHEEL_ADMIN_KEY", "a key")
        .env("CARTWHEEL_TOKEN_SECRET", "a secret of more than thirty-two characters")
        .env_remove("OTEL_EXPORTER_OTLP_ENDPOINT")
        .envs(settings.iter().copied())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn what_cant_be_used_ends_the_start_with_a_sentence_that_names_it_and_repeats_no_password() {
    for (setting, value, reason) in [
        ("CARTWHEEL_BROKER_URL", "amqp://shop:geheim@", "it names no host"),
        ("CARTWHEEL_BROKER_URL", "shop:geheim@rabbit", "it has no scheme"),
        ("CARTWHEEL_BROKER_URL", "amqp://shop:geheim@2001:db8::5", "an IPv6 address is written in brackets"),
        ("CARTWHEEL_DATABASE_URL", "postgres://shop:geh/eim@db/shop", "are written %3A %2F"),
        ("CARTWHEEL_DATABASE_URL", "postgres://shop:geheim@db/shop?sslmode=yes", "verify-full"),
        ("CARTWHEEL_DATABASE_URL", "amqp://shop:geheim@db/shop", "does not start with postgres://"),
        ("CARTWHEEL_SMTP_URL", "smtp://shop:geheim@", "it names no host"),
        ("CARTWHEEL_SMTP_URL", "smtp://shop:geheim@mail?tls=maybe", "required or opportunistic"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:4318", "it has no scheme"),
        ("CARTWHEEL_DATABASE_CONNECTIONS", "0", "0 is not in 1..=10000"),
        ("CARTWHEEL_MAIL_CONNECTIONS", "0", "0 is not in 1..=1000"),
        ("CARTWHEEL_STATEMENT_TIMEOUT_SECONDS", "18446744073709551615", "not in 1..=86400"),
    ] {
        let (code, said) = start("notify", &[(setting, value)]);
        let flag = setting.trim_start_matches("CARTWHEEL_").to_lowercase().replace('_', "-");
        assert_eq!(code, Some(2), "{setting}={value}: {said}");
        assert!(said.contains(setting) || said.contains(&format!("--{flag}")), "{setting}={value}: {said}");
        assert!(said.contains(reason), "{setting}={value}: {said}");
        assert!(!said.contains("geheim") && !said.contains("geh/eim"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_variable_without_a_value_is_not_set() {
    let (code, said) = start("cart", &[("CARTWHEEL_DATABASE_URL", "")]);
    assert_eq!(code, Some(2));
    assert!(said.contains("required") && said.contains("--database-url"), "{said}");
    let (code, said) = start("cart", &[("OTEL_EXPORTER_OTLP_ENDPOINT", ""), ("CARTWHEEL_INSTANCE", "")]);
    assert_eq!(code, Some(1), "only the database is missing: {said}");
    assert!(said.contains("connecting to its database at postgres://127.0.0.1:1/shop"), "{said}");
    assert!(said.contains("refused") && !said.contains("geheim"), "{said}");
}

#[test]
fn certificates_that_cant_be_used_end_the_start() {
    for (settings, reason) in [
        (vec![("CARTWHEEL_TLS_CA", "/no/such.pem")], "/no/such.pem can't be read"),
        (vec![("CARTWHEEL_TLS_CA", "/etc/hostname")], "/etc/hostname has no certificate in PEM format"),
        (vec![("CARTWHEEL_TLS_KEY", "/etc/hostname")], "give both or neither"),
    ] {
        let (code, said) = start("cart", &settings);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(reason), "{said}");
    }
}
