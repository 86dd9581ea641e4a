//! `koji taginfo`

use std::collections::BTreeMap;

use koji_core::api::cast::EventId;
use koji_core::api::external_repo::GetTagExternalRepos;
use koji_core::api::permission::GetAllPerms;
use koji_core::api::repo::GetRepo;
use koji_core::api::system::MavenEnabled;
use koji_core::api::tag::{GetBuildConfig, GetInheritanceData};
use koji_core::api::tag_group::GetTagGroups;
use koji_core::api::target::GetBuildTargets;
use koji_core::wire::Value;

use crate::context::{Ctx, EventArgs};
use crate::stop::{Outcome, Stop};
use crate::value::View as _;
use crate::{line, python};

/// Show what a tag is
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji taginfo f40-build")]
pub struct Args {
    /// The tags
    #[arg(required = true)]
    tag: Vec<String>,
    #[command(flatten)]
    at: EventArgs,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let event = ctx.event(&args.at, false)?;
    let mut infos = vec![];
    for name in &args.tag {
        infos.push(build_config(ctx, name, event)?);
    }
    if ctx.settings.json {
        ctx.json(&Value::Array(infos))?;
        return Ok(0);
    }
    let perms = ctx.ask(GetAllPerms::new())?;
    let maven = ctx.call(MavenEnabled::new())?;
    for (number, info) in infos.iter().enumerate() {
        if number > 0 {
            line!(ctx);
        }
        Page { info, event, id: info.int("id") }.write(ctx, &perms, maven)?;
    }
    Ok(0)
}

fn build_config(ctx: &mut Ctx<'_>, name: &str, event: Option<i64>) -> Result<Value, Stop> {
    let event = event.map(Into::into);
    let mut info = ctx.ask(GetBuildConfig { event, ..GetBuildConfig::new(name) })?;
    if let (true, Ok(id)) = (info.is_nil(), name.parse::<i64>()) {
        info = ctx.ask(GetBuildConfig { event, ..GetBuildConfig::new(id) })?;
    }
    if info.is_nil() { Err(Stop::usage(format!("No such tag: {name}"))) } else { Ok(info) }
}

struct Page<'a> {
    info: &'a Value,
    event: Option<i64>,
    id: i64,
}

