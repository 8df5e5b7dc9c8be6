//! A browser in words, from what it says of itself; believed for nothing but the list of devices.

use std::fmt;

/// A browser and the system it runs on, as far as it said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// Such as `Firefox`.
    pub browser: Option<String>,
    /// Such as `Windows`.
    pub system: Option<String>,
}

impl Device {
    /// Reads `User-Agent`. The order matters: each browser also claims to be those after it.
    #[must_use]
    pub fn of_user_agent(header: &str) -> Self {
        let named = |table: &[(&str, &str)]| {
            let found = table.iter().find(|(mark, _)| header.contains(mark));
            found.map(|(_, name)| (*name).to_owned())
        };
        Self { browser: named(BROWSERS), system: named(SYSTEMS) }
    }

    /// Reads what [`Device`] displays, as a session keeps it.
    #[must_use]
    pub fn from_words(words: &str) -> Self {
        let part = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (browser, system) = words.split_once(SEPARATOR).unwrap_or((words, ""));
        Self { browser: part(browser), system: part(system) }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.browser.as_deref().unwrap_or_default())?;
        match &self.system {
            Some(system) => write!(f, "{SEPARATOR}{system}"),
            None => Ok(()),
        }
    }
}

const SEPARATOR: &str = " on ";

const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_by_its_own_name_and_not_by_those_it_claims_besides() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0";
        assert_eq!(Device::of_user_agent(edge).to_string(), "Edge on Windows");
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1";
        assert_eq!(Device::of_user_agent(phone).to_string(), "Safari on iPhone");
        assert_eq!(Device::of_user_agent("curl/8"), Device::default());
    }

    #[test]
    fn words_come_back_as_they_were() {
        for (browser, system) in
            [(Some("A"), Some("B")), (Some("A"), None), (None, Some("B")), (None, None)]
        {
            let device =
                Device { browser: browser.map(Into::into), system: system.map(Into::into) };
            assert_eq!(Device::from_words(&device.to_string()), device);
        }
    }
}
