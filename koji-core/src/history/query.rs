//! The history of the versioned tables: which rows were made or ended, when and by whom.

use std::collections::BTreeMap;

use super::row::{Cell, Column, HistoryRow};
use super::tables::{COMMON, Subject, TABLES, Table};
use crate::api::Arg as _;
use crate::build::{self, BuildRef};
use crate::context::Cx;
use crate::db::bind::Each;
use crate::db::{Bind, Lookup, Query, QueryOpts, Rows, Time, lookup};
use crate::user::info::{self, UserRef};
use crate::wire::Value;
use crate::{Error, Result};

/// What a row may be about. Only the tables that know such things answer.
#[derive(Clone, Debug)]
pub enum About {
    /// A tag
    Tag(Lookup),
    /// A build, as the client named it: it is read only if a table knows builds
    Build(Value),
    /// A host; an unknown one has no history
    Host(Lookup),
    /// A channel; an unknown one has no history
    Channel(Lookup),
    /// A package; in comps groups by its name, known or not
    Package(Lookup),
    /// A user
    User(UserRef),
    /// A permission
    Permission(Lookup),
    /// A content generator
    Cg(Lookup),
    /// An external repo
    ExternalRepo(Lookup),
    /// A build target
    BuildTarget(Lookup),
    /// A comps group
    Group(Lookup),
    /// The key of an extra setting
    Xkey(String),
}

/// Which rows are wanted. Those "after" something were made or ended after it, and so on.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What they are about, all of it
    pub about: Vec<About>,
    /// Only active ones, or only those that have ended
    pub active: Option<bool>,
    /// Only those that a user made or ended
    pub editor: Option<UserRef>,
    /// After a time
    pub after: Option<Time>,
    /// Before a time
    pub before: Option<Time>,
    /// After an event
    pub after_event: Option<i64>,
    /// Before an event
    pub before_event: Option<i64>,
}

/// The history of some tables (of all, if none are named), by table.
pub fn query(
    cx: &mut Cx<'_>,
    names: Option<&[String]>,
    wanted: &Wanted,
    opts: &QueryOpts,
) -> Result<BTreeMap<&'static str, Rows<HistoryRow>>> {
    let mut tables: Vec<&'static Table> = match names {
        None => TABLES.iter().collect(),
        Some(names) => names.iter().map(|name| table(name)).collect::<Result<Vec<_>>>()?,
    };
    let mut resolved = Vec::with_capacity(wanted.about.len());
    for about in &wanted.about {
        resolved.push(resolve(cx, about, &tables)?);
        // what only tables know that are out already is not looked up
        tables.retain(|table| concerning(table, &resolved).is_some());
    }
    let editor = wanted.editor.as_ref().filter(|_| !tables.is_empty());
    let editor = editor.map(|editor| info::get(cx, editor)).transpose()?;
    let marks = Marks { wanted, editor: editor.map(|user| user.id) };
    let mut answer = BTreeMap::new();
    for table in tables {
        if let Some(query) = concerning(table, &resolved) {
            answer.insert(table.name, load(cx, table, marks.narrow(query), &marks, opts)?);
        }
    }
    Ok(answer)
}

fn table(name: &str) -> Result<&'static Table> {
    TABLES.iter().find(|table| table.name == name).ok_or_else(|| {
        let known: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
        Error::generic(format!("No such history table: {name} (there are {})", known.join(", ")))
    })
}

/// The values to look for, as the tables know the subject; None where nothing can match.
type Resolved = Vec<(Subject, Option<Bind>)>;

/// Looks a subject up, if any of the tables knows such things.
fn resolve(cx: &mut Cx<'_>, about: &About, tables: &[&Table]) -> Result<Resolved> {
    let known = |subject: Subject| tables.iter().any(|table| table.about(subject).is_some());
    let mut resolved = Resolved::new();
    if let About::Package(package) = about {
        resolved.push((Subject::GroupPackage, Some(package.to_string().into())));
    }
    let subject = about.subject();
    if known(subject) {
        resolved.push((subject, about.find(cx)?));
    }
    Ok(resolved)
}

