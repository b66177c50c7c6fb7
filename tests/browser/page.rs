//! A page in a window of the browser, as a test uses and judges it.

mod actions;
mod assertions;
mod look;

use serde_json::{Value, json};
use thirtyfour::WebDriver;

pub use look::Look;

/// A window and the page in it.
pub struct Page {
    driver: WebDriver,
    look: Look,
}

impl Page {
    /// The driver's own ending of a session blocks the test's thread; what is left open ends with the browser.
    pub(super) fn new(driver: WebDriver, look: Look) -> Self {
        driver.clone().leak().unwrap();
        Self { driver, look }
    }

    /// Closes the window.
    pub async fn close(self) {
        self.driver.close_window().await.unwrap();
    }

    /// Gives the window its look, and every page that opens in it this script.
    pub(super) async fn prepare(&self, script: &str) {
        let Look { width, height, dark, scripts } = self.look;
        let phone = width < 600;
        let scheme = if dark { "dark" } else { "light" };
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone});
        self.command("Emulation.setDeviceMetricsOverride", metrics).await;
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.command("Emulation.setEmulatedMedia", media).await;
        self.command("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).await;
        self.command("Emulation.setScriptExecutionDisabled", json!({"value": !scripts})).await;
    }

    /// Gives this window the cookies of another: it is then the same visitor's.
    pub async fn be_visitor_of(&self, other: &Self) {
        let cookies = other.command("Network.getAllCookies", json!({})).await;
        self.command("Network.setCookies", json!({"cookies": cookies["cookies"]})).await;
    }

    /// The driver, for what this type doesn't offer.
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// A command of Chromium's DevTools protocol.
    pub async fn command(&self, name: &str, parameters: Value) -> Value {
        let answer = self.driver.cdp().send_raw(name, parameters).await;
        answer.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// What a script returns.
    pub async fn evaluate(&self, script: &str) -> Value {
        let returned = self.driver.execute(script, Vec::new()).await;
        returned.unwrap_or_else(|error| panic!("{script}: {error}")).json().clone()
    }
}
