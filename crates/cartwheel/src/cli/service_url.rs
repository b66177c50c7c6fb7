//! Which service a command is about.

use anyhow::{Context, bail};
use clap::Args;
use clap::builder::PossibleValuesParser;
use events::PARTICIPANTS;

/// The service to ask.
#[derive(Args, Debug)]
pub struct ServiceUrl {
    /// The service
    #[arg(long, conflicts_with = "url", value_parser = PossibleValuesParser::new(PARTICIPANTS.map(|participant| participant.service)))]
    pub service: Option<String>,

    /// The address of a shop that `up` runs: `http://127.0.0.1:8080`; by default of the one that it runs here
    #[arg(long, value_name = "URL", conflicts_with = "url")]
    pub shop: Option<String>,

    /// The address of a service that runs by itself: `http://127.0.0.1:8085`
    #[arg(long)]
    pub url: Option<String>,

    /// The admin key
    #[arg(long, env = "CARTWHEEL_ADMIN_KEY", hide_env_values = true)]
    pub admin_key: String,
}

impl ServiceUrl {
    /// The address of the service that is given.
    ///
    /// # Errors
    /// When none is given.
    pub fn one(&self) -> anyhow::Result<String> {
        if let Some(url) = &self.url {
            return Ok(url.clone());
        }
        let service =
            self.service.as_deref().context("which service? Give --service, or its address as --url")?;
        self.of(service)
    }

    /// Where a service's own routes are, which no other has: at its address, or at the shop's.
    ///
    /// # Errors
    /// When it isn't known where the shop is.
    pub fn own_routes(&self) -> anyhow::Result<&str> {
        let given = self.url.as_deref().or(self.shop.as_deref());
        given.context("where is the shop? `cartwheel up` does not run here: give its address as --shop, or the service's own as --url")
    }

    /// The names and addresses of the service that is given, or of all. One that is given by its address has no name.
    ///
    /// # Errors
    /// When it isn't known where the shop is.
    pub fn each(&self) -> anyhow::Result<Vec<(&str, String)>> {
        if self.url.is_some() || self.service.is_some() {
            return Ok(vec![(self.service.as_deref().unwrap_or_default(), self.one()?)]);
        }
        let services = PARTICIPANTS.iter().map(|participant| participant.service);
        services.map(|service| Ok((service, self.of(service)?))).collect()
    }

    fn of(&self, service: &str) -> anyhow::Result<String> {
        let Some(shop) = &self.shop else {
            bail!(
                "where is {service}? `cartwheel up` does not run here: give the address of the shop as --shop, or the \
                 service's own as --url"
            )
        };
        Ok(format!("{}/{service}", shop.trim_end_matches('/')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(service: Option<&str>, shop: Option<&str>, url: Option<&str>) -> ServiceUrl {
        let [service, shop, url] = [service, shop, url].map(|text| text.map(str::to_owned));
        ServiceUrl { service, shop, url, admin_key: String::new() }
    }

    #[test]
    fn a_service_is_found_by_its_name_in_a_shop_or_by_its_own_address() {
        let shop = Some("http://127.0.0.1:8080/");
        assert_eq!(given(Some("notify"), shop, None).one().unwrap(), "http://127.0.0.1:8080/notify");
        assert_eq!(given(None, shop, None).own_routes().unwrap(), "http://127.0.0.1:8080/");
        assert_eq!(given(None, shop, Some("http://notify:8080")).one().unwrap(), "http://notify:8080");
        assert_eq!(given(None, shop, None).each().unwrap().len(), PARTICIPANTS.len());
        assert!(given(None, shop, None).one().unwrap_err().to_string().contains("--service"));
        assert!(given(Some("notify"), None, None).one().unwrap_err().to_string().contains("--shop"));
    }
}
