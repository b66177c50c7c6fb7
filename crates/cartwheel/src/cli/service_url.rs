//! Which service a command is about.

use anyhow::{Context, bail};
use clap::Args;
use clap::builder::PossibleValuesParser;
use endpoint::HttpUrl;
use events::PARTICIPANTS;
use service::Operator;

/// The service to ask.
#[derive(Args, Debug)]
pub struct ServiceUrl {
    /// The service
    #[arg(long, conflicts_with = "url", value_parser = PossibleValuesParser::new(PARTICIPANTS.map(|participant| participant.service)))]
    pub service: Option<String>,

    /// The address of a shop that `up` runs: `http://127.0.0.1:8080`; by default of the one that it runs here
    #[arg(long, value_name = "URL", conflicts_with = "url")]
    pub shop: Option<HttpUrl>,

    /// The address of a service that runs by itself: `http://127.0.0.1:8085`
    #[arg(long)]
    pub url: Option<HttpUrl>,

    /// The admin key
    #[arg(long, env = "CARTWHEEL_ADMIN_KEY", hide_env_values = true)]
    pub admin_key: String,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub operator: Operator,
}

impl ServiceUrl {
    /// The address of the service that is given.
    ///
    /// # Errors
    /// When none is given.
    pub fn one(&self) -> anyhow::Result<HttpUrl> {
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
    pub fn own_routes(&self) -> anyhow::Result<&HttpUrl> {
        let given = self.url.as_ref().or(self.shop.as_ref());
        given.context("where is the shop? `cartwheel up` does not run here: give its address as --shop, or the service's own as --url")
    }

    /// The names and addresses of the service that is given, or of all. One that is given by its address has no name.
    ///
    /// # Errors
    /// When it isn't known where the shop is.
    pub fn each(&self) -> anyhow::Result<Vec<(&str, HttpUrl)>> {
        if self.url.is_some() || self.service.is_some() {
            return Ok(vec![(self.service.as_deref().unwrap_or_default(), self.one()?)]);
        }
        let services = PARTICIPANTS.iter().map(|participant| participant.service);
        services.map(|service| Ok((service, self.of(service)?))).collect()
    }

    fn of(&self, service: &str) -> anyhow::Result<HttpUrl> {
        let Some(shop) = &self.shop else {
            bail!(
                "where is {service}? `cartwheel up` does not run here: give the address of the shop as --shop, or the \
                 service's own as --url"
            )
        };
        let path = shop.name().map_or_else(|| service.to_owned(), |base| format!("{base}/{service}"));
        Ok(shop.clone().with_name(&path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(service: Option<&str>, shop: Option<&str>, url: Option<&str>) -> ServiceUrl {
        let [shop, url] = [shop, url].map(|url| url.map(|url| url.parse().unwrap()));
        let (admin_key, operator) = (String::new(), Operator::default());
        ServiceUrl { service: service.map(str::to_owned), shop, url, admin_key, operator }
    }

    #[test]
    fn a_service_is_found_by_its_name_in_a_shop_or_by_its_own_address() {
        let shop = Some("http://127.0.0.1:8080/");
        assert_eq!(
            given(Some("notify"), shop, None).one().unwrap().to_string(),
            "http://127.0.0.1:8080/notify"
        );
        assert_eq!(given(None, shop, None).own_routes().unwrap().to_string(), "http://127.0.0.1:8080");
        assert_eq!(
            given(None, shop, Some("http://notify:8080")).one().unwrap().to_string(),
            "http://notify:8080"
        );
        assert_eq!(given(None, shop, None).each().unwrap().len(), PARTICIPANTS.len());
        assert!(given(None, shop, None).one().unwrap_err().to_string().contains("--service"));
        assert!(given(Some("notify"), None, None).one().unwrap_err().to_string().contains("--shop"));
    }
}
