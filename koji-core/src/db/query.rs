//! [`Query`]: a select in the making. The row type tells the columns, the noun's room the rest.

use super::bind::{Bind, Binds, Each, Statement};
use super::conn::Conn;
use super::dialect::Dialect;
use super::opts::{QueryOpts, Rows};
use super::row::{ColumnText, Row};
use super::versioned;
use crate::{Error, Result};

/// A select. Conditions are joined by AND; each takes its values where it has a `?`.
///
/// ```ignore
/// Query::from("tag_config")
///     .join("tag ON tag.id = tag_config.tag_id")
///     .at("tag_config", event)
///     .filter("tag.name = ?", name)
///     .first::<TagRow>(cx.db)?
/// ```
#[derive(Clone, Debug, Default)]
pub struct Query {
    with: Statement,
    from: Statement,
    conditions: Statement,
    group: Option<String>,
    order: Vec<(String, bool)>,
    limit: Option<i64>,
    offset: Option<i64>,
    lock: Option<Lock>,
    distinct: bool,
    one_by_one: bool,
    anew: bool,
}

/// A client's listing of at most so many rows is fetched at once.
const FETCHED_AT_ONCE: i64 = 10_000;

/// What a lock does where somebody else holds one.
#[derive(Clone, Copy, Debug)]
enum Lock {
    Wait,
    Skip,
}

impl Query {
    /// Selects from a table.
    pub fn from(table: &str) -> Self {
        Self { from: Statement::new(table, ()), ..Self::default() }
    }

    /// Selects from a subselect or anything else that takes values.
    pub fn from_with(text: &str, binds: impl Binds) -> Self {
        Self { from: Statement::new(text, binds), ..Self::default() }
    }

    /// Puts a `WITH ..` before the select.
    #[must_use]
    pub fn with(mut self, text: &str, binds: impl Binds) -> Self {
        self.with.push(text, binds);
        self
    }

    /// An inner join: `"tag ON tag.id = tag_config.tag_id"`.
    #[must_use]
    pub fn join(self, text: &str) -> Self {
        self.join_with("JOIN", text, ())
    }

    /// A left outer join.
    #[must_use]
    pub fn left_join(self, text: &str) -> Self {
        self.join_with("LEFT JOIN", text, ())
    }

    /// A join of a kind, with values.
    #[must_use]
    pub fn join_with(mut self, kind: &str, text: &str, binds: impl Binds) -> Self {
        self.from.push(" ", ()).push(kind, ()).push(" ", ()).push(text, binds);
        self
    }

    /// One more condition.
    #[must_use]
    pub fn filter(mut self, condition: &str, binds: impl Binds) -> Self {
        let before = if self.conditions.sql.is_empty() { " WHERE (" } else { " AND (" };
        self.conditions.push(before, ()).push(condition, binds).push(")", ());
        self
    }

    /// One more condition, if there is a value for it.
    #[must_use]
    pub fn filter_some(self, condition: &str, bind: Option<impl Into<Bind>>) -> Self {
        match bind {
            Some(bind) => self.filter(condition, Each(vec![bind.into()])),
            None => self,
        }
    }

    /// Only the rows of a versioned table that are active, or were at an event.
    #[must_use]
    pub fn at(self, table: &str, event: Option<i32>) -> Self {
        let (condition, binds) = versioned::at(table, event);
        self.filter(&condition, Each(binds))
    }

    /// Groups by these expressions.
    #[must_use]
    pub fn group(mut self, by: &str) -> Self {
        self.group = Some(by.to_owned());
        self
    }

    /// Only distinct rows.
    #[must_use]
    pub fn distinct(mut self) -> Self {
        self.distinct = true;
        self
    }

    /// There may be any number of rows: they are not fetched all at once.
    #[must_use]
    pub fn one_by_one(mut self, there_may: bool) -> Self {
        self.one_by_one = there_may;
        self
    }

    /// Planned for these very values, each time: worth it where a set may be of one or of thousands, and the rows many.
    #[must_use]
    pub fn planned_anew(mut self, worth_it: bool) -> Self {
        self.anew = worth_it;
        self
    }

    /// Sorts by an SQL expression; later ones decide among equals.
    #[must_use]
    pub fn order(mut self, expression: &str) -> Self {
        self.order.push((expression.to_owned(), false));
        self
    }

    /// Sorts by an SQL expression, the largest first.
    #[must_use]
    pub fn order_desc(mut self, expression: &str) -> Self {
        self.order.push((expression.to_owned(), true));
        self
    }

