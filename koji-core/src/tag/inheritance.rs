//! What a tag inherits from, in order: a pure walk over loaded inheritance links.
//!
//! The walk is depth first by priority. It prunes loops and skips what an earlier visit covers already, where
//! a visit covers a later one unless it was limited: by depth, by `noconfig` or by a package filter. Which
//! links hold at an event is for whoever loads them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// One inheritance link as stored. `name` is that of the tag at the far end: the parent's, or in a
/// reverse walk the child's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The tag that inherits.
    pub child_id: i64,
    /// The tag that is inherited from.
    pub parent_id: i64,
    /// The far tag's name.
    pub name: Arc<str>,
    /// Where the link stands among its child's links: lower is earlier.
    pub priority: i64,
    /// How many links deep the inheritance goes through this link; none is no limit.
    pub maxdepth: Option<i64>,
    /// Whether only the child itself inherits, and not what inherits from it.
    pub intransitive: bool,
    /// Whether the parent's configuration is not inherited.
    pub noconfig: bool,
    /// A pattern that inherited packages must match; none and empty let all pass.
    pub pkg_filter: Option<Arc<str>>,
}

/// Which way to walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To what the tag inherits from.
    Ancestors,
    /// To what inherits from the tag.
    Descendants,
}

/// Inheritance links by the tag that a walk leaves from.
#[derive(Clone, Debug)]
pub struct Graph {
    direction: Direction,
    edges: HashMap<i64, Vec<Edge>>,
}

impl Graph {
    /// Sorts links for walks in one direction. Links of equal priority keep the order they come in.
    pub fn new(direction: Direction, edges: impl IntoIterator<Item = Edge>) -> Self {
        let mut graph: HashMap<i64, Vec<Edge>> = HashMap::new();
        for edge in edges {
            let near = match direction {
                Direction::Ancestors => edge.child_id,
                Direction::Descendants => edge.parent_id,
            };
            graph.entry(near).or_default().push(edge);
        }
        for edges in graph.values_mut() {
            edges.sort_by_key(|edge| edge.priority);
        }
        Self { direction, edges: graph }
    }

    fn from(&self, tag_id: i64) -> &[Edge] {
        self.edges.get(&tag_id).map_or(&[], Vec::as_slice)
    }

    fn far(&self, edge: &Edge) -> i64 {
        match self.direction {
            Direction::Ancestors => edge.parent_id,
            Direction::Descendants => edge.child_id,
        }
    }
}

/// A link in the order of a walk, with what the way to it adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The stored link.
    pub edge: Edge,
    /// How many links this is away from the start, which counts 1 for the first.
    pub currdepth: i64,
    /// How deep the walk may go on from here; none is no limit.
    pub nextdepth: Option<i64>,
    /// The package filters of all links on the way, all of which must match.
    pub filter: Arc<[Arc<str>]>,
    direction: Direction,
}

impl Serialize for Link {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let reverse = self.direction == Direction::Descendants;
        let mut out = serializer.serialize_struct("Link", 11)?;
        // Koji calls the child `tag_id` where it walks to descendants
        out.serialize_field(if reverse { "tag_id" } else { "child_id" }, &self.edge.child_id)?;
        out.serialize_field("currdepth", &self.currdepth)?;
        out.serialize_field("filter", &Texts(&self.filter))?;
        out.serialize_field("intransitive", &self.edge.intransitive)?;
        out.serialize_field("maxdepth", &self.edge.maxdepth)?;
        out.serialize_field("name", &*self.edge.name)?;
        out.serialize_field("nextdepth", &self.nextdepth)?;
        out.serialize_field("noconfig", &self.edge.noconfig)?;
        out.serialize_field("parent_id", &self.edge.parent_id)?;
        out.serialize_field("pkg_filter", &self.edge.pkg_filter.as_deref())?;
        out.serialize_field("priority", &self.edge.priority)?;
        out.end()
    }
}

struct Texts<'a>(&'a [Arc<str>]);

impl Serialize for Texts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|text| &**text))
    }
}

