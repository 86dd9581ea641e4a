//! Repositories for distribution.

use std::fs;

use koji_core::Result;
use koji_core::client::{Session, Upload, field};
use koji_core::compose::external::External;
use koji_core::wire::Value;
use koji_tests::{Database, SourcePackage, TestBuilder, TestHub};

fn call(session: &mut Session, method: &str, args: &[Value]) -> Value {
    session.call_named(method, args.to_vec(), vec![]).unwrap_or_else(|error| panic!("{method}: {error}"))
}

/// Imports a package and tags it into `dest`.
fn import(hub: &TestHub, admin: &mut Session, name: &str) {
    let package = SourcePackage { name, version: "1", build_arch: "noarch", requires: "" };
    let dir = hub.scratch().join("rpms");
    for file in [package.source_rpm(&dir), package.binary_rpm(&dir)] {
        admin.upload(&Upload::new(&file, "in"), &mut |_| ()).unwrap();
        call(admin, "importRPM", &["in".into(), file.file_name().unwrap().to_str().unwrap().into()]);
    }
    call(admin, "packageListAdd", &["dest".into(), name.into(), "kojiadmin".into()]);
    call(admin, "tagBuildBypass", &["dest".into(), format!("{name}-1-1").into()]);
}

/// Has a repository made; what its task gave, and the repository's id.
fn make(
    builder: &TestBuilder,
    admin: &mut Session,
    keys: &[&str],
    more: &[(&str, Value)],
) -> (Result<Value>, i64) {
    let mut opts = vec![
        ("arch".to_owned(), Value::Array(vec!["x86_64".into(), "src".into()])),
        ("latest".to_owned(), true.into()),
        ("inherit".to_owned(), false.into()),
    ];
    opts.retain(|(known, _)| !more.iter().any(|(name, _)| name == known));
    opts.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let keys = Value::Array(keys.iter().map(|key| Value::from(*key)).collect());
    let task = admin.call_named("distRepo", vec!["dest".into(), keys], opts).unwrap().as_int().unwrap();
    let request = call(admin, "getTaskRequest", &[task.into()]);
    let repo = request.as_array().unwrap()[1].as_int().unwrap();
    (builder.result_of(admin, task), repo)
}

#[test]
fn signed_packages_are_distributed() {
    let hub = TestHub::start(Database::Sqlite);
    let builder = TestBuilder::start(&hub, "");
    let mut admin = hub.user("kojiadmin");
    call(&mut admin, "createTag", &["dest".into()]);
    import(&hub, &mut admin, "alpha");
    import(&hub, &mut admin, "beta-debuginfo");
    for rpm in ["alpha-1-1.src", "alpha-1-1.noarch"] {
        call(&mut admin, "renameRPMSig", &[rpm.into(), "".into(), "abcd".into()]);
    }

    let fault = |outcome: Result<Value>| outcome.unwrap_err().message;
    let (unsigned, repo) = make(&builder, &mut admin, &["ABCD"], &[]);
    assert!(fault(unsigned).contains("Packages missing from the filesystem. See missing_files.log."));
    let written = ("write_signed_rpms", Value::from(true));
    let (unsigned, _) = make(&builder, &mut admin, &["abcd"], std::slice::from_ref(&written));
    assert!(fault(unsigned).contains("Unsigned packages found. See missing_signatures.log"));
    let state = field(&call(&mut admin, "repoInfo", &[repo.into()]), "state").as_int();
    assert_eq!(state, Some(0));

    let (skipped, repo) =
        make(&builder, &mut admin, &["abcd"], &[written, ("skip_missing_signatures", true.into())]);
    let message = format!("Dist repository #{repo} successfully generated");
    assert_eq!(skipped.unwrap().as_str(), Some(&*message));
    let dir = hub.topdir().join(format!("repos-dist/dest/{repo}"));
    assert_eq!(fs::read_to_string(dir.join("x86_64/pkglist")).unwrap(), "Packages/a/alpha-1-1.noarch.rpm\n");
    assert_eq!(fs::read_to_string(dir.join("src/pkglist")).unwrap(), "Packages/a/alpha-1-1.src.rpm\n");
    assert!(dir.join("x86_64/Packages/a/alpha-1-1.noarch.rpm").is_file());
    External::open(&dir.join("x86_64")).unwrap();

    let all = [("allow_missing_signatures", Value::from(true)), ("split_debuginfo", true.into())];
    let (whole, repo) = make(&builder, &mut admin, &[], &all);
    whole.unwrap();
    let dir = hub.topdir().join(format!("repos-dist/dest/{repo}/x86_64"));
    let list = |name: &str| fs::read_to_string(dir.join(name)).unwrap();
    assert_eq!(list("pkglist"), "Packages/a/alpha-1-1.noarch.rpm\n");
    assert_eq!(list("debug/pkglist"), "../Packages/b/beta-debuginfo-1-1.noarch.rpm\n");
    assert!(dir.join("debug/repodata/repomd.xml").is_file());
    assert!(dir.join("Packages/b/beta-debuginfo-1-1.noarch.rpm").is_file());
    let listed: serde_json::Value = serde_json::from_str(&list("kojipkgs")).unwrap();
    assert_eq!(listed["beta-debuginfo-1-1.noarch.rpm"]["_subrepo"], "debug");
    assert!(listed["alpha-1-1.noarch.rpm"]["sigkey"].is_null());

    let (zck, _) = make(&builder, &mut admin, &[], &[("zck_dict_dir", "/nowhere".into()), all[0].clone()]);
    assert!(fault(zck).contains("--zck-dict-dir makes no sense without --zck"));
}

