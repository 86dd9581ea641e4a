//! Reads that need nothing of each other, on several connections at once.
//!
//! In a call that reads, each statement on PostgreSQL stands for itself, so that it does not matter on which connection
//! it runs. Elsewhere (a transaction that writes, SQLite, where a call sees one state of the database) they run one
//! after the other.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, PoisonError};

use crate::Result;
use crate::context::Cx;
use crate::db::Conn;

/// Connections for one call at most.
const READERS: usize = 4;

/// What two pieces of work answer.
pub fn both<A, B: Send>(
    cx: &mut Cx<'_>,
    one: impl FnOnce(&mut Cx<'_>) -> A,
    other: impl FnOnce(&mut Cx<'_>) -> B + Send,
) -> (A, B) {
    let mut more = more_readers(cx, 1);
    let Some(conn) = more.first_mut() else { return (one(cx), other(cx)) };
    let (env, actor) = (cx.env.clone(), cx.actor.clone());
    std::thread::scope(|scope| {
        let beside = scope.spawn(|| other(&mut Cx::new(conn, env, actor)));
        let first = one(cx);
        (first, beside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Hands what `work` answers to each item to `take`, in the order of the items and soon after it is there, until
/// `take` fails. One more connection is worth `worth` items.
pub fn each<I: Sync, T: Send>(
    cx: &mut Cx<'_>,
    items: &[I],
    worth: usize,
    work: impl Fn(&mut Cx<'_>, &I) -> T + Sync,
    mut take: impl FnMut(T) -> Result<()>,
) -> Result<()> {
    let mut more = more_readers(cx, (items.len() / worth.max(1)).saturating_sub(1));
    let (next, answers) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let answers = || answers.lock().unwrap_or_else(PoisonError::into_inner);
    let one = |cx: &mut Cx<'_>| {
        let at = next.fetch_add(1, Relaxed);
        let answer = work(cx, items.get(at)?);
        answers().insert(at, answer);
        Some(())
    };
    let (env, actor) = (cx.env.clone(), cx.actor.clone());
    let (mut taken, mut done) = (0, Ok(()));
    std::thread::scope(|scope| {
        for conn in &mut more {
            let (env, actor) = (env.clone(), actor.clone());
            scope.spawn(|| {
                let mut cx = Cx::new(conn, env, actor);
                while one(&mut cx).is_some() {}
            });
        }
        while done.is_ok() && one(cx).is_some() {
            while let (Ok(()), Some(answer)) = (&done, { answers().remove(&taken) }) {
                taken += 1;
                done = take(answer);
            }
        }
        if done.is_err() {
            // the others have nothing more to do
            next.store(items.len(), Relaxed);
        }
    });
    done?;
    std::mem::take(&mut *answers()).into_values().try_for_each(take)
}

fn more_readers(cx: &Cx<'_>, wanted: usize) -> Vec<impl std::ops::DerefMut<Target = Conn> + use<>> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let at_most = if cx.db.is_plain() { wanted.min(processors.min(READERS) - 1) } else { 0 };
    cx.env.db.more_readers(at_most)
}
