//! `upload.cgi`: whether a file is there, and taking one, with the fields and answers of dist-git's.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequest as _, Multipart, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, StatusCode, header};
use koji_core::hub::Hub;
use koji_core::lookaside::Store;
use koji_core::lookaside::store::Kept;
use koji_core::{Error, Fault, Result};

use super::form::Form;
use super::login;
use crate::rpc::caller;

/// Who may upload what where to.
#[derive(Clone)]
pub(super) struct Upload {
    /// Knows the users
    pub hub: Hub,
    /// Keeps the files
    pub store: Store,
}

/// Takes an upload, or tells whether there was one.
pub(super) async fn handle(
    State(upload): State<Upload>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    match upload.take(peer, request).await {
        Ok(text) => plain(StatusCode::OK, text),
        Err(error) => {
            tracing::info!(%peer, %error, "an upload to the lookaside cache was refused");
            let status = match error.fault {
                Fault::Auth | Fault::AuthExpired | Fault::AuthLock => StatusCode::UNAUTHORIZED,
                Fault::Generic => StatusCode::BAD_REQUEST,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            };
            plain(status, &format!("{}\n", error.message))
        }
    }
}

impl Upload {
    async fn take(self, peer: SocketAddr, request: Request) -> Result<&'static str> {
        let (head, body) = request.into_parts();
        let user = self.clone().user(peer, &head).await?;
        let parts = Multipart::from_request(Request::from_parts(head, body), &())
            .await
            .map_err(|error| Error::generic(error.body_text()).caused_by(error))?;
        let mut form = Form::read(parts, &self.store).await?;
        let place = form.place()?;
        let Some(file) = form.file.take() else {
            return Ok(if self.store.has(&place) { "Available" } else { "Missing" });
        };
        let (store, kept_at) = (self.store, place.clone());
        let kept = blocking(move || store.keep(file, &kept_at)).await?;
        let (package, source) = (&place.package, &place.source);
        tracing::info!(user, package, file = source.file, hash = source.hash, ?kept, "a lookaside upload");
        Ok(if kept == Kept::New { "New file stored\n" } else { "This file was there already\n" })
    }

    /// The user is proven before anything is read of what he sends.
    async fn user(self, peer: SocketAddr, head: &Parts) -> Result<i32> {
        let caller = caller::of(head, peer, &self.hub.env().config)?;
        let basic = login::basic(&head.headers)?;
        blocking(move || login::user(&self.hub, &caller, basic.as_ref())).await
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(Error::unforeseen("the upload broke").caused_by(error)))
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"lookaside\""));
    }
    response
}
