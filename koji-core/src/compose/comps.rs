//! [`generate`]: writes the groups of a tag as `comps.xml`, which dnf and mock read.

use std::collections::{HashMap, HashSet};

use super::xml::{push_attribute, push_element, push_text};

/// A group of packages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Its identifier, such as `build`.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// Whether an installer takes it unasked.
    pub is_default: bool,
    /// Whether an installer shows it.
    pub uservisible: bool,
    /// Whether it is for machines of two architectures only.
    pub biarchonly: bool,
    /// Its packages.
    pub packages: Vec<GroupPackage>,
    /// The groups that it takes in.
    pub groups: Vec<GroupReq>,
}

/// A package of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupPackage {
    /// Name of the package.
    pub name: String,
    /// `mandatory`, `default`, `optional` or `conditional`.
    pub kind: String,
    /// The package on which a conditional one depends.
    pub requires: Option<String>,
    /// Whether only that of the base architecture is meant.
    pub basearchonly: bool,
}

/// A group that another one takes in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupReq {
    /// Its identifier.
    pub name: String,
    /// `mandatory`, `default` or `optional`.
    pub kind: Option<String>,
    /// Whether it is a metapackage.
    pub is_metapkg: bool,
}

/// How groups within groups are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nested {
    /// As a list of the groups.
    Listed,
    /// By the packages of those groups, for readers that do not know groups within groups.
    Expanded,
}

/// The text of `comps.xml`. Groups and the packages in them are sorted by name.
pub fn generate(groups: &[Group], nested: Nested) -> String {
    let by_name: HashMap<&str, &Group> = groups.iter().map(|group| (group.name.as_str(), group)).collect();
    let mut out = String::from(
        "<?xml version=\"1.0\"?>\n\
         <!DOCTYPE comps PUBLIC \"-//Red Hat, Inc.//DTD Comps info//EN\" \"comps.dtd\">\n\n\
         <comps>\n",
    );
    for group in sorted(groups, |group| &group.name) {
        push_group(&mut out, group, nested, &by_name);
    }
    out.push_str("</comps>\n");
    out
}

fn push_group(out: &mut String, group: &Group, nested: Nested, by_name: &HashMap<&str, &Group>) {
    out.push_str("  <group>\n");
    push_element(out, "    ", "id", &group.name);
    push_element(out, "    ", "name", &group.display_name);
    push_element(out, "    ", "description", &group.description);
    push_element(out, "    ", "default", truth(group.is_default));
    push_element(out, "    ", "uservisible", truth(group.uservisible));
    if group.biarchonly {
        push_element(out, "    ", "biarchonly", truth(true));
    }
    if nested == Nested::Listed && !group.groups.is_empty() {
        out.push_str("    <grouplist>\n");
        for req in sorted(&group.groups, |req| &req.name) {
            push_group_req(out, req);
        }
        out.push_str("    </grouplist>\n");
    }
    out.push_str("    <packagelist>\n");
    for package in sorted(&group.packages, |package| &package.name) {
        push_package(out, package);
    }
    if nested == Nested::Expanded {
        push_expanded(out, group, by_name);
    }
    out.push_str("    </packagelist>\n  </group>\n");
}

fn push_group_req(out: &mut String, req: &GroupReq) {
    let element = if req.is_metapkg { "metapkg" } else { "groupreq" };
    out.push_str("      <");
    out.push_str(element);
    if let Some(kind) = req.kind.as_deref().filter(|kind| !kind.is_empty()) {
        push_attribute(out, "type", kind);
    }
    out.push('>');
    push_text(out, &req.name);
    out.push_str("</");
    out.push_str(element);
    out.push_str(">\n");
}

fn push_package(out: &mut String, package: &GroupPackage) {
    out.push_str("      <packagereq");
    push_attribute(out, "type", &package.kind);
    if package.basearchonly {
        push_attribute(out, "basearchonly", truth(true));
    }
    if let Some(requires) = package.requires.as_deref().filter(|requires| !requires.is_empty()) {
        push_attribute(out, "requires", requires);
    }
    out.push('>');
    push_text(out, &package.name);
    out.push_str("</packagereq>\n");
}

