//! Published exams: immutable, so loaded and rendered once and kept. Which version is the published one is asked for twice a second at
//! most: at the bell thousands start the same exam.

use crate::http::packed::Packed;
use crate::markup::{Html, render, render_inline};
use exam::id::{ExamVersionId, QuestionVersionId};
use exam::question::{Content, Question};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use store::{PublishedExam, PublishedSummary, Result, Store};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// A published version with its public texts rendered.
#[derive(Debug)]
pub struct Prepared {
    /// The exam and its questions.
    pub exam: PublishedExam,
    html: HashMap<QuestionVersionId, QuestionHtml>,
}

/// The public texts of a question as markup, in authored order.
#[derive(Debug, Default)]
pub struct QuestionHtml {
    /// What is asked; a cloze keeps its `{{n}}` marks.
    pub prompt: Html,
    /// Options, items or choices.
    pub parts: Vec<Html>,
    /// The stems of a matching question.
    pub stems: Vec<Html>,
}

impl QuestionHtml {
    /// Renders a question.
    #[must_use]
    pub fn of(question: &Question) -> Self {
        let inline = |texts: &[String]| texts.iter().map(|text| render_inline(text)).collect();
        let (parts, stems) = match &question.content {
            Content::Choice { options, .. } => {
                (options.iter().map(|option| render_inline(&option.text)).collect(), Vec::new())
            }
            Content::Matching { stems, choices } => (inline(choices), inline(stems)),
            Content::Ordering { items } => (inline(items), Vec::new()),
            Content::Numeric { .. } | Content::ShortText {} | Content::Cloze { .. } => (Vec::new(), Vec::new()),
        };
        Self { prompt: render(&question.prompt), parts, stems }
    }
}

impl Prepared {
    fn new(exam: PublishedExam) -> Self {
        let html = exam.questions.iter().map(|(id, question)| (*id, QuestionHtml::of(question))).collect();
        Self { exam, html }
    }

    /// What the catalogue shows.
    #[must_use]
    pub fn summary(&self) -> &PublishedSummary {
        &self.exam.summary
    }

    /// A question with its markup; None when it is not of this version.
    #[must_use]
    pub fn question(&self, id: QuestionVersionId) -> Option<(&Question, &QuestionHtml)> {
        Some((self.exam.questions.get(&id)?, self.html.get(&id)?))
    }
}

/// For how long a list of what is published is taken for true: what is published elsewhere is seen within a second.
const LISTED_FOR: Duration = Duration::from_millis(500);
/// So many slugs are remembered before those are forgotten that are no exam.
const KNOWN_MOST: usize = 1_024;

/// The list of what is published, as it is sent.
#[derive(Debug, Clone)]
struct Listing {
    /// Versions never change: the same ones are the same list.
    of: Vec<ExamVersionId>,
    sent: Arc<Packed>,
    looked_at: Instant,
}

impl Listing {
    fn is_fresh(&self) -> bool {
        self.looked_at.elapsed() < LISTED_FOR
    }
}

/// The published versions that have been asked for.
#[derive(Debug)]
pub struct Published {
    store: Store,
    loaded: RwLock<HashMap<ExamVersionId, Arc<Prepared>>>,
    listing: RwLock<Option<Listing>>,
    /// In which version an exam was published, and when that was looked up.
    versions: RwLock<HashMap<String, (Option<ExamVersionId>, Instant)>>,
    /// How often something was published here.
    published: AtomicU64,
    /// Held by the one who looks what is published; the others wait for what it finds.
    looking: Mutex<()>,
    /// Held by whoever loads a version.
    loading: Mutex<()>,
}

impl Published {
    /// An empty cache over a store.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            store,
            loaded: RwLock::default(),
            listing: RwLock::default(),
            versions: RwLock::default(),
            published: AtomicU64::default(),
            looking: Mutex::default(),
            loading: Mutex::default(),
        }
    }

    fn listed(&self) -> Option<Listing> {
        self.listing.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The list of what is published, as it is sent, if it was looked at a moment ago.
    #[must_use]
    pub fn listing_at_hand(&self) -> Option<Arc<Packed>> {
        let listing = self.listing.read().unwrap_or_else(PoisonError::into_inner);
        listing.as_ref().filter(|listing| listing.is_fresh()).map(|listing| Arc::clone(&listing.sent))
    }

    /// The list of what is published, as it is sent; made anew when it has changed. `make` writes it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn listing(&self, make: impl FnOnce(&[PublishedSummary]) -> Packed) -> Result<Arc<Packed>> {
        if let Some(sent) = self.listing_at_hand() {
            return Ok(sent);
        }
        let _looks = self.looking.lock().await;
        let before = self.listed();
        if let Some(listing) = before.clone().filter(Listing::is_fresh) {
            return Ok(listing.sent);
        }
        let looked_at = Instant::now();
        let published = self.store.list_published().await?;
        let of: Vec<ExamVersionId> = published.iter().map(|exam| exam.version_id).collect();
        let sent = match before.filter(|listing| listing.of == of) {
            Some(listing) => listing.sent,
            None => Arc::new(make(&published)),
        };
        let listing = Listing { of, sent: Arc::clone(&sent), looked_at };
        *self.listing.write().unwrap_or_else(PoisonError::into_inner) = Some(listing);
        Ok(sent)
    }

    /// Has everything looked up anew: something was published here.
    pub fn look_again(&self) {
        self.published.fetch_add(1, Ordering::SeqCst);
        *self.listing.write().unwrap_or_else(PoisonError::into_inner) = None;
        self.versions.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// A published version.
    ///
    /// # Errors
    /// When the database fails. Ok(None) when there is no such version.
    pub async fn version(&self, id: ExamVersionId) -> Result<Option<Arc<Prepared>>> {
        let loaded = || self.loaded.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some(exam) = loaded() {
            return Ok(Some(exam));
        }
        // A whole hall asks at once when the server has just started: one of them loads it for all.
        let _loads = self.loading.lock().await;
        if let Some(exam) = loaded() {
            return Ok(Some(exam));
        }
        let Some(exam) = self.store.load_published(id).await? else { return Ok(None) };
        let prepared = Arc::new(Prepared::new(exam));
        self.loaded.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&prepared));
        Ok(Some(prepared))
    }

    /// The exam with a slug in the version it is published in.
    ///
    /// # Errors
    /// When the database fails. Ok(None) when there is no such exam or it is not published.
    pub async fn current(&self, slug: &str) -> Result<Option<Arc<Prepared>>> {
        let known = || {
            let known = self.versions.read().unwrap_or_else(PoisonError::into_inner).get(slug).copied();
            known.filter(|(_, looked_at)| looked_at.elapsed() < LISTED_FOR).map(|(id, _)| id)
        };
        let version = async |id| match id {
            Some(id) => self.version(id).await,
            None => Ok(None),
        };
        if let Some(id) = known() {
            return version(id).await;
        }
        let looks = self.looking.lock().await;
        if let Some(id) = known() {
            return version(id).await;
        }
        let (looked_at, published) = (Instant::now(), self.published.load(Ordering::SeqCst));
        let id = self.store.find_published_version(slug).await?;
        {
            let mut versions = self.versions.write().unwrap_or_else(PoisonError::into_inner);
            // Names that are guessed must not fill the memory.
            if versions.len() >= KNOWN_MOST {
                versions.retain(|_, (id, _)| id.is_some());
            }
            // What was published here meanwhile must not be hidden by what was read before.
            if self.published.load(Ordering::SeqCst) == published {
                versions.insert(slug.to_owned(), (id, looked_at));
            }
        }
        drop(looks);
        version(id).await
    }
}
