//! The real binary, on free ports of loopback.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;

/// A running `fireward`; it is killed when this is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// What its ready line said.
    pub ready: Value,
}

impl Server {
    /// Starts the binary with these arguments and waits for its ready line.
    ///
    /// # Errors
    /// What it wrote to stderr, when it ended instead.
    pub fn start(arguments: &[&str]) -> Result<Self, String> {
        let mut command = Command::new(binary());
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.spawn().expect("the binary is built first: cargo build --workspace");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let json = line.strip_prefix("fireward ready ")?;
            Some(serde_json::from_str(json).unwrap())
        });
        let Some(ready) = ready else {
            let mut log = String::new();
            child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
            child.wait().unwrap();
            return Err(log);
        };
        // Whoever fills a pipe that nobody reads stands still.
        let mut log = child.stderr.take().unwrap();
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Ok(Self { child, ready })
    }

    /// `fireward demo` on free ports, with its data in `folder`.
    #[must_use]
    pub fn demo(folder: &Path, more: &[&str]) -> Self {
        let data = folder.to_string_lossy();
        let mut arguments = vec![
            "--log",
            "warn",
            "demo",
            "--port",
            "0",
            "--fhir-port",
            "0",
            "--apps-port",
            "0",
            "--data",
            &data,
        ];
        arguments.extend(more);
        Self::start(&arguments).unwrap()
    }

    /// A text of the ready line.
    #[must_use]
    pub fn said(&self, name: &str) -> &str {
        self.ready[name]
            .as_str()
            .unwrap_or_else(|| panic!("the ready line has no {name}: {}", self.ready))
    }

    /// The address it listens on, as the start of a URL.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}", self.said("listen"))
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs a command of the binary to its end.
#[must_use]
pub fn run(arguments: &[&str]) -> Output {
    Command::new(binary()).args(arguments).output().unwrap()
}

fn binary() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "tests may be pointed at another build")]
    let named = std::env::var("FIREWARD_BIN").map(PathBuf::from);
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/debug/fireward");
    named.unwrap_or_else(|_| built())
}
