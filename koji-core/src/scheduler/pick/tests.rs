//! The scheduler's decision, on small scenes.

use super::*;
use crate::scheduler::scene::tests::{host, scene, task};

fn pairs(plan: &Plan) -> Vec<(i64, i64)> {
    plan.assigned.iter().map(|one| (one.task, one.host)).collect()
}

#[test]
fn tasks_spread_over_the_hosts() {
    let hosts = vec![host(1, "x86_64"), host(2, "x86_64")];
    let plan = pick(&scene(hosts, vec![task(10, "noarch"), task(11, "x86_64"), task(12, "noarch")]));
    assert_eq!(pairs(&plan), [(10, 1), (11, 2), (12, 1)]);
    assert_eq!(plan.assigned[0].options, 2);
    assert!(plan.waiting.is_empty());
}

#[test]
fn the_arch_decides_and_the_less_busy_host() {
    let mut busy = host(1, "x86_64");
    (busy.load, busy.tasks) = (0.5, 1);
    let plan = pick(&scene(vec![busy, host(2, "aarch64")], vec![task(10, "x86_64"), task(11, "noarch")]));
    assert_eq!(pairs(&plan), [(10, 1), (11, 2)]);
}

#[test]
fn demand_keeps_a_rare_host_free() {
    // The one aarch64 host is wanted by three tasks that nobody else can do.
    let hosts = vec![host(1, "aarch64"), host(2, "x86_64")];
    let mut tasks = vec![task(10, "noarch")];
    tasks.extend((11..14).map(|id| task(id, "aarch64")));
    assert_eq!(pairs(&pick(&scene(hosts, tasks)))[0], (10, 2));
}

#[test]
fn every_reason_to_wait() {
    let why = |change: fn(&mut Scene)| {
        let mut scene = scene(vec![host(1, "x86_64")], vec![task(10, "x86_64")]);
        change(&mut scene);
        let plan = pick(&scene);
        assert!(plan.assigned.is_empty());
        plan.waiting[0].1
    };
    assert_eq!(why(|scene| scene.tasks[0].channel = 2), Lack::Channel.into());
    assert_eq!(why(|scene| scene.tasks[0].arch = "s390x".into()), Lack::Arch.into());
    assert_eq!(why(|scene| scene.hosts[0].ready = false), Lack::NotReady.into());
    assert_eq!(why(|scene| drop(scene.refusals.insert(10, [1].into()))), Lack::Refused.into());
    assert_eq!(why(|scene| scene.hosts[0].max_jobs = 0), Lack::Jobs.into());
    assert_eq!(why(|scene| scene.hosts[0].load = 2.0), Lack::Capacity.into());
    assert_eq!(
        why(|scene| {
            (scene.hosts[0].tasks, scene.hosts[0].memory_mb, scene.tasks[0].memory_mb) =
                (1, Some(500.0), 501.0);
        }),
        Lack::Memory.into()
    );
}

#[test]
fn earlier_tasks_take_the_room() {
    let mut one = host(1, "x86_64");
    one.max_jobs = 1;
    let plan = pick(&scene(vec![one], vec![task(10, "x86_64"), task(11, "x86_64")]));
    assert_eq!(pairs(&plan), [(10, 1)]);
    assert_eq!(plan.waiting, [(11, Reason::Priority)]);
}

#[test]
fn parents_leave_places_to_their_parts() {
    let mut one = host(1, "x86_64");
    (one.max_jobs, one.capacity) = (4, 20.0);
    let mut tasks: Vec<Task> = (10..15).map(|id| Task { leaves: 2, ..task(id, "noarch") }).collect();
    tasks.push(Task { leaves: 1, ..task(20, "noarch") });
    tasks.extend((21..23).map(|id| task(id, "x86_64")));
    let plan = pick(&scene(vec![one.clone()], tasks));
    assert_eq!(pairs(&plan), [(10, 1), (11, 1), (20, 1), (21, 1)]);
    // where there is one place only, a parent may have it
    one.max_jobs = 1;
    assert_eq!(pairs(&pick(&scene(vec![one], vec![Task { leaves: 2, ..task(10, "noarch") }]))), [(10, 1)]);
}

#[test]
fn a_heavy_task_may_overcommit_so_far() {
    let heavy = |weight| Task { weight, ..task(10, "x86_64") };
    assert_eq!(pick(&scene(vec![host(1, "x86_64")], vec![heavy(6.9)])).assigned.len(), 1);
    assert_eq!(
        pick(&scene(vec![host(1, "x86_64")], vec![heavy(7.0)])).waiting,
        [(10, Lack::Capacity.into())]
    );
}
