//! Methods about volumes.

use super::cast::NameText;
use crate::build::{BuildRef, row};
use crate::db::Lookup;
use crate::db::lookup::Named;
use crate::methods;
use crate::volume;

methods! {
    /// All volumes.
    read Anyone => ListVolumes "listVolumes" () -> Vec<Named> = |_m, cx| volume::list(cx);

    /// A volume by its id or name.
    read Anyone => GetVolume "getVolume" (volume: Lookup, strict: bool = false) -> Option<Named>
        = |m, cx| if m.strict { volume::get(cx, &m.volume).map(Some) } else { volume::find(cx, &m.volume) };

    /// Makes a directory known as a volume.
    write Perm("admin") => AddVolume "addVolume" (name: NameText, strict: bool = true) -> Named
        = |m, cx| volume::add(cx, &m.name.0, m.strict);

    /// Forgets a volume that no build is on.
    write Perm("admin") => RemoveVolume "removeVolume" (volume: Lookup) -> ()
        = |m, cx| volume::remove(cx, &m.volume);

    /// Moves a build to another volume.
    write Perm("admin") => ChangeBuildVolume "changeBuildVolume" (build: BuildRef, volume: Lookup, strict: bool = true)
        -> ()
        = |m, cx| volume::change::request(cx, &m.build, &m.volume, m.strict);

    /// Moves a build to where the volume policy puts it.
    write Perm("admin") => ApplyVolumePolicy "applyVolumePolicy" (build: BuildRef, strict: bool = false) -> ()
        = |m, cx| {
            let build = row::get(cx, &m.build)?;
            volume::policy::apply(cx, &build, m.strict)
        };
}
