//! [`Db`]: the pools of connections to one database, by its URL.

use std::ops::DerefMut;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use r2d2::{ManageConnection, Pool, PooledConnection};

use super::conn::{Conn, Link};
use super::dialect::Dialect;
use super::file_id::FileId;
use crate::{Error, Result};

/// How long a call waits for a connection.
const WAIT: Duration = Duration::from_secs(30);

/// What SQLite connections are told: a journal that readers and the writer share, keys that are checked.
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; \
     PRAGMA busy_timeout = 30000; PRAGMA case_sensitive_like = ON; PRAGMA temp_store = MEMORY; \
     PRAGMA cache_size = -16000;";

/// What connections to PostgreSQL are told: not to compile statements, which takes longer than running them; and, unless
/// the server is configured otherwise, that what they look up is in memory.
const PLANNING: &str = "SET jit = off; \
     SELECT set_config(name, '1.1', false) FROM pg_settings WHERE name = 'random_page_cost' AND source = 'default';";

/// What those are told besides that only read.
const READ_ONLY: &str = "SET default_transaction_read_only = on;";

/// One database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    /// PostgreSQL's run each statement for itself: to begin and end a transaction would be two trips to the server.
    readers: Pool<Manager>,
    /// SQLite has one writer at a time: it waits better in line for one connection than for the file's lock.
    writers: Pool<Manager>,
    dialect: Dialect,
}

#[derive(Clone, Debug)]
enum Manager {
    Sqlite { path: String, read_only: bool },
    Pg { url: String, read_only: bool },
}

impl Db {
    /// Opens `sqlite:///abs/path.db` or `postgres://user@host:port/name`. `size` is how many connections at most that
    /// read, and with PostgreSQL how many that write.
    pub fn open(url: &str, size: u32) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            let path = path.to_owned();
            let writers = pool(Manager::Sqlite { path: path.clone(), read_only: false }, 1)?;
            let readers = pool(Manager::Sqlite { path, read_only: true }, size)?;
            return Ok(Self { readers, writers, dialect: Dialect::Sqlite });
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let writers = pool(Manager::Pg { url: url.to_owned(), read_only: false }, size)?;
            let readers = pool(Manager::Pg { url: url.to_owned(), read_only: true }, size)?;
            return Ok(Self { readers, writers, dialect: Dialect::Pg });
        }
        Err(Error::new(
            crate::Fault::Configuration,
            "a database URL begins with sqlite:// or postgres://, such as sqlite:///var/lib/koji/koji.db",
        ))
    }

    /// Runs `work`, which only reads. On SQLite it sees one state of the database; on PostgreSQL each statement sees
    /// what is committed when it begins, as in Koji.
    pub fn read<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let mut conn = self.begun(&self.readers, Dialect::begin_read)?;
        if conn.is_plain() { work(&mut conn) } else { conn.end(work) }
    }

    /// Runs `work` in a write transaction: all of it happens, or nothing.
    pub fn write<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let mut conn = self.begun(&self.writers, |dialect| Some(dialect.begin_write()))?;
        conn.end(work)
    }

    /// Runs `work` in a write transaction of which nothing stays.
    pub fn rehearse<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let mut conn = self.begun(&self.writers, |dialect| Some(dialect.begin_write()))?;
        conn.rehearse(work)
    }

    /// Further connections that read, each statement for itself; as many as there are at once, and not more than that.
    /// SQLite has none.
    pub fn more_readers(&self, at_most: usize) -> Vec<impl DerefMut<Target = Conn> + use<>> {
        if self.dialect == Dialect::Sqlite {
            return Vec::new();
        }
        // one that is not there yet is made meanwhile, for the next who asks
        std::iter::repeat_with(|| self.readers.get_timeout(Duration::ZERO))
            .take(at_most)
            .map_while(Result::ok)
            .collect()
    }

    /// Runs `work` on a connection that is in no transaction.
    pub fn plainly<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        work(&mut *checked_out(&self.writers)?)
    }

    /// A connection in a new transaction, if it needs one. One that turns out to be dead (the server was restarted, the file was
    /// replaced) is thrown away for another; only then nothing was done on it.
    fn begun(
        &self,
        pool: &Pool<Manager>,
        begin: fn(Dialect) -> Option<&'static str>,
    ) -> Result<PooledConnection<Manager>> {
        let mut tries = pool.max_size() + 1;
        loop {
            let mut conn = checked_out(pool)?;
            let begun = match conn.is_replaced() {
                true => Err(Error::unforeseen("the database's file was replaced")),
                false => begin(conn.dialect()).map_or(Ok(()), |begin| conn.batch(begin)),
            };
            match begun {
                Ok(()) => return Ok(conn),
                Err(error) if tries == 0 => return Err(error),
                Err(error) => {
                    tracing::info!(%error, "a connection to the database is given up for another");
                    conn.broken = true;
                    tries -= 1;
                }
            }
        }
    }
}

fn checked_out(pool: &Pool<Manager>) -> Result<PooledConnection<Manager>> {
    pool.get().map_err(|source| {
        Error::unforeseen(format!("no connection to the database: {source}")).caused_by(source)
    })
}

fn pool(manager: Manager, size: u32) -> Result<Pool<Manager>> {
    let mut first = manager.connect()?;
    drop(first.batch("SELECT 1"));
    Ok(Pool::builder()
        .max_size(size.max(1))
        .min_idle(Some(0))
        .test_on_check_out(false)
        .connection_timeout(WAIT)
        .build_unchecked(manager))
}

fn unreachable(source: diesel::ConnectionError, what: &str) -> Error {
    Error::unforeseen(format!("cannot open the database {what}: {source}")).caused_by(source)
}

fn open_pg(url: &str, settings: &[&str]) -> Result<Link> {
    // The URL may hold a password: only what stands behind it is told.
    let shown = url.rsplit_once('@').map_or(url, |(_, server)| server);
    let mut conn = PgConnection::establish(url).map_err(|source| unreachable(source, shown))?;
    for settings in settings {
        conn.batch_execute(settings).map_err(|source| {
            Error::unforeseen(format!("the database {shown} refuses {settings:?}: {source}"))
                .caused_by(source)
        })?;
    }
    Ok(Link::Pg(Box::new(conn)))
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = Error;

    fn connect(&self) -> Result<Conn> {
        match self {
            Self::Sqlite { path, read_only } => {
                let mut conn = SqliteConnection::establish(path).map_err(|e| unreachable(e, path))?;
                super::functions::register(&mut conn)?;
                conn.batch_execute(PRAGMAS).map_err(|e| {
                    Error::unforeseen(format!("cannot open the database {path}: {e}")).caused_by(e)
                })?;
                if *read_only {
                    conn.batch_execute("PRAGMA query_only = ON")
                        .map_err(|e| Error::unforeseen(e.to_string()).caused_by(e))?;
                }
                Ok(Conn::new(Link::Sqlite(Box::new(conn)), FileId::of(path)))
            }
            Self::Pg { url, read_only: false } => Ok(Conn::new(open_pg(url, &[PLANNING])?, None)),
            Self::Pg { url, read_only: true } => {
                let url = url.clone();
                Conn::reading(Box::new(move || open_pg(&url, &[PLANNING, READ_ONLY])))
            }
        }
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<()> {
        conn.batch("SELECT 1")
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        conn.broken || std::thread::panicking()
    }
}
