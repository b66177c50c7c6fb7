//! What a visitor does.

use serde_json::Value;
use thirtyfour::extensions::query::ElementQueryable;
use thirtyfour::{By, Key, WebElement};

use super::Page;
use crate::harness::TIMEOUT;

impl Page {
    /// Opens an address.
    pub async fn open(&self, url: &str) {
        self.driver.goto(url).await.unwrap_or_else(|error| panic!("{url} can't be opened: {error}"));
    }

    /// The path of the page's address.
    pub async fn path(&self) -> String {
        self.driver.current_url().await.unwrap().path().to_owned()
    }

    /// The first element with this CSS selector, once there is one.
    pub async fn element(&self, css: &str) -> WebElement {
        let found =
            self.driver.query(By::Css(css)).wait(TIMEOUT, std::time::Duration::from_millis(50)).first().await;
        match found {
            Ok(element) => element,
            Err(error) => {
                panic!("no '{css}': {error}, in {}", self.driver.source().await.unwrap_or_default())
            }
        }
    }

    /// How many elements there are right now.
    pub async fn count(&self, css: &str) -> usize {
        self.driver.find_all(By::Css(css)).await.unwrap().len()
    }

    /// Clicks an element.
    pub async fn click(&self, css: &str) {
        self.element(css).await.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Writes into a field, in place of what it has.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.element(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Presses a key, wherever the focus is.
    pub async fn press(&self, key: Key) {
        self.driver.action_chain().send_keys(key).perform().await.unwrap();
    }

    /// Writes where the focus is.
    pub async fn write(&self, text: &str) {
        self.driver.action_chain().send_keys(text).perform().await.unwrap();
    }

    /// Presses Tab until the focus is on an element with this selector.
    pub async fn tab_to(&self, css: &str) {
        let is_there = format!("return document.activeElement.matches({})", Value::from(css));
        for _ in 0..200 {
            self.press(Key::Tab).await;
            if self.evaluate(&is_there).await == true {
                return;
            }
        }
        panic!("Tab never gets to '{css}'");
    }

    /// An element's text.
    pub async fn text(&self, css: &str) -> String {
        self.element(css).await.text().await.unwrap()
    }

    /// Waits until an element's text contains something, without a reload.
    pub async fn until_text(&self, css: &str, wanted: &str) {
        let what = format!("'{css}' says '{wanted}'");
        testkit::eventually(&what, TIMEOUT, async || {
            // What is being replaced at this moment can't be asked.
            let element = self.driver.find(By::Css(css)).await.ok()?;
            element.text().await.ok()?.contains(wanted).then_some(())
        })
        .await;
    }

    /// Waits until nothing has this selector any more.
    pub async fn until_gone(&self, css: &str) {
        let what = format!("'{css}' is gone");
        testkit::eventually(&what, TIMEOUT, async || (self.count(css).await == 0).then_some(())).await;
    }

    /// Waits until nothing that moves from now on counts as asked for by the visitor.
    pub async fn until_at_rest(&self) {
        testkit::eventually("the page is at rest", TIMEOUT, async || {
            (self.evaluate("return window.isAtRest()").await == true).then_some(())
        })
        .await;
    }
}
