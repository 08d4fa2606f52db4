//! What people who deploy functions and APIs really have, reduced from public bug reports of
//! other tools. Each test is named after its case and gives the answer that AWS gives.
