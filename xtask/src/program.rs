//! Calling other programs: said before it is done, and an error if it fails.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// A call of another program.
pub struct Program {
    command: Command,
    shown: String,
}

/// Starts describing a call of `name`.
pub fn program(name: impl AsRef<Path>) -> Program {
    let name = name.as_ref();
    Program {
        command: Command::new(name),
        shown: name.display().to_string(),
    }
}

/// `cargo`, the same that started this program.
pub fn cargo() -> Program {
    let mut cargo =
        program(std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from));
    cargo.shown = "cargo".to_owned();
    cargo
}

impl Program {
    /// Adds arguments.
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        for arg in args {
            self.shown.push(' ');
            self.shown.push_str(&arg.as_ref().to_string_lossy());
            self.command.arg(arg);
        }
        self
    }

    /// Adds an argument that is not shown, because it may hold a password.
    pub fn hidden_arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.shown.push_str(" …");
        self.command.arg(arg);
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Takes an environment variable away.
    pub fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs in another directory.
    pub fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Runs it to its end.
    pub fn run(mut self) -> Result<()> {
        println!("› {}", self.shown);
        let status = self
            .command
            .status()
            .with_context(|| format!("cannot start {}", self.shown))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.shown);
        }
        Ok(())
    }

    /// Runs it to its end and returns what it wrote to standard output.
    pub fn output(mut self) -> Result<Vec<u8>> {
        let output = self
            .command
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("cannot start {}", self.shown))?;
        if !output.status.success() {
            bail!("`{}` failed ({})", self.shown, output.status);
        }
        Ok(output.stdout)
    }

    /// Like [`Program::output`], as text without the final line break.
    pub fn text(self) -> Result<String> {
        Ok(String::from_utf8(self.output()?)?.trim_end().to_owned())
    }

    /// Whether it can be started and ends well; it says nothing.
    pub fn succeeds(mut self) -> bool {
        self.command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// The call itself, for what the other methods do not do.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Becomes that program, where the system can do that; so a signal reaches it directly.
    #[cfg(unix)]
    pub fn become_it(mut self) -> Result<()> {
        use std::os::unix::process::CommandExt as _;

        println!("› {}", self.shown);
        let error = self.command.exec();
        Err(error).with_context(|| format!("cannot start {}", self.shown))
    }

    /// Becomes that program, where the system can do that; so a signal reaches it directly.
    #[cfg(not(unix))]
    pub fn become_it(self) -> Result<()> {
        self.run()
    }
}

/// The full path of a program that a shell would find.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path)
        .map(|dir| dir.join(&name))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_argument_is_passed_on_but_not_shown() {
        let call = program("ladebuch")
            .args(["--openwb"])
            .hidden_arg("mqtt://anna:secret@box");
        assert_eq!(call.shown, "ladebuch --openwb …");
        let passed: Vec<_> = call.command.get_args().collect();
        assert_eq!(passed, ["--openwb", "mqtt://anna:secret@box"]);
    }
}