impl Page<'_> {
    fn write(&self, ctx: &mut Ctx<'_>, perms: &Value, maven: bool) -> Result<(), Stop> {
        let info = self.info;
        line!(ctx, "Tag: {} [{}]", info.str("name"), self.id);
        line!(ctx, "Arches: {}", info.show("arches"));
        let groups = ctx.ask(GetTagGroups { event: self.event(), ..GetTagGroups::new(self.id) })?;
        let mut names: Vec<&str> = groups.items().iter().map(|group| group.str("name")).collect();
        names.sort_unstable();
        line!(ctx, "Groups: {}", names.join(", "));
        if info.has("locked") {
            line!(ctx, "LOCKED");
        }
        if let Some(id) = info.at("perm_id").as_int() {
            let perm = perms.items().iter().find(|perm| perm.int("id") == id);
            let name = perm.map_or_else(|| id.to_string(), |perm| python::repr(perm.at("name")));
            line!(ctx, "Required permission: {name}");
        }
        if maven {
            let yes = |name| if info.has(name) { "yes" } else { "no" };
            line!(ctx, "Maven support?: {}", yes("maven_support"));
            line!(ctx, "Include all Maven archives?: {}", yes("maven_include_all"));
        }
        self.write_options(ctx)?;
        self.write_targets(ctx)?;
        self.write_external_repos(ctx)?;
        self.write_inheritance(ctx)
    }

    fn event(&self) -> Option<EventId> {
        self.event.map(Into::into)
    }

    fn write_options(&self, ctx: &mut Ctx<'_>) -> Result<(), Stop> {
        let Some(extra) = self.info.at("extra").as_struct() else { return Ok(()) };
        line!(ctx, "Tag options:");
        let mut extra: Vec<_> = extra.iter().collect();
        extra.sort_by(|left, right| left.0.cmp(&right.0));
        let inherited = self.info.at("config_inheritance").at("extra");
        for (key, value) in extra {
            let text = format!("  {key} : {}", python::pprint(value));
            match inherited.get(key) {
                Some(source) => line!(ctx, "{text:<30} [{}]", source.str("name")),
                None => line!(ctx, "{text}"),
            }
        }
        Ok(())
    }

    fn write_targets(&self, ctx: &mut Ctx<'_>) -> Result<(), Stop> {
        let (tag, targets) =
            (Some(self.id.into()), GetBuildTargets { event: self.event(), ..GetBuildTargets::new() });
        let into = ctx.ask(GetBuildTargets { destTagID: tag.clone(), ..targets.clone() })?;
        let from = ctx.ask(GetBuildTargets { buildTagID: tag, ..targets })?;
        let repos = if self.event.is_none() { self.repos(ctx, &into, &from)? } else { BTreeMap::new() };
        let repo = |id: i64| repos.get(&id).cloned().unwrap_or_default();
        if into.is_true() {
            line!(ctx, "Targets that build into this tag:");
        }
        for target in into.items() {
            let (name, tag) = (target.str("name"), target.str("build_tag_name"));
            if self.event.is_some() {
                line!(ctx, "  {name} ({tag})");
            } else {
                line!(ctx, "  {name} ({tag}, {})", repo(target.int("build_tag")));
            }
        }
        if from.is_true() {
            line!(ctx, "This tag is a buildroot for one or more targets");
        }
        if self.event.is_none() {
            line!(ctx, "Current repo: {}", repo(self.id));
        }
        if from.is_true() {
            line!(ctx, "Targets that build from this tag:");
        }
        for target in from.items() {
            line!(ctx, "  {}", target.str("name"));
        }
        Ok(())
    }

    /// The present repos of the tag and of the build tags around it.
    fn repos(&self, ctx: &mut Ctx<'_>, into: &Value, from: &Value) -> Result<BTreeMap<i64, String>, Stop> {
        let targets = into.items().iter().chain(from.items());
        let mut ids: Vec<i64> = targets.map(|target| target.int("build_tag")).collect();
        ids.push(self.id);
        ids.sort_unstable();
        ids.dedup();
        let repos = ctx.multicall_strict(ids.iter().map(|id| GetRepo::new(*id)))?;
        let told = repos.iter().map(|repo| {
            if repo.is_nil() {
                "no active repo".to_owned()
            } else {
                format!("repo#{}: {}", repo.int("id"), repo.show("creation_time"))
            }
        });
        Ok(ids.into_iter().zip(told).collect())
    }

    fn write_external_repos(&self, ctx: &mut Ctx<'_>) -> Result<(), Stop> {
        let tag_info = Some(self.id.into());
        let repos = ctx.ask(GetTagExternalRepos {
            tag_info: tag_info.into(),
            event: self.event(),
            ..GetTagExternalRepos::new()
        })?;
        if repos.is_true() {
            line!(ctx, "External repos:");
        }
        for repo in repos.items() {
            let arches = if repo.has("arches") { repo.str("arches") } else { "inherited from tag" };
            line!(
                ctx,
                "  {:>3} {} ({}, merge mode: {}), arches: {arches}",
                repo.int("priority"),
                repo.str("external_repo_name"),
                repo.str("url"),
                repo.show("merge_mode")
            );
        }
        Ok(())
    }

    fn write_inheritance(&self, ctx: &mut Ctx<'_>) -> Result<(), Stop> {
        line!(ctx, "Inheritance:");
        let wanted = GetInheritanceData { event: self.event(), ..GetInheritanceData::new(self.id) };
        for parent in ctx.ask(wanted)?.items() {
            line!(
                ctx,
                "  {:<4} {} {} [{}]",
                parent.int("priority"),
                flags(parent),
                parent.str("name"),
                parent.show("parent_id")
            );
            if !parent.at("maxdepth").is_nil() {
                line!(ctx, "    maxdepth: {}", parent.show("maxdepth"));
            }
            if parent.has("pkg_filter") {
                line!(ctx, "    package filter: {}", parent.str("pkg_filter"));
            }
        }
        Ok(())
    }
}

/// How a link of inheritance is bounded, a letter each.
pub fn flags(link: &Value) -> String {
    let marks = [
        ('M', !link.at("maxdepth").is_nil()),
        ('F', link.has("pkg_filter")),
        ('I', link.has("intransitive")),
        ('N', link.has("noconfig")),
    ];
    marks.iter().map(|(mark, given)| if *given { *mark } else { '.' }).collect()
}
