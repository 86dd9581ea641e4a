//! Methods by which users ask for builds and images: each makes a task and answers its id.

use crate::api::Arg;
use crate::api::cast::{Amount, IntLike, NameText, Truthy};
use crate::build::BuildRef;
use crate::db::Lookup;
use crate::methods;
use crate::task::ask::{self, Wish, ask as make, options};
use crate::wire::Value;

fn wish(priority: Truthy<Amount>, channel: Truthy<Lookup>) -> Wish {
    Wish { priority: amount(priority), channel: channel.0, arch: None }
}

fn amount(priority: Truthy<Amount>) -> Option<i64> {
    priority.0.map(|priority| priority.0)
}

methods! {
    /// Has a package built from a source rpm or a source control system.
    write User => Build "build" (
        #[checked] src: String, target: Value, opts: Value = Value::Nil, priority: Truthy<Amount> = Truthy(None),
        channel: Truthy<Lookup> = Truthy(None),
    ) -> i32 = |m, cx| {
        make(cx, "build", vec![m.src.into(), m.target, options(m.opts)], wish(m.priority, m.channel))
    };

    /// Has sets of packages built one after the other, each on top of those before.
    write User => ChainBuild "chainBuild" (
        #[checked] srcs: Vec<Value>, target: Value, opts: Value = Value::Nil, priority: Truthy<Amount> = Truthy(None),
        channel: Truthy<Lookup> = Truthy(None),
    ) -> i32 = |m, cx| {
        make(cx, "chainbuild", vec![m.srcs.into(), m.target, options(m.opts)], wish(m.priority, m.channel))
    };

    /// Has a project built with Maven.
    write User => MavenBuild "mavenBuild" (
        #[checked] url: String, target: Value, opts: Value = Value::Nil, priority: Truthy<Amount> = Truthy(None),
        channel: Truthy<Lookup> = Truthy(Some("maven".into())),
    ) -> i32 = |m, cx| {
        ask::require_maven(cx)?;
        make(cx, "maven", vec![m.url.into(), m.target, options(m.opts)], wish(m.priority, m.channel))
    };

    /// Has projects built with Maven one after the other. `builds` tells the parameters of each by its name.
    write User => ChainMaven "chainMaven" (
        #[checked] builds: crate::wire::Map, target: Value, opts: Value = Value::Nil,
        priority: Truthy<Amount> = Truthy(None), channel: Truthy<Lookup> = Truthy(Some("maven".into())),
    ) -> i32 = |m, cx| {
        ask::require_maven(cx)?;
        let params = vec![Value::Struct(m.builds), m.target, m.opts];
        make(cx, "chainmaven", params, wish(m.priority, m.channel))
    };

    /// Has rpms built around what a Maven or Windows build gave.
    write User => WrapperRpm "wrapperRPM" (
        build: BuildRef, #[checked] url: String, target: Lookup, priority: Truthy<Amount> = Truthy(None),
        #[checked] channel: String = "maven".to_owned(), opts: Value = Value::Nil,
    ) -> i32 = |m, cx| {
        ask::require_maven(cx)?;
        let wish = wish(m.priority, Truthy(Some(Lookup::Name(m.channel))));
        ask::wrapper_rpm(cx, &m.build, m.url, &m.target, options(m.opts), wish)
    };

    /// Has a project built on a Windows machine.
    write User => WinBuild "winBuild" (
        #[checked] vm: String, #[checked] url: String, target: Lookup, opts: Value = Value::Nil,
        priority: Truthy<Amount> = Truthy(None), channel: Truthy<Lookup> = Truthy(Some("vm".into())),
    ) -> i32 = |m, cx| {
        ask::require_win(cx)?;
        ask::win_build(cx, m.vm, m.url, &m.target, options(m.opts), wish(m.priority, m.channel))
    };

    /// Has a live image or an appliance made from a kickstart file.
    write Inside("the permission of the image type") => BuildImage "buildImage" (
        #[checked] name: String, #[checked] version: String, arch: Value, target: Value, #[checked] ksfile: String,
        img_type: NameText,
        opts: Value = Value::Nil, priority: Truthy<Amount> = Truthy(None),
    ) -> i32 = |m, cx| {
        // live media are made for all arches at once
        let one_arch = (m.img_type.0 != "livemedia").then(|| m.arch.clone());
        let arch = <Option<String> as Arg>::take(one_arch.unwrap_or_default())?;
        let params = vec![m.name.into(), m.version.into(), m.arch, m.target, m.ksfile.into(), m.opts];
        ask::kickstart_image(cx, &m.img_type.0, params, Wish { arch, ..wish(m.priority, Truthy(None)) })
    };

    /// Has an image made from two other images and a template.
    write Perm("image") => BuildImageIndirection "buildImageIndirection" (
        opts: Value = Value::Nil, priority: Truthy<Amount> = Truthy(None),
    ) -> i32 = |m, cx| ask::indirection_image(cx, m.opts, amount(m.priority));

    /// Has an image made from an installation tree.
    write Perm("image") => BuildImageOz "buildImageOz" (
        #[checked] name: String, #[checked] version: String, arches: Value, target: Value, #[checked] inst_tree: String, opts: Value = Value::Nil,
        priority: Truthy<Amount> = Truthy(None),
    ) -> i32 = |m, cx| {
        let params = vec![m.name.into(), m.version.into(), m.arches, m.target, m.inst_tree.into(), m.opts];
        ask::oz_image(cx, params, amount(m.priority))
    };

    /// Has all hosts restart their builders.
    write Perm("host") => RestartHosts "restartHosts" (priority: IntLike = IntLike(5), options: Value = Value::Nil)
        -> i32 = |m, cx| ask::restart_hosts(cx, m.priority.0, m.options);
}
