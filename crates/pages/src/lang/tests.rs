use super::*;

#[test]
fn ui_locales_come_before_the_browser_and_english_is_last() {
    assert_eq!(Language::negotiate(Some("en-US,en;q=0.9"), Some("es-MX en")), Language::Spanish);
    assert_eq!(Language::negotiate(Some("fr, es;q=0.5, en;q=0.7"), None), Language::English);
    assert_eq!(Language::negotiate(Some("en-US,en;q=0.9"), None), Language::AmericanEnglish);
    assert_eq!(Language::negotiate(Some("en-GB"), Some("tlh")), Language::English);
    assert_eq!(Language::negotiate(None, None), Language::English);
}
