//! One line of `data/search-parameters.txt`.

use super::{Kind, Param, Path, Targets};

/// A parameter, on one type or on `*`.
pub(super) struct Row {
    pub(super) on: &'static str,
    name: &'static str,
    kind: Kind,
    targets: &'static str,
    paths: Vec<Path>,
}

/// Reads a line; `None` if it does not say what it should, which a test rules out.
pub(super) fn row(line: &'static str) -> Option<Row> {
    let mut words = line.split(' ');
    let (on, name) = (words.next()?, words.next()?);
    let kind = kind(words.next()?)?;
    let targets = words.next()?;
    let paths = words.map(Path::parse).collect::<Option<Vec<_>>>()?;
    (!paths.is_empty()).then_some(Row { on, name, kind, targets, paths })
}

impl Row {
    pub(super) fn param(&self) -> Param {
        let targets = match self.targets {
            "*" => Targets::Any,
            "-" => Targets::These(Vec::new()),
            types => Targets::These(types.split(',').collect()),
        };
        Param { name: self.name, kind: self.kind, targets, paths: self.paths.clone() }
    }
}

fn kind(word: &str) -> Option<Kind> {
    Some(match word {
        "token" => Kind::Token,
        "reference" => Kind::Reference,
        "date" => Kind::Date,
        "string" => Kind::String,
        "quantity" => Kind::Quantity,
        "uri" => Kind::Uri,
        _ => return None,
    })
}
