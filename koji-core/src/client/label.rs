//! What a task is about, in a few words: `build (f40, /pkgs/foo:abc)`. Lists and logs show this text.

use crate::wire::Value;

use super::member::{field, item};

/// The label of a task from its description as `getTaskInfo(request=True)` gives it.
pub fn task_label(task: &Value) -> String {
    let Some(method) = field(task, "method").as_str() else {
        return "malformed task".into();
    };
    let arch = field(task, "arch").as_str().unwrap_or("None");
    let request = field(task, "request");
    match about(method, &Params { method, request }) {
        Some(about) if !about.is_empty() => format!("{method} ({about})"),
        Some(_) => format!("{method} ({arch})"),
        None => "malformed task".into(),
    }
}

/// None if the request lacks what the label needs.
fn about(method: &str, params: &Params<'_>) -> Option<String> {
    let about = match method {
        "build" | "maven" => {
            let source = params.first(&["src", "url"])?;
            let source = if source.contains("://") { module(source) } else { base(source).into() };
            format!("{}, {source}", name_or_text(params.any(&["target", "build_tag"])))
        }
        "indirectionimage" => {
            let opts = params.get("opts");
            let part = |name| field(opts, name).as_str();
            format!("{}, {}, {}", part("name")?, part("version")?, part("release")?)
        }
        "buildSRPMFromSCM" => module(params.get("url").as_str()?),
        "buildArch" => {
            let package = params.get("pkg");
            let package = package.as_str().or_else(|| field(package, "name").as_str())?;
            format!("{}, {}", base(package), params.get("arch").as_str()?)
        }
        "buildMaven" => field(params.get("build_tag"), "name").as_str()?.into(),
        "wrapperRPM" => {
            let target = field(params.get("build_target"), "name").as_str()?;
            match params.get("build") {
                build if build.is_true() => format!("{target}, {}", build_label(build)),
                _ => target.into(),
            }
        }
        "winbuild" => {
            format!("{}, {}", name_or_text(params.get("target")), module(params.get("source_url").as_str()?))
        }
        "vmExec" => params.get("name").as_str()?.into(),
        "buildNotification" => build_label(params.get("build")),
        "newRepo" | "distRepo" => name_or_text(params.get("tag")),
        "createrepo" => params.get("arch").as_str()?.into(),
        "createdistrepo" => format!("{}, {}", plain(params.get("repo_id")), params.get("arch").as_str()?),
        "dependantTask" => {
            joined(params.get("task_list").as_array().unwrap_or(&[]).iter().map(|task| plain(item(task, 0))))
        }
        "chainbuild" | "chainmaven" => name_or_text(params.get("target")),
        "waitrepo" => {
            let tag = name_or_text(params.get("tag"));
            match params.get("nvrs") {
                Value::Array(nvrs) => format!("{tag}, {}", joined(nvrs.iter().map(plain))),
                _ => tag,
            }
        }
        "livecd" | "appliance" | "image" | "livemedia" => {
            let arch = plain(params.any(&["arch", "arches"]));
            let start = plain(params.any(&["ksfile", "inst_tree"]));
            format!("{arch}, {}-{}, {start}", plain(params.get("name")), plain(params.get("version")))
        }
        "createLiveCD" | "createAppliance" | "createImage" | "createLiveMedia" => {
            let target = field(params.get("target_info"), "name").as_str()?;
            let start = plain(params.any(&["ksfile", "inst_tree"]));
            format!("{target}, {}, {start}, {}", params.nvr(), plain(params.get("arch")))
        }
        "restart" | "restartVerify" => field(params.get("host"), "name").as_str()?.into(),
        _ => String::new(),
    };
    Some(about)
}

/// The names of the leading positional parameters of a task method, as far as labels need them.
fn names(method: &str) -> &'static [&'static str] {
    match method {
        "build" => &["src", "target", "opts"],
        "maven" => &["url", "target", "opts"],
        "indirectionimage" => &["opts"],
        "buildSRPMFromSCM" | "buildMaven" => &["url", "build_tag", "opts"],
        "buildArch" => &["pkg", "root", "arch", "keep_srpm", "opts"],
        "wrapperRPM" => &["spec_url", "build_target", "build", "task", "opts"],
        "winbuild" => &["name", "source_url", "target", "opts"],
        "vmExec" => &["name", "task_info", "opts"],
        "buildNotification" => &["recipients", "build", "target", "weburl"],
        "newRepo" => &["tag", "event", "src", "debuginfo", "separate_src", "opts"],
        "distRepo" => &["tag", "repo_id", "keys", "task_opts"],
        "createrepo" => &["repo_id", "arch", "oldrepo"],
        "createdistrepo" => &["tag", "repo_id", "arch", "keys", "opts"],
        "dependantTask" => &["wait_list", "task_list"],
        "chainbuild" => &["srcs", "target", "opts"],
        "chainmaven" => &["builds", "target", "opts"],
        "waitrepo" => &["tag", "newer_than", "nvrs", "min_event"],
        "livecd" | "appliance" => &["name", "version", "arch", "target", "ksfile", "opts"],
        "livemedia" => &["name", "version", "arches", "target", "ksfile", "opts"],
        "image" => &["name", "version", "arches", "target", "inst_tree", "opts"],
        "createImage" => {
            &["name", "version", "release", "arch", "target_info", "build_tag", "repo_info", "inst_tree"]
        }
        "createLiveCD" | "createAppliance" | "createLiveMedia" => {
            &["name", "version", "release", "arch", "target_info", "build_tag", "repo_info", "ksfile"]
        }
        "restart" => &["host"],
        "restartVerify" => &["task_id", "host"],
        _ => &[],
    }
}

