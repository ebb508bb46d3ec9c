//! The `grantc` binary: arguments in, exit code out.

fn main() -> std::process::ExitCode {
    grantc::cli::run(std::env::args_os()).into()
}
