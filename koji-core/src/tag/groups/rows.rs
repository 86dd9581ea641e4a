//! The entries of groups, as they are stored and answered.

use serde::Serialize;

use crate::row;

row! {
    /// A group in a tag.
    pub struct GroupRow {
        /// The group's name
        pub name: String = "groups.name",
        /// The group
        pub group_id: i32 = "group_config.group_id",
        /// The tag that has the entry
        pub tag_id: i32 = "group_config.tag_id",
        /// Whether the group is blocked from here on
        pub blocked: bool = "group_config.blocked",
        /// Whether it goes into the comps file
        pub exported: Option<bool> = "group_config.exported",
        /// The name to show
        pub display_name: String = "group_config.display_name",
        /// Whether it is chosen by default
        pub is_default: Option<bool> = "group_config.is_default",
        /// Whether users see it
        pub uservisible: Option<bool> = "group_config.uservisible",
        /// What it is for
        pub description: Option<String> = "group_config.description",
        /// The language that it is for
        pub langonly: Option<String> = "group_config.langonly",
        /// Whether it is for systems of two arches
        pub biarchonly: Option<bool> = "group_config.biarchonly",
    }
}

row! {
    /// A package of a group.
    pub struct PackageRow {
        /// The group
        pub group_id: i32 = "group_package_listing.group_id",
        /// The tag that has the entry
        pub tag_id: i32 = "group_package_listing.tag_id",
        /// The package's name
        pub package: String = "group_package_listing.package",
        /// Whether it is blocked from here on
        pub blocked: bool = "group_package_listing.blocked",
        /// `mandatory`, `default`, `optional`, `conditional`
        pub r#type: String = "group_package_listing.type",
        /// Whether only the base arch has it
        pub basearchonly: Option<bool> = "group_package_listing.basearchonly",
        /// For conditional ones: the package that it goes with
        pub requires: Option<String> = "group_package_listing.requires",
    }
}

row! {
    /// A group that a group requires.
    pub struct ReqRow {
        /// The group that requires
        pub group_id: i32 = "group_req_listing.group_id",
        /// The tag that has the entry
        pub tag_id: i32 = "group_req_listing.tag_id",
        /// The group that is required
        pub req_id: i32 = "group_req_listing.req_id",
        /// Whether it is blocked from here on
        pub blocked: bool = "group_req_listing.blocked",
        /// `mandatory`, `default`, `optional`
        pub r#type: Option<String> = "group_req_listing.type",
        /// Whether the required group is shown as one item
        pub is_metapkg: bool = "group_req_listing.is_metapkg",
        /// The name of the group that is required
        pub name: String = "groups.name",
    }
}

/// A group with what it holds.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// The entry that decides
    #[serde(flatten)]
    pub row: GroupRow,
    /// Its packages, if they were asked for
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packagelist: Option<Vec<PackageRow>>,
    /// The groups that it requires, if they were asked for
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grouplist: Option<Vec<ReqRow>>,
}

impl Group {
    /// The entry of a package.
    pub fn package(&self, name: &str) -> Option<&PackageRow> {
        self.packagelist.iter().flatten().find(|row| row.package == name)
    }

    /// The entry of a group that is required.
    pub fn requirement(&self, group: i32) -> Option<&ReqRow> {
        self.grouplist.iter().flatten().find(|row| row.req_id == group)
    }
}
