//! The order and the heights within columns: a line that passes columns gets a place in each;
//! columns are sorted by their neighbours, over and over; then neighbours move level.

use super::layout::HEIGHT;

/// Between the boxes of a column; lines need less.
const GAP: i64 = 12;
const LINE: i64 = 10;
const SWEEPS: usize = 12;

/// A box, or the place where a line passes a column.
pub struct Vertex {
    pub column: usize,
    pub y: i64,
    is_box: bool,
    left: Vec<usize>,
    right: Vec<usize>,
}

/// Everything that needs a place; boxes have the first numbers.
pub struct Net {
    pub vertices: Vec<Vertex>,
    /// From top to bottom.
    pub columns: Vec<Vec<usize>>,
    /// The vertices that each edge goes through, from what needs to what is needed.
    pub ways: Vec<Vec<usize>>,
}

impl Net {
    /// With everything in its place; for boxes that have these columns.
    pub fn settled(columns: &[usize], edges: &[(usize, usize)]) -> Net {
        let mut net = Net::of(columns, edges);
        net.sort();
        net.level();
        net
    }

    fn of(columns: &[usize], edges: &[(usize, usize)]) -> Net {
        let mut net = Net {
            vertices: Vec::new(),
            columns: vec![Vec::new(); columns.iter().max().map_or(0, |last| last + 1)],
            ways: Vec::new(),
        };
        for column in columns {
            net.add(*column, true);
        }
        for (from, to) in edges {
            let way = net.way(*from, *to, columns);
            net.ways.push(way);
        }
        net
    }

    fn add(&mut self, column: usize, is_box: bool) -> usize {
        let number = self.vertices.len();
        self.vertices.push(Vertex {
            column,
            y: 0,
            is_box,
            left: Vec::new(),
            right: Vec::new(),
        });
        self.columns[column].push(number);
        number
    }

    fn way(&mut self, from: usize, to: usize, columns: &[usize]) -> Vec<usize> {
        let backward = columns[from] > columns[to];
        let (start, end) = if backward { (to, from) } else { (from, to) };
        let mut way = vec![start];
        for column in columns[start] + 1..columns[end] {
            way.push(self.add(column, false));
        }
        way.push(end);
        for pair in way.windows(2) {
            // Two of one circle may share a column.
            if self.vertices[pair[0]].column < self.vertices[pair[1]].column {
                self.vertices[pair[0]].right.push(pair[1]);
                self.vertices[pair[1]].left.push(pair[0]);
            }
        }
        if backward {
            way.reverse();
        }
        way
    }

    /// Sorts each column by where its neighbours stand, from both sides in turn; the order
    /// with the fewest crossings stays.
    fn sort(&mut self) {
        let mut best = (self.crossings(), self.columns.clone());
        for sweep in 0..SWEEPS {
            let from_left = sweep % 2 == 0;
            let count = self.columns.len();
            for step in 1..count {
                let column = if from_left { step } else { count - 1 - step };
                self.sort_column(column, from_left);
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.columns.clone());
            }
        }
        self.columns = best.1;
    }

    fn sort_column(&mut self, column: usize, from_left: bool) {
        let places = self.places();
        let mut keyed: Vec<(usize, usize)> = Vec::new();
        for (place, number) in self.columns[column].iter().enumerate() {
            let vertex = &self.vertices[*number];
            let beside = if from_left {
                &vertex.left
            } else {
                &vertex.right
            };
            let sum: usize = beside.iter().map(|n| places[*n] * 1000).sum();
            let middle = sum.checked_div(beside.len()).unwrap_or(place * 1000);
            keyed.push((middle, *number));
        }
        keyed.sort_by_key(|(middle, _)| *middle);
        self.columns[column] = keyed.into_iter().map(|(_, number)| number).collect();
    }

    /// Where each vertex stands in its column.
    fn places(&self) -> Vec<usize> {
        let mut places = vec![0; self.vertices.len()];
        for column in &self.columns {
            for (place, number) in column.iter().enumerate() {
                places[*number] = place;
            }
        }
        places
    }

    fn crossings(&self) -> usize {
        let places = self.places();
        let mut count = 0;
        for column in &self.columns {
            let lines: Vec<(usize, usize)> = column
                .iter()
                .flat_map(|from| self.vertices[*from].right.iter().map(|to| (*from, *to)))
                .map(|(from, to)| (places[from], places[to]))
                .collect();
            for (at, a) in lines.iter().enumerate() {
                let after = lines.iter().skip(at + 1);
                count += after
                    .filter(|b| (a.0 < b.0 && a.1 > b.1) || (a.0 > b.0 && a.1 < b.1))
                    .count();
            }
        }
        count
    }

    /// Gives every vertex a height near its neighbours', in the order of its column.
    fn level(&mut self) {
        for column in self.columns.clone() {
            let mut y = 0;
            for number in column {
                self.vertices[number].y = y;
                y += GAP + HEIGHT;
            }
        }
        for sweep in 0..SWEEPS {
            let mut order: Vec<usize> = (0..self.columns.len()).collect();
            if sweep % 2 == 1 {
                order.reverse();
            }
            for column in order {
                self.level_column(column);
            }
        }
    }

    /// Between the highest and the lowest places that keep everything apart.
    fn level_column(&mut self, column: usize) {
        let numbers = self.columns[column].clone();
        let wanted: Vec<i64> = numbers.iter().map(|n| self.middle(*n)).collect();
        let mut down = wanted.clone();
        let mut up = wanted;
        for at in 1..numbers.len() {
            let apart = self.apart(numbers[at - 1], numbers[at]);
            down[at] = down[at].max(down[at - 1] + apart);
        }
        for at in (1..numbers.len()).rev() {
            let apart = self.apart(numbers[at - 1], numbers[at]);
            up[at - 1] = up[at - 1].min(up[at] - apart);
        }
        // Rounding must not bring two of them nearer: both lists are rounded down together.
        let mut last: Option<(usize, i64)> = None;
        for (at, number) in numbers.iter().enumerate() {
            let mut y = (down[at] + up[at]).div_euclid(2);
            if let Some((above, its)) = last {
                y = y.max(its + self.apart(above, *number));
            }
            self.vertices[*number].y = y;
            last = Some((*number, y));
        }
    }

    /// The middle of its neighbours, or where it is.
    fn middle(&self, number: usize) -> i64 {
        let vertex = &self.vertices[number];
        let beside = vertex.left.iter().chain(&vertex.right);
        let (mut sum, mut count) = (0, 0);
        for neighbour in beside {
            sum += self.vertices[*neighbour].y;
            count += 1;
        }
        if count == 0 { vertex.y } else { sum / count }
    }

    fn apart(&self, above: usize, below: usize) -> i64 {
        let half = |number: usize| match self.vertices[number].is_box {
            true => (HEIGHT + GAP) / 2,
            false => LINE / 2,
        };
        half(above) + half(below)
    }
}
