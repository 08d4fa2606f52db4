//! Hard and soft edges → an order. Inside a strongly connected component the soft edges
//! are dropped, since their texts are known beforehand; a cycle that remains is named.
//!
//! Edges point from what needs to what is needed. What an edge means is `resolve`'s.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graphmap::DiGraphMap;

use crate::addr::Addr;
use crate::resolve::Strength;

/// What each resource needs, and how badly.
pub type Needs = BTreeMap<Addr, BTreeMap<Addr, Strength>>;

/// Resources that need each other: each needs the next, the last needs the first.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", path(.0))]
pub struct Cycle(pub Vec<Addr>);

fn path(cycle: &[Addr]) -> String {
    let around = cycle.iter().chain(cycle.first());
    let names: Vec<&str> = around.map(Addr::as_str).collect();
    names.join(" → ")
}

/// Everything once, dependencies first; the same for the same needs.
pub fn order(needs: &Needs) -> Result<Vec<Addr>, Cycle> {
    let nodes = Nodes::of(needs);
    let graph = nodes.effective(needs)?;
    let sorted = toposort(&graph, None).map_err(|at| Cycle(vec![nodes.addr(at.node_id())]))?;
    Ok(sorted
        .into_iter()
        .rev()
        .map(|node| nodes.addr(node))
        .collect())
}

/// The edges that remain: hard ones, and soft ones that are not part of a cycle.
/// Needs of what is not in the map are left out.
pub fn effective(needs: &Needs) -> Result<BTreeMap<Addr, BTreeSet<Addr>>, Cycle> {
    let nodes = Nodes::of(needs);
    let graph = nodes.effective(needs)?;
    let edges = |node: u32| graph.neighbors(node).map(|to| nodes.addr(to)).collect();
    let every = (0..).zip(&nodes.addrs);
    Ok(every
        .map(|(node, addr)| ((*addr).clone(), edges(node)))
        .collect())
}

/// Addresses by number, in their order.
struct Nodes<'a> {
    addrs: Vec<&'a Addr>,
    numbers: HashMap<&'a Addr, u32>,
}

type Graph = DiGraphMap<u32, Strength>;

impl<'a> Nodes<'a> {
    fn of(needs: &'a Needs) -> Nodes<'a> {
        let addrs: Vec<&Addr> = needs.keys().collect();
        let numbers = addrs.iter().copied().zip(0..).collect();
        Nodes { addrs, numbers }
    }

    fn addr(&self, node: u32) -> Addr {
        self.addrs[node as usize].clone()
    }

    fn graph(&self, needs: &Needs) -> Graph {
        let mut graph = Graph::new();
        (0..).zip(&self.addrs).for_each(|(node, _)| {
            graph.add_node(node);
        });
        for (node, targets) in (0..).zip(needs.values()) {
            for (target, strength) in targets {
                if let Some(to) = self.numbers.get(target) {
                    graph.add_edge(node, *to, *strength);
                }
            }
        }
        graph
    }

    fn effective(&self, needs: &Needs) -> Result<Graph, Cycle> {
        let mut graph = self.graph(needs);
        let component = components(&graph);
        let soft: Vec<(u32, u32)> = graph
            .all_edges()
            .filter(|(from, to, strength)| {
                **strength == Strength::Soft && component.get(from) == component.get(to)
            })
            .map(|(from, to, _)| (from, to))
            .collect();
        for (from, to) in soft {
            graph.remove_edge(from, to);
        }
        let knots = tarjan_scc(&graph);
        let knot = knots
            .into_iter()
            .filter(|knot| knot.len() > 1 || knot.iter().any(|n| graph.contains_edge(*n, *n)))
            .min_by_key(|knot| knot.iter().min().copied());
        match knot {
            None => Ok(graph),
            Some(knot) => Err(Cycle(
                shortest_cycle(&graph, &knot)
                    .into_iter()
                    .map(|node| self.addr(node))
                    .collect(),
            )),
        }
    }
}

/// Node → its strongly connected component.
fn components(graph: &Graph) -> HashMap<u32, usize> {
    let knots = tarjan_scc(graph).into_iter().enumerate();
    knots
        .flat_map(|(number, knot)| knot.into_iter().map(move |node| (node, number)))
        .collect()
}

/// A shortest way from the component's first node back to itself.
fn shortest_cycle(graph: &Graph, knot: &[u32]) -> Vec<u32> {
    let inside: HashSet<u32> = knot.iter().copied().collect();
    let Some(start) = knot.iter().min().copied() else {
        return Vec::new();
    };
    let mut came_from: HashMap<u32, u32> = HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for next in graph.neighbors(node).filter(|next| inside.contains(next)) {
            if next == start {
                return way(&came_from, start, node);
            }
            if let Entry::Vacant(way) = came_from.entry(next) {
                way.insert(node);
                queue.push_back(next);
            }
        }
    }
    vec![start]
}

