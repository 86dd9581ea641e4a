//! Files of builds and tasks: uploads and downloads with their progress, and where they lie.

use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use koji_core::client::{Download, Downloaded, Expected, Progress, Upload, Wanted, urls_below};
use koji_core::paths::{self, BuildDir, Paths, RpmFile};
use koji_core::wire::Value;

use crate::context::Ctx;
use crate::stop::Stop;
use crate::value::View as _;
use crate::{line, terminal, when};

/// The directory of a build below a top directory or URL.
pub fn build_dir<'a>(build: &'a Value) -> BuildDir<'a> {
    let name = if build.has("package_name") { build.str("package_name") } else { build.str("name") };
    BuildDir {
        name,
        version: build.str("version"),
        release: build.str("release"),
        volume: build.at("volume_name").as_str().filter(|volume| *volume != paths::DEFAULT_VOLUME),
    }
}

/// What an rpm's file name depends on. A draft's rpm keeps the plain release.
pub fn rpm_file(rpm: &Value) -> RpmFile<'_> {
    RpmFile {
        name: rpm.str("name"),
        version: rpm.str("version"),
        release: rpm.str("release"),
        arch: rpm.str("arch"),
    }
}

/// The path of an rpm of a build.
pub fn rpm_path(paths: &Paths, build: &Value, rpm: &Value) -> String {
    format!("{}/{}", paths.build(build_dir(build)).display(), paths::rpm(rpm_file(rpm)))
}

/// The path of an archive of a build, which depends on what made it.
pub fn archive_path(paths: &Paths, build: &Value, archive: &Value, btype: &str) -> String {
    let dir = build_dir(build);
    let name = archive.str("filename");
    match btype {
        "maven" => {
            let repo = paths::maven_repo(
                archive.str("group_id"),
                archive.str("artifact_id"),
                archive.str("version"),
            );
            format!("{}/{repo}/{name}", paths.maven_build(dir).display())
        }
        "win" => {
            let file = paths::win_file(archive.str("relpath"), name);
            format!("{}/{file}", paths.win_build(dir).display())
        }
        "image" => format!("{}/{name}", paths.image_build(dir).display()),
        other => format!("{}/{name}", paths.type_dir(dir, other).display()),
    }
}

/// A directory on the hub that no other upload uses.
pub fn unique_dir(prefix: &str) -> Result<String, Stop> {
    let mut bytes = [0u8; 8];
    getrandom::fill(&mut bytes).map_err(|error| Stop::told(format!("no random numbers: {error}")))?;
    let letters: String = bytes.iter().map(|byte| char::from(b'a' + byte % 26)).collect();
    Ok(format!("{prefix}/{:.6}.{letters}", when::now()))
}

/// Uploads a file, with a bar where somebody watches.
pub fn upload(ctx: &mut Ctx<'_>, local: &Path, dir: &str, bar: bool) -> Result<(), Stop> {
    let bar = (bar && terminal::shows_progress()).then(progress_bar);
    ctx.out.flush()?;
    let upload = Upload { overwrite: true, ..Upload::new(local, dir) };
    crate::what_if::refuse(ctx, "an upload")?;
    let sent = ctx.login()?.upload(&upload, &mut |progress| show(bar.as_ref(), progress));
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    Ok(sent?)
}

/// A series of downloads of the hub's files.
pub struct Downloads {
    client: Download,
    tops: String,
    quiet: bool,
    bar: bool,
    total: usize,
    number: usize,
}

/// A file of the hub that is wanted here.
#[derive(Clone, Copy, Debug)]
pub struct HubFile<'a> {
    /// Its path below the hub's top directory.
    pub path: &'a str,
    /// Where it is to be.
    pub dest: &'a str,
    /// What it must be.
    pub expected: &'a Expected,
}

impl Downloads {
    /// So many downloads from below one of some URLs with spaces between them; zero leaves the numbers out.
    pub fn new(ctx: &Ctx<'_>, tops: &str, how: Manner, total: usize) -> Self {
        let bar = !how.quiet && !how.noprogress && terminal::shows_progress();
        let client = Download::new(&ctx.settings.session_options());
        Self { client, tops: tops.to_owned(), quiet: how.quiet, bar, total, number: 0 }
    }

