//! A private RabbitMQ: own node name, own Erlang port mapper, own cookie, nothing read from `/etc/rabbitmq`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use super::lookup::{find, folders};
use super::process::LocalProcess;
use crate::guard::process_guard::Program;
use crate::home::{Home, ServerFolder, write_private};
use crate::plan::Plan;
use crate::ports;
use crate::rabbitmq::{ADVANCED_CONFIG, RabbitMq};
use crate::runner::Runner;

/// The administrator.
const USER: &str = "cartwheel";

struct Ports {
    amqp: u16,
    management: u16,
    prometheus: u16,
    distribution: u16,
    epmd: u16,
}

pub(crate) async fn start(plan: &Plan) -> anyhow::Result<RabbitMq> {
    let folder = plan.home.folder("rabbitmq", plan.fresh).await?;
    let [amqp, management, prometheus, distribution, epmd] = ports::free_block(plan.home.number(), 0)?;
    let ports = Ports { amqp, management, prometheus, distribution, epmd };
    write_settings(&folder, &ports)?;
    let process = LocalProcess::start(program(&folder.dir, &plan.home, &ports)?)?;
    let login = format!("{USER}:{}@127.0.0.1", folder.password);
    RabbitMq::connect(
        &format!("amqp://{login}:{amqp}").parse()?,
        &format!("http://{login}:{management}").parse()?,
        format!("private instance from this machine's packages, {}", plan.because),
        Runner::Local(Box::new(process)),
        Some(plan.home.clone()),
    )
    .await
}

/// The start script itself; the one in `/usr/sbin` switches to the system's user and reads its settings.
pub(crate) fn server() -> Option<PathBuf> {
    let scripts =
        ["/usr/lib/rabbitmq/bin", "/opt/homebrew/opt/rabbitmq/sbin", "/usr/local/opt/rabbitmq/sbin"];
    scripts.iter().map(|folder| Path::new(folder).join("rabbitmq-server")).find(|script| script.is_file())
}

fn epmd() -> Option<PathBuf> {
    let runtimes = ["/usr/lib/erlang", "/usr/lib64/erlang", "/opt/homebrew/opt/erlang/lib/erlang"];
    let own = runtimes.iter().flat_map(|runtime| folders(runtime, |name| name.starts_with("erts-"), "bin"));
    find("epmd", &[]).or_else(|| own.map(|folder| folder.join("epmd")).find(|file| file.is_file()))
}

fn write_settings(folder: &ServerFolder, ports: &Ports) -> anyhow::Result<()> {
    let Ports { amqp, management, prometheus, .. } = ports;
    let password = &folder.password;
    let settings = format!(
        "listeners.tcp.local = 127.0.0.1:{amqp}\n\
         management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {management}\n\
         prometheus.tcp.ip = 127.0.0.1\nprometheus.tcp.port = {prometheus}\n\
         default_user = {USER}\ndefault_pass = {password}\nloopback_users = none\n\
         disk_free_limit.absolute = 200MB\nlog.file = broker.log\n"
    );
    write_private(&folder.dir.join("rabbitmq.conf"), &settings)?;
    std::fs::write(folder.dir.join("enabled_plugins"), "[rabbitmq_management,rabbitmq_prometheus].\n")?;
    std::fs::write(folder.dir.join("advanced.config"), ADVANCED_CONFIG)?;
    std::fs::write(folder.dir.join("environment.conf"), "")?;
    std::fs::create_dir_all(folder.dir.join("conf.d"))?;
    Ok(())
}

fn program(dir: &Path, home: &Home, ports: &Ports) -> anyhow::Result<Program> {
    let epmd = epmd().context("RabbitMQ is here, but Erlang's epmd is not: is Erlang installed?")?;
    let server = server().context("rabbitmq-server is not installed")?;
    let companion = format!("{} -address 127.0.0.1 -port {}", epmd.display(), ports.epmd);
    Ok(Program {
        dir: dir.to_owned(),
        log: dir.join("output.log"),
        marker: home.name(),
        command: vec![server.into()],
        environment: environment(dir, &home.name(), ports),
        hidden_prefixes: &["RABBITMQ_", "ERL_"],
        stop_signal: "TERM",
        // A graceful stop takes five seconds, which temporary data is not worth.
        end_signal: if home.is_temporary() { "KILL" } else { "TERM" },
        stop_timeout: Duration::from_secs(30),
        companion,
    })
}

fn environment(dir: &Path, name: &str, ports: &Ports) -> Vec<(String, OsString)> {
    let files = [
        ("HOME", "."),
        ("RABBITMQ_MNESIA_BASE", "data"),
        ("RABBITMQ_LOG_BASE", "log"),
        ("RABBITMQ_PID_FILE", "server.pid"),
        ("RABBITMQ_CONF_ENV_FILE", "environment.conf"),
        ("RABBITMQ_CONFIG_FILE", "rabbitmq.conf"),
        ("RABBITMQ_CONFIG_FILES", "conf.d"),
        ("RABBITMQ_ADVANCED_CONFIG_FILE", "advanced.config"),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", "enabled_plugins"),
    ];
    let files = files.map(|(variable, file)| (variable.to_owned(), dir.join(file).into_os_string()));
    let schedulers = std::thread::available_parallelism().map_or(2, |cores| cores.get().min(4));
    // The script must become the broker rather than stay its parent, so that signals reach it. ALLOW_INPUT does that,
    // and also allows input, which -noinput takes back.
    let words = [
        ("RABBITMQ_ALLOW_INPUT", "1".to_owned()),
        ("RABBITMQ_NODENAME", format!("{name}@localhost")),
        ("RABBITMQ_DIST_PORT", ports.distribution.to_string()),
        ("ERL_EPMD_PORT", ports.epmd.to_string()),
        ("ERL_EPMD_ADDRESS", "127.0.0.1".to_owned()),
        (
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
            format!(
                "-noinput -cartwheel {name} +S {schedulers}:{schedulers} \
                 -kernel inet_dist_use_interface {{127,0,0,1}}"
            ),
        ),
    ];
    files.into_iter().chain(words.map(|(variable, word)| (variable.to_owned(), word.into()))).collect()
}
