//! What a build's tasks have made, as builders name it: files below `work`, by relative paths.

use std::collections::HashMap;
use std::path::Path;

use super::files;
use crate::context::Cx;
use crate::rpm::diff;
use crate::{Error, Result};

/// The files of an rpm build.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The source rpm
    pub srpm: String,
    /// The other rpms
    pub rpms: Vec<String>,
    /// The logs, by the directory that they belong into
    pub logs: Vec<(String, Vec<String>)>,
}

/// The hashes that builders have found of noarch rpms, by task and file name.
pub const HASHES: &str = "noarch_rpmdiff.json";

impl Outcome {
    /// The source rpm and the others. All must be there, and of noarch rpms that several arches made only one is
    /// left; copies that differ are an error.
    pub fn packages(&self, cx: &mut Cx<'_>) -> Result<Vec<String>> {
        for path in [&self.srpm].into_iter().chain(&self.rpms) {
            let file = files::uploaded(cx, path)?;
            if !file.exists() {
                return Err(Error::generic(format!("No such file: {}", file.display())));
            }
        }
        let hashes = self.hashes(cx)?;
        let hash = |path: &str| {
            let (task, name) = (path.split('/').nth(1)?, path.rsplit('/').next()?);
            hashes.get(task)?.get(name)
        };
        let same = |a: &str, b: &str| hash(a).is_some_and(|known| hash(b) == Some(known));
        let mut packages = vec![self.srpm.clone()];
        packages.extend(diff::without_copies(&cx.env.paths.work(None), &self.rpms, same)?);
        Ok(packages)
    }

    fn hashes(&self, cx: &Cx<'_>) -> Result<HashMap<String, HashMap<String, String>>> {
        let mut all = HashMap::new();
        for path in self.logs.iter().flat_map(|(_, files)| files) {
            if Path::new(path).file_name().is_some_and(|name| name == HASHES) {
                let file = files::uploaded(cx, path)?;
                let text = std::fs::read(&file).map_err(|source| Error::io(&file, source))?;
                let of_file: HashMap<String, HashMap<String, String>> = serde_json::from_slice(&text)?;
                all.extend(of_file);
            }
        }
        Ok(all)
    }
}
