//! The koji command.

use std::io::{BufWriter, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut err = std::io::stderr();
    let code = koji_cli::run(std::env::args_os(), &mut out, &mut err);
    // nobody is left to be told about a closed pipe
    let _ = out.flush();
    ExitCode::from(code)
}
