//! [`BuildStory`]: what a mail about a build tells: how it went, what its tasks gave, where to look.

use koji_core::client::{build_label, field};
use koji_core::wire::Value;
use time::OffsetDateTime;
use time::macros::format_description;

use crate::builder::mail::Letter;

/// The states of builds by their numbers.
const STATES: [&str; 5] = ["building", "complete", "deleted", "failed", "canceled"];
const FAILED: &str = "failed";
const CANCELED: &str = "canceled";

/// A file of a task, and the volume it is on.
pub(super) type TaskFile = (String, String);

/// One of the tasks of a build.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub id: i64,
    /// The state's name in small letters.
    pub state: String,
    /// What it is about.
    pub label: String,
    /// Who has done it.
    pub host: Option<String>,
    pub arch: String,
    /// The arch that was built for; its files are below a directory of that name.
    pub build_arch: String,
    /// What came of it, in words.
    pub result: String,
    pub logs: Vec<TaskFile>,
    pub rpms: Vec<String>,
    pub srpms: Vec<String>,
    pub misc: Vec<TaskFile>,
}

/// Everything about a build.
#[derive(Clone, Debug, Default)]
pub(super) struct BuildStory {
    /// The build as the hub told it.
    pub build: Value,
    pub dest_tag: Option<String>,
    /// Who called it off.
    pub canceler: Option<String>,
    /// Its tasks, the first of which is the build's own.
    pub parts: Vec<Part>,
    /// The newest entries of its changelog.
    pub changelog: String,
    pub weburl: String,
    /// The URL of the build's directory.
    pub build_url: String,
}

impl BuildStory {
    /// The letter without sender and recipients.
    pub fn letter(&self) -> Letter {
        let nvr = build_label(&self.build);
        let text = |name: &str| field(&self.build, name).as_str().unwrap_or_default().to_owned();
        let (tag, owner, status) =
            (self.dest_tag.as_deref().unwrap_or("None"), text("owner_name"), self.status());
        let draft = if field(&self.build, "draft").is_true() { "True" } else { "False" };
        Letter {
            subject: format!("Package: {nvr} Tag: {tag} Status: {status} Built by: {owner}"),
            headers: vec![
                ("X-Koji-Tag", tag.to_owned()),
                ("X-Koji-Package", text("package_name")),
                ("X-Koji-Builder", owner.clone()),
                ("X-Koji-Status", status.to_owned()),
                ("X-Koji-Draft", draft.to_owned()),
            ],
            body: self.body(&nvr, tag, &owner),
            ..Letter::default()
        }
    }

    fn body(&self, nvr: &str, tag: &str, owner: &str) -> String {
        let number = |name: &str| field(&self.build, name).as_int().unwrap_or_default();
        let canceled =
            self.canceler.as_ref().map_or_else(String::new, |name| format!("\nCanceled by: {name}"));
        let (id, web) = (number("id"), &self.weburl);
        let mut out =
            format!("Package: {nvr}\nTag: {tag}\nStatus: {}{canceled}\nBuilt by: {owner}\n", self.status());
        out.push_str(&format!("ID: {id}\n"));
        for (what, key) in [("Started", "creation_ts"), ("Finished", "completion_ts")] {
            out.push_str(&format!("{what}: {}\n", moment(field(&self.build, key))));
        }
        if !self.changelog.is_empty() {
            out.push_str(&format!("Changelog:\n{}", self.changelog));
        }
        out.push_str(&format!("\n{}\n{}\n", self.why(nvr, id, &canceled), self.output()));
        out.push_str(&format!("Task Info: {web}/taskinfo?taskID={}\n", number("task_id")));
        out.push_str(&format!("Build Info: {web}/buildinfo?buildID={id}\n"));
        out
    }

    /// The state of the build.
    pub fn status(&self) -> &'static str {
        let state = field(&self.build, "state").as_int().and_then(|state| usize::try_from(state).ok());
        state.and_then(|state| STATES.get(state)).copied().unwrap_or("unknown")
    }

    /// Why there is no build.
    fn why(&self, nvr: &str, id: i64, canceled: &str) -> String {
        match self.status() {
            FAILED => {
                let of_host = |part: &Part| Some(format!("{} ({})", part.host.as_deref()?, part.arch));
                let failed = self.parts.iter().filter(|part| part.state == FAILED);
                let hosts: Vec<_> = failed.filter_map(of_host).collect();
                let result = self.parts.first().map_or("Unknown", |part| &part.result);
                format!("\n{nvr} ({id}) failed on {}:\n  {result}", hosts.join(", "))
            }
            CANCELED => canceled.to_owned(),
            _ => String::new(),
        }
    }

    /// The tasks with their files, those that failed first.
    fn output(&self) -> String {
        let mut out = String::new();
        let mut srpms: Vec<_> = self.parts.iter().flat_map(|part| &part.srpms).collect();
        srpms.sort_unstable();
        srpms.dedup();
        if !srpms.is_empty() {
            let lines: String = srpms.into_iter().map(|srpm| format!("  {srpm}\n")).collect();
            out.push_str(&format!("SRPMS:\n{lines}\n"));
        }
        for (state, title) in [(FAILED, "Failed"), (CANCELED, "Canceled"), ("closed", "Closed")] {
            let parts: Vec<_> = self.parts.iter().filter(|part| part.state == state).collect();
            if parts.is_empty() {
                continue;
            }
            let title = format!("{title} tasks:");
            out.push_str(&format!("{title}\n{}\n\n", "-".repeat(title.len())));
            parts.iter().for_each(|part| self.push_part(&mut out, part));
            out.push('\n');
        }
        out
    }

    fn push_part(&self, out: &mut String, part: &Part) {
        let host = part.host.as_ref().map_or_else(String::new, |host| format!(" on {host}"));
        out.push_str(&format!("Task {}{host}\nTask Type: {}\n", part.id, part.label));
        let of_task = |(name, volume): &TaskFile| {
            format!("{}/getfile?taskID={}&name={name}&volume={volume}", self.weburl, part.id)
        };
        let in_build = |name: &String| format!("{}/{}/{name}", self.build_url, part.build_arch);
        let lists: [(&str, Vec<String>); 3] = [
            ("logs", part.logs.iter().map(of_task).collect()),
            ("rpms", part.rpms.iter().map(in_build).collect()),
            ("misc", part.misc.iter().map(of_task).collect()),
        ];
        for (what, urls) in lists.iter().filter(|(_, urls)| !urls.is_empty()) {
            out.push_str(&format!("{what}:\n"));
            urls.iter().for_each(|url| out.push_str(&format!(" {url}\n")));
        }
        out.push('\n');
    }
}

