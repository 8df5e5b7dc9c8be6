//! The architecture's invariants, as `crates/README.md` states them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, MetadataCommand};

const PURE: [&str; 6] = ["scopes", "jose", "oauth", "keys", "fhir", "pages"];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Each crate of ours (by its bare name), and what it depends on outside of tests.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = MetadataCommand::new().current_dir(root()).no_deps().exec().unwrap();
    let bare = |name: &str| name.strip_prefix("fireward-").unwrap_or(name).to_owned();
    let of = |package: &cargo_metadata::Package| {
        let normal = package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal);
        normal.map(|dependency| bare(&dependency.name)).collect()
    };
    metadata.packages.iter().map(|package| (bare(&package.name), of(package))).collect()
}

/// Every file of ours with this ending, below a folder.
pub(crate) fn files(below: &str, ending: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir()
                && !matches!(name.as_str(), "target" | "node_modules" | ".git" | "vendor")
            {
                walk(&path, ending, found);
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(below), ending, &mut found);
    found.sort();
    found
}

/// The source files of a crate that are not tests.
fn sources(name: &str) -> Vec<PathBuf> {
    let is_test = |path: &PathBuf| {
        let text = path.to_string_lossy();
        text.contains("/tests/")
            || text.contains("_tests/")
            || text.ends_with("tests.rs")
            || text.contains("/suite/")
            || text.ends_with("samples.rs")
    };
    files(&format!("crates/{name}/src"), ".rs").into_iter().filter(|path| !is_test(path)).collect()
}

#[test]
fn invariant_1_pure_crates_do_no_io() {
    let graph = dependencies();
    for name in PURE {
        for banned in ["tokio", "actix-web", "sea-orm", "reqwest"] {
            assert!(!graph[name].contains(banned), "{name} depends on {banned}");
        }
    }
}

#[test]
fn invariant_1_entropy_is_opened_in_app_alone() {
    // The testkit plays those outside.
    let ours = |name: &&String| !matches!(name.as_str(), "fireward" | "testkit");
    for name in dependencies().keys().filter(ours) {
        for path in sources(name) {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            assert!(!code.contains("SystemRandom::new"), "{}", path.display());
        }
    }
}

#[test]
fn invariant_2_each_library_has_its_rooms() {
    let rooms = [
        ("sea-orm", &["store", "fhir-store", "migrations", "testkit", "tests"][..]),
        (
            "actix-web",
            &[
                "auth-server",
                "portal",
                "web",
                "guard",
                "gateway",
                "fhir-server",
                "demo-ehr",
                "fireward",
            ][..],
        ),
        ("askama", &["pages"][..]),
        ("reqwest", &["outbound", "testkit", "tests"][..]),
    ];
    for (name, needs) in dependencies() {
        for (library, allowed) in rooms {
            let fits = !needs.contains(library) || allowed.contains(&name.as_str());
            assert!(fits, "{name} depends on {library}");
        }
    }
}

#[test]
fn invariant_3_resource_servers_and_the_demo_ehr_trust_the_issuer_over_http() {
    let graph = dependencies();
    for name in ["fhir-server", "fhir-store", "guard", "gateway", "demo-ehr"] {
        for banned in ["oauth", "store", "auth-server", "portal"] {
            assert!(!graph[name].contains(banned), "{name} depends on {banned}");
        }
    }
}

