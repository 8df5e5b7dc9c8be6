//! Which test shows what: the tables of `tests/README.md` are made from the names of tests, and are never stale.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::tidy::{files, root};

/// A test: its name, and where it stands.
type Test = (String, PathBuf);

#[test]
fn the_tables_of_what_is_tested_are_fresh() {
    let path = root().join("tests/README.md");
    let text = fs::read_to_string(&path).unwrap();
    let known: BTreeSet<_> = text.lines().filter_map(row).map(|(id, _)| id.to_owned()).collect();
    let (by_id, strangers) = tests_by_id(&known);
    assert!(strangers.is_empty(), "tests/README.md has no row for {strangers:#?}");
    let fresh: String = text.lines().map(|line| written(line, &by_id) + "\n").collect();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, fresh).unwrap();
    } else if fresh != text {
        let differs = |(old, new): &(&str, &str)| old != new;
        let changed = text.lines().zip(fresh.lines()).filter(differs).map(|(_, new)| new);
        let changed: Vec<_> = changed.collect();
        panic!(
            "tests/README.md is stale: run this with UPDATE=1, or write\n{}",
            changed.join("\n")
        );
    }
}

/// The id and title of a line, if it is a row of a table.
fn row(line: &str) -> Option<(&str, &str)> {
    let mut cells = line.strip_prefix("| ")?.split(" | ");
    let (id, title) = (cells.next()?, cells.next()?);
    let is_id = id.starts_with(|first: char| first.is_ascii_uppercase())
        && id.ends_with(|last: char| last.is_ascii_digit());
    is_id.then_some((id, title))
}

fn written(line: &str, by_id: &BTreeMap<String, Vec<Test>>) -> String {
    let Some((id, title)) = row(line) else { return line.to_owned() };
    let shown = |(name, path): &Test| format!("[{name}](../{})", path.display());
    let tests: Vec<_> = by_id.get(id).into_iter().flatten().map(shown).collect();
    let tests = if tests.is_empty() { "none yet".to_owned() } else { tests.join("<br>") };
    format!("| {id} | {title} | {tests} |")
}

/// The tests of every id, and ids that nobody knows.
fn tests_by_id(known: &BTreeSet<String>) -> (BTreeMap<String, Vec<Test>>, BTreeSet<String>) {
    let mut by_id: BTreeMap<String, Vec<Test>> = BTreeMap::new();
    let mut strangers = BTreeSet::new();
    let rust = files("crates", ".rs").into_iter().chain(files("tests/it", ".rs"));
    let script =
        files("crates", ".test.mjs").into_iter().chain(files("tests/browser", ".test.mjs"));
    let named = rust
        .flat_map(|path| with(&path, rust_tests))
        .chain(script.flat_map(|path| with(&path, script_tests)));
    for (name, path) in named {
        for id in ids(&name, known) {
            if known.contains(&id) {
                by_id.entry(id).or_default().push((name.clone(), path.clone()));
            } else {
                strangers.insert(format!("{id} ({name})"));
            }
        }
    }
    for tests in by_id.values_mut() {
        tests.sort();
    }
    (by_id, strangers)
}

fn with(path: &Path, names: fn(&str) -> Vec<String>) -> Vec<Test> {
    let text = fs::read_to_string(path).unwrap();
    let short = path.strip_prefix(root()).unwrap().to_path_buf();
    names(&text).into_iter().map(|name| (name, short.clone())).collect()
}

/// The names of functions below an attribute that ends in `test]`, and of properties.
fn rust_tests(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_test |= line.contains("test]") || line.contains("test(");
        } else if let Some((_, rest)) = line.split_once("fn ") {
            let name: String =
                rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            names.extend(is_test.then_some(name));
            is_test = false;
        }
    }
    names
}

/// The names of `test('…')`.
fn script_tests(text: &str) -> Vec<String> {
    let open = ["test('", "test(`", "test(\""];
    let begin =
        |line: &str| open.iter().find_map(|open| line.trim().strip_prefix(open)).map(str::to_owned);
    let whole = |rest: String| rest.split(['\'', '`', '"']).next().unwrap_or_default().to_owned();
    text.lines().filter_map(begin).map(whole).collect()
}

/// The ids that a name begins with: `al_4_k2_to_k5_…` is AL-4 and K2 to K5, as far as there are such.
fn ids(name: &str, known: &BTreeSet<String>) -> Vec<String> {
    let words: Vec<_> = name.split(['_', ' ']).map(|word| word.trim_end_matches(':')).collect();
    let mut found: Vec<String> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if matches!(words[at], "to" | "and") && id_at(&words, at + 1).is_some() {
            at += 1;
            continue;
        }
        let Some((id, length)) = id_at(&words, at) else { break };
        if at > 0 && words[at - 1] == "to" {
            let first = found.last().cloned().unwrap_or_default();
            let between = known.iter().filter(|one| is_between(&first, one, &id)).cloned();
            found.extend(between);
        }
        found.push(id);
        at += length;
    }
    found
}

/// The id that begins at a word, and how many words it takes.
fn id_at(words: &[&str], at: usize) -> Option<(String, usize)> {
    let number = |at: usize| {
        words
            .get(at)
            .copied()
            .filter(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()))
    };
    match *words.get(at)? {
        "oc" => Some((format!("OC-{}-{}", number(at + 1)?, number(at + 2)?), 3)),
        "row" => {
            let row: u16 = number(at + 1)?.parse().ok()?;
            Some((format!("ROW-{row}"), 2))
        }
        family @ ("al" | "sc" | "cf" | "bs" | "ca" | "cs" | "ti" | "ub" | "as" | "d") => {
            Some((format!("{}-{}", family.to_uppercase(), number(at + 1)?), 2))
        }
        word => {
            let (family, rest) = word.split_at_checked(1)?;
            let is_attack = "rpckaflihxjbzom".contains(family)
                && matches!(rest.len(), 1..=2)
                && rest.bytes().all(|b| b.is_ascii_digit());
            is_attack.then(|| (word.to_uppercase(), 1))
        }
    }
}

fn is_between(first: &str, id: &str, last: &str) -> bool {
    let split = |id: &str| -> Option<(String, u32)> {
        let digits = id.len() - id.bytes().rev().take_while(u8::is_ascii_digit).count();
        Some((id[..digits].to_owned(), id[digits..].parse().ok()?))
    };
    let (Some(first), Some(id), Some(last)) = (split(first), split(id), split(last)) else {
        return false;
    };
    first.0 == id.0 && id.0 == last.0 && first.1 < id.1 && id.1 < last.1
}

#[test]
fn names_begin_with_the_ids_that_they_show() {
    let known: BTreeSet<_> = ["K2", "K4", "K5", "AL-4", "OC-1-02"].map(str::to_owned).into();
    assert_eq!(ids("al_4_k2_to_k5_it_holds", &known), ["AL-4", "K2", "K4", "K5"]);
    assert_eq!(ids("oc_1_02_of_2_codes_c1_counts", &known), ["OC-1-02"]);
    assert_eq!(ids("sc_15 m5: somebody chooses", &known), ["SC-15", "M5"]);
    assert_eq!(ids("row_060_row_9_it_holds", &known), ["ROW-60", "ROW-9"]);
    assert!(ids("a_page_is_shown", &known).is_empty() && ids("p256", &known).is_empty());
}
