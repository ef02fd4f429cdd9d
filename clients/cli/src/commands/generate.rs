//! `sessionctl generate`: completions and the man page, made of `args`.

use crate::args::generate::{Generate, What};
use crate::args::Cli;
use crate::failure::Failure;
use crate::output::Output;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use std::path::Path;
use std::process::ExitCode;

const NAME: &str = "sessionctl";

pub fn run(args: &Generate, output: &Output) -> Result<ExitCode, Failure> {
    let mut text = Vec::new();
    match &args.what {
        What::Completions { shell } => {
            clap_complete::generate(*shell, &mut Cli::command(), NAME, &mut text);
        }
        What::Man { dir: None } => {
            text = page().map_err(|error| cannot_write("the page", &error))?
        }
        What::Man { dir: Some(dir) } => {
            let failed = |error| cannot_write(&dir.display().to_string(), &error);
            std::fs::create_dir_all(dir).map_err(failed)?;
            pages(dir).map_err(failed)?;
        }
    }
    output.raw(&text);
    Ok(ExitCode::SUCCESS)
}

fn cannot_write(what: &str, error: &std::io::Error) -> Failure {
    Failure::usage(format!("{what} cannot be written: {error}"))
}

/// All subcommands, with the program as a whole first: global options are said there and nowhere else.
fn commands() -> Vec<Command> {
    let mut all = Vec::new();
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    collect(&root, &mut all);
    all
}

fn collect(command: &Command, all: &mut Vec<Command>) {
    let is_root = all.is_empty();
    let name = command.get_bin_name().unwrap_or(NAME).to_owned();
    let mut own = command.clone().display_name(&name).bin_name(&name);
    if !is_root {
        own = own.mut_args(|arg| {
            if arg.is_global_set() {
                arg.hide(true)
            } else {
                arg
            }
        });
    }
    all.push(own);
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        collect(sub, all);
    }
}

/// One page: the program, and a section for each subcommand.
fn page() -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for (i, command) in commands().into_iter().enumerate() {
        let name = command.get_display_name().unwrap_or(NAME).to_owned();
        let man = Man::new(command);
        if i == 0 {
            man.render(&mut text)?;
            continue;
        }
        let mut section = Vec::new();
        man.render_synopsis_section(&mut section)?;
        man.render_description_section(&mut section)?;
        man.render_options_section(&mut section)?;
        text.extend(format!(".SH \"{}\"\n", name.to_uppercase()).into_bytes());
        // Sections of a part of the page are subsections.
        let section = String::from_utf8_lossy(&section).replace(".SH ", ".SS ");
        text.extend(section.into_bytes());
    }
    Ok(text)
}

/// A page for the program and for each subcommand: `sessionctl-user-revoke.1`.
fn pages(dir: &Path) -> std::io::Result<()> {
    for command in commands() {
        let name = command.get_display_name().unwrap_or(NAME).replace(' ', "-");
        let mut text = Vec::new();
        let file = dir.join(format!("{name}.1"));
        Man::new(command.display_name(name)).render(&mut text)?;
        std::fs::write(file, text)?;
    }
    Ok(())
}