impl About {
    fn subject(&self) -> Subject {
        match self {
            Self::Tag(_) => Subject::Tag,
            Self::Build(_) => Subject::Build,
            Self::Host(_) => Subject::Host,
            Self::Channel(_) => Subject::Channel,
            Self::Package(_) => Subject::Package,
            Self::User(_) => Subject::User,
            Self::Permission(_) => Subject::Permission,
            Self::Cg(_) => Subject::Cg,
            Self::ExternalRepo(_) => Subject::ExternalRepo,
            Self::BuildTarget(_) => Subject::BuildTarget,
            Self::Group(_) => Subject::Group,
            Self::Xkey(_) => Subject::Xkey,
        }
    }

    /// The value that rows have for it; most unknown names are errors.
    fn find(&self, cx: &mut Cx<'_>) -> Result<Option<Bind>> {
        let (table, kind, what) = match self {
            Self::Xkey(key) => return Ok(Some(key.into())),
            Self::Build(build) => {
                let build = BuildRef::take(build.clone())?;
                return Ok(Some(build::lookup::get_known_id(cx, &build)?.into()));
            }
            Self::User(user) => return Ok(Some(info::get(cx, user)?.id.into())),
            Self::Host(host) => return Ok(lookup::find(cx, "host", host)?.map(|host| host.id.into())),
            Self::Channel(channel) => {
                return Ok(lookup::find(cx, "channels", channel)?.map(|channel| channel.id.into()));
            }
            Self::Tag(tag) => ("tag", "tag", tag),
            Self::Package(package) => ("package", "package", package),
            Self::Permission(permission) => ("permissions", "permission", permission),
            Self::Cg(cg) => ("content_generator", "content generator", cg),
            Self::ExternalRepo(repo) => ("external_repo", "external repo", repo),
            Self::BuildTarget(target) => ("build_target", "build target", target),
            Self::Group(group) => ("groups", "group", group),
        };
        Ok(Some(lookup::get(cx, table, kind, what)?.id.into()))
    }
}

/// A table's rows about all of the subjects; None if it does not know one of them.
fn concerning(table: &'static Table, resolved: &[Resolved]) -> Option<Query> {
    let mut query = Query::from(&format!("{} AS h", table.name))
        .join("events AS ev1 ON ev1.id = h.create_event")
        .left_join("events AS ev2 ON ev2.id = h.revoke_event")
        .join("users AS creator ON creator.id = h.creator_id")
        .left_join("users AS revoker ON revoker.id = h.revoker_id");
    for join in table.joins {
        query = query.left_join(join);
    }
    for alternatives in resolved {
        let (condition, bind) =
            alternatives.iter().find_map(|(subject, bind)| Some((table.about(*subject)?, bind)))?;
        query = match bind {
            Some(bind) => {
                let binds = vec![bind.clone(); condition.matches('?').count()];
                query.filter(condition, Each(binds))
            }
            None => query.filter("1 = 0", ()),
        };
    }
    Some(query)
}

/// What rows must have besides their subject. Each adds two keys that tell which side of it holds.
struct Marks<'w> {
    wanted: &'w Wanted,
    editor: Option<i32>,
}

