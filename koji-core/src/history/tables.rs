//! The versioned tables: their columns, what these refer to, and what each table is about.
//!
//! The table itself is `h` in every statement. Where a table refers to two things of a kind, only one of them
//! is what it is about, as in Koji: a target's destination, the group that another one requires, the group
//! that a user is in.

use super::row::Column;
use super::row::Kind::{self, Bool, Double, Int, Json, Text, Time};

/// What a row of history may be about; clients name these as keywords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Tag,
    Build,
    Host,
    Channel,
    Package,
    /// A package in a comps group, which need not be known otherwise
    GroupPackage,
    User,
    Permission,
    Cg,
    ExternalRepo,
    BuildTarget,
    Group,
    Xkey,
}

/// A versioned table.
pub(super) struct Table {
    pub name: &'static str,
    pub columns: &'static [Column],
    pub joins: &'static [&'static str],
    /// What it is about, with the condition for it
    pub about: &'static [(Subject, &'static str)],
}

const fn col(key: &'static str, sql: &'static str, kind: Kind) -> Column {
    Column { key, sql, kind }
}

/// The columns that all have.
pub(super) static COMMON: &[Column] = &[
    col("active", "h.active", Bool),
    col("create_event", "h.create_event", Int),
    col("revoke_event", "h.revoke_event", Int),
    col("creator_id", "h.creator_id", Int),
    col("revoker_id", "h.revoker_id", Int),
    col("creator_name", "creator.name", Text),
    col("revoker_name", "revoker.name", Text),
    col("create_ts", "ev1.time", Time),
    col("revoke_ts", "ev2.time", Time),
];

const TAG_ID: Column = col("tag_id", "h.tag_id", Int);
const TAG_NAME: Column = col("tag.name", "tag.name", Text);
const BLOCKED: Column = col("blocked", "h.blocked", Bool);
const USER_ID: Column = col("user_id", "h.user_id", Int);
const USER_NAME: Column = col("user.name", "users.name", Text);
const GROUP_ID: Column = col("group_id", "h.group_id", Int);
const GROUP_NAME: Column = col("group.name", "groups.name", Text);
const PACKAGE_ID: Column = col("package_id", "h.package_id", Int);
const PACKAGE_NAME: Column = col("package.name", "package.name", Text);
const REPO_ID: Column = col("external_repo_id", "h.external_repo_id", Int);
const REPO_NAME: Column = col("external_repo.name", "external_repo.name", Text);
const HOST_ID: Column = col("host_id", "h.host_id", Int);
const HOST_NAME: Column = col("host.name", "host.name", Text);

const TAG_JOIN: &str = "tag ON tag.id = h.tag_id";
const USER_JOIN: &str = "users ON users.id = h.user_id";
const GROUP_JOIN: &str = "groups ON groups.id = h.group_id";
const PACKAGE_JOIN: &str = "package ON package.id = h.package_id";
const REPO_JOIN: &str = "external_repo ON external_repo.id = h.external_repo_id";
const HOST_JOIN: &str = "host ON host.id = h.host_id";

const ABOUT_TAG: (Subject, &str) = (Subject::Tag, "h.tag_id = ?");
const ABOUT_PACKAGE: (Subject, &str) = (Subject::Package, "h.package_id = ?");
const ABOUT_REPO: (Subject, &str) = (Subject::ExternalRepo, "h.external_repo_id = ?");
const ABOUT_USER: (Subject, &str) = (Subject::User, "h.user_id = ?");
const ABOUT_HOST: (Subject, &str) = (Subject::Host, "h.host_id = ?");
const ABOUT_GROUP: (Subject, &str) = (Subject::Group, "h.group_id = ?");
const ABOUT_PERM: (Subject, &str) = (Subject::Permission, "h.perm_id = ?");

