//! What a probe has found, for people and for programs.

use serde_json::{Value, json};

/// What came of one attack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) grade: Grade,
    /// What was seen, or why it does not count.
    pub(crate) seen: String,
}

/// How an attack counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grade {
    /// It was kept out.
    Held,
    /// It succeeded.
    Broken,
    /// It does not apply to this server.
    Skipped,
}

/// All findings.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    fhir: String,
    findings: Vec<Finding>,
}

impl Finding {
    pub(crate) fn graded(id: &'static str, title: &'static str, held: bool, seen: String) -> Self {
        let grade = if held { Grade::Held } else { Grade::Broken };
        Self { id, title, grade, seen }
    }

    pub(crate) fn skipped(id: &'static str, title: &'static str, why: String) -> Self {
        Self { id, title, grade: Grade::Skipped, seen: why }
    }
}

impl Grade {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "pass",
            Self::Broken => "FAIL",
            Self::Skipped => "skip",
        }
    }
}

impl Report {
    pub(crate) fn new(fhir: &str, findings: Vec<Finding>) -> Self {
        Self { fhir: fhir.to_owned(), findings }
    }

    fn count(&self, grade: Grade) -> usize {
        self.findings.iter().filter(|finding| finding.grade == grade).count()
    }

    /// How many of a hundred attacks that count were kept out.
    pub(crate) fn score(&self) -> usize {
        let (held, broken) = (self.count(Grade::Held), self.count(Grade::Broken));
        (held * 100).checked_div(held + broken).unwrap_or(0)
    }

    /// Whether all were kept out, and there were any.
    pub(crate) fn is_perfect(&self) -> bool {
        self.count(Grade::Broken) == 0 && self.count(Grade::Held) > 0
    }

    /// For programs.
    pub(crate) fn to_json(&self) -> Value {
        let check = |finding: &Finding| {
            json!({
                "id": finding.id, "title": finding.title,
                "grade": finding.grade.as_str().to_lowercase(), "seen": finding.seen,
            })
        };
        json!({
            "fhir": self.fhir,
            "score": self.score(),
            "passed": self.count(Grade::Held),
            "failed": self.count(Grade::Broken),
            "skipped": self.count(Grade::Skipped),
            "checks": self.findings.iter().map(check).collect::<Vec<_>>(),
        })
    }

    /// For people: a line an attack, and the score.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |finding: &Finding| {
            let Finding { id, title, grade, seen } = finding;
            format!("{}  {id:<26} {title}: {seen}", grade.as_str())
        };
        let mut lines: Vec<_> = self.findings.iter().map(line).collect();
        lines.push(format!(
            "score {} of 100: {} kept out, {} succeeded, {} do not apply",
            self.score(),
            self.count(Grade::Held),
            self.count(Grade::Broken),
            self.count(Grade::Skipped),
        ));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_apply_gives_no_marks() {
        let graded = |held| Finding::graded("a", "b", held, String::new());
        let skipped = Finding::skipped("a", "b", String::new());
        let report = |findings| Report::new("http://f", findings);
        assert_eq!(report(vec![graded(true), graded(false), skipped.clone()]).score(), 50);
        assert_eq!(report(vec![skipped.clone()]).score(), 0);
        assert!(!report(vec![skipped.clone()]).is_perfect());
        assert!(report(vec![graded(true), skipped]).is_perfect());
        assert!(!report(vec![graded(true), graded(false)]).is_perfect());
    }
}
