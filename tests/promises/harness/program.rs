use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Ends the program, and what the program has started, when the other end of standard input is closed: when the test has
/// ended, however it ended.
const GUARD: &str = r#""$@" </dev/null & read -r _; kill -s KILL 0"#;

/// A program that runs while this value lives.
pub struct Program(Child);

impl Program {
    /// Starts it in a process group of its own.
    pub fn start(program: &Path, arguments: &[&str], environment: &[(&str, &Path)]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", GUARD, "guard"]).arg(program).args(arguments);
        command.envs(environment.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).process_group(0);
        Self(command.spawn().unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // What can't be waited for has ended.
        let _ = self.0.wait();
    }
}

/// Where a program of one of Debian's packages lies. It is installed first if it is missing and may be installed.
pub fn packaged(program: &str, package: &str) -> Option<PathBuf> {
    find(program).or_else(|| {
        let install = "[ \"$(id -u)\" = 0 ] && exec apt-get install -y -qq --no-install-recommends \
                       -o DPkg::Lock::Timeout=300 \"$0\"";
        let installed =
            Command::new("sh").args(["-c", install, package]).stdout(Stdio::null()).status().ok()?;
        installed.success().then(|| find(program)).flatten()
    })
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}
