//! A space on the servers for one test.

use std::collections::BTreeSet;
use std::sync::Mutex;

use servers::provision::{self, BrokerUser};
use url::Url;
use uuid::Uuid;

use crate::Shared;

/// A fresh virtual host, and databases and users with names of their own, so that tests run side by side.
///
/// They stay until [`TestSpace::remove`]; servers that were started for the tests are thrown away anyway.
pub struct TestSpace {
    /// The name of the virtual host, and the beginning of every other name in this space.
    pub name: String,
    shared: Shared,
    /// All users and roles of the space share it.
    password: String,
    services: Mutex<BTreeSet<String>>,
}

impl TestSpace {
    /// Makes the virtual host, empty.
    pub async fn new(servers: &Shared) -> Self {
        let name = format!("t{}", &Uuid::new_v4().simple().to_string()[..12]);
        let password = Uuid::new_v4().simple().to_string();
        let space = Self { name, shared: servers.clone(), password, services: Mutex::default() };
        space.provision_vhost(&[]).await;
        space
    }

    /// The administrator's AMQP URL of the virtual host.
    #[must_use]
    pub fn amqp_admin_url(&self) -> String {
        format!("{}/{}", self.shared.amqp_url, self.name)
    }

    /// The administrator's URL of the management API.
    #[must_use]
    pub fn management_url(&self) -> &str {
        &self.shared.management_url
    }

    /// The AMQP URL of a service's own user in this virtual host, with these rights (regular expressions).
    /// A second call changes the rights.
    pub async fn broker_user(&self, service: &str, configure: &str, write: &str, read: &str) -> String {
        let name = self.name_of(service);
        let [configure, write, read] = [configure, write, read].map(str::to_owned);
        let user = BrokerUser { name: name.clone(), password: self.password.clone(), configure, write, read };
        self.provision_vhost(&[user]).await;
        self.login(&self.amqp_admin_url(), &name)
    }

    /// The URL of a service's own database, as its own role. Made by the first call; both are called
    /// `<space>_<service>`.
    pub async fn database(&self, service: &str) -> String {
        let name = self.name_of(service);
        let made = provision::database(&self.shared.postgres_url, &name, &name, &self.password).await;
        made.unwrap_or_else(|error| panic!("{error:#}"));
        self.login(&self.admin_database_url(service), &name)
    }

    /// Makes a backup of a service's database, in place of an earlier one. The service must not run.
    pub async fn back_up(&self, service: &str) {
        let (database, backup) = (self.name_of(service), self.name_of(&format!("{service}_backup")));
        self.copy(&database, &backup, &database).await;
    }

    /// Restores a service's database from its backup. The service must not run.
    pub async fn restore(&self, service: &str) {
        let (database, backup) = (self.name_of(service), self.name_of(&format!("{service}_backup")));
        self.copy(&backup, &database, &database).await;
    }

    async fn copy(&self, from: &str, to: &str, role: &str) {
        let copied = provision::copy_database(&self.shared.postgres_url, from, to, role).await;
        copied.unwrap_or_else(|error| panic!("cannot copy {from}: {error:#}"));
    }

    /// The superuser's URL of a service's database.
    #[must_use]
    pub fn admin_database_url(&self, service: &str) -> String {
        let mut url = parse(&self.shared.postgres_url);
        url.set_path(&self.name_of(service));
        url.into()
    }

    /// Removes the virtual host, the databases, the users and the roles.
    pub async fn remove(self) {
        let services =
            std::mem::take(&mut *self.services.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        let names: Vec<String> = services.iter().map(|service| format!("{}_{service}", self.name)).collect();
        let removed = provision::remove_vhost(self.management_url(), &self.name, &names).await;
        removed.unwrap_or_else(|error| panic!("cannot remove {}: {error:#}", self.name));
        // Backups first: their role is that of the database.
        for name in names.iter().rev() {
            let removed = provision::remove_database(&self.shared.postgres_url, name, name).await;
            removed.unwrap_or_else(|error| panic!("cannot remove {name}: {error:#}"));
        }
    }

    fn name_of(&self, service: &str) -> String {
        let mut services = self.services.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        services.insert(service.to_owned());
        format!("{}_{service}", self.name)
    }

    async fn provision_vhost(&self, users: &[BrokerUser]) {
        let made = provision::vhost(self.management_url(), &self.name, users).await;
        made.unwrap_or_else(|error| panic!("{error:#}"));
    }

    fn login(&self, url: &str, user: &str) -> String {
        let mut url = parse(url);
        let changed = url.set_username(user).and_then(|()| url.set_password(Some(&self.password)));
        assert!(changed.is_ok(), "a server's URL has no host");
        url.into()
    }
}

fn parse(url: &str) -> Url {
    Url::parse(url).unwrap_or_else(|error| panic!("a server's URL is not one: {error}"))
}
