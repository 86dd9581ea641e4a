//! Which arches of rpms belong into the repository of an arch, and which arch lends packages to which. As upstream has
//! it, for what is distributed must not change with the tool.

use koji_core::{Error, Result};

/// The arches of the rpms in the repository of an arch.
///
/// # Errors
/// An arch that no repository for distribution is made for.
pub(super) fn members(arch: &str) -> Result<&'static [&'static str]> {
    Ok(match arch {
        "i386" => &["athlon", "i686", "i586", "i486", "i386", "noarch"],
        "x86_64" => &["amd64", "ia32e", "x86_64", "noarch"],
        "ia64" => &["ia64", "noarch"],
        "ppc" => &["ppc", "noarch"],
        "ppc64" => &["ppc64p7", "ppc64pseries", "ppc64iseries", "ppc64", "noarch"],
        "ppc64le" => &["ppc64le", "noarch"],
        "s390" => &["s390", "noarch"],
        "s390x" => &["s390x", "noarch"],
        "sparc" => &["sparcv9v", "sparcv9", "sparcv8", "sparc", "noarch"],
        "sparc64" => &["sparc64v", "sparc64", "noarch"],
        "alpha" => &["alphaev6", "alphaev56", "alphaev5", "alpha", "noarch"],
        "arm" => &["arm", "armv4l", "armv4tl", "armv5tel", "armv5tejl", "armv6l", "armv7l", "noarch"],
        "armhfp" => &["armv7hl", "armv7hnl", "noarch"],
        "aarch64" => &["aarch64", "noarch"],
        "riscv64" => &["riscv64", "noarch"],
        "sw_64" => &["sw_64", "noarch"],
        "loongarch64" => &["loongarch64", "noarch"],
        "src" => &["src"],
        _ => {
            return Err(Error::generic(format!(
                "no repository for distribution is made for the arch {arch}"
            )));
        }
    })
}

/// Whether an arch runs the packages of a narrower one.
pub(super) fn is_multilib(arch: &str) -> bool {
    matches!(arch, "x86_64" | "sparc64" | "sparc64v" | "ppc64" | "s390x")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noarch_packages_are_everywhere_but_among_sources() {
        assert!(members("aarch64").unwrap().contains(&"noarch"));
        assert_eq!(members("src").unwrap(), ["src"]);
        assert!(members("vax").unwrap_err().message.contains("vax"));
        assert!(is_multilib("x86_64") && !is_multilib("aarch64"));
    }
}
