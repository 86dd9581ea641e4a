//! Volumes: directories, often of other disks, that builds can be kept on.
//!
//! The volume DEFAULT is the top directory itself; any other is `vol/NAME` below it, with a symlink `toplink` back to
//! the top. The hub never makes a volume's directory: that is the administrator's part.

pub mod change;
pub mod links;
pub mod policy;

use std::path::Path;

use crate::context::Cx;
use crate::db::lookup::{self, Named};
use crate::db::{Delete, Insert, Lookup, Query};
use crate::{Error, Result};

/// All volumes.
pub fn list(cx: &mut Cx<'_>) -> Result<Vec<Named>> {
    let rows: Vec<(i32, String)> = Query::from("volume").order("id").select(cx.db, "id, name")?;
    Ok(rows.into_iter().map(|(id, name)| Named { id, name }).collect())
}

/// A volume, if there is one.
pub fn find(cx: &mut Cx<'_>, volume: &Lookup) -> Result<Option<Named>> {
    lookup::find(cx, "volume", volume)
}

/// A volume that must be there.
pub fn get(cx: &mut Cx<'_>, volume: &Lookup) -> Result<Named> {
    lookup::get(cx, "volume", "volume", volume)
}

/// Makes a directory below `vol` known as a volume. One that is known is an error if `strict`, else the answer.
pub fn add(cx: &mut Cx<'_>, name: &str, strict: bool) -> Result<Named> {
    cx.env.config.name_limits()?.verify_internal(name)?;
    crate::paths::check_segment("volume name", name)?;
    let dir = cx.env.paths.volume(Some(name));
    if !dir.is_dir() {
        return Err(Error::generic(format!("please create the volume directory first: {}", dir.display())));
    }
    check_toplink(&dir.join("toplink"), cx.env.paths.top())?;
    if let Some(known) = find(cx, &Lookup::from(name))? {
        return if strict { Err(Error::generic(format!("volume {name} already exists"))) } else { Ok(known) };
    }
    let id = Insert::into("volume").set("name", name).returning(cx.db, "id")?;
    Ok(Named { id, name: name.to_owned() })
}

/// The way back to the top directory: made if it is missing, refused if it leads elsewhere.
fn check_toplink(link: &Path, top: &Path) -> Result<()> {
    let Ok(meta) = link.symlink_metadata() else {
        return std::os::unix::fs::symlink(top, link).map_err(|source| Error::io(link, source));
    };
    if !meta.file_type().is_symlink() {
        return Err(Error::generic(format!("Not a symlink: {}", link.display())));
    }
    match (link.canonicalize(), top.canonicalize()) {
        (Ok(target), Ok(top)) if target == top => Ok(()),
        (Ok(_), _) => Err(Error::generic(format!("Invalid volume toplink: {}", link.display()))),
        (Err(_), _) => Err(Error::generic(format!("Broken volume toplink: {}", link.display()))),
    }
}

/// Forgets a volume that no build is on.
pub fn remove(cx: &mut Cx<'_>, volume: &Lookup) -> Result<()> {
    let volume = get(cx, volume)?;
    if Query::from("build").filter("volume_id = ?", volume.id).exists(cx.db)? {
        return Err(Error::generic(format!("volume {} has build references", volume.name)));
    }
    Delete::from("volume").filter("id = ?", volume.id).execute(cx.db).map(drop)
}
