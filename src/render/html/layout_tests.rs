use proptest::prelude::*;

use super::*;

fn chain() -> Layout {
    // An API needs two functions, both need a role; the API also needs it directly.
    layout(
        &[80, 100, 100, 60],
        &[(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)],
    )
}

#[test]
fn what_needs_stands_left_of_what_is_needed() {
    let laid = chain();
    let x: Vec<i64> = laid.nodes.iter().map(|node| node.x).collect();
    assert!(x[0] < x[1] && x[1] == x[2] && x[2] < x[3], "{x:?}");
    let first = &laid.edges[0];
    assert_eq!(
        first[0],
        Point {
            x: x[0] + 80,
            y: laid.nodes[0].y
        }
    );
    assert_eq!(first.last(), Some(&laid.nodes[1]));
    // The long line passes the column of the functions without touching a box.
    let long = &laid.edges[4];
    assert_eq!(long.len(), 4);
    for node in &laid.nodes[1..3] {
        assert!((long[1].y - node.y).abs() >= HEIGHT / 2, "{laid:?}");
    }
}

#[test]
fn lines_that_need_not_cross_do_not() {
    // Each of four needs one of four, in the opposite order.
    let edges: Vec<(usize, usize)> = (0..4).map(|n| (n, 7 - n)).collect();
    let laid = layout(&[50; 8], &edges);
    let mut ends: Vec<(i64, i64)> = laid.edges.iter().map(|e| (e[0].y, e[1].y)).collect();
    ends.sort_unstable();
    assert!(
        ends.windows(2).all(|pair| pair[0].1 < pair[1].1),
        "{ends:?}"
    );
}

#[test]
fn a_circle_and_nothing_are_drawn_too() {
    assert_eq!(layout(&[], &[]).nodes, []);
    let laid = layout(&[50, 50, 50], &[(0, 1), (1, 2), (2, 0), (1, 1), (0, 9)]);
    assert_eq!((laid.nodes.len(), laid.edges.len()), (3, 3));
    let back = &laid.edges[2];
    assert!(back[0].x > back[back.len() - 1].x, "{back:?}");
}

fn any_graph() -> impl Strategy<Value = (usize, Vec<(usize, usize)>)> {
    (1usize..60).prop_flat_map(|count| {
        let edges = prop::collection::vec((0..count, 0..count), 0..120);
        (Just(count), edges)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_two_boxes_touch_and_all_is_inside((count, edges) in any_graph()) {
        let widths = vec![70; count];
        let laid = layout(&widths, &edges);
        for (at, a) in laid.nodes.iter().enumerate() {
            prop_assert!(a.x >= 0 && a.x + 70 <= laid.width && a.y >= HEIGHT / 2);
            prop_assert!(a.y + HEIGHT / 2 <= laid.height);
            for b in &laid.nodes[at + 1..] {
                let apart = (a.y - b.y).abs() >= HEIGHT || (a.x - b.x).abs() >= 70;
                prop_assert!(apart, "{a:?} {b:?}");
            }
        }
        prop_assert_eq!(&laid, &layout(&widths, &edges));
    }
}
