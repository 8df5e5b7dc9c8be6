//! The simple `FHIRPath` of a patch: names, `[0]`, `first()`, `last()`, `where(a.b = 'c')` and `extension('url')`.

use serde_json::Value;

/// Where in a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    /// The type that the path begins with.
    pub(super) root: String,
    pub(super) steps: Vec<Step>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The elements of this name.
    Name(String),
    /// The one at this place.
    At(usize),
    /// The last one.
    Last,
    /// Those that meet all of these.
    Where(Vec<Equals>),
    /// Those of a choice that have this type.
    OfType(String),
}

/// `a.b = 'c'`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Equals {
    names: Vec<String>,
    value: Value,
}

impl Equals {
    /// Whether one of the values that the names lead to is the value.
    pub(super) fn holds(&self, json: &Value) -> bool {
        leads(json, &self.names, &self.value)
    }
}

fn leads(json: &Value, names: &[String], wanted: &Value) -> bool {
    if let Value::Array(items) = json {
        return items.iter().any(|item| leads(item, names, wanted));
    }
    match names.split_first() {
        None => json == wanted,
        Some((name, rest)) => json.get(name).is_some_and(|json| leads(json, rest, wanted)),
    }
}

impl Path {
    /// Reads a path. What is not understood is named.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { rest: text.trim() };
        let root = reader.name().ok_or("a path begins with the type of the resource")?.to_owned();
        let mut steps = Vec::new();
        while !reader.rest.is_empty() {
            let step = reader.step().ok_or_else(|| {
                format!(
                    "`{}` of the path is not supported here",
                    reader.rest.chars().take(40).collect::<String>()
                )
            })?;
            steps.extend(step);
            if steps.len() > MOST_STEPS {
                return Err("the path is too long".to_owned());
            }
        }
        Ok(Self { root, steps })
    }
}

/// What is left of a path. A step that cannot be read leaves it where the step begins.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn step(&mut self) -> Option<Vec<Step>> {
        let before = self.rest;
        let step = self.read_step();
        if step.is_none() {
            self.rest = before;
        }
        step
    }

    fn read_step(&mut self) -> Option<Vec<Step>> {
        if self.eat("[") {
            let digits: &str = self.take(|c| c.is_ascii_digit())?;
            let at = digits.parse().ok()?;
            return self.eat("]").then(|| vec![Step::At(at)]);
        }
        if !self.eat(".") {
            return None;
        }
        let name = self.name()?;
        if !self.eat("(") {
            return Some(vec![Step::Name(name.to_owned())]);
        }
        let steps = match name {
            "first" => vec![Step::At(0)],
            "last" => vec![Step::Last],
            // That there is only one is asked of every path.
            "single" => Vec::new(),
            "where" => vec![Step::Where(self.criteria()?)],
            "ofType" => vec![Step::OfType(self.name()?.to_owned())],
            "extension" => {
                let value = self.literal()?;
                let names = vec!["url".to_owned()];
                vec![Step::Name("extension".to_owned()), Step::Where(vec![Equals { names, value }])]
            }
            _ => return None,
        };
        self.space();
        self.eat(")").then_some(steps)
    }

    fn criteria(&mut self) -> Option<Vec<Equals>> {
        let mut all = Vec::new();
        loop {
            self.space();
            let mut names = vec![self.name()?.to_owned()];
            while self.eat(".") {
                names.push(self.name()?.to_owned());
            }
            self.space();
            if !self.eat("=") {
                return None;
            }
            all.push(Equals { names, value: self.literal()? });
            self.space();
            if !self.eat("and ") {
                return Some(all);
            }
        }
    }

    fn literal(&mut self) -> Option<Value> {
        self.space();
        for (word, value) in [("true", true), ("false", false)] {
            if self.eat(word) {
                return Some(Value::Bool(value));
            }
        }
        if self.eat("'") {
            // Escapes are left out on purpose: no code, URL or identifier needs them.
            let text = self.take(|c| c != '\'' && c != '\\')?;
            return self.eat("'").then(|| Value::from(text));
        }
        let digits = self.take(|c| c.is_ascii_digit())?;
        digits.parse::<i64>().ok().map(Value::from)
    }

    fn name(&mut self) -> Option<&'a str> {
        let starts = self.rest.starts_with(|c: char| c.is_ascii_alphabetic());
        if starts { self.take(|c| c.is_ascii_alphanumeric()) } else { None }
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> Option<&'a str> {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) =
            self.rest.split_at_checked(end).filter(|(taken, _)| !taken.is_empty())?;
        self.rest = rest;
        Some(taken)
    }

    fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

const MOST_STEPS: usize = 64;