/// The result of a walk.
#[derive(Clone, Debug, Default)]
pub struct Inheritance {
    /// The links in order of precedence. A tag may appear more than once, see the module.
    pub links: Vec<Link>,
    /// Links that would have closed a loop, as (from, to); they were left out.
    pub loops: Vec<(i64, i64)>,
}

/// Everything a tag inherits from, or in a reverse graph everything that inherits from it.
pub fn full(tag_id: i64, graph: &Graph) -> Inheritance {
    let mut found = Inheritance::default();
    let mut history: HashMap<i64, Vec<Visit>> = HashMap::new();
    let mut on_path = HashSet::from([tag_id]);
    // explicit frames, as chains of tags may be longer than the call stack
    let mut frames = vec![Frame::new(tag_id, 0, None, false, Arc::default())];
    while let Some(frame) = frames.last_mut() {
        let Some(edge) = graph.from(frame.tag_id).get(frame.position) else {
            on_path.remove(&frame.tag_id);
            frames.pop();
            continue;
        };
        frame.position += 1;
        let far = graph.far(edge);
        if on_path.contains(&far) {
            found.loops.push((frame.tag_id, far));
            continue;
        }
        let Some((link, visit)) = frame.step(graph.direction, edge) else { continue };
        let visits = history.entry(far).or_default();
        if visits.iter().any(|earlier| earlier.covers(&visit)) {
            continue;
        }
        visits.push(Visit { noconfig: edge.noconfig, ..visit });
        let next = Frame::new(far, link.currdepth, link.nextdepth, visit.noconfig, link.filter.clone());
        let stop = edge.intransitive && graph.direction == Direction::Descendants;
        found.links.push(link);
        if !stop && next.maxdepth.is_none_or(|depth| depth >= 1) {
            on_path.insert(far);
            frames.push(next);
        }
    }
    found
}

struct Frame {
    tag_id: i64,
    position: usize,
    depth: i64,
    maxdepth: Option<i64>,
    noconfig: bool,
    filter: Arc<[Arc<str>]>,
}

impl Frame {
    fn new(tag_id: i64, depth: i64, maxdepth: Option<i64>, noconfig: bool, filter: Arc<[Arc<str>]>) -> Self {
        Self { tag_id, position: 0, depth, maxdepth, noconfig, filter }
    }

    /// Takes a link out of this tag, unless depth or intransitivity forbid it.
    fn step(&mut self, direction: Direction, edge: &Edge) -> Option<(Link, Visit)> {
        let nextdepth = match direction {
            Direction::Descendants if edge.maxdepth.is_some_and(|max| max < self.depth) => return None,
            Direction::Descendants => None,
            Direction::Ancestors if edge.intransitive && self.depth > 0 => return None,
            Direction::Ancestors => match (edge.maxdepth, self.maxdepth) {
                (own, None) => own,
                (None, Some(left)) => Some(left - 1),
                (Some(own), Some(left)) => Some(own.min(left) - 1),
            },
        };
        // Koji lets noconfig also hold for the later links of the same tag. It only decides whether a
        // second visit is needed, and clients see the resulting order, so it stays that way.
        self.noconfig |= edge.noconfig;
        let mut filter = self.filter.clone();
        if let Some(pattern) = edge.pkg_filter.as_ref().filter(|pattern| !pattern.is_empty()) {
            filter = filter.iter().chain([pattern]).cloned().collect();
        }
        let visit = Visit { nextdepth, noconfig: self.noconfig, filtered: !filter.is_empty() };
        Some((Link { edge: edge.clone(), currdepth: self.depth + 1, nextdepth, filter, direction }, visit))
    }
}

/// How limited a visit of a tag was. As a record it holds the link's own noconfig.
#[derive(Clone, Copy)]
struct Visit {
    nextdepth: Option<i64>,
    noconfig: bool,
    filtered: bool,
}

impl Visit {
    fn covers(&self, later: &Visit) -> bool {
        let deep = match (self.nextdepth, later.nextdepth) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(wanted)) => own >= wanted,
        };
        deep && (later.noconfig || !self.noconfig) && !self.filtered
    }
}

#[cfg(test)]
mod tests;
