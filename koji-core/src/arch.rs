//! Architectures: the canonical name of an arch, lists of arches as clients and the database write them,
//! and which arch runs which.
//!
//! Whether a host or a tag offers an arch is the business of those rooms.

use crate::{Error, Result};

/// The arch of packages that fit every arch.
pub const NOARCH: &str = "noarch";

/// The arch of source packages.
pub const SRC: &str = "src";

/// The name that stands for a whole family of arches: `i686` is `i386`, `armv7hl` is `armhfp`.
pub fn canonical(arch: &str) -> &str {
    if is_ix86(arch) || arch == "athlon" {
        return "i386";
    }
    match arch {
        "ia32e" => "x86_64",
        "ppc64le" => "ppc64le",
        _ if arch.starts_with("ppc64") => "ppc64",
        _ if arch.starts_with("sparc64") => "sparc64",
        _ if arch.starts_with("sparc") => "sparc",
        _ if arch.starts_with("alpha") => "alpha",
        _ => match arch.strip_prefix("arm") {
            Some(rest) if rest.contains('h') => "armhfp",
            Some(_) => "arm",
            None => arch,
        },
    }
}

fn is_ix86(arch: &str) -> bool {
    let mut chars = arch.chars();
    chars.next() == Some('i') && chars.next().is_some() && chars.as_str() == "86"
}

/// Which separators a list of arches may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separators {
    /// White space only: what goes into the database.
    Strict,
    /// White space and commas: what people type.
    Loose,
}

/// Splits a list of arches and refuses characters that no arch has.
pub fn parse_list(text: &str, separators: Separators) -> Result<Vec<String>> {
    let comma = separators == Separators::Loose;
    let arches = text.split(|c: char| c.is_whitespace() || (comma && c == ','));
    let arches: Vec<String> = arches.filter(|arch| !arch.is_empty()).map(Into::into).collect();
    check_list(&arches)?;
    Ok(arches)
}

/// A list of arches with single spaces between them, as the database keeps it.
pub fn normalize(text: &str, separators: Separators) -> Result<String> {
    Ok(parse_list(text, separators)?.join(" "))
}

/// Refuses arches with other characters than letters, digits, `_` and `-`.
pub fn check_list<T: AsRef<str>>(arches: &[T]) -> Result<()> {
    let fine = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if arches.iter().all(|arch| arch.as_ref().chars().all(fine)) {
        return Ok(());
    }
    Err(Error::generic("Architecture can be only [a-zA-Z0-9_-]"))
}

/// The next simpler arch whose packages an arch can install, down to `noarch`.
pub fn fallback(arch: &str) -> Option<&'static str> {
    Some(match arch {
        "athlon" | "geode" => "i686",
        "i686" => "i586",
        "i586" => "i486",
        "i486" => "i386",
        "x86_64" => "athlon",
        "amd64" | "ia32e" => "x86_64",
        "ppc64p7" | "ppc64pseries" | "ppc64iseries" => "ppc64",
        "ppc64" => "ppc",
        "s390x" => "s390",
        "sparc64v" => "sparcv9v",
        "sparc64" | "sparcv9v" => "sparcv9",
        "sparcv9" => "sparcv8",
        "sparcv8" => "sparc",
        "alphaev7" => "alphaev68",
        "alphaev68" => "alphaev67",
        "alphaev67" => "alphaev6",
        "alphaev6" => "alphapca56",
        "alphapca56" => "alphaev56",
        "alphaev56" => "alphaev5",
        "alphaev5" => "alphaev45",
        "alphaev45" => "alphaev4",
        "alphaev4" => "alpha",
        "armv7l" => "armv6l",
        "armv6l" => "armv5tejl",
        "armv5tejl" => "armv5tel",
        "armv7hnl" => "armv7hl",
        "armv7hl" => "armv6hl",
        "sh4a" => "sh4",
        "i386" | "ppc64le" | "ppc" | "s390" | "sparc" | "alpha" | "armv5tel" | "armv6hl" | "arm64"
        | "sh4" | "sh3" | "ia64" => NOARCH,
        _ => return None,
    })
}

/// The arches whose packages an arch can install, best first; always ends with `noarch`.
pub fn compatible(arch: &str) -> Vec<&str> {
    let mut list: Vec<&str> = std::iter::successors(Some(arch), |arch| fallback(arch)).collect();
    if arch == "sparc64v" {
        list.insert(1, "sparc64");
    }
    if list == [arch] && arch != NOARCH {
        list.push(NOARCH);
    }
    list
}

/// The arch whose libraries are installed beside those of a 64 bit arch in a multilib repository.
pub fn multilib(arch: &str) -> Option<&'static str> {
    Some(match arch {
        "x86_64" => "athlon",
        "sparc64v" => "sparcv9v",
        "sparc64" => "sparcv9",
        "ppc64" => "ppc",
        "s390x" => "s390",
        _ => return None,
    })
}

/// Whether an arch, or the one it falls back to, has multilib libraries.
pub fn is_multilib(arch: &str) -> bool {
    fallback(arch).is_some_and(|next| multilib(arch).is_some() || multilib(next).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_names() {
        let cases = [
            ("i686", "i386"),
            ("athlon", "i386"),
            ("i1686", "i1686"),
            ("ia32e", "x86_64"),
            ("ppc64le", "ppc64le"),
            ("ppc64p7", "ppc64"),
            ("sparc64v", "sparc64"),
            ("sparcv9", "sparc"),
            ("alphaev6", "alpha"),
            ("armv7hl", "armhfp"),
            ("armv5tel", "arm"),
            ("aarch64", "aarch64"),
            ("noarch", "noarch"),
        ];
        for (arch, want) in cases {
            assert_eq!(canonical(arch), want, "{arch}");
        }
    }

    #[test]
    fn strict_lists_refuse_commas() {
        assert_eq!(normalize(" x86_64,  ppc64le ", Separators::Loose).unwrap(), "x86_64 ppc64le");
        assert!(parse_list("x86_64,ppc64le", Separators::Strict).is_err());
        assert_eq!(parse_list("", Separators::Strict).unwrap(), Vec::<String>::new());
        assert!(parse_list("x86_64;rm", Separators::Loose).is_err());
    }

    #[test]
    fn compatibility_ends_with_noarch() {
        assert_eq!(compatible("i586"), ["i586", "i486", "i386", "noarch"]);
        assert_eq!(compatible("riscv64"), ["riscv64", "noarch"]);
        assert_eq!(compatible("noarch"), ["noarch"]);
        assert_eq!(compatible("sparc64v")[1], "sparc64");
    }

    #[test]
    fn multilib_arches() {
        assert!(is_multilib("x86_64") && is_multilib("amd64"));
        assert!(!is_multilib("i386") && !is_multilib("aarch64"));
    }
}
