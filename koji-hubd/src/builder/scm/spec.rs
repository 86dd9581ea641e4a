//! Which spec file of a checkout is built, and what it must not set.

use koji_core::{Error, Result};

/// The subdirectory of spec files, and that of sources, in rpm's own layout.
pub const SPECS: &str = "SPECS";
/// See [`SPECS`].
pub const SOURCES: &str = "SOURCES";

/// Chooses among the spec files of a directory, given by their paths within it. If there are several, the one
/// with the name of the checkout's directory is meant.
///
/// # Errors
/// When there is none, or it is not clear which one.
pub fn choose<'a>(files: &'a [String], checkout: &str) -> Result<&'a str> {
    match files {
        [] => Err(Error::build("No spec file found")),
        [one] => Ok(one),
        many => {
            let named = [format!("{checkout}.spec"), format!("{SPECS}/{checkout}.spec")];
            named
                .iter()
                .find_map(|name| many.iter().find(|file| *file == name))
                .map(String::as_str)
                .ok_or_else(|| {
                    let text = "Multiple spec files found but none is matching SCM checkout dir name";
                    Error::build(format!("{text}: {many:?}"))
                })
        }
    }
}

/// Refuses a spec file that begins with one of the marks of the build system. Further down Koji does not
/// look: the macros of the buildroot stand above such lines.
pub fn check(text: &str) -> Result<()> {
    for tag in ["Packager", "Distribution", "Vendor"] {
        if text.strip_prefix(tag).is_some_and(|rest| rest.starts_with(':')) {
            return Err(Error::build(format!("{tag} is not allowed to be set in spec file")));
        }
    }
    for name in ["packager", "distribution", "vendor"] {
        let defined = text.strip_prefix("%define").is_some_and(|rest| {
            let rest = rest.trim_start_matches(char::is_whitespace);
            rest.len() < text.len() - "%define".len()
                && rest.strip_prefix(name).is_some_and(|rest| rest.starts_with(char::is_whitespace))
        });
        if defined {
            return Err(Error::build(format!("{name} is not allowed to be defined in spec file")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spec_file_is_built() {
        let files = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let chosen = |names: &[&str]| {
            let files = files(names);
            choose(&files, "foo").map(ToOwned::to_owned).map_err(|error| error.message)
        };
        assert_eq!(chosen(&["bar.spec"]).unwrap(), "bar.spec");
        assert_eq!(chosen(&["bar.spec", "foo.spec"]).unwrap(), "foo.spec");
        assert_eq!(chosen(&["SPECS/bar.spec", "SPECS/foo.spec"]).unwrap(), "SPECS/foo.spec");
        assert_eq!(chosen(&[]).unwrap_err(), "No spec file found");
        assert!(chosen(&["a.spec", "b.spec"]).unwrap_err().starts_with("Multiple spec files found"));
    }

    #[test]
    fn marks_are_the_build_systems() {
        for (text, told) in [
            ("Vendor: me\nName: a\n", "Vendor is not allowed to be set in spec file"),
            ("%define  packager me\n", "packager is not allowed to be defined in spec file"),
        ] {
            assert_eq!(check(text).unwrap_err().message, told);
        }
        for text in ["Name: a\nVendor: me\n", "%define vendors me\n", "%definevendor me\n", "Vendors: x"] {
            check(text).unwrap();
        }
    }
}