/// Imports a package without content for both arches of a pair and tags it into `dest`; none for the narrow one, if
/// `arches` says so.
fn import_wide(hub: &TestHub, admin: &mut Session, (name, requires): (&str, &str), arches: &[&str]) {
    let package = SourcePackage { name, version: "1", build_arch: "", requires };
    let dir = hub.scratch().join("wide");
    let mut files = vec![package.source_rpm(&dir)];
    for arch in arches {
        let mut build = std::process::Command::new("rpmbuild");
        build.args(["--quiet", "-bb", "--target", arch, "--define", &format!("_topdir {}", dir.display())]);
        assert!(build.arg(dir.join(format!("{name}.spec"))).status().unwrap().success());
        files.push(dir.join(format!("RPMS/{arch}/{name}-1-1.{arch}.rpm")));
    }
    for file in files {
        admin.upload(&Upload::new(&file, "in"), &mut |_| ()).unwrap();
        call(admin, "importRPM", &["in".into(), file.file_name().unwrap().to_str().unwrap().into()]);
    }
    call(admin, "packageListAdd", &["dest".into(), name.into(), "kojiadmin".into()]);
    call(admin, "tagBuildBypass", &["dest".into(), format!("{name}-1-1").into()]);
}

#[test]
fn packages_of_the_narrow_arch_come_along() {
    let hub = TestHub::start(Database::Sqlite);
    let builder = TestBuilder::start(&hub, "");
    let mut admin = hub.user("kojiadmin");
    call(&mut admin, "createTag", &["dest".into()]);
    let both = ["x86_64", "i686"];
    for package in [("gamma-devel", "needed"), ("needed", "common"), ("plain", "")] {
        import_wide(&hub, &mut admin, package, &both);
    }
    import(&hub, &mut admin, "common");
    let send = |admin: &mut Session, name: &str, text: &str| {
        let file = hub.scratch().join(name);
        fs::write(&file, text).unwrap();
        admin.upload(&Upload::new(&file, "rules"), &mut |_| ()).unwrap();
        Value::from(format!("rules/{name}"))
    };
    let rules = "[runtime]\nwhite =\nblack =\n[devel]\nwhite =\nblack = BLACK\n";
    let opts = |rules: Value| {
        let arches = Value::Array(both.map(Value::from).into());
        [("arch", arches), ("multilib", rules), ("allow_missing_signatures", true.into())]
    };
    let list = |repo: i64, arch: &str| {
        let dir = hub.topdir().join(format!("repos-dist/dest/{repo}/{arch}"));
        let text = fs::read_to_string(dir.join("pkglist")).unwrap();
        let mut names: Vec<String> =
            text.lines().map(|line| line.rsplit('/').next().unwrap().to_owned()).collect();
        names.sort();
        assert!(text.lines().all(|line| dir.join(line).is_file()), "{text}");
        names.join(" ")
    };
    let wide = "common-1-1.noarch.rpm gamma-devel-1-1.i686.rpm gamma-devel-1-1.x86_64.rpm needed-1-1.i686.rpm \
                needed-1-1.x86_64.rpm plain-1-1.x86_64.rpm";
    let uploaded = send(&mut admin, "multilib.conf", &rules.replace("BLACK", "x"));
    let (made, repo) = make(&builder, &mut admin, &[], &opts(uploaded.clone()));
    made.unwrap_or_else(|error| panic!("{error}\n{}", builder.log()));
    assert_eq!(list(repo, "x86_64"), wide);
    let narrow = "common-1-1.noarch.rpm gamma-devel-1-1.i686.rpm needed-1-1.i686.rpm plain-1-1.i686.rpm";
    assert_eq!(list(repo, "i386"), narrow);

    let without = send(&mut admin, "black.conf", &rules.replace("BLACK", "gamma-devel"));
    let (made, repo) = make(&builder, &mut admin, &[], &opts(without));
    made.unwrap();
    assert!(!list(repo, "x86_64").contains("i686"));
    let bad = send(&mut admin, "bad.conf", "[devel]\n");
    let (made, _) = make(&builder, &mut admin, &[], &opts(bad));
    assert!(made.unwrap_err().message.contains("the section [runtime] is missing"));

    import_wide(&hub, &mut admin, ("wide-devel", ""), &both[..1]);
    let (made, _) = make(&builder, &mut admin, &[], &opts(uploaded));
    assert!(made.unwrap_err().message.contains("multilib packages missing. See missing_multilib.log"));
}

