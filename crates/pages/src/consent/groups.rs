//! Sorting what is asked the way people think: seeing before changing, this record before all records, by kind of record.

use super::Ask;
use crate::{Language, Message};

/// What is asked of one reach, either to see or to change.
#[derive(Debug)]
pub(super) struct Section<'a> {
    /// It changes records.
    pub(super) changes: bool,
    /// It reaches every record that the person may open.
    pub(super) all_records: bool,
    /// What is asked, by heading.
    pub(super) groups: Vec<Group<'a>>,
}

/// What is asked under one heading.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// The key of the heading.
    pub(super) heading: &'static str,
    /// The scopes.
    pub(super) asks: Vec<&'a Ask>,
}

impl<'a> Group<'a> {
    /// The scope that stands for the whole group, when it is the only one: its switch is beside the heading.
    pub(super) fn only(&self) -> Option<&'a Ask> {
        match self.asks.as_slice() {
            [ask] if ask.choices.is_empty() => Some(ask),
            _ => None,
        }
    }

    pub(super) fn icon(&self) -> &'static str {
        match self.heading {
            "records-about-you" => "about-you",
            "records-conditions" => "conditions",
            "records-medicines" => "medicines",
            "records-allergies" => "allergies",
            "records-labs-and-vitals" => "results",
            "records-visits" => "visits",
            "records-documents" => "documents",
            _ => "everything-else",
        }
    }
}

const ORDER: [&str; 9] = [
    "records-everything",
    "records-about-you",
    "records-conditions",
    "records-medicines",
    "records-allergies",
    "records-labs-and-vitals",
    "records-visits",
    "records-documents",
    "records-other",
];

/// The key of a kind of record: 'About you' rather than 'About the person' where it is the reader's own.
pub(crate) fn of_owner(heading: &'static str, own: bool) -> &'static str {
    if own && heading == "records-about-you" { "records-about-yourself" } else { heading }
}

pub(super) fn sections(asks: &[Ask]) -> Vec<Section<'_>> {
    let parts = [(false, false), (false, true), (true, false), (true, true)];
    let part = |(changes, all_records)| {
        let of_part = |ask: &&Ask| self::changes(ask) == changes && reaches_all(ask) == all_records;
        let groups = groups(asks.iter().filter(of_part).collect());
        Section { changes, all_records, groups }
    };
    parts.into_iter().map(part).filter(|section| !section.groups.is_empty()).collect()
}

fn groups(asks: Vec<&Ask>) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for ask in asks {
        match groups.iter_mut().find(|group| group.heading == ask.heading) {
            Some(group) => group.asks.push(ask),
            None => groups.push(Group { heading: ask.heading, asks: vec![ask] }),
        }
    }
    let place = |heading| ORDER.iter().position(|known| *known == heading);
    groups.sort_by_key(|group| place(group.heading).unwrap_or(ORDER.len()));
    groups
}

pub(super) fn sees(ask: &Ask) -> bool {
    ask.what.key.starts_with("scope-see")
}

pub(super) fn changes(ask: &Ask) -> bool {
    ask.what.key != "scope-see"
}

pub(super) fn reaches_all(ask: &Ask) -> bool {
    argument(&ask.what, "level").is_some_and(|level| level != "patient")
}

fn argument<'m>(what: &'m Message, name: &str) -> Option<&'m str> {
    let found = what.args.iter().find(|(own, _)| *own == name);
    found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

/// What a switch opens: 'Laboratory results', and what it is confined to.
pub(crate) fn label(lang: Language, what: &Message) -> String {
    if argument(what, "resource").is_none() {
        return sentence(lang, what);
    }
    let name = lang.with("record-name", &arguments(what));
    match argument(what, "filter") {
        None => name,
        Some(filter) => {
            let args = [("name", name.into()), ("filter", lang.quote(filter))];
            lang.say("record-name-filtered", &args)
        }
    }
}

/// The whole sentence for a scope.
pub(crate) fn sentence(lang: Language, what: &Message) -> String {
    if let (Some(kind), Some(named)) = (argument(what, "type"), argument(what, "named")) {
        let name = lang.with("record-name", &[("kind", "none"), ("resource", named)]);
        return lang.say(what.key, &[("type", kind.into()), ("name", name.into())]);
    }
    let (Some(level), Some(_)) = (argument(what, "level"), argument(what, "resource")) else {
        return lang.with(what.key, &arguments(what));
    };
    let writes = argument(what, "writes").unwrap_or_default();
    let name = label(lang, what);
    lang.say(what.key, &[("level", level.into()), ("name", name.into()), ("writes", writes.into())])
}

fn arguments(what: &Message) -> Vec<(&str, &str)> {
    what.args.iter().map(|(name, value)| (*name, value.as_str())).collect()
}
