//! Methods about users, their groups and Kerberos principals.

use super::args::{Arg, expected};
use super::cast::{NameText, Truthy, checked};
use super::column::ColumnText;
use crate::db::lookup::Named;
use crate::db::{Lookup, QueryOpts, Rows};
use crate::methods;
use crate::user::edit::{self, PrincipalChange, status};
use crate::user::groups::{self, Member};
use crate::user::info::{self, Caller, UserInfo, UserRef};
use crate::user::list::{self, Wanted};
use crate::user::principal;
use crate::wire::{Map, Value};
use crate::{Error, Result};

methods! {
    /// A user, by id, name or Kerberos principal; the caller if none is named.
    read Anyone => GetUser "getUser" (userInfo: UserRef = UserRef::Me, strict: bool = false,
            krb_princs: bool = true, groups: bool = false) -> Option<UserInfo> = |m, cx| {
        let found = if m.strict { Some(info::get(cx, &m.userInfo)?) } else { info::find(cx, &m.userInfo)? };
        found.map(|user| info::describe(cx, user, m.krb_princs, m.groups)).transpose()
    };

    /// The user who calls, if logged in.
    read Anyone => GetLoggedInUser "getLoggedInUser" () -> Option<Caller> = |_m, cx| info::logged_in(cx);

    /// Users of a kind (0 person, 1 host, 2 group; null for all), with a name that begins so, or with a permission.
    read Anyone => ListUsers "listUsers" (userType: UserKinds = UserKinds(Some(vec![0])),
            prefix: Truthy<ColumnText> = Truthy(None), queryOpts: QueryOpts = QueryOpts::default(),
            perm: Truthy<Lookup> = Truthy(None), inherited_perm: bool = false) -> Rows<UserInfo>
        = |m, cx| {
            let prefix = m.prefix.0.map(|prefix| prefix.0);
            let wanted =
                Wanted { kinds: m.userType.0, prefix, perm: m.perm.0, inherited: m.inherited_perm };
            list::list(cx, &wanted, &m.queryOpts)
        };

    /// Makes a user; its id.
    write Perm("admin") => CreateUser "createUser" (username: NameText, status: Value = Value::Nil,
            krb_principal: Option<NameText> = None) -> i32
        = |m, cx| edit::create(cx, &m.username.0, &m.status, m.krb_principal.as_ref().map(|name| name.0.as_str()));

    /// Renames a user, or changes its Kerberos principals: each change takes `old` away and adds `new`.
    write Perm("admin") => EditUser "editUser" (userInfo: UserRef, name: Truthy<NameText> = Truthy(None),
            krb_principal_mappings: Truthy<Vec<PrincipalChange>> = Truthy(None)) -> ()
        = |m, cx| {
            let name = m.name.0.as_ref().map(|name| name.0.as_str());
            edit::edit(cx, &m.userInfo, name, &m.krb_principal_mappings.0.unwrap_or_default())
        };

    /// Gives a user a Kerberos principal; the user's id.
    write Perm("admin") => AddUserKrbPrincipal "addUserKrbPrincipal" (user: UserRef, krb_principal: Principal)
        -> i32 = |m, cx| {
            let user = info::get(cx, &m.user)?;
            principal::add(cx, user.id, &m.krb_principal.0)?;
            Ok(user.id)
        };

    /// Takes a Kerberos principal from a user; the user's id.
    write Perm("admin") => RemoveUserKrbPrincipal "removeUserKrbPrincipal"
            (user: UserRef, krb_principal: Principal) -> i32 = |m, cx| {
        let user = info::get(cx, &m.user)?;
        principal::remove(cx, user.id, &m.krb_principal.0)?;
        Ok(user.id)
    };

    /// Lets a user log in again.
    write Inside("admin, once the user is found") => EnableUser "enableUser" (username: UserRef) -> ()
        = |m, cx| {
            let user = info::get(cx, &m.username)?;
            cx.require_perm("admin")?;
            edit::set_status(cx, &user, status::NORMAL)
        };

    /// Lets a user no longer log in; open sessions end as well.
    write Inside("admin, once the user is found") => DisableUser "disableUser" (username: UserRef) -> ()
        = |m, cx| {
            let user = info::get(cx, &m.username)?;
            cx.require_perm("admin")?;
            edit::set_status(cx, &user, status::BLOCKED)
        };

    /// Makes a group of users; its id.
    write Perm("admin") => NewGroup "newGroup" (name: NameText) -> i32 = |m, cx| groups::create(cx, &m.name.0);

    /// Puts a user into a group.
    write Perm("admin") => AddGroupMember "addGroupMember" (group: UserRef, user: UserRef, strict: bool = true)
        -> () = |m, cx| groups::add_member(cx, &m.group, &m.user, m.strict);

    /// Takes a user out of a group.
    write Perm("admin") => DropGroupMember "dropGroupMember" (group: UserRef, user: UserRef) -> ()
        = |m, cx| groups::drop_member(cx, &m.group, &m.user);

    /// The members of a group.
    read Anyone => GetGroupMembers "getGroupMembers" (group: UserRef) -> Vec<Member>
        = |m, cx| groups::members(cx, &m.group);

    /// The groups that a user is in.
    read Anyone => GetUserGroups "getUserGroups" (user: UserRef) -> Vec<Named> = |m, cx| {
        let user = info::get(cx, &m.user)?;
        groups::of_user(cx, user.id)
    };
}