fn way(came_from: &HashMap<u32, u32>, start: u32, end: u32) -> Vec<u32> {
    let mut back = vec![end];
    let mut node = end;
    while node != start {
        let Some(previous) = came_from.get(&node) else {
            break;
        };
        node = *previous;
        back.push(node);
    }
    back.reverse();
    back
}

/// Graphviz: solid edges are hard, dashed ones soft.
pub fn to_dot(needs: &Needs) -> String {
    let mut out = String::from("digraph slp {\n  rankdir = LR\n  node [shape = box]\n");
    for (addr, targets) in needs {
        out.push_str(&format!("  \"{addr}\"\n"));
        for (target, strength) in targets {
            let style = match strength {
                Strength::Hard => "",
                Strength::Soft => " [style = dashed]",
            };
            out.push_str(&format!("  \"{addr}\" -> \"{target}\"{style}\n"));
        }
    }
    out.push_str("}\n");
    out
}

/// Mermaid: solid edges are hard, dotted ones soft.
pub fn to_mermaid(needs: &Needs) -> String {
    let targets = needs.values().flat_map(BTreeMap::keys);
    let all: BTreeSet<&Addr> = needs.keys().chain(targets).collect();
    let ids: BTreeMap<&Addr, usize> = all.iter().copied().zip(0..).collect();
    let id = |addr: &Addr| ids.get(addr).copied().unwrap_or_default();
    let mut out = String::from("graph LR\n");
    for addr in &all {
        out.push_str(&format!("  n{}[\"{addr}\"]\n", id(addr)));
    }
    for (addr, targets) in needs {
        for (target, strength) in targets {
            let arrow = match strength {
                Strength::Hard => "-->",
                Strength::Soft => "-.->",
            };
            out.push_str(&format!("  n{} {arrow} n{}\n", id(addr), id(target)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use Strength::{Hard, Soft};

    fn needs(edges: &[(&str, &str, Strength)]) -> Needs {
        let mut needs = Needs::new();
        let addr = |name: &str| Addr::root_of("x", name);
        for (from, to, strength) in edges {
            needs.entry(addr(to)).or_default();
            needs
                .entry(addr(from))
                .or_default()
                .insert(addr(to), *strength);
        }
        needs
    }

    fn names(addrs: &[Addr]) -> String {
        addrs.iter().map(Addr::name).collect()
    }

    #[test]
    fn dependencies_come_first_along_hard_and_soft_edges() {
        let needs = needs(&[("a", "b", Hard), ("b", "c", Soft), ("a", "c", Hard)]);
        assert_eq!(names(&order(&needs).unwrap()), "cba");
    }

    #[test]
    fn a_soft_edge_gives_way_only_inside_a_cycle() {
        let needs = needs(&[("a", "b", Hard), ("b", "a", Soft), ("b", "c", Soft)]);
        assert_eq!(names(&order(&needs).unwrap()), "cba");
        let kept = effective(&needs).unwrap();
        let b = &kept[&Addr::root_of("x", "b")];
        assert_eq!(b.iter().map(Addr::name).collect::<String>(), "c");
    }

    #[test]
    fn a_cycle_of_hard_edges_is_named_by_its_shortest_path() {
        let needs = needs(&[
            ("a", "b", Hard),
            ("b", "c", Hard),
            ("c", "d", Hard),
            ("d", "a", Hard),
            ("c", "a", Hard),
        ]);
        let cycle = order(&needs).unwrap_err();
        assert_eq!(cycle.to_string(), "x.a → x.b → x.c → x.a");
    }

    #[test]
    fn what_needs_itself_is_a_cycle() {
        let cycle = effective(&needs(&[("a", "a", Hard)])).unwrap_err();
        assert_eq!(cycle.to_string(), "x.a → x.a");
    }

    #[test]
    fn what_is_not_there_does_not_matter() {
        let mut needs = needs(&[("a", "b", Hard)]);
        needs.remove(&Addr::root_of("x", "b"));
        assert_eq!(names(&order(&needs).unwrap()), "a");
    }

    #[test]
    fn both_drawings_tell_hard_from_soft() {
        let needs = needs(&[("a", "b", Hard), ("a", "c", Soft)]);
        insta::assert_snapshot!(to_dot(&needs), @r#"
        digraph slp {
          rankdir = LR
          node [shape = box]
          "x.a"
          "x.a" -> "x.b"
          "x.a" -> "x.c" [style = dashed]
          "x.b"
          "x.c"
        }
        "#);
        insta::assert_snapshot!(to_mermaid(&needs), @r#"
        graph LR
          n0["x.a"]
          n1["x.b"]
          n2["x.c"]
          n0 --> n1
          n0 -.-> n2
        "#);
    }
}