/// The arrows as the map draws them: from each crate, those that it may depend on.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let map = fs::read_to_string(root().join("crates/README.md")).unwrap();
    let block = map.split("```").find(|part| part.contains("->")).unwrap();
    let ours: BTreeSet<_> = dependencies().into_keys().map(|name| in_the_map(&name)).collect();
    let io = ours.iter().filter(|name| !PURE.contains(&name.as_str()) && *name != "app");
    let io: BTreeSet<_> = io.cloned().collect();
    let mut arrows = BTreeMap::new();
    for (from, to) in block.lines().filter_map(|line| line.split_once("->")) {
        // What stands in brackets explains.
        let to = to.split('(').next().unwrap().replace("every crate with I/O", "io");
        let to: BTreeSet<String> = to.split([' ', ',']).map(str::to_owned).collect();
        let nothing = to.contains("nothing");
        let is_crate = |word: &String| !nothing && !matches!(word.as_str(), "" | "and");
        let mut to: BTreeSet<String> = to.into_iter().filter(is_crate).collect();
        if to.remove("io") {
            to.extend(io.iter().filter(|name| *name != "testkit" && *name != "tests").cloned());
        }
        for from in from.split(',') {
            let drawn = arrows.insert(from.trim().to_owned(), to.clone());
            assert!(drawn.is_none(), "{from} is drawn twice");
        }
    }
    for (from, to) in &arrows {
        assert!(ours.contains(from) && to.is_subset(&ours), "no such crates: {from} -> {to:?}");
    }
    arrows
}

/// The map calls the binary's crate by its folder.
fn in_the_map(name: &str) -> String {
    if name == "fireward" { "app".to_owned() } else { name.to_owned() }
}

#[test]
fn every_crate_depends_on_what_the_map_says_and_on_nothing_else() {
    let (arrows, graph) = (arrows(), dependencies());
    let ours: BTreeSet<_> = graph.keys().map(|name| in_the_map(name)).collect();
    for (name, needs) in &graph {
        // These two have no arrow of their own: nothing but tests, and nothing but tables.
        if matches!(name.as_str(), "tests" | "migrations") {
            assert!(needs.is_disjoint(&ours), "{name} depends on {needs:?}");
            continue;
        }
        let name = in_the_map(name);
        let allowed = arrows.get(&name).unwrap_or_else(|| panic!("no arrow from {name}"));
        let taken: BTreeSet<_> = needs.intersection(&ours).cloned().collect();
        let forbidden: Vec<_> = taken.difference(allowed).collect();
        assert!(forbidden.is_empty(), "{name} depends on {forbidden:?}, which the map forbids");
        if name != "app" {
            let idle: Vec<_> = allowed.difference(&taken).collect();
            assert!(idle.is_empty(), "the map lets {name} depend on {idle:?}, which it does not");
        }
    }
}

/// The code of a file, without comments and without its tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.split("#[cfg(test)]").next().unwrap_or_default().lines();
    lines.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn invariant_4_domain_types_are_neither_rows_nor_what_is_sent() {
    // What a token, an assertion or a key is on the wire has a type of its own, in these files.
    let wire = ["/token/", "/registration", "/people_import.rs", "/jose/", "/metadata.rs"];
    for name in ["oauth", "scopes", "keys", "fhir"] {
        for path in sources(name) {
            let (code, at) = (code(&path), path.to_string_lossy().into_owned());
            for derive in code.split("derive(").skip(1).filter_map(|rest| rest.split(')').next()) {
                let rows = ["DeriveEntityModel", "FromQueryResult", "DeriveActiveEnum"];
                assert!(rows.iter().all(|orm| !derive.contains(orm)), "{at}: {derive}");
                let sent = derive.contains("Serialize") && !derive.contains("Deserialize");
                let both = derive.split(',').any(|one| one.trim() == "Serialize");
                let allowed = wire.iter().any(|part| at.contains(part));
                assert!(!(sent || both) || allowed, "{at}: {derive}");
            }
        }
    }
}

