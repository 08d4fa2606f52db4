//! The pages, in a real browser. `/`: what it shows and does, and what a page from elsewhere
//! cannot do; what needs no browser is tried from a raw socket, in `local_safety`. `plan`: the
//! page that `slp plan --format html` writes.

mod foreign;
mod plan;
mod shown;
