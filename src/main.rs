//! The `slp` program. Everything is in the library; see its `cli`.

fn main() -> std::process::ExitCode {
    slp::cli::main()
}