impl Marks<'_> {
    fn narrow(&self, query: Query) -> Query {
        let both = |query: Query, condition: &str, bind: Option<Bind>| match bind {
            Some(bind) => query.filter(condition, (bind.clone(), bind)),
            None => query,
        };
        let Wanted { active, after, before, after_event, before_event, .. } = self.wanted;
        let query = match active {
            Some(true) => query.filter("h.active = TRUE", ()),
            Some(false) => query.filter("h.active IS NULL", ()),
            None => query,
        };
        let query = both(query, "h.creator_id = ? OR h.revoker_id = ?", self.editor.map(Into::into));
        let query = both(query, "ev1.time > ? OR ev2.time > ?", after.map(Into::into));
        let query = both(query, "ev1.time < ? OR ev2.time < ?", before.map(Into::into));
        let query = both(query, "h.create_event > ? OR h.revoke_event > ?", after_event.map(Into::into));
        both(query, "h.create_event < ? OR h.revoke_event < ?", before_event.map(Into::into))
    }

    fn mark(&self, row: &mut HistoryRow) {
        let mut mark = |keys: [(&'static str, &str); 2], limit: f64, holds: fn(f64, f64) -> bool| {
            for (key, column) in keys {
                let holds = row.number(column).map(|value| holds(micros(value), micros(limit)));
                row.mark(key, holds);
            }
        };
        let Wanted { after, before, after_event, before_event, .. } = self.wanted;
        if let Some(editor) = self.editor {
            let keys = [("_created_by", "creator_id"), ("_revoked_by", "revoker_id")];
            mark(keys, editor.into(), |value, limit| value == limit);
        }
        if let Some(after) = after {
            mark([("_created_after", "create_ts"), ("_revoked_after", "revoke_ts")], after.0, above);
        }
        if let Some(before) = before {
            mark([("_created_before", "create_ts"), ("_revoked_before", "revoke_ts")], before.0, below);
        }
        if let Some(event) = after_event {
            let keys = [("_created_after_event", "create_event"), ("_revoked_after_event", "revoke_event")];
            mark(keys, *event as f64, above);
        }
        if let Some(event) = before_event {
            let keys = [("_created_before_event", "create_event"), ("_revoked_before_event", "revoke_event")];
            mark(keys, *event as f64, below);
        }
    }
}

fn above(value: f64, limit: f64) -> bool {
    value > limit
}

fn below(value: f64, limit: f64) -> bool {
    value < limit
}

/// Databases compare times to the microsecond.
fn micros(value: f64) -> f64 {
    (value * 1e6).round()
}

fn load(
    cx: &mut Cx<'_>,
    table: &Table,
    query: Query,
    marks: &Marks<'_>,
    opts: &QueryOpts,
) -> Result<Rows<HistoryRow>> {
    let columns: Vec<&Column> = COMMON.iter().chain(table.columns).collect();
    let names: Vec<(&str, &str)> = columns.iter().map(|column| (column.key, column.sql)).collect();
    let query = query.order("h.create_event").order("h.revoke_event").with_opts(&names, opts)?;
    if opts.count_only {
        return Ok(Rows::Count(query.count(cx.db)?));
    }
    let sql: Vec<&str> = columns.iter().map(|column| column.sql).collect();
    let statement = query.text(&sql.join(", "), cx.db.dialect());
    let mut rows = Vec::new();
    cx.db.each_cells(&statement, |cells| {
        let mut members = Vec::with_capacity(columns.len() + 4);
        for column in &columns {
            members.push((column.key, Cell::read(column.kind, cells)?));
        }
        let mut row = HistoryRow { members };
        marks.mark(&mut row);
        rows.push(row);
        Ok(())
    })?;
    Ok(opts.rows(rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tables_that_know_all_subjects_answer() {
        let tag = vec![(Subject::Tag, Some(Bind::Int(1)))];
        let package =
            vec![(Subject::GroupPackage, Some("bash".into())), (Subject::Package, Some(Bind::Int(2)))];
        let answering = |resolved: &[Resolved]| -> Vec<&str> {
            let concerned = TABLES.iter().filter(|table| concerning(table, resolved).is_some());
            concerned.map(|table| table.name).collect()
        };
        assert_eq!(
            answering(&[tag, package]),
            ["group_package_listing", "tag_listing", "tag_package_owners", "tag_packages"]
        );
        assert_eq!(answering(&[Vec::new()]), [""; 0]);
        assert_eq!(answering(&[]).len(), TABLES.len());
    }

    #[test]
    fn marks_tell_the_side() {
        let wanted = Wanted { after_event: Some(7), ..Wanted::default() };
        let members = vec![("create_event", Cell::Int(5)), ("revoke_event", Cell::Int(8))];
        let mut row = HistoryRow { members };
        Marks { wanted: &wanted, editor: Some(1) }.mark(&mut row);
        let of = |key: &str| row.members.iter().find(|(name, _)| *name == key).map(|(_, cell)| cell.clone());
        assert_eq!(of("_created_after_event"), Some(Cell::Bool(false)));
        assert_eq!(of("_revoked_after_event"), Some(Cell::Bool(true)));
        assert_eq!(of("_created_by"), Some(Cell::Null));
    }
}
