//! The page at `/`, in a real browser: what it shows and does, and what a page from elsewhere
//! cannot do. What needs no browser is tried from a raw socket, in `local_safety`.

mod foreign;
mod shown;