/// The packages of all groups that a group takes in, near ones first. Packages of the group itself are not
/// told again. A group that does not exist is named in a comment.
fn push_expanded(out: &mut String, group: &Group, by_name: &HashMap<&str, &Group>) {
    let own: HashSet<&str> = group.packages.iter().map(|package| package.name.as_str()).collect();
    let mut seen = HashSet::from([group.name.as_str()]);
    let mut wanted: Vec<&str> = group.groups.iter().map(|req| req.name.as_str()).collect();
    let mut at = 0;
    while let Some(name) = wanted.get(at).copied() {
        at += 1;
        if !seen.insert(name) {
            continue;
        }
        let Some(nested) = by_name.get(name) else {
            push_comment(out, "MISSING GROUP", name);
            continue;
        };
        push_comment(out, "Expanding Group", name);
        for package in sorted(&nested.packages, |package| &package.name) {
            if !own.contains(package.name.as_str()) {
                push_package(out, package);
            }
        }
        wanted.extend(nested.groups.iter().map(|req| req.name.as_str()));
    }
}

/// Two hyphens would end the comment, so they are parted.
fn push_comment(out: &mut String, what: &str, name: &str) {
    out.push_str(&format!("      <!-- {what}: {} -->\n", name.replace("--", "- -").replace("--", "- -")));
}

fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

fn sorted<T>(items: &[T], name: impl Fn(&T) -> &String) -> Vec<&T> {
    let mut sorted: Vec<&T> = items.iter().collect();
    sorted.sort_by(|left, right| name(left).cmp(name(right)));
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str) -> GroupPackage {
        GroupPackage { name: name.into(), kind: "mandatory".into(), ..GroupPackage::default() }
    }

    fn groups() -> Vec<Group> {
        let req = |name: &str, is_metapkg| GroupReq { name: name.into(), kind: None, is_metapkg };
        let conditional = GroupPackage {
            name: "a-doc".into(),
            kind: "conditional".into(),
            requires: Some("a&b".into()),
            basearchonly: true,
        };
        let mut srpm = Group { name: "srpm-build".into(), display_name: "S".into(), ..Group::default() };
        srpm.packages = vec![package("make"), package("bash")];
        let mut build = Group { name: "build".into(), display_name: "B".into(), ..Group::default() };
        build.uservisible = true;
        build.packages = vec![package("bash"), conditional];
        build.groups = vec![req("srpm-build", false), req("gone", true)];
        vec![srpm, build]
    }

    #[test]
    fn lists_what_a_group_takes_in() {
        let expected = r#"  <group>
    <id>build</id>
    <name>B</name>
    <description></description>
    <default>false</default>
    <uservisible>true</uservisible>
    <grouplist>
      <metapkg>gone</metapkg>
      <groupreq>srpm-build</groupreq>
    </grouplist>
    <packagelist>
      <packagereq type="conditional" basearchonly="true" requires="a&amp;b">a-doc</packagereq>
      <packagereq type="mandatory">bash</packagereq>
    </packagelist>
  </group>
  <group>
    <id>srpm-build</id>
"#;
        let text = generate(&groups(), Nested::Listed);
        assert!(text.contains(expected), "{text}");
        assert!(text.starts_with("<?xml version=\"1.0\"?>\n<!DOCTYPE comps "));
        assert!(text.ends_with("  </group>\n</comps>\n"));
    }

    #[test]
    fn expands_what_a_group_takes_in() {
        let text = generate(&groups(), Nested::Expanded);
        let expected = r#"      <packagereq type="mandatory">bash</packagereq>
      <!-- Expanding Group: srpm-build -->
      <packagereq type="mandatory">make</packagereq>
      <!-- MISSING GROUP: gone -->
    </packagelist>
"#;
        assert!(text.contains(expected), "{text}");
        assert!(!text.contains("grouplist"));
    }
}