    /// The next file takes the place of the last one.
    pub fn instead(&mut self) {
        self.number = self.number.saturating_sub(1);
    }

    /// Announces the next file.
    pub fn announce(&mut self, ctx: &mut Ctx<'_>, dest: &str) -> Result<(), Stop> {
        self.number += 1;
        if !self.quiet {
            if self.total > 0 {
                line!(ctx, "Downloading [{}/{}]: {dest}", self.number, self.total);
            } else {
                line!(ctx, "Downloading: {dest}");
            }
        }
        Ok(())
    }

    /// Fetches the next file.
    pub fn fetch(&mut self, ctx: &mut Ctx<'_>, file: HubFile<'_>) -> Result<(), Stop> {
        if self.find(ctx, file)? {
            return Ok(());
        }
        let urls = urls_below(&self.tops, file.path).join(", ");
        Err(koji_core::Error::generic(format!("{urls}: the server answered 404 Not Found")).into())
    }

    /// Fetches the next file; false if no server has it.
    pub fn find(&mut self, ctx: &mut Ctx<'_>, file: HubFile<'_>) -> Result<bool, Stop> {
        self.announce(ctx, file.dest)?;
        ctx.out.flush()?;
        let bar = self.bar.then(progress_bar);
        let urls = urls_below(&self.tops, file.path);
        let wanted = Wanted { urls: &urls, dest: Path::new(file.dest), expected: file.expected };
        let done = self.client.fetch(&wanted, &mut |at| show(bar.as_ref(), at));
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        let done = done?;
        if done == Downloaded::Present && !self.quiet {
            line!(ctx, "File {} already downloaded, skipping", file.dest);
        }
        Ok(done != Downloaded::Absent)
    }
}

/// What downloads show.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Nothing.
    pub quiet: bool,
    /// No bars.
    pub noprogress: bool,
}

fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let template =
        "[{bar:36}] {percent:>3}% {binary_bytes:>12} / {binary_total_bytes} {binary_bytes_per_sec:>14}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("==-"));
    }
    bar
}

fn show(bar: Option<&ProgressBar>, progress: Progress) {
    if let Some(bar) = bar {
        bar.set_length(progress.total.unwrap_or(progress.done));
        bar.set_position(progress.done);
    }
}

/// A shell's pattern with `*`, `?` and `[..]` against a whole name.
pub fn matches_glob(pattern: &str, name: &str) -> bool {
    let mut expression = String::from("^(?s:");
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '*' => expression.push_str(".*"),
            '?' => expression.push('.'),
            '[' => {
                let rest: String = chars.clone().collect();
                // a bracket directly behind the opening one is a member of the set
                match rest.char_indices().skip(1).find(|(_, c)| *c == ']') {
                    Some((end, _)) => {
                        let set = rest[..end].replace('\\', "\\\\").replace('[', "\\[");
                        let set = set.strip_prefix('!').map_or(set.clone(), |rest| format!("^{rest}"));
                        expression.push_str(&format!("[{set}]"));
                        let skipped = rest[..=end].chars().count();
                        chars.by_ref().take(skipped).for_each(drop);
                    }
                    None => expression.push_str("\\["),
                }
            }
            c => expression.push_str(&regex::escape(&c.to_string())),
        }
    }
    expression.push_str(")$");
    regex::Regex::new(&expression).is_ok_and(|regex| regex.is_match(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kwargs;

    #[test]
    fn patterns() {
        assert!(matches_glob("*.log", "build.log"));
        assert!(!matches_glob("*.log", "build.log.gz"));
        assert!(matches_glob("[!a]oot.l?g", "root.log"));
        assert!(!matches_glob("[a-c]oot.log", "root.log"));
    }

    #[test]
    fn files_of_a_build() {
        let build = Value::Struct(kwargs![package_name = "foo", version = "1", release = "2"]);
        let rpm = Value::Struct(kwargs![name = "foo-libs", version = "1", release = "2", arch = "x86_64"]);
        assert_eq!(
            rpm_path(&Paths::new("/mnt/koji"), &build, &rpm),
            "/mnt/koji/packages/foo/1/2/x86_64/foo-libs-1-2.x86_64.rpm"
        );
    }
}
