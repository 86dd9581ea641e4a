//! The HTTP server: where each role answers, and how it stops.

use std::net::SocketAddr;

use axum::Router;
use axum::routing::{any, get, get_service};
use axum::serve::ListenerExt as _;
use koji_core::hub::Hub;
use koji_core::{Error, Result};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::Role;
use crate::events::{self, Events};
use crate::{files, lookaside, rpc};

/// Serves until SIGTERM or SIGINT; calls that are running are answered first.
pub async fn serve(hub: Hub, events: Events, listen: SocketAddr, roles: &[Role]) -> Result<()> {
    let cannot = |source: std::io::Error| {
        Error::unforeseen(format!("cannot listen at {listen}: {source}")).caused_by(source)
    };
    let mut router = Router::new();
    if roles.contains(&Role::Files) {
        router = router.nest_service("/kojifiles", get_service(files::service(hub.env().paths.top())));
    }
    if roles.contains(&Role::Lookaside) {
        router = router.merge(lookaside::router(hub.clone()));
    }
    if roles.contains(&Role::Api) {
        let follow = get(events::handle).with_state((hub.clone(), events.clone()));
        router = router.route("/kojihub/events", follow);
        let api = any(rpc::handle).with_state(rpc::Calls::new(hub));
        // Clients log in at a path of its own, where a web server in front asks for certificate or ticket.
        for path in ["/kojihub", "/kojihub/", "/kojihub/ssllogin", "/kojihub/{method}"] {
            router = router.route(path, api.clone());
        }
    }
    let listener = TcpListener::bind(listen).await.map_err(cannot)?.tap_io(|stream| {
        // Small answers must not wait for the client's next packet.
        drop(stream.set_nodelay(true));
    });
    tracing::info!(%listen, ?roles, "serving");
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(told_to_stop(events)).await.map_err(cannot)?;
    tracing::info!("stopped");
    Ok(())
}

/// Streams would never end by themselves.
async fn told_to_stop(events: Events) {
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    if let (Ok(mut terminate), Ok(mut interrupt)) = signals {
        tokio::select! { _ = terminate.recv() => (), _ = interrupt.recv() => () }
        events.close();
    } else {
        std::future::pending::<()>().await;
    }
}