impl Arg for UserRef {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Nil => Ok(Self::Me),
            Value::Int(id) => Ok(Self::Id(id)),
            Value::String(text) => Ok(Self::Text(text)),
            Value::Struct(members) => parts(members),
            // Koji takes it for an integer, and the database does not
            Value::Bool(_) => Err(expected("a user", &value)),
            other => Err(invalid("userInfo", &other)),
        }
    }
    fn give(&self) -> Value {
        match self {
            Self::Me => Value::Nil,
            Self::Id(id) => Value::Int(*id),
            Self::Text(text) => Value::String(text.clone()),
            Self::Parts { id, name, krb_principal } => {
                let text = |text: &Option<String>| text.as_ref().map(|text| Value::String(text.clone()));
                let parts = [
                    ("id", id.map(Value::Int)),
                    ("name", text(name)),
                    ("krb_principal", text(krb_principal)),
                ];
                Value::Struct(
                    parts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect(),
                )
            }
        }
    }
}

/// Koji answers with a generic fault, not one about parameters, to what names no user.
fn invalid(what: &str, came: &Value) -> Error {
    Error::generic(format!("Invalid type for {what}: {}", came.kind()))
}

fn parts(members: Map) -> Result<UserRef> {
    let (mut id, mut name, mut krb_principal) = (None, None, None);
    for (key, value) in members {
        let text = match (key.as_str(), value) {
            (_, Value::Nil) => continue,
            ("id", Value::Int(number)) => {
                id = Some(number);
                continue;
            }
            ("name" | "krb_principal", Value::String(text)) => Some(text).filter(|text| !text.is_empty()),
            ("id", other @ Value::Bool(_)) => return Err(expected("a user's id", &other)),
            ("id", other) => return Err(invalid("userid", &other)),
            ("name" | "krb_principal", other) => return Err(invalid(&key, &other)),
            _ => continue,
        };
        match key.as_str() {
            "name" => name = text,
            _ => krb_principal = text,
        }
    }
    if id.is_none() && name.is_none() && krb_principal.is_none() {
        return Err(Error::generic("a struct that names a user needs id, name or krb_principal"));
    }
    Ok(UserRef::Parts { id, name, krb_principal })
}

/// Kinds of users: one, several, or all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserKinds(pub Option<Vec<i64>>);

impl Arg for UserKinds {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Nil => Ok(Self(None)),
            Value::Array(list) if list.is_empty() => Err(expected("at least one kind", &Value::Array(list))),
            Value::Array(_) => Vec::take(value).map(|kinds| Self(Some(kinds))),
            Value::Int(_) | Value::Bool(_) => i64::take(value).map(|kind| Self(Some(vec![kind]))),
            other => Err(checked(expected("an integer, a list of them or null", &other))),
        }
    }
    fn give(&self) -> Value {
        match &self.0 {
            None => Value::Nil,
            Some(kinds) => match kinds.as_slice() {
                [kind] => Value::Int(*kind),
                several => Value::Array(several.iter().map(Arg::give).collect()),
            },
        }
    }
}

/// A Kerberos principal that must be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal(pub String);

impl Arg for Principal {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            Value::Nil => Err(Error::generic("No kerberos principal provided")),
            other => Err(invalid("krb_principal", &other)),
        }
    }
    fn give(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl Arg for PrincipalChange {
    fn take(value: Value) -> Result<Self> {
        let of = |key: &str| -> Result<Option<String>> {
            let part = Truthy::<NameText>::take(value.get(key).cloned().unwrap_or_default())?;
            Ok(part.0.map(|name| name.0))
        };
        match &value {
            Value::Struct(_) => Ok(Self { old: of("old")?, new: of("new")? }),
            other => Err(expected("a struct with old and new", other)),
        }
    }
    fn give(&self) -> Value {
        Value::Struct(vec![("old".to_owned(), self.old.give()), ("new".to_owned(), self.new.give())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_named_in_several_ways() {
        let named = |members: &[(&str, Value)]| {
            let members = members.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
            UserRef::take(Value::Struct(members))
        };
        let both = named(&[("id", 3.into()), ("name", "bob".into()), ("status", 0.into())]).unwrap();
        assert_eq!(both, UserRef::Parts { id: Some(3), name: Some("bob".into()), krb_principal: None });
        assert_eq!(UserRef::take(both.give()).unwrap(), both);
        for wrong in [named(&[("id", "one".into())]), named(&[]), named(&[("name", "".into())])] {
            assert_eq!(wrong.unwrap_err().fault, crate::Fault::Generic);
        }
        assert!(UserRef::take(Value::Array(vec!["bob".into()])).is_err());
    }
}
