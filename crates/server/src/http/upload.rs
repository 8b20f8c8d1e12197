//! Forms with a file: `multipart/form-data`, which only the import takes.

use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::http::extract::without_nul;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use std::time::Duration;

/// How long a file may take to arrive: a slow line gets more than the five seconds of other bodies, and still ends before
/// a request does.
const ARRIVAL: Duration = Duration::from_secs(50);

/// What a form takes beside its file: names, boundaries and the headers of its parts.
pub const FRAME_BYTES: usize = 64 * 1024;

/// A form that was sent with files.
#[derive(Debug, Default)]
pub struct Upload {
    fields: Vec<(String, String)>,
    files: Vec<(String, File)>,
}

/// A file as it was sent.
#[derive(Debug)]
pub struct File {
    /// What its sender calls it.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Upload {
    /// The first value of a field; empty when it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str())
    }

    /// Takes out the file of a field; None when nobody chose one.
    pub fn take_file(&mut self, name: &str) -> Option<File> {
        let place = self.files.iter().position(|(field, file)| field == name && !file.is_nothing())?;
        Some(self.files.swap_remove(place).1)
    }

    async fn read(request: Request, app: &App) -> Result<Self> {
        let multipart = Multipart::from_request(request, app).await;
        let mut multipart = multipart.map_err(|_| Error::Malformed("it is not a form with a file".into()))?;
        let mut upload = Self::default();
        while let Some(part) = multipart.next_field().await.map_err(|error| refused(&error))? {
            let field = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(ToOwned::to_owned) {
                Some(name) => {
                    let bytes = part.bytes().await.map_err(|error| refused(&error))?.into();
                    upload.files.push((field, File { name, bytes }));
                }
                None => upload.fields.push((field, part.text().await.map_err(|error| refused(&error))?)),
            }
        }
        upload.fields = without_nul(upload.fields)?;
        Ok(upload)
    }
}

impl File {
    /// Browsers send a field without a chosen file as a file without name and content.
    fn is_nothing(&self) -> bool {
        self.name.is_empty() && self.bytes.is_empty()
    }
}

fn refused(error: &MultipartError) -> Error {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
        _ => Error::Malformed("its form ended early or is broken".into()),
    }
}

impl FromRequest<App> for Upload {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        tokio::time::timeout(ARRIVAL, Self::read(request, app)).await.map_err(|_| Error::TooSlow)?
    }
}
