//! Resource limits of hub and builder, as their configuration names them: `RLIMIT_NOFILE = 1024 4096`.

use koji_core::{Error, Result};

/// Sets limits by name; one that cannot be set is told in the log.
pub fn set_all<'a>(limits: impl IntoIterator<Item = (&'a str, &'a str)>) {
    for (name, text) in limits {
        if let Err(error) = set_limit(name, text) {
            tracing::error!(name, text, %error, "cannot set the resource limit");
        }
    }
}

/// Sets a resource limit of this process and of those it starts: one number, or a soft and a hard one.
fn set_limit(name: &str, text: &str) -> Result<()> {
    let resource = match name {
        "RLIMIT_AS" => libc::RLIMIT_AS,
        "RLIMIT_CORE" => libc::RLIMIT_CORE,
        "RLIMIT_CPU" => libc::RLIMIT_CPU,
        "RLIMIT_DATA" => libc::RLIMIT_DATA,
        "RLIMIT_FSIZE" => libc::RLIMIT_FSIZE,
        "RLIMIT_MEMLOCK" => libc::RLIMIT_MEMLOCK,
        "RLIMIT_NOFILE" | "RLIMIT_OFILE" => libc::RLIMIT_NOFILE,
        "RLIMIT_NPROC" => libc::RLIMIT_NPROC,
        "RLIMIT_RSS" => libc::RLIMIT_RSS,
        "RLIMIT_STACK" => libc::RLIMIT_STACK,
        _ => return Err(Error::generic(format!("unknown resource limit {name}"))),
    };
    let (soft, hard) = parse_limit(text)?;
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls get a valid struct.
    let done = unsafe {
        libc::getrlimit(resource, &raw mut limit) == 0 && {
            limit.rlim_cur = soft;
            limit.rlim_max = hard.unwrap_or(limit.rlim_max);
            libc::setrlimit(resource, &raw const limit) == 0
        }
    };
    if done { Ok(()) } else { Err(std::io::Error::last_os_error().into()) }
}

/// `-1` is no limit.
fn parse_limit(text: &str) -> Result<(u64, Option<u64>)> {
    let wrong = || Error::generic(format!("{text:?} is not a limit: give one or two whole numbers"));
    let numbers = text
        .split_whitespace()
        .map(|word| match word {
            "-1" => Ok(libc::RLIM_INFINITY),
            _ => word.parse().map_err(|_| wrong()),
        })
        .collect::<Result<Vec<u64>>>()?;
    match numbers[..] {
        [soft] => Ok((soft, None)),
        [soft, hard] => Ok((soft, Some(hard))),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits() {
        assert_eq!(parse_limit("1024").unwrap(), (1024, None));
        assert_eq!(parse_limit("1024 -1").unwrap(), (1024, Some(libc::RLIM_INFINITY)));
        assert!(parse_limit("").is_err() && parse_limit("many").is_err() && parse_limit("1 2 3").is_err());
        assert!(set_limit("RLIMIT_JOY", "1").is_err());
    }
}
