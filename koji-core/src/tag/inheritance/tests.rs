//! The walk against a naive reference, and the cases that the reference was read from.

use proptest::prelude::*;

use super::*;

fn edge(child_id: i64, parent_id: i64, priority: i64) -> Edge {
    Edge {
        child_id,
        parent_id,
        name: format!("t{parent_id}").into(),
        priority,
        maxdepth: None,
        intransitive: false,
        noconfig: false,
        pkg_filter: Some("".into()),
    }
}

fn ids(links: &[Link]) -> Vec<(i64, i64)> {
    links.iter().map(|link| (link.edge.child_id, link.edge.parent_id)).collect()
}

fn ancestors(tag_id: i64, edges: Vec<Edge>) -> Vec<Link> {
    full(tag_id, &Graph::new(Direction::Ancestors, edges)).links
}

#[test]
fn walks_depth_first_by_priority() {
    let links = ancestors(1, vec![edge(1, 3, 5), edge(1, 2, 0), edge(2, 4, 0), edge(3, 4, 0)]);
    assert_eq!(ids(&links), [(1, 2), (2, 4), (1, 3)]);
    assert_eq!(links.iter().map(|link| link.currdepth).collect::<Vec<_>>(), [1, 2, 1]);
}

#[test]
fn prunes_loops_and_tells_of_them() {
    let graph = Graph::new(Direction::Ancestors, vec![edge(1, 2, 0), edge(2, 1, 0), edge(2, 2, 1)]);
    let found = full(1, &graph);
    assert_eq!(ids(&found.links), [(1, 2)]);
    assert_eq!(found.loops, [(2, 1), (2, 2)]);
}

#[test]
fn depth_is_relative_to_the_link() {
    let limited = Edge { maxdepth: Some(1), ..edge(1, 2, 0) };
    let links = ancestors(1, vec![limited, edge(2, 3, 0), edge(3, 4, 0)]);
    assert_eq!(ids(&links), [(1, 2), (2, 3)]);
    assert_eq!(links.iter().map(|link| link.nextdepth).collect::<Vec<_>>(), [Some(1), Some(0)]);
}

#[test]
fn a_filtered_visit_covers_nothing() {
    let filtered = Edge { pkg_filter: Some("^a".into()), ..edge(1, 2, 0) };
    let links = ancestors(1, vec![filtered, edge(1, 3, 1), edge(2, 4, 0), edge(3, 4, 0)]);
    assert_eq!(ids(&links), [(1, 2), (2, 4), (1, 3), (3, 4)]);
    assert_eq!(links[1].filter.len(), 1);
    assert_eq!(links[3].filter.len(), 0);
}

#[test]
fn intransitive_links_hold_at_the_start_only() {
    let still = Edge { intransitive: true, ..edge(2, 3, 0) };
    assert_eq!(ids(&ancestors(1, vec![edge(1, 2, 0), still.clone()])), [(1, 2)]);
    assert_eq!(ids(&ancestors(2, vec![still.clone()])), [(2, 3)]);
    let down = Graph::new(Direction::Descendants, vec![edge(1, 2, 0), still]);
    assert_eq!(ids(&full(3, &down).links), [(2, 3)]);
}

#[test]
fn serializes_with_the_names_of_the_interface() {
    let links = ancestors(4, vec![Edge { name: "ti-child".into(), ..edge(4, 3, 0) }]);
    let want = serde_json::json!([{"child_id": 4, "currdepth": 1, "filter": [], "intransitive": false,
        "maxdepth": null, "name": "ti-child", "nextdepth": null, "noconfig": false, "parent_id": 3,
        "pkg_filter": "", "priority": 0}]);
    assert_eq!(serde_json::to_value(&links).unwrap(), want);
    let down = full(3, &Graph::new(Direction::Descendants, vec![edge(4, 3, 0)])).links;
    assert_eq!(serde_json::to_value(&down).unwrap()[0]["tag_id"], 4);
}

#[test]
fn long_chains_need_no_stack() {
    let chain = (0..200_000).map(|id| edge(id, id + 1, 0)).collect();
    assert_eq!(ancestors(0, chain).len(), 200_000);
}

/// The naive reference: plain recursion, everything copied on the way down.
struct Naive<'a> {
    edges: &'a [Edge],
    direction: Direction,
    order: Vec<Link>,
}

struct Step {
    path: Vec<i64>,
    maxdepth: Option<i64>,
    noconfig: bool,
    filters: Vec<Arc<str>>,
}

impl Naive<'_> {
    fn visit(&mut self, step: &Step) {
        if step.maxdepth.is_some_and(|depth| depth < 1) {
            return;
        }
        let tag = *step.path.last().unwrap();
        let reverse = self.direction == Direction::Descendants;
        let near = |edge: &Edge| if reverse { edge.parent_id } else { edge.child_id };
        let far = |edge: &Edge| if reverse { edge.child_id } else { edge.parent_id };
        let mut out: Vec<Edge> = self.edges.iter().filter(|edge| near(edge) == tag).cloned().collect();
        out.sort_by_key(|edge| edge.priority);
        let depth = step.path.len() as i64;
        let mut noconfig = step.noconfig;
        for edge in out {
            let id = far(&edge);
            let too_deep = reverse && edge.maxdepth.is_some_and(|max| max < depth - 1);
            if step.path.contains(&id) || too_deep || (!reverse && edge.intransitive && depth > 1) {
                continue;
            }
            let nextdepth = if reverse {
                None
            } else if let Some(left) = step.maxdepth {
                Some(edge.maxdepth.unwrap_or(left).min(left) - 1)
            } else {
                edge.maxdepth
            };
            noconfig = noconfig || edge.noconfig;
            let mut filters = step.filters.clone();
            filters.extend(edge.pkg_filter.clone().filter(|filter| !filter.is_empty()));
            let covered = self.order.iter().filter(|link| far(&link.edge) == id).any(|earlier| {
                let reach = |depth: Option<i64>| depth.unwrap_or(i64::MAX);
                reach(earlier.nextdepth) >= reach(nextdepth)
                    && (noconfig || !earlier.edge.noconfig)
                    && earlier.filter.is_empty()
            });
            if covered {
                continue;
            }
            let stop = reverse && edge.intransitive;
            let filter = filters.clone().into();
            self.order.push(Link { edge, currdepth: depth, nextdepth, filter, direction: self.direction });
            if !stop {
                let path = step.path.iter().copied().chain([id]).collect();
                self.visit(&Step { path, maxdepth: nextdepth, noconfig, filters });
            }
        }
    }
}

prop_compose! {
    fn any_edge()(
        child_id in 0i64..7, parent_id in 0i64..7, priority in 0i64..5,
        maxdepth in proptest::option::weighted(0.3, 0i64..4),
        intransitive in prop::bool::weighted(0.2), noconfig in prop::bool::weighted(0.2),
        filtered in prop::bool::weighted(0.2),
    ) -> Edge {
        let pkg_filter = Some(if filtered { "^a" } else { "" }.into());
        Edge { maxdepth, intransitive, noconfig, pkg_filter, ..edge(child_id, parent_id, priority) }
    }
}

proptest! {
    #[test]
    fn agrees_with_the_reference(edges in prop::collection::vec(any_edge(), 0..14), down: bool) {
        let direction = if down { Direction::Descendants } else { Direction::Ancestors };
        let mut naive = Naive { edges: &edges, direction, order: Vec::new() };
        naive.visit(&Step { path: vec![0], maxdepth: None, noconfig: false, filters: Vec::new() });
        let found = full(0, &Graph::new(direction, edges.clone()));
        prop_assert_eq!(found.links, naive.order);
    }
}
