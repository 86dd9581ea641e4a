//! Methods about signatures of rpms, their signed copies, and external rpms, which have neither.

use crate::api::args::Arg;
use crate::db::{Lookup, QueryOpts, Rows};
use crate::methods;
use crate::rpm::checksums::{self, ChecksumType, Checksums};
use crate::rpm::external::{self, ExternalRpm};
use crate::rpm::signed::{self, Signature};
use crate::rpm::{RpmRef, lookup, sigkey, signature};
use crate::wire::{Map, Value};
use crate::{Error, Result};

use super::upload::decode;

methods! {
    /// The signatures that are kept: of an rpm, of a key, or all.
    read Anyone => QueryRpmSigs "queryRPMSigs"
        (rpm_id: Value = Value::Nil, sigkey: Option<String> = None, queryOpts: QueryOpts = QueryOpts::default())
        -> Rows<Signature>
        = |m, cx| {
            let rpm = match m.rpm_id {
                Value::Nil => None,
                Value::Int(id) => Some(id),
                other => match lookup::find(cx, &RpmRef::take(other)?)? {
                    Some(rpm) => Some(rpm.id.into()),
                    None => return Ok(m.queryOpts.page(Vec::new())),
                },
            };
            signed::query(cx, rpm, m.sigkey.as_deref(), &m.queryOpts)
        };

    /// Keeps a signature header of an rpm, which comes in base64.
    write Perm("sign") => AddRpmSig "addRPMSig" (an_rpm: RpmRef, data: String) -> ()
        = |m, cx| signature::add_to(cx, &m.an_rpm, decode(&m.data)?);

    /// Forgets a signature of an rpm, or all of them.
    write Perm("admin") => DeleteRpmSig "deleteRPMSig"
        (rpminfo: RpmRef, sigkey: Option<String> = None, all_sigs: bool = false) -> ()
        = |m, cx| {
            let key = m.sigkey.filter(|key| !m.all_sigs && !key.is_empty());
            if key.is_none() && !m.all_sigs {
                return Err(Error::generic("No signature specified (name a key, or ask for all)"));
            }
            signed::delete(cx, &m.rpminfo, key.as_deref())
        };

    /// Keeps a signature of an rpm under another key.
    write Perm("admin") => RenameRpmSig "renameRPMSig" (rpminfo: RpmRef, oldkey: String, newkey: String) -> ()
        = |m, cx| sigkey::rename(cx, &m.rpminfo, &m.oldkey, &m.newkey);

    /// Writes the copy of an rpm that a key signed.
    write Perm("sign") => WriteSignedRpm "writeSignedRPM" (an_rpm: RpmRef, sigkey: String, force: bool = false) -> ()
        = |m, cx| signed::write(cx, &m.an_rpm, &m.sigkey, m.force);

    /// The same, for builders.
    write Host => HostWriteSignedRpm "host.writeSignedRPM" (an_rpm: RpmRef, sigkey: String, force: bool = false) -> ()
        = |m, cx| signed::write(cx, &m.an_rpm, &m.sigkey, m.force);

    /// The checksums of the signed copies of an rpm, by key and kind.
    write Anyone => GetRpmChecksums "getRPMChecksums"
        (rpm_id: RpmId, checksum_types: Value = Value::Nil, cacheonly: bool = false) -> Checksums
        = |m, cx| {
            let types = match m.checksum_types {
                value if !value.is_true() => checksums::default_types(cx)?,
                Value::Array(names) => names.into_iter().map(checksum_type).collect::<Result<_>>()?,
                other => return Err(Error::generic(format!("checksum_type must be a list, not {}", other.kind()))),
            };
            checksums::of_rpm(cx, m.rpm_id.0, &types, m.cacheonly)
        };

    /// Adds an rpm of an external repo.
    write Perm("admin") => AddExternalRpm "addExternalRPM" (rpminfo: Map, external_repo: Lookup, strict: bool = true)
        -> ()
        = |m, cx| external::add(cx, &external_rpm(&m.rpminfo)?, &m.external_repo, m.strict).map(drop);
}

/// The id of an rpm, where nothing else will do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RpmId(i32);

impl Arg for RpmId {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Int(id) => i32::try_from(id)
                .map(Self)
                .map_err(|error| Error::generic(format!("No such rpm: {id}")).caused_by(error)),
            other => Err(Error::generic(format!("rpm_id must be an integer, not {}", other.kind()))),
        }
    }
    fn give(&self) -> Value {
        self.0.into()
    }
}

fn checksum_type(name: Value) -> Result<ChecksumType> {
    ChecksumType::kept(&String::take(name)?)
}

/// What is known of an external rpm; other keys are passed over.
pub(super) fn external_rpm(map: &Map) -> Result<ExternalRpm> {
    let of = |key: &str| {
        let found = map.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
        found.ok_or_else(|| Error::generic(format!("{key} field missing for an external rpm")))
    };
    fn read<T: Arg>(key: &str, value: Value) -> Result<T> {
        T::take(value).map_err(|error| {
            Error::generic(format!("Invalid value for {key}: {}", error.message)).caused_by(error)
        })
    }
    Ok(ExternalRpm {
        name: read("name", of("name")?)?,
        version: read("version", of("version")?)?,
        release: read("release", of("release")?)?,
        epoch: epoch(read("epoch", of("epoch")?)?)?,
        arch: read("arch", of("arch")?)?,
        payloadhash: read("payloadhash", of("payloadhash")?)?,
        size: read("size", of("size")?)?,
        buildtime: read("buildtime", of("buildtime")?)?,
    })
}

/// An epoch as the database's column has it. SQLite would store any integer, and could not be read again.
fn epoch(epoch: Option<i64>) -> Result<Option<i64>> {
    match epoch.map(i32::try_from) {
        Some(Err(error)) => Err(Error::unforeseen(format!("{epoch:?} is no epoch")).caused_by(error)),
        _ => Ok(epoch),
    }
}
