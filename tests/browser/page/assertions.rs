//! What is judged of a page.

use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::Page;
use crate::accessibility;

/// What loading a page took.
#[derive(Debug)]
pub struct Weight {
    /// The page itself and what it loads.
    pub requests: u64,
    /// Of these, as they came over the network, pictures not counted.
    pub bytes: u64,
    /// Until the page was built and its scripts had run, in milliseconds: to print, never to assert.
    pub interactive: f64,
}

impl Page {
    /// Panics if scripts have failed, the browser has complained, things have jumped or people are shut out.
    pub async fn must_be_sound(&self) {
        let errors = self.errors().await;
        assert!(errors.is_empty(), "{}: {errors:#?}", self.path().await);
        if self.look.scripts {
            let (shift, what) = self.layout_shift().await;
            assert!(shift < 0.01, "{} jumps by {shift}: {what}", self.path().await);
            let violations = accessibility::violations(self).await;
            assert!(violations.is_empty(), "{}: {violations:#?}", self.path().await);
        }
    }

    /// What the browser has logged as warnings and errors since the last call.
    pub async fn errors(&self) -> Vec<String> {
        let log = self.driver().browser_log().await.unwrap();
        let bad = log.into_iter().filter(|entry| ["WARNING", "SEVERE"].contains(&entry.level.as_str()));
        bad.map(|entry| entry.message).collect()
    }

    /// How far things have jumped since the page was opened, and which.
    pub async fn layout_shift(&self) -> (f64, Value) {
        let [shift, what] = ["layoutShift", "shifted"].map(|name| format!("return window.{name}"));
        (self.evaluate(&shift).await.as_f64().unwrap(), self.evaluate(&what).await)
    }

    /// What loading the page took.
    pub async fn weight(&self) -> Weight {
        let measured = self.evaluate(
            "const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
             const counted = all.filter(({ initiatorType, name }) => !['img', 'image'].includes(initiatorType) && !name.endsWith('.svg'));
             return { requests: all.length, bytes: counted.reduce((sum, one) => sum + one.transferSize, 0), interactive: all[0].domInteractive };",
        );
        let measured = measured.await;
        Weight {
            requests: measured["requests"].as_u64().unwrap(),
            bytes: measured["bytes"].as_u64().unwrap(),
            interactive: measured["interactive"].as_f64().unwrap(),
        }
    }

    /// Takes a picture of the whole page: `<name>-390-dark.png` in the folder `CARTWHEEL_SCREENSHOTS`, or beside what is
    /// built.
    pub async fn screenshot(&self, name: &str) -> PathBuf {
        let taken = self.command("Page.captureScreenshot", json!({"captureBeyondViewport": true})).await;
        let picture = BASE64_STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        let folder = std::env::var_os("CARTWHEEL_SCREENSHOTS")
            .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screenshots"), PathBuf::from);
        std::fs::create_dir_all(&folder).unwrap();
        let scheme = if self.look.dark { "dark" } else { "light" };
        let file = folder.join(format!("{name}-{}-{scheme}.png", self.look.width));
        std::fs::write(&file, picture).unwrap();
        file
    }
}