    /// At most so many rows.
    #[must_use]
    pub fn limit(mut self, rows: i64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Locks the rows until the transaction ends.
    #[must_use]
    pub fn for_update(mut self) -> Self {
        self.lock = Some(Lock::Wait);
        self
    }

    /// Locks the rows that nobody else has locked, until the transaction ends; the others do not show.
    #[must_use]
    pub fn for_update_or_skip(mut self) -> Self {
        self.lock = Some(Lock::Skip);
        self
    }

    /// All rows, with the columns of their type.
    pub fn load<T: Row>(&self, conn: &mut Conn) -> Result<Vec<T>> {
        conn.load(&self.statement::<T>(conn.dialect()))
    }

    /// All rows, one by one.
    pub fn each<T: Row>(&self, conn: &mut Conn, take: impl FnMut(T) -> Result<()>) -> Result<()> {
        conn.each(&self.statement::<T>(conn.dialect()), take)
    }

    /// The first row.
    pub fn first<T: Row>(&self, conn: &mut Conn) -> Result<Option<T>> {
        conn.first(&self.statement::<T>(conn.dialect()))
    }

    /// All rows of these columns, for values and tuples: `query.select::<(i32, String)>(conn, "id, name")`.
    pub fn select<T: Row>(&self, conn: &mut Conn, columns: &str) -> Result<Vec<T>> {
        conn.load(&self.text(columns, conn.dialect()))
    }

    /// The first row of these columns.
    pub fn select_first<T: Row>(&self, conn: &mut Conn, columns: &str) -> Result<Option<T>> {
        conn.first(&self.text(columns, conn.dialect()))
    }

    /// Whether there is any row.
    pub fn exists(&self, conn: &mut Conn) -> Result<bool> {
        Ok(self.clone().limit(1).select_first::<i64>(conn, "1")?.is_some())
    }

    /// How many rows there are, within the limit and offset.
    pub fn count(&self, conn: &mut Conn) -> Result<i64> {
        let mut inner = Self { order: Vec::new(), ..self.clone() };
        let with = std::mem::take(&mut inner.with);
        let mut statement = with;
        let Statement { sql, binds, .. } = inner.text("1 AS one", conn.dialect());
        statement.push("SELECT count(*) FROM (", ()).push(&sql, Each(binds)).push(") AS counted", ());
        Ok(conn.first::<i64>(&statement)?.unwrap_or_default())
    }

    /// What a client asked for with `queryOpts`: rows in its order, within its limits, or their number.
    pub fn rows<T: Row>(self, conn: &mut Conn, opts: &QueryOpts) -> Result<Rows<T>> {
        let query = self.with_opts(&T::columns(), opts)?;
        if opts.count_only {
            return Ok(Rows::Count(query.count(conn)?));
        }
        let is_bounded = query.limit.is_some_and(|limit| limit <= FETCHED_AT_ONCE);
        Ok(opts.rows(query.one_by_one(!is_bounded).load(conn)?))
    }

    /// Takes order, offset and limit from a client's `queryOpts`; an unknown column is refused. A column may go by its
    /// key in the answer, or as it stands in the statement (`buildroot.id`). A limit of 0 is none, and what is only
    /// counted is in no order.
    pub fn with_opts(mut self, columns: &[ColumnText], opts: &QueryOpts) -> Result<Self> {
        if let Some(order) = opts.order.as_ref().filter(|order| !opts.count_only && !order.is_empty()) {
            self.order.clear();
            for key in order.split(',') {
                let (name, descending) = key.strip_prefix('-').map_or((key, false), |name| (name, true));
                let (_, expression) = columns
                    .iter()
                    .find(|(alias, _)| *alias == name)
                    .or_else(|| columns.iter().find(|(_, expression)| *expression == name))
                    .ok_or_else(|| unknown_order(name, columns))?;
                self.order.push(((*expression).to_owned(), descending));
            }
        }
        for (what, rows) in [("offset", opts.offset), ("limit", opts.limit)] {
            if rows.is_some_and(|rows| rows < 0) {
                return Err(Error::unforeseen(format!("queryOpts: {what} must not be negative")));
            }
        }
        self.offset = opts.offset.or(self.offset);
        self.limit = opts.limit.filter(|limit| *limit != 0).or(self.limit);
        Ok(self)
    }

    /// The statement, for the columns of a row type.
    pub fn statement<T: Row>(&self, dialect: Dialect) -> Statement {
        let columns: Vec<String> =
            T::columns().iter().map(|(key, expression)| format!("{expression} AS \"{key}\"")).collect();
        self.text(&columns.join(", "), dialect)
    }

    /// The statement, for these columns.
    pub fn text(&self, columns: &str, dialect: Dialect) -> Statement {
        let mut out = self.with.clone();
        (out.one_by_one, out.once) = (self.one_by_one, self.anew);
        out.push(if self.distinct { "SELECT DISTINCT " } else { "SELECT " }, ());
        out.push(columns, ()).push(" FROM ", ());
        out.push(&self.from.sql, Each(self.from.binds.clone()));
        out.push(&self.conditions.sql, Each(self.conditions.binds.clone()));
        if let Some(group) = &self.group {
            out.push(" GROUP BY ", ()).push(group, ());
        }
        for (i, (expression, descending)) in self.order.iter().enumerate() {
            out.push(if i == 0 { " ORDER BY " } else { ", " }, ());
            out.push(&dialect.order(expression, *descending), ());
        }
        match (self.limit, self.offset) {
            (Some(limit), _) => _ = out.push(" LIMIT ?", limit),
            (None, Some(_)) => _ = out.push(" LIMIT ?", i64::from(i32::MAX)),
            (None, None) => {}
        }
        if let Some(offset) = self.offset {
            out.push(" OFFSET ?", offset);
        }
        match self.lock {
            Some(Lock::Wait) => _ = out.push(dialect.for_update(), ()),
            Some(Lock::Skip) => _ = out.push(dialect.for_update_or_skip(), ()),
            None => {}
        }
        out
    }
}

fn unknown_order(name: &str, columns: &[(&str, &str)]) -> Error {
    let known: Vec<&str> = columns.iter().map(|(alias, _)| *alias).collect();
    Error::unforeseen(format!("cannot order by {name:?}; columns: {}", known.join(", ")))
}
