//! The real binary, on free ports of loopback.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;

/// A running `fireward`; it is killed when this is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// What its ready line said.
    pub ready: Value,
    log: Arc<Mutex<Vec<u8>>>,
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
        let log = keep(child.stderr.take().unwrap());
        Ok(Self { child, ready, log })
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

    /// What it has written to stderr so far.
    #[must_use]
    pub fn log(&self) -> String {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&log).into_owned()
    }

    /// How it ended, once it has.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
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

/// Reads a pipe for as long as it lasts: whoever fills one that nobody reads stands still.
fn keep(mut pipe: ChildStderr) -> Arc<Mutex<Vec<u8>>> {
    let log = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&log);
    std::thread::spawn(move || {
        let mut chunk = [0; 4096];
        while let Ok(read @ 1..) = pipe.read(&mut chunk) {
            kept.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&chunk[..read]);
        }
    });
    log
}

/// Runs a command of the binary to its end.
#[must_use]
pub fn run(arguments: &[&str]) -> Output {
    Command::new(binary()).args(arguments).output().unwrap()
}

/// Runs the binary to its end, with a text on standard input.
///
/// # Panics
/// Where it cannot be started or stops listening.
#[must_use]
pub fn run_with(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(binary());
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn binary() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "tests may be pointed at another build")]
    let named = std::env::var("FIREWARD_BIN").map(PathBuf::from);
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/debug/fireward");
    named.unwrap_or_else(|_| built())
}