#[test]
fn invariant_9_there_is_one_of_each() {
    let server = &["oauth", "store", "web", "auth-server", "portal", "app"][..];
    let everywhere: Vec<_> = dependencies().keys().map(|name| in_the_map(name)).collect();
    let everywhere: Vec<_> =
        everywhere.iter().map(String::as_str).filter(|name| *name != "testkit").collect();
    let ones: [(&str, &[&str], &[&str]); 6] = [
        ("impl ResponseError for", server, &["web/src/failure.rs"]),
        ("SeeOther()", server, &["web/src/page.rs"]),
        ("RedirectTarget::proven(", server, &["oauth/src/authorize/request.rs"]),
        ("RedirectTarget::from_row(", server, &["store/src/authorizations/rows.rs"]),
        // Migrations have a transaction of their own.
        (".begin", &["store"], &["store/src/transact.rs", "store/src/connect.rs"]),
        ("SystemTime::now", &everywhere, &["app/src/clock.rs"]),
    ];
    for (what, crates, places) in ones {
        let mut met = 0;
        for path in crates.iter().flat_map(|name| sources(name)) {
            let at = path.to_string_lossy().into_owned();
            let here = places.iter().any(|place| at.ends_with(place));
            let found = code(&path).contains(what);
            assert!(here || !found, "{what} belongs to {places:?}, and is in {at}");
            met += usize::from(found);
        }
        assert!(met > 0, "{what} is nowhere: has it another name now?");
    }
}

#[test]
fn invariant_5_files_are_short() {
    let mut long = Vec::new();
    for path in files("", ".rs") {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        if lines > 400 {
            long.push(format!("{} has {lines} lines", path.display()));
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn invariant_7_the_map_names_every_crate_and_nothing_else() {
    let map = fs::read_to_string(root().join("crates/README.md")).unwrap();
    let crates: BTreeSet<_> = fs::read_dir(root().join("crates"))
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    for name in &crates {
        assert!(map.contains(&format!("`{name}`")), "the map does not name {name}");
        assert!(
            root().join("crates").join(name).join("README.md").exists(),
            "{name} has no README"
        );
    }
}

#[test]
fn invariant_7_the_paths_that_the_map_names_exist() {
    let map = fs::read_to_string(root().join("crates/README.md")).unwrap();
    for word in map.split('`').skip(1).step_by(2) {
        let is_path = word.contains('/') && !word.contains(['<', '*', ' ', ':', '{', '…']);
        if is_path {
            let exists = root().join("crates").join(word).exists() || root().join(word).exists();
            assert!(exists, "the map names {word}, which is not there");
        }
    }
}

#[test]
fn invariant_8_nothing_that_is_secret_derives_debug() {
    let secrets = [
        "struct SigningKey",
        "struct MasterKey",
        "struct RefreshToken",
        "struct PasswordHash",
        "struct SecretHash",
        "struct Code(",
    ];
    for name in dependencies().keys() {
        for path in sources(name) {
            let text = fs::read_to_string(&path).unwrap();
            for (at, _) in secrets.iter().flat_map(|secret| text.match_indices(secret)) {
                let mut before = text[..at].lines().rev().take(4);
                let derived = before.any(|line| line.contains("derive(") && line.contains("Debug"));
                assert!(!derived, "{}: {}", path.display(), &text[at..at + 30]);
            }
        }
    }
}

#[test]
fn invariant_10_every_table_with_an_expiry_names_the_chore_that_sweeps_it() {
    let chores = fs::read_to_string(root().join("crates/store/src/chores/mod.rs")).unwrap();
    let mut found = 0;
    for path in files("migrations/src/auth", ".rs") {
        let text = fs::read_to_string(&path).unwrap();
        for part in text.split("async fn ").filter(|part| part.contains("create(")) {
            let expires =
                ["\"until\"", "\"expires_at\""].iter().any(|column| part.contains(column));
            let name = part.split("table(\"").nth(1).and_then(|rest| rest.split('"').next());
            // `consents` is empty since `record_consents` took its place; only the version before writes it.
            if let (true, Some(name)) = (expires, name.filter(|name| *name != "consents")) {
                let sweep = format!("\"sweep {}\"", name.replace('_', " "));
                assert!(chores.contains(&sweep), "{name} has an expiry, and no chore {sweep}");
                found += 1;
            }
        }
    }
    assert!(found >= 8, "only {found} tables with an expiry were found");
}
