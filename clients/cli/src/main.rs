//! The program `sessionctl`. All of it is in the library.

fn main() -> std::process::ExitCode {
    sessionctl::main()
}
