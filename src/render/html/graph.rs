//! What depends on what, drawn: from what needs, on the left, to what is needed.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{HEIGHT, Layout, Point, layout};
use crate::addr::Addr;
use crate::plan::{Action, Change, Plan};
use crate::render::markup::escaped;
use crate::render::plan::is_shown;
use crate::render::review::{Beside, Edges, is_destructive};
use crate::render::value::elided;

/// More than this can nobody read at once: then only what changes is drawn, and what stands
/// beside it.
const MOST: usize = 100;
/// Characters of an address that are shown.
const LONGEST: usize = 40;
/// Units that ten characters take, and a box around its text.
const TEN_CHARACTERS: i64 = 73;
const PADDING: i64 = 18;

/// The drawing with its heading; nothing where there is nothing to draw.
pub fn section(plan: &Plan, beside: &Beside) -> String {
    let edges = edges(plan, beside);
    let all: BTreeSet<&Addr> = edges
        .iter()
        .flat_map(|(a, n)| n.iter().chain([a]))
        .collect();
    let nodes = chosen(&all, &edges, plan);
    if nodes.is_empty() {
        return String::new();
    }
    let left = match all.len() - nodes.len() {
        0 => String::new(),
        _ => format!(
            " <small class=\"soft\">{} of {} resources: what changes, and its neighbours</small>",
            nodes.len(),
            all.len()
        ),
    };
    format!(
        "<section><h2>What depends on what{left}</h2>\n<div class=\"drawing\">{}</div></section>\n",
        svg(&nodes, &edges, plan)
    )
}

/// What is known beside the plan, and the plan's own.
fn edges(plan: &Plan, beside: &Beside) -> Edges {
    let mut edges = beside.needs.clone();
    for change in plan.changes.iter().filter(|change| is_shown(change)) {
        let needs = edges.entry(change.addr.clone()).or_default();
        needs.extend(change.needs.iter().cloned());
        needs.extend(change.addr.parent());
        for after in &change.removed_after_removal {
            let dependent = edges.entry(after.clone()).or_default();
            dependent.insert(change.addr.clone());
        }
    }
    edges
}

/// All, or what changes with its neighbours, what is taken away first; in order of address.
fn chosen<'a>(all: &BTreeSet<&'a Addr>, edges: &'a Edges, plan: &'a Plan) -> Vec<&'a Addr> {
    if all.len() <= MOST {
        return all.iter().copied().collect();
    }
    let mut changes: Vec<&Change> = plan.changes.iter().filter(|c| is_shown(c)).collect();
    changes.sort_by_key(|change| (!is_destructive(change), change.action == Action::Create));
    let changed: BTreeSet<&Addr> = changes.iter().map(|change| &change.addr).collect();
    let beside = edges.iter().flat_map(|(from, needs)| {
        let pairs = needs.iter().map(move |to| (from, to));
        pairs.filter(|(from, to)| changed.contains(from) || changed.contains(to))
    });
    let beside: BTreeSet<&Addr> = beside.flat_map(|(from, to)| [from, to]).collect();
    let order = changes.iter().map(|change| &change.addr).chain(beside);
    let mut nodes: BTreeSet<&Addr> = BTreeSet::new();
    for addr in order {
        if nodes.len() < MOST {
            nodes.insert(addr);
        }
    }
    nodes.into_iter().collect()
}

fn svg(nodes: &[&Addr], edges: &Edges, plan: &Plan) -> String {
    let numbers: BTreeMap<&Addr, usize> = nodes.iter().copied().zip(0..).collect();
    let number = |addr: &Addr| numbers.get(addr).copied();
    let pairs: Vec<(usize, usize)> = edges
        .iter()
        .flat_map(|(from, needs)| needs.iter().map(move |to| (from, to)))
        .filter_map(|(from, to)| Some((number(from)?, number(to)?)))
        .collect();
    let labels: Vec<String> = nodes
        .iter()
        .map(|a| elided(a.as_str(), LONGEST, 0))
        .collect();
    let width = |label: &String| label.chars().map(|_| TEN_CHARACTERS).sum::<i64>() / 10 + PADDING;
    let widths: Vec<i64> = labels.iter().map(width).collect();
    let laid = layout(&widths, &pairs);
    let actions: BTreeMap<&Addr, Action> =
        plan.changes.iter().map(|c| (&c.addr, c.action)).collect();
    let boxes = nodes.iter().zip(&labels).zip(&laid.nodes).zip(&widths);
    let boxes: String = boxes
        .map(|(((addr, label), at), width)| {
            let action = actions
                .get(*addr)
                .filter(|action| **action != Action::Learn);
            node(addr, label, *at, *width, action.copied())
        })
        .collect();
    framed(&laid, &boxes)
}

fn framed(laid: &Layout, boxes: &str) -> String {
    let lines: String = laid.edges.iter().map(|line| curve(line)).collect();
    let (width, height) = (laid.width, laid.height);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"What depends on what\" \
         width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" \
         markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>\n\
         {lines}{boxes}</svg>"
    )
}

/// A box; of what changes, a link to the change.
fn node(addr: &Addr, label: &str, at: Point, width: i64, action: Option<Action>) -> String {
    let class = action.map_or("same", Action::verb);
    let symbol = action.map_or(String::new(), |a| format!("{} ", a.symbol()));
    let (x, y) = (at.x, at.y - HEIGHT / 2);
    let (text_x, text_y) = (at.x + PADDING / 2, at.y + 4);
    let body = format!(
        "<g class=\"node {class}\" data-addr=\"{addr}\"><title>{}{addr}</title>\
         <rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" rx=\"5\"/>\
         <text x=\"{text_x}\" y=\"{text_y}\">{}</text></g>",
        escaped(&symbol),
        escaped(label)
    );
    match action {
        Some(_) => format!("<a href=\"#{addr}\">{body}</a>\n"),
        None => format!("{body}\n"),
    }
}

/// Through all points, level at each.
fn curve(points: &[Point]) -> String {
    let mut path = String::new();
    for pair in points.windows(2) {
        let [from, to] = pair else { continue };
        if path.is_empty() {
            path = format!("M{} {}", from.x, from.y);
        }
        let middle = i64::midpoint(from.x, to.x);
        path.push_str(&format!(
            "C{middle} {} {middle} {} {} {}",
            from.y, to.y, to.x, to.y
        ));
    }
    format!("<path d=\"{path}\" marker-end=\"url(#arrow)\"/>\n")
}