/// Imports a version of a package whose file hardly differs from that of the version before, and tags it into `dest`.
fn import_heavy(hub: &TestHub, admin: &mut Session, version: &str) {
    let dir = hub.scratch().join("heavy");
    fs::create_dir_all(&dir).unwrap();
    // what can't be packed any smaller, but for its end
    let mut state: u32 = 7;
    let mut bytes: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(200_000)
    .collect();
    bytes.extend(version.as_bytes());
    fs::write(dir.join("data"), bytes).unwrap();
    let package = SourcePackage { name: "heavy", version, build_arch: "noarch", requires: "" };
    let install = format!("install -D {} %{{buildroot}}/srv/heavy/data", dir.join("data").display());
    let spec = package.spec();
    let (head, _) = spec.split_once("%install").unwrap();
    fs::write(dir.join("heavy.spec"), format!("{head}%install\n{install}\n%files\n/srv/heavy\n")).unwrap();
    let mut build = std::process::Command::new("rpmbuild");
    build
        .args(["--quiet", "-ba", "--define", &format!("_topdir {}", dir.display())])
        .arg(dir.join("heavy.spec"));
    assert!(build.status().unwrap().success());
    for file in
        [format!("SRPMS/heavy-{version}-1.src.rpm"), format!("RPMS/noarch/heavy-{version}-1.noarch.rpm")]
    {
        let file = dir.join(file);
        admin.upload(&Upload::new(&file, "in"), &mut |_| ()).unwrap();
        call(admin, "importRPM", &["in".into(), file.file_name().unwrap().to_str().unwrap().into()]);
    }
    call(admin, "packageListAdd", &["dest".into(), "heavy".into(), "kojiadmin".into()]);
    call(admin, "tagBuildBypass", &["dest".into(), format!("heavy-{version}-1").into()]);
}

#[test]
fn repositories_have_deltas_and_zchunk_copies() {
    let hub = TestHub::start(Database::Sqlite);
    let builder = TestBuilder::start(&hub, "");
    let mut admin = hub.user("kojiadmin");
    call(&mut admin, "createTag", &["dest".into()]);
    import_heavy(&hub, &mut admin, "1");
    let plain = [("allow_missing_signatures", Value::from(true))];
    let (made, first) = make(&builder, &mut admin, &[], &plain);
    made.unwrap_or_else(|error| panic!("{error}\n{}", builder.log()));
    import_heavy(&hub, &mut admin, "2");
    let delta = ("delta", Value::Array(vec![first.into()]));
    let (made, second) = make(&builder, &mut admin, &[], &[plain[0].clone(), delta, ("zck", true.into())]);
    made.unwrap_or_else(|error| panic!("{error}\n{}", builder.log()));
    let dir = hub.topdir().join(format!("repos-dist/dest/{second}/x86_64"));
    let names = |below: &str| {
        let entries =
            fs::read_dir(dir.join(below)).unwrap_or_else(|error| panic!("{below}: {error}")).flatten();
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    let deltas = names("drpms");
    assert!(
        deltas.iter().any(|name| name.starts_with("heavy-1-1_2-1") && name.ends_with(".drpm")),
        "{deltas:?}"
    );
    let size = |path: std::path::PathBuf| path.metadata().unwrap().len();
    assert!(size(dir.join("drpms").join(&deltas[0])) < size(dir.join("Packages/h/heavy-2-1.noarch.rpm")) / 4);
    let metadata = names("repodata");
    for kind in ["primary.xml.zck", "filelists.xml.zck", "other.xml.zck", "prestodelta.xml"] {
        assert!(metadata.iter().any(|name| name.contains(kind)), "no {kind} in {metadata:?}");
    }
    let packed = metadata.iter().find(|name| name.ends_with("primary.xml.zck")).unwrap();
    assert_eq!(&fs::read(dir.join("repodata").join(packed)).unwrap()[..5], b"\0ZCK1");
    let index = fs::read_to_string(dir.join("repodata/repomd.xml")).unwrap();
    assert!(
        ["primary_zck", "prestodelta"].iter().all(|kind| index.contains(&format!("type=\"{kind}\""))),
        "{index}"
    );

    let (refused, _) =
        make(&builder, &mut admin, &[], &[plain[0].clone(), ("delta", Value::Array(vec![4711.into()]))]);
    assert!(refused.unwrap_err().message.contains("4711"));
}
