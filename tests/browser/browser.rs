//! Chromium and its driver, from this machine's packages: processes of one test, at ports and in a folder of its own.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use thirtyfour::common::log::LoggingPrefsLogLevel;
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, WebDriver};

use crate::harness::{Program, packaged};
use crate::page::{Look, Page};

const STARTED: Duration = Duration::from_secs(30);

/// What each page runs before its own scripts: it watches for layout shifts.
const WATCH: &str = include_str!("page/watch.js");

/// A browser. Dropping it ends all its windows.
pub struct Browser {
    driver_url: String,
    folder: TempDir,
    _driver: Program,
}

impl Browser {
    /// Starts it; `None` where there is none, which the caller's test then says by ending early.
    pub async fn start() -> Option<Self> {
        let (driver, chromium) =
            (packaged("chromedriver", "chromium-driver"), packaged("chromium", "chromium"));
        let (Some(driver), Some(_)) = (driver, chromium) else {
            assert_ne!(
                std::env::var("CI").as_deref(),
                Ok("true"),
                "in CI, Chromium and its driver must be there"
            );
            println!("skipped: no Chromium with its driver (Debian's packages chromium and chromium-driver)");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("cartwheel-browser-").tempdir().unwrap();
        let address = servers::ports::free_address().unwrap();
        let port = format!("--port={}", address.port());
        let log = format!("--log-path={}", folder.path().join("driver.log").display());
        let driver = Program::start(&driver, &[&port, &log], &[("TMPDIR", folder.path())]);
        let driver_url = format!("http://{address}");
        servers::ready::until_success(&format!("{driver_url}/status"), STARTED).await.unwrap();
        Some(Self { driver_url, folder, _driver: driver })
    }

    /// A new window of a visitor who was never here before.
    pub async fn window(&self, look: Look) -> Page {
        let mut wanted = DesiredCapabilities::chrome();
        wanted.set_binary(packaged("chromium", "chromium").unwrap().to_str().unwrap()).unwrap();
        let profile = format!("--user-data-dir={}", new_folder(self.folder.path()).display());
        // Tests run as root in containers, where Chromium's sandbox can't work; they open no pages but the shop's.
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
        ];
        for argument in arguments.into_iter().chain([profile.as_str()]) {
            wanted.add_arg(argument).unwrap();
        }
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All).unwrap();
        let driver = WebDriver::new(&self.driver_url, wanted).await.unwrap();
        let page = Page::new(driver, look);
        page.prepare(WATCH).await;
        page
    }
}

fn new_folder(parent: &Path) -> std::path::PathBuf {
    tempfile::Builder::new().prefix("profile-").tempdir_in(parent).unwrap().keep()
}
