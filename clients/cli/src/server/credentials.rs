//! Where the password comes from: the environment, a file, or a question. Never the command line.

use crate::args::target::Target;
use crate::failure::Failure;
use std::io::BufRead;
use std::path::PathBuf;

/// The ways, in the order in which they are tried.
pub struct PasswordFrom {
    pub ask: bool,
    pub file: Option<PathBuf>,
    /// The name of the environment variable.
    pub variable: &'static str,
    /// What the password is for, in the question.
    pub of: &'static str,
}

impl PasswordFrom {
    pub fn of(target: &Target) -> PasswordFrom {
        PasswordFrom {
            ask: target.ask_password,
            file: target.password_file.clone(),
            variable: "SESSIONCTL_PASSWORD",
            of: "the server",
        }
    }
}

/// The password, if one is given.
///
/// # Errors
///
/// The file cannot be read, or there is no terminal to ask on.
pub fn password(from: &PasswordFrom) -> Result<Option<String>, Failure> {
    if from.ask {
        let question = format!("Password of {}: ", from.of);
        return rpassword::prompt_password(question)
            .map(Some)
            .map_err(|error| {
                Failure::usage(format!("the password could not be asked for: {error}"))
            });
    }
    let Some(path) = &from.file else {
        return Ok(std::env::var(from.variable)
            .ok()
            .filter(|value| !value.is_empty()));
    };
    let mut line = String::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().read_line(&mut line)
    } else {
        std::fs::File::open(path)
            .and_then(|file| std::io::BufReader::new(file).read_line(&mut line))
    };
    read.map_err(|error| {
        Failure::usage(format!(
            "the password file {} cannot be read: {error}",
            path.display()
        ))
    })?;
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
}
