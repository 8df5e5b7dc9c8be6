//! Request parameters: an empty one is absent, a repeated one is an error (RFC 6749 §3.1, OC-0-03).

/// The decoded parameters of a request, in the order they came.
#[derive(Debug, Clone, Default)]
pub struct Params(Vec<(String, String)>);

/// A parameter that was sent more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} was sent more than once")]
pub struct Repeated(pub &'static str);

impl Params {
    /// Takes decoded names and values.
    #[must_use]
    pub const fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The one value of `name`, if it has one.
    ///
    /// # Errors
    /// When it was sent more than once.
    pub fn one(&self, name: &'static str) -> Result<Option<&str>, Repeated> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (first, None) => Ok(first.filter(|value| !value.is_empty())),
            (_, Some(_)) => Err(Repeated(name)),
        }
    }

    /// Every name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The same, and the only value of `name` is `value`.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(key, _)| key != name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Every value of `name`.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oc_0_03_empty_is_absent_and_repeated_is_an_error() {
        let pairs = [("a", ""), ("b", "1"), ("c", "1"), ("c", ""), ("d", "2"), ("d", "2")];
        let owned = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let params = Params::new(owned.to_vec());
        assert_eq!(params.one("a"), Ok(None));
        assert_eq!(params.one("b"), Ok(Some("1")));
        assert_eq!(params.one("c"), Err(Repeated("c")));
        assert_eq!(params.one("d"), Err(Repeated("d")));
        assert_eq!(params.one("e"), Ok(None));
    }
}
