//! One line of `data/search-parameters.txt`.

use super::path::Steps;
use super::{Kind, Param, Path, Targets, Together};

/// A parameter, on one type or on `*`.
pub(super) struct Row {
    pub(super) on: &'static str,
    pub(super) name: &'static str,
    kind: Kind,
    targets: &'static str,
    places: Vec<Place>,
}

/// Where values of a parameter come from.
#[derive(Clone)]
enum Place {
    /// Elements at the end of a path.
    Path(Path),
    /// Two values that stand together.
    Together(&'static str),
    /// Another parameter of the type.
    Either(&'static str),
}

/// Reads a line; `None` if it does not say what it should, which a test rules out.
pub(super) fn row(line: &'static str) -> Option<Row> {
    let mut words = line.split(' ');
    let (on, name) = (words.next()?, words.next()?);
    let kind = kind(words.next()?)?;
    let targets = words.next()?;
    let place = |word: &'static str| match word.strip_prefix('=') {
        Some(other) => Some(Place::Either(other)),
        None if kind == Kind::Composite => {
            together(name, targets, word).map(|_| Place::Together(word))
        }
        None => Path::parse(word).map(Place::Path),
    };
    let places = words.map(place).collect::<Option<Vec<_>>>()?;
    (!places.is_empty()).then_some(Row { on, name, kind, targets, places })
}

impl Row {
    /// The parameter. `find` gives the row of another parameter of the same type.
    pub(super) fn param<'a>(&self, find: &impl Fn(&str) -> Option<&'a Self>) -> Param {
        let targets = match self.targets {
            "*" => Targets::Any,
            "-" => Targets::These(Vec::new()),
            types => Targets::These(types.split(',').collect()),
        };
        let either: Vec<_> = self.places.iter().filter_map(Place::either).collect();
        let stored_as = if either.is_empty() { vec![self.name] } else { either.clone() };
        let others = either.iter().filter_map(|name| find(name)).flat_map(|row| &row.places);
        let places: Vec<_> = self.places.iter().chain(others).collect();
        let paths = places.iter().filter_map(|place| place.path()).collect();
        let together = places.iter().filter_map(|place| place.together(self)).collect();
        Param { name: self.name, kind: self.kind, targets, paths, together, stored_as }
    }
}

impl Place {
    fn either(&self) -> Option<&'static str> {
        if let Self::Either(name) = self { Some(name) } else { None }
    }

    fn path(&self) -> Option<Path> {
        if let Self::Path(path) = self { Some(path.clone()) } else { None }
    }

    fn together(&self, row: &Row) -> Option<Together> {
        let Self::Together(word) = self else { return None };
        together(row.name, row.targets, word)
    }
}

/// `context>first>second`, of the two kinds that `kinds` names.
fn together(name: &'static str, kinds: &'static str, word: &'static str) -> Option<Together> {
    let mut parts = word.split('>');
    let context = Steps::parse(parts.next()?)?;
    let mut kinds = kinds.split(',').map(kind);
    let mut part = || {
        let paths = parts.next()?.split('+').map(Path::parse).collect::<Option<_>>()?;
        let (kind, targets) = (kinds.next()??, Targets::Any);
        Some(Param { name, kind, targets, paths, together: Vec::new(), stored_as: vec![name] })
    };
    let parts = [part()?, part()?];
    Some(Together { context, parts })
}

fn kind(word: &str) -> Option<Kind> {
    Some(match word {
        "token" => Kind::Token,
        "reference" => Kind::Reference,
        "date" => Kind::Date,
        "string" => Kind::String,
        "quantity" => Kind::Quantity,
        "uri" => Kind::Uri,
        "composite" => Kind::Composite,
        _ => return None,
    })
}
