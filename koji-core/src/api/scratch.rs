//! Methods about scratch builds: keeping those of other types than rpm, and merging.

use crate::api::cast::IntLike;
use crate::build::{merge_scratch, scratch_typed as scratch};
use crate::methods;
use crate::task::ask;
use crate::wire::{Map, Value};

methods! {
    /// Keeps what a Maven scratch build left.
    write Host => HostMoveMavenBuildToScratch "host.moveMavenBuildToScratch" (
        task_id: IntLike, results: Value, rpm_results: Value,
    ) -> () = |m, cx| {
        ask::require_maven(cx)?;
        let host = cx.require_host()?;
        scratch::maven(cx, host, m.task_id.0, &m.results, &m.rpm_results)
    };

    /// Keeps what a Windows scratch build left.
    write Host => HostMoveWinBuildToScratch "host.moveWinBuildToScratch" (
        task_id: IntLike, results: Value, rpm_results: Value,
    ) -> () = |m, cx| {
        ask::require_win(cx)?;
        let host = cx.require_host()?;
        scratch::win(cx, host, m.task_id.0, &m.results, &m.rpm_results)
    };

    /// Keeps what the parts of an image scratch build left.
    write Host => HostMoveImageBuildToScratch "host.moveImageBuildToScratch" (task_id: IntLike, results: Map) -> ()
        = |m, cx| { let host = cx.require_host()?; scratch::image(cx, host, m.task_id.0, &m.results) };

    /// Makes the arch rpms of a finished scratch build part of the build of the same source rpm; that build's id.
    write Perm("admin") => MergeScratch "mergeScratch" (task_id: IntLike) -> i32
        = |m, cx| merge_scratch::merge(cx, m.task_id.0);
}
