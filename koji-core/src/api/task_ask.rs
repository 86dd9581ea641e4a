//! Methods by which users ask for builds and images: each makes a task and answers its id.

use crate::api::cast::IntLike;
use crate::build::BuildRef;
use crate::db::Lookup;
use crate::methods;
use crate::task::ask::{self, Wish, ask as make, options};
use crate::wire::Value;

fn wish(priority: Option<IntLike>, channel: Option<Lookup>) -> Wish {
    let channel = channel.filter(|channel| *channel != Lookup::Name(String::new()));
    Wish { priority: priority.map(|priority| priority.0), channel, arch: None }
}

methods! {
    /// Has a package built from a source rpm or a source control system.
    write User => Build "build" (
        src: String, target: Value, opts: Value = Value::Nil, priority: Option<IntLike> = None,
        channel: Option<Lookup> = None,
    ) -> i32 = |m, cx| {
        make(cx, "build", vec![m.src.into(), m.target, options(m.opts)], wish(m.priority, m.channel))
    };

    /// Has sets of packages built one after the other, each on top of those before.
    write User => ChainBuild "chainBuild" (
        srcs: Vec<Value>, target: Value, opts: Value = Value::Nil, priority: Option<IntLike> = None,
        channel: Option<Lookup> = None,
    ) -> i32 = |m, cx| {
        make(cx, "chainbuild", vec![m.srcs.into(), m.target, options(m.opts)], wish(m.priority, m.channel))
    };

    /// Has a project built with Maven.
    write User => MavenBuild "mavenBuild" (
        url: String, target: Value, opts: Value = Value::Nil, priority: Option<IntLike> = None,
        channel: Option<Lookup> = Some("maven".into()),
    ) -> i32 = |m, cx| {
        ask::require_maven(cx)?;
        make(cx, "maven", vec![m.url.into(), m.target, options(m.opts)], wish(m.priority, m.channel))
    };

    /// Has projects built with Maven one after the other. `builds` tells the parameters of each by its name.
    write User => ChainMaven "chainMaven" (
        builds: crate::wire::Map, target: Value, opts: Value = Value::Nil, priority: Option<IntLike> = None,
        channel: Option<Lookup> = Some("maven".into()),
    ) -> i32 = |m, cx| {
        ask::require_maven(cx)?;
        let params = vec![Value::Struct(m.builds), m.target, m.opts];
        make(cx, "chainmaven", params, wish(m.priority, m.channel))
    };

    /// Has rpms built around what a Maven or Windows build gave.
    write User => WrapperRpm "wrapperRPM" (
        build: BuildRef, url: String, target: Lookup, priority: Option<IntLike> = None, channel: String = "maven".to_owned(),
        opts: Value = Value::Nil,
    ) -> i32 = |m, cx| {
        ask::require_maven(cx)?;
        let wish = wish(m.priority, Some(Lookup::Name(m.channel)));
        ask::wrapper_rpm(cx, &m.build, m.url, &m.target, options(m.opts), wish)
    };

    /// Has a project built on a Windows machine.
    write User => WinBuild "winBuild" (
        vm: String, url: String, target: Lookup, opts: Value = Value::Nil, priority: Option<IntLike> = None,
        channel: Option<Lookup> = Some("vm".into()),
    ) -> i32 = |m, cx| {
        ask::require_win(cx)?;
        ask::win_build(cx, m.vm, m.url, &m.target, options(m.opts), wish(m.priority, m.channel))
    };

    /// Has a live image or an appliance made from a kickstart file.
    write Inside("the permission of the image type") => BuildImage "buildImage" (
        name: String, version: String, arch: Value, target: Value, ksfile: String, img_type: String,
        opts: Value = Value::Nil, priority: Option<IntLike> = None,
    ) -> i32 = |m, cx| {
        let arch = m.arch.as_str().map(str::to_owned);
        let params = vec![m.name.into(), m.version.into(), m.arch, m.target, m.ksfile.into(), m.opts];
        ask::kickstart_image(cx, &m.img_type, params, Wish { arch, ..wish(m.priority, None) })
    };

    /// Has an image made from two other images and a template.
    write Perm("image") => BuildImageIndirection "buildImageIndirection" (
        opts: Value = Value::Nil, priority: Option<IntLike> = None,
    ) -> i32 = |m, cx| ask::indirection_image(cx, m.opts, m.priority.map(|priority| priority.0));

    /// Has an image made from an installation tree.
    write Perm("image") => BuildImageOz "buildImageOz" (
        name: String, version: String, arches: Value, target: Value, inst_tree: String, opts: Value = Value::Nil,
        priority: Option<IntLike> = None,
    ) -> i32 = |m, cx| {
        let params = vec![m.name.into(), m.version.into(), m.arches, m.target, m.inst_tree.into(), m.opts];
        ask::oz_image(cx, params, m.priority.map(|priority| priority.0))
    };

    /// Has all hosts restart their builders.
    write Perm("host") => RestartHosts "restartHosts" (priority: IntLike = IntLike(5), options: Value = Value::Nil)
        -> i32 = |m, cx| ask::restart_hosts(cx, m.priority.0, m.options);
}
