//! Who has signed in: what a sealed cookie says, so every instance takes it, and a changed admin key ends all sessions. Kept here
//! is only which sessions were ended before their time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};
use envelope::Clock;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use crate::forms::Owner;

/// A working day.
const LASTS: TimeDelta = TimeDelta::hours(10);
const NAME: &str = "cartwheel_console";

/// Seals and opens sessions.
#[derive(Clone)]
pub struct Sessions {
    hmac: Hmac<Sha256>,
    clock: Clock,
    /// Those that were signed out of, and until when their cookies would open them.
    ended: Arc<Mutex<HashMap<Uuid, DateTime<Utc>>>>,
}

/// Somebody who has shown the admin key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Under what name their actions are written down.
    pub operator: String,
    id: Uuid,
    until: DateTime<Utc>,
}

impl Sessions {
    /// Sealed with what both secrets make together.
    pub fn new(admin_key: &SecretString, token_secret: &SecretString, clock: Clock) -> anyhow::Result<Self> {
        let secret = Hmac::<Sha256>::new_from_slice(token_secret.expose_secret().as_bytes())?;
        let key = secret.chain_update("the console's sessions").chain_update(admin_key.expose_secret());
        let hmac = Hmac::new_from_slice(&key.finalize().into_bytes())?;
        Ok(Self { hmac, clock, ended: Arc::default() })
    }

    /// A new session of this operator.
    pub fn begin(&self, operator: &str) -> Session {
        Session { operator: operator.to_owned(), id: Uuid::new_v4(), until: self.clock.now() + LASTS }
    }

    /// The session of who sends these headers, while it lasts.
    pub fn of(&self, headers: &HeaderMap) -> Option<Session> {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut cookies =
            cookies.flat_map(|line| line.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
        let (_, sealed) = cookies.find(|(name, _)| *name == NAME)?;
        let (content, seal) = sealed.split_once('.')?;
        let (content, seal) = (BASE64.decode(content).ok()?, BASE64.decode(seal).ok()?);
        self.seal(&content).verify_slice(&seal).ok()?;
        let session: Session = serde_json::from_slice(&content).ok()?;
        let is_open = session.until > self.clock.now() && !self.ended().contains_key(&session.id);
        is_open.then_some(session)
    }

    /// The cookie that carries the session, for a browser that came by HTTPS or not.
    pub fn cookie(&self, session: &Session, secure: bool) -> anyhow::Result<String> {
        let content = serde_json::to_vec(session)?;
        let seal = self.seal(&content).finalize().into_bytes();
        let value = format!("{}.{}", BASE64.encode(content), BASE64.encode(seal));
        Ok(cookie(&value, LASTS.num_seconds(), secure))
    }

    /// The cookie that takes the place of a session's.
    pub fn no_cookie(secure: bool) -> String {
        cookie("", 0, secure)
    }

    /// Ends a session: its cookie opens it no more, also if somebody has copied it.
    pub fn end(&self, session: &Session) {
        let now = self.clock.now();
        let mut ended = self.ended();
        ended.retain(|_, until| *until > now);
        ended.insert(session.id, session.until);
    }

    fn ended(&self) -> MutexGuard<'_, HashMap<Uuid, DateTime<Utc>>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seal(&self, content: &[u8]) -> Hmac<Sha256> {
        self.hmac.clone().chain_update("session").chain_update([0]).chain_update(content)
    }
}

impl Session {
    /// Whose the forms of this session are.
    pub fn owner(&self) -> Owner {
        Owner(format!("console {}", self.id))
    }
}

fn cookie(value: &str, seconds: i64, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{NAME}={value}; Path=/console; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn sessions(key: &str, clock: Clock) -> Sessions {
        Sessions::new(&key.into(), &SECRET.into(), clock).unwrap()
    }

    fn sent(cookie: &str) -> HeaderMap {
        let value = cookie.split(';').next().unwrap();
        HeaderMap::from_iter([(COOKIE, format!("other=1; {value}").parse().unwrap())])
    }

    #[test]
    fn a_session_is_opened_again_until_it_ends_or_the_key_changes() {
        let clock = Clock::system();
        let (now, later) = (sessions("key", clock), sessions("key", Clock::ahead_by(TimeDelta::hours(11))));
        let session = now.begin("Ada");
        let cookie = now.cookie(&session, false).unwrap();
        assert_eq!(now.of(&sent(&cookie)).unwrap(), session);
        assert_eq!(later.of(&sent(&cookie)), None);
        assert_eq!(sessions("other key", clock).of(&sent(&cookie)), None);
        assert_eq!(now.of(&sent(&Sessions::no_cookie(false))), None);
        assert_eq!(now.of(&HeaderMap::new()), None);
    }

    #[test]
    fn what_was_changed_is_not_opened() {
        let sessions = sessions("key", Clock::system());
        let cookie = sessions.cookie(&sessions.begin("Ada"), true).unwrap();
        assert!(cookie.contains("; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
        let forged = BASE64.encode(serde_json::to_vec(&sessions.begin("Eve")).unwrap());
        let (_, seal) = cookie.split(';').next().unwrap().split_once('.').unwrap();
        assert_eq!(sessions.of(&sent(&format!("{NAME}={forged}.{seal}"))), None);
        assert_eq!(sessions.of(&sent(&format!("{NAME}=nonsense"))), None);
    }

    #[test]
    fn a_session_that_was_signed_out_of_is_opened_by_no_copy_of_its_cookie() {
        let sessions = sessions("key", Clock::system());
        let (mine, other) = (sessions.begin("Ada"), sessions.begin("Ada"));
        let [cookie, others] = [&mine, &other].map(|session| sent(&sessions.cookie(session, false).unwrap()));
        sessions.end(&mine);
        assert_eq!((sessions.of(&cookie), sessions.of(&others)), (None, Some(other)));
    }
}