/// All of them, by name.
#[rustfmt::skip]
pub(super) static TABLES: &[Table] = &[
    Table {
        name: "build_target_config",
        columns: &[
            col("build_target_id", "h.build_target_id", Int), col("build_target.name", "build_target.name", Text),
            col("build_tag", "h.build_tag", Int), col("build_tag.name", "build_tag.name", Text),
            col("dest_tag", "h.dest_tag", Int), col("dest_tag.name", "dest_tag.name", Text),
        ],
        joins: &[
            "build_target ON build_target.id = h.build_target_id", "tag AS build_tag ON build_tag.id = h.build_tag",
            "tag AS dest_tag ON dest_tag.id = h.dest_tag",
        ],
        about: &[(Subject::Tag, "h.dest_tag = ?"), (Subject::BuildTarget, "h.build_target_id = ?")],
    },
    Table {
        name: "cg_users",
        columns: &[
            USER_ID, USER_NAME, col("cg_id", "h.cg_id", Int),
            col("content_generator.name", "content_generator.name", Text),
        ],
        joins: &[USER_JOIN, "content_generator ON content_generator.id = h.cg_id"],
        about: &[ABOUT_USER, (Subject::Cg, "h.cg_id = ?")],
    },
    Table {
        name: "external_repo_config",
        columns: &[REPO_ID, REPO_NAME, col("url", "h.url", Text)],
        joins: &[REPO_JOIN],
        about: &[ABOUT_REPO],
    },
    Table {
        name: "external_repo_data",
        columns: &[REPO_ID, REPO_NAME, col("data", "h.data", Json)],
        joins: &[REPO_JOIN],
        about: &[ABOUT_REPO],
    },
    Table {
        name: "group_config",
        columns: &[
            GROUP_ID, GROUP_NAME, TAG_ID, TAG_NAME, BLOCKED, col("exported", "h.exported", Bool),
            col("display_name", "h.display_name", Text), col("is_default", "h.is_default", Bool),
            col("uservisible", "h.uservisible", Bool), col("description", "h.description", Text),
            col("langonly", "h.langonly", Text), col("biarchonly", "h.biarchonly", Bool),
        ],
        joins: &[GROUP_JOIN, TAG_JOIN],
        about: &[ABOUT_TAG, ABOUT_GROUP],
    },
    Table {
        name: "group_package_listing",
        columns: &[
            GROUP_ID, GROUP_NAME, TAG_ID, TAG_NAME, col("package", "h.package", Text), BLOCKED,
            col("type", "h.type", Text), col("basearchonly", "h.basearchonly", Bool),
            col("requires", "h.requires", Text),
        ],
        joins: &[GROUP_JOIN, TAG_JOIN],
        about: &[ABOUT_TAG, ABOUT_GROUP, (Subject::GroupPackage, "h.package = ?")],
    },
    Table {
        name: "group_req_listing",
        columns: &[
            GROUP_ID, GROUP_NAME, TAG_ID, TAG_NAME, col("req_id", "h.req_id", Int), col("req.name", "req.name", Text),
            BLOCKED, col("type", "h.type", Text), col("is_metapkg", "h.is_metapkg", Bool),
        ],
        joins: &[GROUP_JOIN, TAG_JOIN, "groups AS req ON req.id = h.req_id"],
        about: &[ABOUT_TAG, (Subject::Group, "h.req_id = ?")],
    },
    Table {
        name: "host_channels",
        columns: &[
            HOST_ID, HOST_NAME, col("channel_id", "h.channel_id", Int), col("channels.name", "channels.name", Text),
        ],
        joins: &[HOST_JOIN, "channels ON channels.id = h.channel_id"],
        about: &[ABOUT_HOST, (Subject::Channel, "h.channel_id = ?")],
    },
    Table {
        name: "host_config",
        columns: &[
            HOST_ID, HOST_NAME, col("arches", "h.arches", Text), col("capacity", "h.capacity", Double),
            col("description", "h.description", Text), col("comment", "h.comment", Text),
            col("enabled", "h.enabled", Bool),
        ],
        joins: &[HOST_JOIN],
        about: &[ABOUT_HOST],
    },
    Table {
        name: "tag_config",
        columns: &[
            TAG_ID, TAG_NAME, col("arches", "h.arches", Text), col("perm_id", "h.perm_id", Int),
            col("permission.name", "permission.name", Text), col("locked", "h.locked", Bool),
            col("maven_support", "h.maven_support", Bool), col("maven_include_all", "h.maven_include_all", Bool),
        ],
        joins: &[TAG_JOIN, "permissions AS permission ON permission.id = h.perm_id"],
        about: &[ABOUT_TAG, ABOUT_PERM],
    },
    Table {
        name: "tag_external_repos",
        columns: &[
            TAG_ID, TAG_NAME, REPO_ID, REPO_NAME, col("priority", "h.priority", Int),
            col("merge_mode", "h.merge_mode", Text), col("arches", "h.arches", Text),
        ],
        joins: &[TAG_JOIN, REPO_JOIN],
        about: &[ABOUT_TAG, ABOUT_REPO],
    },
    Table {
        name: "tag_extra",
        columns: &[TAG_ID, TAG_NAME, col("key", "h.key", Text), col("value", "h.value", Text)],
        joins: &[TAG_JOIN],
        about: &[ABOUT_TAG, (Subject::Xkey, "h.key = ?")],
    },
    Table {
        name: "tag_inheritance",
        columns: &[
            TAG_ID, TAG_NAME, col("parent_id", "h.parent_id", Int), col("parent.name", "parent.name", Text),
            col("priority", "h.priority", Int), col("maxdepth", "h.maxdepth", Int),
            col("intransitive", "h.intransitive", Bool), col("noconfig", "h.noconfig", Bool),
            col("pkg_filter", "h.pkg_filter", Text),
        ],
        joins: &[TAG_JOIN, "tag AS parent ON parent.id = h.parent_id"],
        about: &[(Subject::Tag, "h.tag_id = ? OR h.parent_id = ?")],
    },
    Table {
        name: "tag_listing",
        columns: &[
            col("build_id", "h.build_id", Int), col("name", "package.name", Text), col("version", "build.version", Text),
            col("release", "build.release", Text), col("epoch", "build.epoch", Int),
            col("build.state", "build.state", Int), TAG_ID, TAG_NAME,
        ],
        joins: &["build ON build.id = h.build_id", "package ON package.id = build.pkg_id", TAG_JOIN],
        about: &[ABOUT_TAG, (Subject::Build, "h.build_id = ?"), (Subject::Package, "build.pkg_id = ?")],
    },
    Table {
        name: "tag_package_owners",
        columns: &[
            PACKAGE_ID, PACKAGE_NAME, TAG_ID, TAG_NAME, col("owner", "h.owner", Int),
            col("owner.name", "owner.name", Text),
        ],
        joins: &[PACKAGE_JOIN, TAG_JOIN, "users AS owner ON owner.id = h.owner"],
        about: &[ABOUT_TAG, ABOUT_PACKAGE, (Subject::User, "h.owner = ?")],
    },
    Table {
        name: "tag_packages",
        columns: &[
            PACKAGE_ID, PACKAGE_NAME, TAG_ID, TAG_NAME, BLOCKED, col("extra_arches", "h.extra_arches", Text),
        ],
        joins: &[PACKAGE_JOIN, TAG_JOIN],
        about: &[ABOUT_TAG, ABOUT_PACKAGE],
    },
    Table {
        name: "user_groups",
        columns: &[USER_ID, USER_NAME, GROUP_ID, col("group.name", "usergroup.name", Text)],
        joins: &[USER_JOIN, "users AS usergroup ON usergroup.id = h.group_id"],
        about: &[(Subject::User, "h.group_id = ?")],
    },
    Table {
        name: "user_perms",
        columns: &[
            USER_ID, USER_NAME, col("perm_id", "h.perm_id", Int), col("permission.name", "permission.name", Text),
        ],
        joins: &[USER_JOIN, "permissions AS permission ON permission.id = h.perm_id"],
        about: &[ABOUT_USER, ABOUT_PERM],
    },
];

impl Table {
    /// The condition for a subject, if the table is about such things.
    pub(super) fn about(&self, subject: Subject) -> Option<&'static str> {
        self.about.iter().find(|(known, _)| *known == subject).map(|(_, condition)| *condition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_those_of_the_tables() {
        for table in TABLES {
            let schema = koji_schema::table(table.name).expect(table.name);
            for column in table.columns.iter().chain(COMMON) {
                let Some(own) = column.sql.strip_prefix("h.") else { continue };
                let known = schema.column(own).expect(own);
                let kind = match known.kind {
                    koji_schema::Kind::Boolean => Bool,
                    koji_schema::Kind::Double => Double,
                    koji_schema::Kind::Json | koji_schema::Kind::Jsonb => Json,
                    koji_schema::Kind::Text | koji_schema::Kind::Varchar(_) => Text,
                    _ => Int,
                };
                assert_eq!(column.kind, kind, "{}.{own}", table.name);
            }
        }
        assert!(TABLES.is_sorted_by_key(|table| table.name));
    }
}
