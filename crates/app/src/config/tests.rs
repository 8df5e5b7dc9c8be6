use super::*;

fn parse(text: &str) -> Result<Config, String> {
    let config: Config = toml::from_str(text).map_err(|error| error.to_string())?;
    config.check()?;
    Ok(config)
}

const LEAST: &str = "[issuer]\nurl = \"http://localhost:8080\"\n[database]\nurl = \"data.db\"\n";

#[test]
fn the_least_configuration_is_enough_on_loopback() {
    let config = parse(LEAST).unwrap();
    assert_eq!(config.listen.port, 8080);
    assert_eq!(config.database.resolve().unwrap(), "data.db");
}

#[test]
fn an_unknown_key_is_an_error_with_its_line() {
    let error = parse(&format!("{LEAST}[lifetimes]\naccess_tokn = 5\n")).unwrap_err();
    assert!(error.contains("line 6") && error.contains("access_tokn"), "{error}");
}

#[test]
fn oc_0_01_a_plain_http_issuer_that_is_not_loopback_is_refused() {
    let error = parse(&LEAST.replace("localhost:8080", "auth.example.org")).unwrap_err();
    assert!(error.contains("https"), "{error}");
}

#[test]
fn an_https_issuer_needs_certificates_or_a_named_proxy() {
    let https = LEAST.replace("http://localhost:8080", "https://auth.example.org");
    assert!(parse(&https).unwrap_err().contains("[proxy]"));
    assert!(parse(&format!("{https}[proxy]\ntrusted = [\"10.0.0.1\"]\n")).is_ok());
    assert!(parse(&format!("{https}[tls]\ncertificate = \"c\"\nkey = \"k\"\n")).is_ok());
}

#[test]
fn a_node_has_a_name_that_fits_on_a_line() {
    assert!(!parse(LEAST).unwrap().node.name.is_empty(), "the host's");
    let named = |name: &str| parse(&format!("{LEAST}[node]\nname = \"{name}\"\n"));
    assert_eq!(named("auth-1.example").unwrap().node.name, "auth-1.example");
    for name in ["", "a\\tb", "a b", "\u{e9}"] {
        assert!(named(name).unwrap_err().contains("[node] name"), "{name}");
    }
}

#[test]
fn d_20_ehr_origins_are_checked_when_the_file_is_read() {
    let with = |list: &str| {
        parse(&LEAST.replace("[database]", &format!("ehr_origins = [{list}]\n[database]")))
    };
    assert!(parse(LEAST).unwrap().issuer.ehr_origins.is_empty());
    assert!(with("\"https://ehr.example.org\", \"http://localhost:8082\"").is_ok());
    let error = with("\"https://*.example.org\"").unwrap_err();
    assert!(error.contains("ehr_origins") && error.contains("https://*.example.org"), "{error}");
}

#[test]
fn lifetimes_keep_within_what_the_specifications_allow() {
    let policy =
        |text: &str| parse(&format!("{LEAST}[lifetimes]\n{text}\n")).unwrap().lifetimes.policy();
    assert_eq!(policy("access_token = 7").unwrap().access_token.as_seconds(), 7);
    assert!(policy("backend_token = 301").unwrap_err().contains("1 to 300"));
    assert!(policy("code = 601").is_err());
}

#[test]
fn sc_19_the_operators_style_is_checked_when_the_file_is_read() {
    let style = |text: &str| parse(&format!("{LEAST}[style]\n{text}\n"));
    let night = style("color_background = \"#101418\"").unwrap().style.parse().unwrap();
    assert_eq!(night.body(), "{\"color_background\":\"#101418\"}");
    assert_ne!(parse(LEAST).unwrap().style.parse().unwrap(), night);
    assert!(style("color_background = \"dark\"").unwrap_err().contains("color_background"));
    assert!(style("background = \"#fff\"").unwrap_err().contains("color_background"));
}
