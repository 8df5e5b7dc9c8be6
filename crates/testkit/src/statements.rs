//! Which SQL statements an operation sends, as the driver itself tells.

use std::{
    fmt::{Debug, Write as _},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use tracing::{
    Event, Instrument as _, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
};
use tracing_subscriber::{
    Layer, Registry,
    filter::Targets,
    layer::{Context, SubscriberExt as _},
    registry::LookupSpan,
};

/// Runs `work` and tells the beginning of each statement that was sent for it, such as `SELECT … FROM …`.
///
/// A statement counts wherever it runs, as long as the task of `work` asked for it: what timers and other tests of the
/// process send does not.
pub async fn statements<T>(work: impl Future<Output = T>) -> (Vec<String>, T) {
    static LISTENING: OnceLock<Listener> = OnceLock::new();
    let listener = LISTENING.get_or_init(|| {
        let listener = Listener::default();
        let filter =
            Targets::new().with_target(DRIVER, Level::TRACE).with_target(OURS, Level::TRACE);
        let subscriber = Registry::default().with(listener.clone().with_filter(filter));
        tracing::subscriber::set_global_default(subscriber).unwrap();
        listener
    });
    let span = tracing::trace_span!(target: OURS, "counted");
    let id = span.id().unwrap();
    let done = work.instrument(span).await;
    let mut heard = listener.heard.lock().unwrap_or_else(PoisonError::into_inner);
    let (of_work, others) = heard.drain(..).partition(|(of, _)| *of == id);
    *heard = others;
    (Vec::into_iter(of_work).map(|(_, statement)| statement).collect(), done)
}

/// Keeps the statements that were sent within a span of ours.
#[derive(Clone, Default)]
struct Listener {
    heard: Arc<Mutex<Vec<(Id, String)>>>,
}

/// The mark of a span of ours.
struct Counted;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Listener {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.metadata().target() == OURS {
            context.span(id).unwrap().extensions_mut().insert(Counted);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut spans = context.event_scope(event).into_iter().flatten();
        let Some(span) = spans.find(|span| span.extensions().get::<Counted>().is_some()) else {
            return;
        };
        let mut summary = Summary(String::new());
        event.record(&mut summary);
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.push((span.id(), summary.0));
    }
}

/// What the driver calls a statement.
struct Summary(String);

impl Visit for Summary {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "summary" {
            write!(self.0, "{value:?}").unwrap();
        }
    }
}

const DRIVER: &str = "sqlx::query";
const OURS: &str = "fireward_testkit::statements";
