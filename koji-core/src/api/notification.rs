//! Methods about the mails that users want.

use super::args::expected;
use super::later::Later;
use crate::db::Lookup;
use crate::methods;
use crate::notification::block::{self, Block};
use crate::notification::subscription::{self, Notification, Subject};
use crate::user::info::UserRef;
use crate::wire::Value;

methods! {
    /// What a user wants mails about; the caller, if nobody is named.
    read Anyone => GetBuildNotifications "getBuildNotifications" (userID: UserRef = UserRef::Me)
        -> Vec<Notification> = |m, cx| subscription::list(cx, &m.userID);

    /// One wish for mails.
    read Anyone => GetBuildNotification "getBuildNotification" (id: Option<i64>, strict: bool = false)
        -> Option<Notification> = |m, cx|
        match m.id {
            Some(id) if m.strict => subscription::get(cx, id).map(Some),
            Some(id) => subscription::find(cx, id),
            None if m.strict => Err(expected("the id of a notification", &Value::Nil)),
            None => Ok(None),
        };

    /// What a user wants no mails about; the caller, if nobody is named.
    read Anyone => GetBuildNotificationBlocks "getBuildNotificationBlocks" (userID: UserRef = UserRef::Me)
        -> Vec<Block> = |m, cx| block::list(cx, &m.userID);

    /// One wish for no mails.
    read Anyone => GetBuildNotificationBlock "getBuildNotificationBlock" (id: Option<i64>, strict: bool = false)
        -> Option<Block> = |m, cx|
        match m.id {
            Some(id) if m.strict => block::get(cx, id).map(Some),
            Some(id) => block::find(cx, id),
            None if m.strict => Err(expected("the id of a notification block", &Value::Nil)),
            None => Ok(None),
        };

    /// Changes a wish for mails: one's own, or as an admin anybody's.
    write Inside("its owner or admin") => UpdateNotification "updateNotification"
        (id: Later<i64>, package_id: Option<Lookup>, tag_id: Option<Lookup>, success_only: bool) -> () = |m, cx| {
            let subject = Subject { package: m.package_id, tag: m.tag_id };
            subscription::update(cx, || m.id.read("id"), &subject, m.success_only)
        };

    /// Makes a wish for mails, for oneself or as an admin for anybody.
    write Inside("the user himself or admin") => CreateNotification "createNotification"
        (user_id: UserRef, package_id: Option<Lookup>, tag_id: Option<Lookup>, success_only: bool) -> ()
        = |m, cx| {
            let subject = Subject { package: m.package_id, tag: m.tag_id };
            subscription::create(cx, &m.user_id, &subject, m.success_only)
        };

    /// Takes a wish for mails away.
    write Inside("its owner or admin") => DeleteNotification "deleteNotification" (id: i64) -> ()
        = |m, cx| subscription::delete(cx, m.id);

    /// Makes a wish for no mails, for oneself or as an admin for anybody.
    write Inside("the user himself or admin") => CreateNotificationBlock "createNotificationBlock"
        (user_id: UserRef, package_id: Option<Lookup> = None, tag_id: Option<Lookup> = None) -> ()
        = |m, cx| block::create(cx, &m.user_id, &Subject { package: m.package_id, tag: m.tag_id });

    /// Takes a wish for no mails away.
    write Inside("its owner or admin") => DeleteNotificationBlock "deleteNotificationBlock" (id: i64) -> ()
        = |m, cx| block::delete(cx, m.id);
}
