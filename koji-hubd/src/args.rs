//! The command line of the hub daemon.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// Serves a Koji hub from a database and a top directory.
#[derive(Clone, Debug, Parser)]
#[command(
    version,
    after_help = "Example:\n  koji-hubd --db sqlite:///var/lib/koji/koji.db --topdir /mnt/koji init\n  \
    koji-hubd --db sqlite:///var/lib/koji/koji.db --topdir /mnt/koji serve --listen 127.0.0.1:8080"
)]
pub struct Args {
    /// The hub.conf to read; a directory hub.conf.d beside it is read as well
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The database: sqlite:///abs/path.db or postgres://user@host:port/name
    #[arg(long, value_name = "URL")]
    pub db: Option<String>,
    /// The top directory of builds, repositories and uploads
    #[arg(long, value_name = "DIR")]
    pub topdir: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What the daemon can do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Makes the tables in an empty database and the top directory
    Init,
    /// Manages users
    #[command(subcommand)]
    User(UserCommand),
    /// Manages builders
    #[command(subcommand)]
    Host(HostCommand),
    /// Writes the OpenAPI document of all methods, as /kojihub/openapi.json has it
    Openapi,
    /// Serves the hub until it is told to stop; SIGHUP has it read its configuration again
    Serve(ServeArgs),
    /// Looks at the policies of hub.conf
    #[command(subcommand)]
    Policy(PolicyCommand),
}

/// Policies.
#[derive(Clone, Debug, Subcommand)]
pub enum PolicyCommand {
    /// Names the mistakes in all policies, and the rules that can never decide
    #[command(after_help = "Exit status: 0 if nothing is wrong, 1 for mistakes, 3 for warnings only.")]
    Check {
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Shows which rule of a policy decides about something, and why
    #[command(after_help = "Exit status: 0 if a rule decides, 1 for an error, 3 if no rule decides.\n\n\
        Example:\n  koji-hubd policy explain tag --build foo-1-1 --tag f42 --user alice operation=tag")]
    Explain(Box<ExplainArgs>),
}

/// What to ask a policy.
#[derive(Clone, Debug, ClapArgs)]
pub struct ExplainArgs {
    /// The policy
    pub policy: String,
    /// The build
    #[arg(long, value_name = "NVR")]
    pub build: Option<String>,
    /// The package
    #[arg(long)]
    pub package: Option<String>,
    /// The tag
    #[arg(long)]
    pub tag: Option<String>,
    /// The tag that a build leaves
    #[arg(long, value_name = "TAG")]
    pub fromtag: Option<String>,
    /// The build target
    #[arg(long)]
    pub target: Option<String>,
    /// The method of the task
    #[arg(long)]
    pub method: Option<String>,
    /// The user who asks
    #[arg(long)]
    pub user: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
    /// Any other field of the policy's data; a value is JSON or else text
    #[arg(value_name = "KEY=VALUE")]
    pub data: Vec<String>,
}

/// Users.
#[derive(Clone, Debug, Subcommand)]
pub enum UserCommand {
    /// Adds a user, or sets the password and permissions of one
    Add {
        /// The user's name
        name: String,
        /// The password to log in with
        #[arg(long)]
        password: Option<String>,
        /// A permission to grant; may be given more than once
        #[arg(long = "permission", value_name = "PERM")]
        permissions: Vec<String>,
    },
}

/// Builders.
#[derive(Clone, Debug, Subcommand)]
pub enum HostCommand {
    /// Adds a builder
    Add {
        /// The builder's host name
        name: String,
        /// The architectures it builds for, separated by spaces
        #[arg(long)]
        arches: String,
        /// The password its kojid logs in with
        #[arg(long)]
        password: Option<String>,
        /// A channel it takes tasks from; may be given more than once (default: default)
        #[arg(long = "channel", value_name = "CHANNEL")]
        channels: Vec<String>,
        /// How much weight of tasks it takes at once
        #[arg(long)]
        capacity: Option<f64>,
    },
}

/// How to serve.
#[derive(Clone, Debug, ClapArgs)]
pub struct ServeArgs {
    /// The address to listen at
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// A role to take; may be given more than once (default: all but lookaside)
    #[arg(long = "role", value_name = "ROLE")]
    pub roles: Vec<Role>,
}

/// What a hub process does; several may share a PostgreSQL database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Answers XML-RPC and JSON at /kojihub
    Api,
    /// Serves the top directory at /kojifiles
    Files,
    /// Assigns tasks to hosts
    Scheduler,
    /// Has repositories made that are asked for, and old ones taken away
    Repos,
    /// Keeps large source files at /lookaside, uploads by upload.cgi as dist-git has it
    Lookaside,
}
