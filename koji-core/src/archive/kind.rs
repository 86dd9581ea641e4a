//! Archive types: which files are archives, told by their extensions.

use crate::context::Cx;
use crate::db::{Insert, Query};
use crate::{Error, Result, row};

row! {
    /// An archive type.
    pub struct ArchiveType {
        /// Its id
        pub id: i32 = "archivetypes.id",
        /// Its name
        pub name: String = "archivetypes.name",
        /// What it is
        pub description: String = "archivetypes.description",
        /// The extensions of such files, separated by spaces, without their dot
        pub extensions: String = "archivetypes.extensions",
        /// How such files can be looked into: `zip`, `tar` or not at all
        pub compression_type: Option<String> = "archivetypes.compression_type",
    }
}

/// All archive types.
pub fn list(cx: &mut Cx<'_>) -> Result<Vec<ArchiveType>> {
    Query::from("archivetypes").order("id").load(cx.db)
}

/// The archive type of an id.
pub fn find_by_id(cx: &mut Cx<'_>, id: i64) -> Result<Option<ArchiveType>> {
    Query::from("archivetypes").filter("id = ?", id).first(cx.db)
}

/// The archive type of a name.
pub fn find_by_name(cx: &mut Cx<'_>, name: &str) -> Result<Option<ArchiveType>> {
    Query::from("archivetypes").filter("name = ?", name).first(cx.db)
}

/// The archive type of a file, by the longest of its extensions that is known.
pub fn find_by_filename(cx: &mut Cx<'_>, filename: &str) -> Result<Option<ArchiveType>> {
    let types = list(cx)?;
    Ok(of_filename(&types, filename)?.cloned())
}

/// The same, among types that are at hand.
pub fn of_filename<'t>(types: &'t [ArchiveType], filename: &str) -> Result<Option<&'t ArchiveType>> {
    let name = filename.to_lowercase();
    let mut rest = name.as_str();
    loop {
        let fits = |kind: &&ArchiveType| {
            kind.extensions.split_whitespace().any(|extension| extension.to_lowercase() == rest)
        };
        let mut fitting = types.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(kind), None) => return Ok(Some(kind)),
            (Some(_), Some(_)) => {
                return Err(Error::generic(format!("multiple matches for file extension: {rest}")));
            }
            (None, _) => {}
        }
        match rest.split_once('.') {
            Some((_, shorter)) => rest = shorter,
            None => return Ok(None),
        }
    }
}

/// Adds an archive type. None of its extensions may be that of another type with just this one.
pub fn add(
    cx: &mut Cx<'_>,
    name: &str,
    description: &str,
    extensions: &str,
    compression: Option<&str>,
) -> Result<()> {
    cx.env.config.name_limits()?.verify_internal(name)?;
    if compression.is_some_and(|kind| !matches!(kind, "zip" | "tar")) {
        return Err(Error::generic(format!("Unsupported compression type {compression:?} (use zip or tar)")));
    }
    let types = list(cx)?;
    if types.iter().any(|kind| kind.name == name) {
        return Err(Error::generic(format!("archivetype {name} already exists")));
    }
    for extension in extensions.split(' ') {
        if extension.is_empty() || !extension.chars().all(|c| c == '.' || c.is_alphanumeric()) {
            return Err(Error::generic(format!("No such {extension} file extension")));
        }
        // As in Koji, which finds an extension here only where a type has no other.
        let knows = |kind: &ArchiveType| kind.extensions.eq_ignore_ascii_case(extension);
        if types.iter().any(knows) {
            return Err(Error::generic(format!("file extension {extension} already exists")));
        }
    }
    Insert::into("archivetypes")
        .set("name", name)
        .set("description", description)
        .set("extensions", extensions)
        .set("compression_type", compression)
        .execute(cx.db)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_extension_decides() {
        let kind = |id, extensions: &str| ArchiveType {
            id,
            name: String::new(),
            description: String::new(),
            extensions: extensions.into(),
            compression_type: None,
        };
        let types = [kind(1, "tar tar.gz"), kind(2, "gz"), kind(3, "jar war"), kind(4, "war")];
        let id = |name: &str| of_filename(&types, name).unwrap().map(|kind| kind.id);
        assert_eq!(id("a.b-1.0.TAR.GZ"), Some(1));
        assert_eq!(id("a.gz"), Some(2));
        assert_eq!(id("x.nonsense"), None);
        assert!(of_filename(&types, "a.war").is_err());
    }
}
