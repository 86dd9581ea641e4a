//! What both databases really hold after a migration, and what is refused.

mod catalog;

use super::*;

/// A database of its own on the server that `KOJI_TEST_POSTGRES` names, dropped at the end of the test.
struct Scratch {
    admin: PgConnection,
    name: String,
}

/// None if there is no server to test on.
fn scratch(name: &str) -> Option<(Scratch, PgConnection)> {
    let Ok(url) = std::env::var("KOJI_TEST_POSTGRES") else {
        println!("skipped: KOJI_TEST_POSTGRES names no server (cargo xtask postgres COMMAND starts one)");
        return None;
    };
    let name = format!("migrate_{name}_{}", std::process::id());
    let mut admin = PgConnection::establish(&url).unwrap();
    admin.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    let (server, _) = url.rsplit_once('/').unwrap();
    let conn = PgConnection::establish(&format!("{server}/{name}")).unwrap();
    Some((Scratch { admin, name }, conn))
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = self.admin.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

fn sqlite() -> SqliteConnection {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    conn.batch_execute("PRAGMA foreign_keys = ON").unwrap();
    conn
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The columns of a database, in order, beside those that we know.
fn assert_known(found: &[Found], name: impl Fn(koji_schema::Kind) -> String) {
    let mut known = Vec::new();
    let mut tables: Vec<_> = koji_schema::TABLES.iter().collect();
    tables.sort_by_key(|table| table.name);
    for table in tables {
        known.extend(table.columns.iter().map(|it| (table.name, it.name, name(it.kind), it.nullable)));
    }
    let found = found.iter().map(|it| (it.table.as_str(), it.column.as_str(), it.kind.clone(), it.nullable));
    assert_eq!(found.collect::<Vec<_>>(), known);
}

#[test]
fn sqlite_is_made_once_and_has_what_we_know() {
    let mut conn = Conn::new(Link::Sqlite(Box::new(sqlite())), None);
    assert_eq!(migrate(&mut conn).unwrap(), Level::Empty);
    assert_eq!(migrate(&mut conn).unwrap(), Level::Ours);
    assert_eq!(level(&mut conn).unwrap(), Level::Ours);
    let Link::Sqlite(mut conn) = conn.link else { unreachable!() };
    assert_known(&columns_sqlite(&mut conn).unwrap(), |kind| kind.on_sqlite().to_owned());
}

#[test]
fn postgres_is_made_once_and_has_what_we_know() {
    let Some((_scratch, mut conn)) = scratch("made") else { return };
    assert_eq!(migrate_postgres(&mut conn).unwrap(), Level::Empty);
    assert_eq!(migrate_postgres(&mut conn).unwrap(), Level::Ours);
    let found = columns_postgres(&mut conn).unwrap();
    assert_known(&found, koji_schema::Kind::on_postgres);
    let defaults: Vec<_> = found.iter().map(|it| it.default.as_deref()).collect();
    let known = |it: &Found| koji_schema::table(&it.table).unwrap().column(&it.column).unwrap().default;
    assert_eq!(defaults, found.iter().map(known).collect::<Vec<_>>());
}

#[test]
fn a_koji_database_is_left_alone_and_an_older_one_refused() {
    let Some((_scratch, mut conn)) = scratch("koji") else { return };
    conn.batch_execute(POSTGRES).unwrap();
    conn.batch_execute("CREATE TABLE of_a_plugin (id integer NOT NULL)").unwrap();
    assert_eq!(migrate_postgres(&mut conn).unwrap(), Level::Koji);
    assert_eq!(level_postgres(&mut conn).unwrap(), Level::Koji);
    // what 1.36 added are rows
    conn.batch_execute("DELETE FROM archivetypes WHERE name LIKE 'erofs%' OR name LIKE 'squashfs%'").unwrap();
    assert_eq!(level_postgres(&mut conn).unwrap(), Level::Koji);
    let steps = [
        (
            "ALTER TABLE tag ADD COLUMN flavour integer NOT NULL",
            "a later Koji than is known here",
            "tag.flavour is unknown and required",
        ),
        ("DROP TABLE repo_queue", "Koji 1.34 (", "the table repo_queue is missing"),
        ("ALTER TABLE rpminfo DROP COLUMN draft CASCADE", "Koji 1.33 or earlier", "rpminfo.draft is missing"),
        ("DROP TABLE task CASCADE", "not like Koji's", "the table task is missing"),
    ];
    for (change, release, difference) in steps {
        conn.batch_execute(change).unwrap();
        let error = migrate_postgres(&mut conn).unwrap_err();
        assert_eq!(error.fault, Fault::Configuration);
        assert!(error.message.contains(release) && error.message.contains(difference), "{error}");
    }
}

#[test]
fn a_foreign_sqlite_file_is_refused() {
    let mut conn = sqlite();
    conn.batch_execute("CREATE TABLE notes (text TEXT)").unwrap();
    assert!(migrate_sqlite(&mut conn).unwrap_err().message.contains("user_version is 0"));
    conn.batch_execute("PRAGMA user_version = 1").unwrap();
    assert!(migrate_sqlite(&mut conn).unwrap_err().message.contains("and 60 more"));
}

/// Rows that both databases take or refuse alike; each statement stands for itself.
const TAKEN: [&str; 5] = [
    "INSERT INTO events (id) VALUES (1)",
    "INSERT INTO users (id, name, status, usertype) VALUES (1, 'x', 0, 0)",
    "INSERT INTO package (id, name) VALUES (1, 'p')",
    "INSERT INTO build (id, volume_id, pkg_id, version, release, draft, create_event, state, owner) \
     VALUES (7, 0, 1, '1', '1,draft_7', true, 1, 0, 1)",
    "INSERT INTO user_perms (user_id, perm_id, create_event, creator_id) VALUES (1, 1, 1, 1)",
];
const REFUSED: [&str; 8] = [
    // a draft's release names its build
    "INSERT INTO build (id, volume_id, pkg_id, version, release, draft, create_event, state, owner) \
     VALUES (8, 0, 1, '1', '1,draft_7', true, 1, 0, 1)",
    // a completed build without a time
    "INSERT INTO build (volume_id, pkg_id, version, release, create_event, state, owner) VALUES (0, 1, '2', '1', 1, 1, 1)",
    // revoked by nobody
    "UPDATE user_perms SET active = NULL",
    // active is true or null
    "UPDATE user_perms SET active = false",
    // the same permission twice
    "INSERT INTO user_perms (user_id, perm_id, create_event, creator_id) VALUES (1, 1, 1, 1)",
    // no such user
    "INSERT INTO user_perms (user_id, perm_id, create_event, creator_id) VALUES (99, 1, 1, 1)",
    // at most 50 characters
    "INSERT INTO permissions (name) VALUES ('123456789012345678901234567890123456789012345678901')",
    "INSERT INTO scheduler_sys_data (name, data) VALUES ('x', 'no json')",
];

fn assert_rules(conn: &mut impl SimpleConnection) {
    for sql in TAKEN {
        assert!(conn.batch_execute(sql).is_ok(), "{sql}: {:?}", conn.batch_execute(sql));
    }
    for sql in REFUSED {
        assert!(conn.batch_execute(sql).is_err(), "{sql}");
    }
    for sql in ["INSERT INTO btype (name) VALUES ('new')", "INSERT INTO volume (name) VALUES ('new')"] {
        assert!(conn.batch_execute(sql).is_ok(), "{sql}");
    }
}

/// Ids go on after the rows of a fresh database.
const NEXT_IDS: &str = "SELECT 100 * (SELECT max(id) FROM btype) + (SELECT max(id) FROM volume) AS number";

#[test]
fn sqlite_keeps_the_rules() {
    let mut conn = sqlite();
    migrate_sqlite(&mut conn).unwrap();
    assert_rules(&mut conn);
    let number = diesel::sql_query(NEXT_IDS).get_result::<Number>(&mut conn).unwrap().number;
    assert_eq!(number, 501);
    let age = "SELECT CAST(abs(time - strftime('%s', 'now')) AS INTEGER) AS number FROM events";
    assert!(diesel::sql_query(age).get_result::<Number>(&mut conn).unwrap().number < 60);
}

#[test]
fn postgres_keeps_the_rules() {
    let Some((_scratch, mut conn)) = scratch("rules") else { return };
    migrate_postgres(&mut conn).unwrap();
    assert_rules(&mut conn);
    let next = NEXT_IDS.replace("100 *", "100::bigint *");
    assert_eq!(diesel::sql_query(next).get_result::<Number>(&mut conn).unwrap().number, 501);
    conn.batch_execute("SELECT setval('events_id_seq', 10)").unwrap();
    let event = "SELECT get_event()::bigint AS number";
    assert_eq!(diesel::sql_query(event).get_result::<Number>(&mut conn).unwrap().number, 11);
    let known = "SELECT count(*) AS number FROM events WHERE get_event_time(id) = time AND id = 11";
    assert_eq!(diesel::sql_query(known).get_result::<Number>(&mut conn).unwrap().number, 1);
}

#[test]
fn down_leaves_nothing() {
    let mut conn = sqlite();
    migrate_sqlite(&mut conn).unwrap();
    conn.batch_execute(include_str!("../../../migrations/sqlite/00000000000001_koji/down.sql")).unwrap();
    assert_eq!(level_sqlite(&mut conn).unwrap(), Level::Empty);
    let Some((_scratch, mut conn)) = scratch("down") else { return };
    migrate_postgres(&mut conn).unwrap();
    conn.batch_execute(include_str!("../../../migrations/postgres/00000000000001_koji/down.sql")).unwrap();
    assert_eq!(migrate_postgres(&mut conn).unwrap(), Level::Empty);
}
