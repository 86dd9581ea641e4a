//! The hub's configuration: every option of Koji has a use or is named, and SIGHUP has it read again.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use koji_core::Fault;
use koji_core::client::Session;
use koji_core::config::{HubConfig, Ini};
use koji_core::wire::Value;
use koji_tests::{Database, TestHub};

use super::cg::{members, text};

/// Every option that Koji's hub knows, 1.36's included.
const OPTIONS: &str = "AllowDraftComponents AllowedKrbRealms AllowNewRepo AllowProxyAuthType AssignTimeout \
    CapacityOvercommit CheckClientIP DBConnectionString DBHost DBhost DBName DBPass DBPort DBUser DebuginfoTags \
    DefaultChannelCompat DisableNotifications DisableURLSessions DNUsernameComponent EmailDomain EnableMaven EnableWin \
    HostPrincipalFormat HostTimeout KojiDebug KojiDir KojiTraceback KojiWebURL LockOut LogFormat LoginCreatesUser \
    LogLevel MaxJobs MaxNameLengthInternal MaxRepoTasks MaxRepoTasksMaven MaxRequestLength MemoryWarnThreshold \
    MissingPolicyOk NotifyOnSuccess OfflineMessage PluginPath Plugins ProxyDNs ProxyPrincipals ReadyTimeout \
    RegexNameInternal RegexUserName RepoAutoLag RepoLag RepoLagWindow RepoQueueUser RepoRetries RequestCleanTime \
    RLIMIT_AS RLIMIT_CORE RLIMIT_CPU RLIMIT_DATA RLIMIT_FSIZE RLIMIT_MEMLOCK RLIMIT_NOFILE RLIMIT_NPROC RLIMIT_OFILE \
    RLIMIT_RSS RLIMIT_STACK RPMDefaultChecksums RunInterval SeparateSourceTags ServerOffline SessionRenewalTimeout \
    SoftRefusalTimeout SourceTags VerbosePolicy";

/// Values that an option takes; one of them is not its default.
fn values(option: &str) -> [&'static str; 2] {
    match option {
        "LogLevel" => ["ERROR", "WARNING"],
        "RegexNameInternal" | "RegexUserName" => ["^x$", "y"],
        // numbers and flags take these, and whatever the default of a flag is, one differs
        _ => ["1", "0"],
    }
}

fn warnings(option: &str, value: &str) -> Vec<String> {
    let ini = Ini::from_text("hub.conf", &format!("[hub]\n{option} = {value}\n")).unwrap();
    HubConfig::from_ini(&ini).unwrap_or_else(|error| panic!("{option}: {error}")).warnings
}

/// The text of all sources of library and daemon, but for the table of options itself.
fn sources(dir: &Path, out: &mut String) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("config/uses.rs") {
            let text = fs::read_to_string(&path).unwrap();
            // the table's lines and tests are no use of an option
            let used = text.split("#[cfg(test)]").next().unwrap().split("static OPTIONS").next().unwrap();
            out.push_str(used);
        }
    }
}

#[test]
fn every_option_of_koji_has_a_use_or_is_named() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut code = String::new();
    sources(&root.join("koji-core/src"), &mut code);
    sources(&root.join("koji-hubd/src"), &mut code);
    for option in OPTIONS.split_whitespace() {
        let told = values(option).map(|value| warnings(option, value)).concat();
        if let Some(warning) = told.first() {
            assert!(
                warning.starts_with(&format!("option {option} ")) && warning.contains("has no effect: "),
                "{warning}"
            );
            continue;
        }
        let is_limit = option.starts_with("RLIMIT_");
        let used = code.contains(&format!("\"{option}\"")) || option == "DBhost" || is_limit;
        assert!(used, "{option} is read nowhere, and nobody is told");
    }
    assert!(warnings("KojiDirr", "x")[0].contains("did you mean KojiDir?"));
}

#[test]
fn the_file_goes_before_the_directory() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    fs::create_dir(path("hub.conf.d")).unwrap();
    fs::write(path("hub.conf.d/b.conf"), "[hub]\nRepoLag = 2\nMaxJobs = 2\n[policy]\ntag = all :: deny\n")
        .unwrap();
    fs::write(path("hub.conf.d/a.conf"), "[hub]\nRepoLag = 1\nMaxJobs = 1\nRepoRetries = 1\n").unwrap();
    fs::write(path("hub.conf"), "[hub]\nRepoLag = 3\n").unwrap();
    let config = HubConfig::load(&path("hub.conf"), &path("hub.conf.d")).unwrap();
    assert_eq!(["RepoLag", "MaxJobs", "RepoRetries"].map(|name| config.int(name)), [3, 2, 1]);
    assert_eq!(config.place_of("tag", 1).unwrap(), (path("hub.conf.d/b.conf").as_path(), 5));
}

fn eval(session: &mut Session, policy: &str) -> Result<Value, Fault> {
    let call = session.call_named("evalPolicy", vec![text(policy), members([])], vec![]);
    call.map_err(|error| error.fault)
}

/// Waits for what a signal brings about.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn sighup_brings_what_is_safe() {
    let hub = TestHub::start(Database::Sqlite);
    let mut alice = hub.user("alice");
    assert_eq!(eval(&mut alice, "own").unwrap_err(), Fault::Generic);
    hub.reconfigure("VerbosePolicy = on\n[policy]\nown = all :: first");
    until("the new policy", || eval(&mut alice, "own") == Ok(text("first")));
    let mut builder = hub.user("builder");
    builder.call_named("sharedSession", vec![], vec![]).ok();

    // mistakes leave everything as it is: in the file, in an option, in a policy
    for broken in [
        "[policy\nown = x",
        "RepoLag = soon\n[policy]\nown = all :: second",
        "[policy]\nown = moon :: second",
    ] {
        hub.reconfigure(broken);
        std::thread::sleep(Duration::from_millis(150));
        assert_eq!(eval(&mut alice, "own"), Ok(text("first")), "{broken}");
    }
    hub.reconfigure("ServerOffline = on\nOfflineMessage = back at noon\n[policy]\nown = all :: third");
    until("offline", || eval(&mut alice, "own") == Err(Fault::Offline));
    let told = hub.anonymous().call_named("getAPIVersion", vec![], vec![]).unwrap_err();
    assert_eq!(told.message, "back at noon");
    hub.reconfigure("MaxRequestLength = 2000\n[policy]\nown = all :: third");
    until("online again, in the same session", || eval(&mut alice, "own") == Ok(text("third")));
    let long = text(&"x".repeat(3000));
    assert!(alice.call_named("echo", vec![long], vec![]).is_err(), "longer than the new limit");
    assert_eq!(eval(&mut alice, "own"), Ok(text("third")));
}