struct Params<'a> {
    method: &'a str,
    request: &'a Value,
}

impl<'a> Params<'a> {
    /// A parameter by name: from a request of the new style (one struct), a keyword, or a position.
    fn get(&self, name: &str) -> &'a Value {
        let items = self.request.as_array().unwrap_or(&[]);
        if let Some(last) = items.last() {
            let named = field(last, "__method__").is_true() || field(last, "__starstar").is_true();
            if named && !field(last, name).is_nil() {
                return field(last, name);
            }
        }
        match names(self.method).iter().position(|known| *known == name) {
            Some(position) => item(self.request, position),
            None => &Value::Nil,
        }
    }

    fn any(&self, names: &[&str]) -> &'a Value {
        names.iter().map(|name| self.get(name)).find(|value| value.is_true()).unwrap_or(&Value::Nil)
    }

    fn first(&self, names: &[&str]) -> Option<&'a str> {
        self.any(names).as_str()
    }

    fn nvr(&self) -> String {
        ["name", "version", "release"].map(|name| plain(self.get(name))).join("-")
    }
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join(", ")
}

fn name_or_text(value: &Value) -> String {
    field(value, "name").as_str().map_or_else(|| plain(value), str::to_owned)
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        // as Koji shows a list of arches
        Value::Array(items) => format!("[{}]", joined(items.iter().map(|item| format!("'{}'", plain(item))))),
        _ => "None".into(),
    }
}

/// The name of a build as its info tells it, `name-version-release`.
pub fn build_label(build: &Value) -> String {
    let name = field(build, "package_name").as_str().or_else(|| field(build, "name").as_str());
    let rest = ["version", "release"].map(|part| field(build, part).as_str().unwrap_or("None"));
    format!("{}-{}", name.unwrap_or("None"), rest.join("-"))
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The repository, the module if one is named, and the revision of an SCM URL.
fn module(url: &str) -> String {
    let (rest, revision) = url.split_once('#').unwrap_or((url, url));
    let (place, module) = match rest.split_once('?') {
        Some((place, module)) => (place, module),
        None => (rest, ""),
    };
    let host = place.find("://").map_or(0, |at| at + 3);
    let repo = place[host..].find('/').map_or("", |at| &place[host + at..]);
    if module.is_empty() { format!("{repo}:{revision}") } else { format!("{repo}:{module}:{revision}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::String(text.into())
    }

    fn task(method: &str, request: Vec<Value>) -> Value {
        Value::Struct(vec![
            ("method".into(), text(method)),
            ("arch".into(), text("noarch")),
            ("request".into(), Value::Array(request)),
        ])
    }

    #[test]
    fn builds_show_target_and_source() {
        let label = task_label(&task("build", vec![text("cli-build/1.2/foo-1-1.src.rpm"), text("f40")]));
        assert_eq!(label, "build (f40, foo-1-1.src.rpm)");
        let url = "git+https://src.example.org/rpms/foo?sub#abc";
        assert_eq!(
            task_label(&task("build", vec![text(url), text("f40")])),
            "build (f40, /rpms/foo:sub:abc)"
        );
        let url = "git://src.example.org/rpms/foo#abc";
        assert_eq!(
            task_label(&task("buildSRPMFromSCM", vec![text(url)])),
            "buildSRPMFromSCM (/rpms/foo:abc)"
        );
    }

    #[test]
    fn other_tasks_show_their_arch() {
        assert_eq!(task_label(&task("tagBuild", vec![])), "tagBuild (noarch)");
        assert_eq!(task_label(&task("somePlugin", vec![])), "somePlugin (noarch)");
        let image =
            vec![text("f"), text("40"), Value::Array(vec![text("x86_64")]), text("t"), text("http://i")];
        assert_eq!(task_label(&task("image", image)), "image (['x86_64'], f-40, http://i)");
    }

    #[test]
    fn named_parameters_are_found() {
        let request =
            Value::Struct(vec![("__method__".into(), text("newRepo")), ("tag".into(), text("f40-build"))]);
        assert_eq!(task_label(&task("newRepo", vec![request])), "newRepo (f40-build)");
    }

    #[test]
    fn a_request_without_what_it_needs_is_malformed() {
        assert_eq!(task_label(&task("buildArch", vec![])), "malformed task");
    }
}
