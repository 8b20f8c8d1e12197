//! Figures that many look at: gathered once, however many ask.

use super::Figures;
use super::looked::Looked;
use crate::app::App;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// For how long figures are taken to be those of the moment. Pages ask every two seconds.
const FRESH: Duration = Duration::from_secs(1);

/// The last figures, and since when there are any.
#[derive(Debug)]
pub struct Watch {
    id: String,
    begun: Instant,
    last: Mutex<Option<(Instant, Arc<Figures>)>>,
    /// Whether the database answers.
    pub(super) database: Looked,
}

impl Watch {
    /// Begins now. `id` tells this server's figures from those of others, and of itself after another start.
    #[must_use]
    pub fn begin(id: String) -> Self {
        Self { id, begun: Instant::now(), last: Mutex::default(), database: Looked::default() }
    }

    /// Whose figures these are.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// For how long the server has been there.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Figures that are a second old at most. Whoever asks while they are being gathered waits for the same ones: a crowd before this
    /// page costs the database no more than one person does.
    pub async fn figures(&self, app: &App) -> Arc<Figures> {
        let mut last = self.last.lock().await;
        if let Some((at, figures)) = &*last
            && at.elapsed() < FRESH
        {
            return Arc::clone(figures);
        }
        let figures = Arc::new(Figures::gather(app).await);
        *last = Some((Instant::now(), Arc::clone(&figures)));
        figures
    }
}
