//! PUT of what must not be there yet, and so may be sent again.

use reqwest::header::{ACCEPT, CONTENT_TYPE, IF_NONE_MATCH};

use crate::address::sealed::Kind;
use crate::client::answer;
use crate::{Address, Answer, Configured, Credentials, Fault, Outbound};

impl Outbound {
    /// PUT of a text unless something is there already (`If-None-Match: *`, RFC 9110 §13.1.2): sent twice, it is there
    /// once, and the second time is answered with 412.
    ///
    /// # Errors
    /// No answer, or one longer than `cap`. Any status is an answer.
    pub async fn put_new(
        &self,
        at: &Configured,
        (media_type, text): (&str, String),
        credentials: Credentials<'_>,
        cap: usize,
    ) -> Result<Answer, Fault> {
        let request = self.client(Kind::Configured)?.put(at.url().clone());
        let request = request.header(CONTENT_TYPE, media_type).header(ACCEPT, media_type);
        let request = request.header(IF_NONE_MATCH, "*").header("Prefer", "return=minimal");
        answer(credentials.on(request.body(text)), cap).await
    }
}