/// `Wed, 25 Nov 2026 02:43:51 UTC`; nothing for no time.
fn moment(seconds: &Value) -> String {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] UTC"
    );
    time_of(seconds).and_then(|time| time.format(format).ok()).unwrap_or_default()
}

/// An entry of a changelog, under its day: `* Wed Nov 25 2026 Name <address> - 1-1`.
pub(super) fn change(entry: &Value) -> String {
    let text = |name: &str| field(entry, name).as_str().unwrap_or_default();
    let format = format_description!("[weekday repr:short] [month repr:short] [day] [year]");
    let day = time_of(field(entry, "date_ts")).and_then(|time| time.format(format).ok());
    format!("* {} {}\n{}\n\n", day.unwrap_or_default(), text("author"), text("text"))
}

fn time_of(seconds: &Value) -> Option<OffsetDateTime> {
    #[expect(clippy::cast_possible_truncation, reason = "the fraction is not shown")]
    let whole = seconds.as_f64()? as i64;
    OffsetDateTime::from_unix_timestamp(whole).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story(state: i64) -> BuildStory {
        let build = map! {
            "id" => 7, "package_name" => "foo", "version" => "1", "release" => "2", "owner_name" => "alice",
            "state" => state, "task_id" => 40, "creation_ts" => 0.5, "completion_ts" => Value::Nil,
        };
        let part = |id, state: &str, host: Option<&str>| Part {
            id,
            state: state.into(),
            label: "buildArch (foo, x86_64)".into(),
            host: host.map(Into::into),
            arch: "x86_64".into(),
            build_arch: "x86_64".into(),
            result: "it broke".into(),
            ..Part::default()
        };
        BuildStory {
            build: Value::Struct(build),
            dest_tag: Some("f40".into()),
            parts: vec![part(40, "failed", Some("b1")), part(41, "closed", None)],
            weburl: "http://h/koji".into(),
            build_url: "http://h/kojifiles/packages/foo/1/2".into(),
            ..BuildStory::default()
        }
    }

    #[test]
    fn a_failed_build_says_where_and_why() {
        let letter = story(3).letter();
        assert_eq!(letter.subject, "Package: foo-1-2 Tag: f40 Status: failed Built by: alice");
        for line in [
            "Started: Thu, 01 Jan 1970 00:00:00 UTC\nFinished: \n",
            "\nfoo-1-2 (7) failed on b1 (x86_64):\n  it broke\n",
            "Failed tasks:\n-------------\n\nTask 40 on b1\nTask Type: buildArch (foo, x86_64)\n",
            "Closed tasks:\n-------------\n\nTask 41\n",
            "Task Info: http://h/koji/taskinfo?taskID=40\nBuild Info: http://h/koji/buildinfo?buildID=7\n",
        ] {
            assert!(letter.body.contains(line), "{line}\n--\n{}", letter.body);
        }
    }

    #[test]
    fn a_change_has_day_author_and_text() {
        let entry = map! { "date_ts" => 1_704_110_400, "author" => "Bob <b@h> - 1-1", "text" => "- First" };
        assert_eq!(change(&Value::Struct(entry)), "* Mon Jan 01 2024 Bob <b@h> - 1-1\n- First\n\n");
    }

    #[test]
    fn files_are_linked() {
        let mut story = story(1);
        story.parts.truncate(1);
        story.parts[0] = Part {
            state: "closed".into(),
            logs: vec![("build.log".into(), "DEFAULT".into())],
            rpms: vec!["foo-1-2.x86_64.rpm".into()],
            srpms: vec!["foo-1-2.src.rpm".into()],
            ..story.parts[0].clone()
        };
        let body = story.letter().body;
        assert!(body.contains("SRPMS:\n  foo-1-2.src.rpm\n\n"));
        assert!(body.contains("logs:\n http://h/koji/getfile?taskID=40&name=build.log&volume=DEFAULT\n"));
        assert!(body.contains("rpms:\n http://h/kojifiles/packages/foo/1/2/x86_64/foo-1-2.x86_64.rpm\n"));
    }

    #[test]
    fn who_canceled_is_told() {
        let body = BuildStory { canceler: Some("bob".into()), ..story(4) }.letter().body;
        assert!(body.contains("Status: canceled\nCanceled by: bob\nBuilt by: alice\n"));
    }
}
