//! Methods by which builders make builds: the entry at the beginning, the import at the end, scratch builds.

use crate::api::Arg as _;
use crate::api::cast::IntLike;
use crate::build::BuildRow;
use crate::build::flow::complete::{self, Built};
use crate::build::flow::{init, logs::Logs, merge, scratch};
use crate::methods;
use crate::task::ask;
use crate::wire::{Map, Value};

methods! {
    /// Makes the entry of an rpm build that a task begins; its id.
    write Host => HostInitBuild "host.initBuild" (data: Map) -> i32
        = |m, cx| { let host = cx.require_host()?; init::rpm(cx, host, m.data) };

    /// Imports what a task has built and completes the build.
    write Host => HostCompleteBuild "host.completeBuild" (
        task_id: IntLike, build_id: IntLike, srpm: String, rpms: Vec<String>, brmap: Option<Map> = None,
        logs: Option<Map> = None,
    ) -> BuildRow = |m, cx| {
        let host = cx.require_host()?;
        let one = |(path, id): (String, Value)| Ok((path, IntLike::take(id)?.0));
        let buildroots = m.brmap.unwrap_or_default().into_iter().map(one).collect::<crate::Result<_>>()?;
        let (task_id, build_id, logs) = (m.task_id.0, m.build_id.0, Logs::read(m.logs)?);
        complete::rpm(cx, host, Built { task_id, build_id, srpm: m.srpm, rpms: m.rpms, buildroots, logs })
    };

    /// Ends a build that is under way with a failure.
    write Host => HostFailBuild "host.failBuild" (task_id: IntLike, build_id: IntLike) -> ()
        = |m, cx| { let host = cx.require_host()?; init::fail(cx, host, m.task_id.0, m.build_id.0).map(drop) };

    /// Keeps the rpms of a scratch build.
    write Host => HostMoveBuildToScratch "host.moveBuildToScratch" (
        task_id: IntLike, srpm: String, rpms: Vec<String>, logs: Option<Map> = None,
    ) -> () = |m, cx| {
        let host = cx.require_host()?;
        scratch::rpm(cx, host, m.task_id.0, &m.srpm, &m.rpms, &Logs::read(m.logs)?)
    };

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
        = |m, cx| merge::merge(cx, m.task_id.0);
}
