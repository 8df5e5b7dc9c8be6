//! The gateway and the probe, through the real binary.

use fireward_testkit::{Server, run};
use serde_json::Value;

/// What a probe of a server says, and whether it was content.
fn probed(fhir: &str, data: &str) -> (Value, bool) {
    let done = run(&["probe", "--fhir", fhir, "--data", data, "--write", "--json"]);
    let told = String::from_utf8(done.stdout).unwrap();
    let report = serde_json::from_str(&told);
    let report =
        report.unwrap_or_else(|_| panic!("{told} {}", String::from_utf8_lossy(&done.stderr)));
    (report, done.status.success())
}

fn broken(report: &Value) -> Vec<String> {
    let checks = report["checks"].as_array().unwrap().iter();
    let failed = checks.filter(|check| check["grade"] == "fail");
    failed.map(|check| format!("{}: {}", check["id"], check["seen"])).collect()
}

#[test]
fn the_demo_and_the_gateway_before_an_open_server_score_full_marks_and_an_open_server_none() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let data = folder.path().to_str().unwrap();
    let demo = Server::demo(folder.path(), &[]);
    let issuer = demo.said("issuer");
    let behind = other.path().to_str().unwrap();
    let log = ["--log", "error"];
    let open = [
        "fhir",
        "--issuer",
        issuer,
        "--security-enabled",
        "false",
        "--port",
        "0",
        "--data",
        behind,
    ];
    let open = Server::start(&[&log[..], &open].concat()).unwrap();
    let gateway = ["gateway", "--upstream", open.said("fhir"), "--issuer", issuer, "--port", "0"];
    let gateway = Server::start(&[&log[..], &gateway].concat()).unwrap();
    for fhir in [demo.said("fhir"), gateway.said("fhir")] {
        let (report, content) = probed(fhir, data);
        assert_eq!((&report["score"], broken(&report)), (&100.into(), Vec::new()));
        assert!(content && report["passed"].as_u64().unwrap() > 40, "{report}");
    }
    let (report, content) = probed(open.said("fhir"), data);
    assert!(!content && report["score"].as_u64().unwrap() <= 5, "{report:#}");
}

#[test]
fn a_gateway_says_in_one_sentence_what_it_lacks() {
    let issuer = ["--issuer", "https://issuer.example"];
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let trusts = "[gateway]\nupstream = \"http://localhost:9/fhir\"\n[security]\n";
    let unguarded = file("unguarded.toml", &format!("{trusts}enabled = false\n"));
    let two =
        "server = \"https://one.example\"\n[[security.issuer]]\nurl = \"https://two.example\"\n";
    let good = file("gateway.toml", &format!("{trusts}{two}"));
    let consents = file("rules.toml", "consents = true\n");
    for (arguments, told) in [
        (vec!["gateway", "--port", "0"], "--issuer"),
        ([&["gateway", "--port", "0"][..], &issuer].concat(), "--upstream"),
        (
            [&["gateway", "--port", "0", "--upstream", "ftp://x"][..], &issuer].concat(),
            "--upstream",
        ),
        (vec!["gateway", "--config", "/nowhere/gateway.toml"], "/nowhere/gateway.toml"),
        (vec!["gateway", "--port", "0", "--config", &unguarded], "enabled"),
        (vec!["gateway", "--port", "0", "--config", &good, "--rules", &consents], "consents"),
    ] {
        let done = run(&arguments);
        let text = String::from_utf8(done.stderr).unwrap();
        assert!(!done.status.success() && text.contains(told), "{arguments:?}: {text}");
        assert_eq!(text.trim().lines().count(), 1, "{text}");
    }
}
