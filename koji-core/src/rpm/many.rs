//! Many rpms at once: what buildroots and archives are made of.

use std::collections::{HashMap, HashSet};

use super::external::{self, ExternalRpm};
use crate::context::Cx;
use crate::db::lookup::{self, Lookup, Named};
use crate::db::{Bind, Insert, Query};
use crate::{Error, Result};

/// name, version, release, arch
pub type Nvra = (String, String, String, String);

const NVRA: &str = "rpminfo.name || '-' || rpminfo.version || '-' || rpminfo.release || '.' || rpminfo.arch";

/// `name-version-release.arch`
pub fn label((name, version, release, arch): &Nvra) -> String {
    format!("{name}-{version}-{release}.{arch}")
}

/// Rpms of these names: the condition on names and versions lets an index be used.
fn query(nvras: &[&Nvra]) -> Query {
    let unique = |part: fn(&Nvra) -> &String| {
        let set: HashSet<&str> = nvras.iter().map(|nvra| part(nvra).as_str()).collect();
        set.into_iter().collect::<Vec<_>>()
    };
    let labels: Vec<String> = nvras.iter().map(|nvra| label(nvra)).collect();
    Query::from("rpminfo")
        .filter("rpminfo.name IN ?", unique(|nvra| &nvra.0))
        .filter("rpminfo.version IN ?", unique(|nvra| &nvra.1))
        .filter(&format!("{NVRA} IN ?"), labels)
}

/// Wants rpms of these ids to be there.
pub fn known(cx: &mut Cx<'_>, ids: &[i64]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let have: HashSet<i64> =
        Query::from("rpminfo").filter("id IN ?", ids).select(cx.db, "id")?.into_iter().collect();
    match ids.iter().find(|id| !have.contains(id)) {
        Some(missing) => Err(Error::generic(format!("No such rpm: {missing}"))),
        None => Ok(()),
    }
}

/// The ids of rpms by their labels, each chosen as [`super::lookup::find`] does.
pub fn own(cx: &mut Cx<'_>, nvras: &[Nvra]) -> Result<HashMap<String, i32>> {
    let best = find(cx, nvras)?;
    if let Some(missing) = nvras.iter().map(label).find(|label| !best.contains_key(label)) {
        return Err(Error::generic(format!("No such rpm: {missing}")));
    }
    Ok(best.into_iter().map(|(label, rpm)| (label, rpm.id)).collect())
}

/// An rpm that was found by its name.
#[derive(Clone, Debug)]
pub struct Match {
    /// Its id
    pub id: i32,
    /// Whether its build is a draft
    pub draft: bool,
    /// The MD5 sum of header and payload
    pub payloadhash: String,
}

/// Those of these rpms that are there, by `name-version-release.arch`, each chosen as [`super::lookup::find`] does.
pub fn find(cx: &mut Cx<'_>, nvras: &[Nvra]) -> Result<HashMap<String, Match>> {
    if nvras.is_empty() {
        return Ok(HashMap::new());
    }
    let columns =
        &format!("rpminfo.id, {NVRA}, rpminfo.external_repo_id, rpminfo.draft, rpminfo.payloadhash");
    let mut rows: Vec<(i32, String, i32, Option<bool>, String)> =
        query(&nvras.iter().collect::<Vec<_>>()).select(cx.db, columns)?;
    rows.sort_by_key(|(id, _, repo, draft, _)| (*repo == 0, *draft == Some(false), *id));
    let found =
        |(id, label, _, draft, payloadhash)| (label, Match { id, draft: draft == Some(true), payloadhash });
    Ok(rows.into_iter().map(found).collect())
}

/// The ids of rpms of external repos, by the repos, as they were given, and the rpms' labels. New ones are added; one that has changed is
/// an error.
pub fn external(
    cx: &mut Cx<'_>,
    by_repo: &HashMap<Lookup, Vec<ExternalRpm>>,
) -> Result<HashMap<(Lookup, String), i32>> {
    if by_repo.is_empty() {
        return Ok(HashMap::new());
    }
    let repos = lookup::find_many(cx, "external_repo", by_repo.keys())?;
    let mut wanted: Vec<Wanted<'_>> = Vec::new();
    for (given, rpms) in by_repo {
        let repo = repos.get(given).ok_or_else(|| lookup::missing("external_repo", given))?;
        wanted.extend(rpms.iter().map(|rpm| Wanted { given, repo, label: label(&nvra(rpm)), rpm }));
    }
    let known = known_external(cx, &wanted)?;
    let mut seen = HashSet::new();
    let new: Vec<Vec<Bind>> = wanted
        .iter()
        .filter(|wanted| !known.contains_key(&wanted.key()) && seen.insert(wanted.key()))
        .map(|wanted| row(wanted.repo.id, wanted.rpm))
        .collect();
    let known = if new.is_empty() {
        known
    } else {
        // Another call may add the same ones at the same time.
        Insert::many_or_ignore(cx.db, "rpminfo", COLUMNS, new)?;
        known_external(cx, &wanted)?
    };
    let mut ids = HashMap::new();
    for Wanted { given, repo, label, rpm } in &wanted {
        let (id, hash) = known.get(&(repo.id, label.clone())).ok_or_else(|| {
            Error::unforeseen(format!("the external rpm {label}@{} could not be added", repo.name))
        })?;
        external::same_hash(rpm, &repo.name, hash)?;
        ids.insert(((*given).clone(), label.clone()), *id);
    }
    Ok(ids)
}

/// An rpm that should be known, with the repo as it was given and as it is.
struct Wanted<'a> {
    given: &'a Lookup,
    repo: &'a Named,
    label: String,
    rpm: &'a ExternalRpm,
}

impl Wanted<'_> {
    fn key(&self) -> (i32, String) {
        (self.repo.id, self.label.clone())
    }
}

/// Ids and hashes by repos and labels.
type KnownExternal = HashMap<(i32, String), (i32, String)>;

fn known_external(cx: &mut Cx<'_>, wanted: &[Wanted<'_>]) -> Result<KnownExternal> {
    let nvras: Vec<Nvra> = wanted.iter().map(|wanted| nvra(wanted.rpm)).collect();
    let repos: HashSet<i32> = wanted.iter().map(|wanted| wanted.repo.id).collect();
    let rows: Vec<(i32, i32, String, String)> = query(&nvras.iter().collect::<Vec<_>>())
        .filter("rpminfo.external_repo_id IN ?", repos.into_iter().collect::<Vec<_>>())
        .select(cx.db, &format!("rpminfo.id, rpminfo.external_repo_id, {NVRA}, rpminfo.payloadhash"))?;
    Ok(rows.into_iter().map(|(id, repo, label, hash)| ((repo, label), (id, hash))).collect())
}

/// What an external rpm is called.
pub fn nvra(rpm: &ExternalRpm) -> Nvra {
    (rpm.name.clone(), rpm.version.clone(), rpm.release.clone(), rpm.arch.clone())
}

const COLUMNS: &[&str] =
    &["name", "version", "release", "epoch", "arch", "payloadhash", "size", "buildtime", "external_repo_id"];

fn row(repo: i32, rpm: &ExternalRpm) -> Vec<Bind> {
    vec![
        rpm.name.as_str().into(),
        rpm.version.as_str().into(),
        rpm.release.as_str().into(),
        rpm.epoch.into(),
        rpm.arch.as_str().into(),
        rpm.payloadhash.as_str().into(),
        rpm.size.into(),
        rpm.buildtime.into(),
        repo.into(),
    ]
}
