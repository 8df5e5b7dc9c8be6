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
            &["auth-server", "portal", "web", "guard", "fhir-server", "demo-ehr", "fireward"][..],
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
    for name in ["fhir-server", "fhir-store", "guard", "demo-ehr"] {
        for banned in ["oauth", "store", "auth-server", "keys", "portal"] {
            assert!(!graph[name].contains(banned), "{name} depends on {banned}");
        }
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
            if let (true, Some(name)) = (expires, name) {
                let sweep = format!("\"sweep {}\"", name.replace('_', " "));
                assert!(chores.contains(&sweep), "{name} has an expiry, and no chore {sweep}");
                found += 1;
            }
        }
    }
    assert!(found >= 8, "only {found} tables with an expiry were found");
}
