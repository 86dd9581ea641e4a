//! `--what-if`: calls that would change something are rehearsed by the hub, and what they would change is told.

use koji_core::Error;
use koji_core::api::{Call, Mode, dispatch};
use koji_core::wire::{Map, Value};

use crate::context::Ctx;
use crate::line;
use crate::python;
use crate::stop::Stop;
use crate::value::View as _;

/// Whether a call may change anything. Of a method that is not known here nobody can say: it is rehearsed.
pub fn is_write(method: &str, args: &[Value]) -> bool {
    let call = Call { method: method.to_owned(), positional: args.to_vec(), keywords: vec![] };
    dispatch::mode(&call).map_or(true, |mode| mode == Mode::Write)
}

/// Rehearses a call, tells what it would change, and gives its answer.
pub fn call(ctx: &mut Ctx<'_>, method: &str, args: Vec<Value>, kwargs: Map) -> Result<Value, Stop> {
    let outcome = ctx.session()?.what_if(method, args, kwargs)?;
    tell(ctx, method, &outcome)?;
    Ok(outcome.at("answer").clone())
}

/// The same for many calls at once.
pub fn calls(ctx: &mut Ctx<'_>, calls: Vec<Call>) -> Result<Vec<Result<Value, Error>>, Stop> {
    let names: Vec<String> = calls.iter().map(|call| call.method.clone()).collect();
    let (answers, outcome) = ctx.session()?.what_if_many(calls)?;
    tell(ctx, &names.join(", "), &outcome)?;
    Ok(answers)
}

/// Refuses what cannot be rehearsed.
pub fn refuse(ctx: &Ctx<'_>, what: &str) -> Result<(), Stop> {
    if ctx.settings.what_if {
        Err(Stop::usage(format!("--what-if: {what} can't be rehearsed")))
    } else {
        Ok(())
    }
}

fn tell(ctx: &mut Ctx<'_>, what: &str, outcome: &Value) -> Result<(), Stop> {
    if ctx.settings.json {
        return ctx.json(outcome);
    }
    let (rows, files) = (outcome.list("rows"), outcome.list("files"));
    if rows.is_empty() && files.is_empty() {
        line!(ctx, "{what} would change nothing");
        return Ok(());
    }
    line!(ctx, "{what} would:");
    for row in rows {
        line!(ctx, "  {}", row_line(row));
    }
    for file in files {
        let from = if file.has("from") { format!(" ({})", file.str("from")) } else { String::new() };
        line!(ctx, "  {} file {}{from}", file.str("action"), file.str("path"));
    }
    Ok(())
}

/// `update task id=7: state 0 -> 3`
fn row_line(row: &Value) -> String {
    let (change, table) = (row.str("change"), row.str("table"));
    let members = |part: &str| row.at(part).as_struct().unwrap_or(&[]).to_vec();
    let shown = |part: &str| -> Vec<String> {
        let given = members(part).into_iter().filter(|(_, value)| !value.is_nil());
        given.map(|(name, value)| format!("{name}={}", python::str(&value))).collect()
    };
    match change {
        "insert" => format!("insert {table} {}", shown("after").join(" ")),
        "delete" => format!("delete {table} {}", shown("before").join(" ")),
        _ => {
            let after = row.at("after");
            let moved = members("before")
                .into_iter()
                .map(|(name, old)| format!("{name} {} -> {}", python::str(&old), after.show(&name)));
            format!("{change} {table} {}: {}", shown("key").join(" "), moved.collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kwargs;

    #[test]
    fn rows_are_told_in_a_line() {
        let row = |change: &str, before: Map, after: Map| {
            let key = Value::Struct(kwargs![id = 7]);
            Value::Struct(kwargs![change = change, table = "task", key = key, before = before, after = after])
        };
        let update =
            row("update", kwargs![state = 0, host_id = None::<i64>], kwargs![state = 1, host_id = 2]);
        assert_eq!(row_line(&update), "update task id=7: state 0 -> 1, host_id None -> 2");
        let insert = row("insert", kwargs![], kwargs![id = 7, label = None::<String>, arch = "noarch"]);
        assert_eq!(row_line(&insert), "insert task id=7 arch=noarch");
    }

    #[test]
    fn what_only_reads_is_called() {
        assert!(!is_write("getTag", &[]) && is_write("createTag", &[]) && is_write("someFutureMethod", &[]));
    }
}
