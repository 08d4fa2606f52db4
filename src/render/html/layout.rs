//! Boxes in columns, with few crossings: where each stands, and through which points each line
//! goes. Whole numbers throughout, so that every machine draws the same.
//!
//! As in Sugiyama's method: every box gets a column right of all that need it; then `net` sorts
//! the columns, and draws level what belongs together.

use std::collections::{BTreeMap, BTreeSet};

use super::net::Net;

/// The height of a box.
pub const HEIGHT: i64 = 26;
/// Between columns, and around everything.
const BETWEEN: i64 = 48;
const MARGIN: i64 = 12;

/// A place in the drawing; of a box the middle of its left side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    pub x: i64,
    pub y: i64,
}

/// A drawing.
#[derive(Debug, PartialEq, Eq)]
pub struct Layout {
    pub width: i64,
    pub height: i64,
    pub nodes: Vec<Point>,
    /// In the order of the edges; an edge of a box to itself is left out.
    pub edges: Vec<Vec<Point>>,
}

/// Lays out boxes of these widths, and edges from what needs to what is needed.
pub fn layout(widths: &[i64], edges: &[(usize, usize)]) -> Layout {
    let known =
        |&&(from, to): &&(usize, usize)| from != to && from < widths.len() && to < widths.len();
    let edges: Vec<(usize, usize)> = edges.iter().filter(known).copied().collect();
    let columns = columns(widths.len(), &edges);
    drawn(&Net::settled(&columns, &edges), widths)
}

fn drawn(net: &Net, widths: &[i64]) -> Layout {
    let heights = || net.vertices.iter().map(|vertex| vertex.y);
    let shift = MARGIN + HEIGHT / 2 - heights().min().unwrap_or(0);
    let mut x = MARGIN;
    let mut lefts = Vec::new();
    for column in &net.columns {
        let width = column.iter().filter_map(|number| widths.get(*number)).max();
        let width = width.copied().unwrap_or(0);
        lefts.push((x, width));
        x += width + BETWEEN;
    }
    let at = |number: usize, right: bool| {
        let vertex = &net.vertices[number];
        let (left, wide) = lefts[vertex.column];
        // A line passes its column level.
        let own = widths.get(number).copied().unwrap_or(wide);
        Point {
            x: if right { left + own } else { left },
            y: vertex.y + shift,
        }
    };
    Layout {
        width: (x - BETWEEN).max(0) + MARGIN,
        height: heights().max().unwrap_or(0) + shift + HEIGHT / 2 + MARGIN,
        nodes: (0..widths.len()).map(|number| at(number, false)).collect(),
        edges: net.ways.iter().map(|way| points(way, &at)).collect(),
    }
}

/// The column of each box: right of all that need it, and close to what it needs itself.
fn columns(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut columns: Vec<usize> = vec![0; count];
    let order = order(count, edges);
    let place: BTreeMap<usize, usize> = order.iter().copied().zip(0..).collect();
    // An edge against the order closes a circle; it is drawn, but moves nothing.
    let forward = |(from, to): &(usize, usize)| place.get(from) < place.get(to);
    for node in &order {
        let needs = edges.iter().filter(|e| e.0 == *node && forward(e));
        for (_, to) in needs {
            columns[*to] = columns[*to].max(columns[*node] + 1);
        }
    }
    for node in order.iter().rev() {
        let is_needed = edges.iter().any(|e| e.1 == *node && forward(e));
        let needs = edges.iter().filter(|e| e.0 == *node && forward(e));
        let nearest = needs.map(|(_, to)| columns[*to]).min();
        if let Some(nearest) = nearest.filter(|_| !is_needed) {
            columns[*node] = nearest.saturating_sub(1);
        }
    }
    columns
}

/// What needs before what is needed; of a circle, the lowest number first.
fn order(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut left: BTreeSet<usize> = (0..count).collect();
    let mut order = Vec::with_capacity(count);
    while let Some(lowest) = left.first().copied() {
        let blocked: BTreeSet<usize> = edges
            .iter()
            .filter(|(from, to)| left.contains(from) && left.contains(to))
            .map(|(_, to)| *to)
            .collect();
        let free: Vec<usize> = left.difference(&blocked).copied().collect();
        let next = if free.is_empty() { vec![lowest] } else { free };
        for node in next {
            left.remove(&node);
            order.push(node);
        }
    }
    order
}

/// Out of a box on its right, into the next on its left; where a way leads back, the other
/// way round.
fn points(way: &[usize], at: &dyn Fn(usize, bool) -> Point) -> Vec<Point> {
    let mut points = Vec::new();
    let last = way.len().saturating_sub(1);
    let ends = way.first().zip(way.last());
    let backward = ends.is_some_and(|(first, end)| at(*first, false).x > at(*end, false).x);
    for (place, number) in way.iter().enumerate() {
        if place > 0 {
            points.push(at(*number, backward));
        }
        if place < last {
            points.push(at(*number, !backward));
        }
    }
    points
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
