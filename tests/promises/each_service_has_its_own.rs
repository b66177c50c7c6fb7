use events::PARTICIPANTS;
use sqlx::{Connection, PgConnection};

use crate::harness::TestShop;

#[tokio::test]
async fn a_service_opens_its_own_database_and_no_other() {
    let shop = TestShop::with(&[]).await;
    let accounts = &shop.shop.accounts;
    for mine in PARTICIPANTS {
        let own = &accounts.of(mine.service).unwrap().database_url;
        PgConnection::connect(own).await.unwrap().close().await.unwrap();
        for other in PARTICIPANTS.iter().filter(|other| other.service != mine.service) {
            let foreign = own.replace(
                &format!("/{}", accounts.namespace().of(mine.service)),
                &format!("/{}", accounts.namespace().of(other.service)),
            );
            // The role's name stands in front of the colon, the database's behind the slash: only that was replaced.
            let foreign = foreign.replace(
                &format!("//{}:", accounts.namespace().of(other.service)),
                &format!("//{}:", accounts.namespace().of(mine.service)),
            );
            let refused = PgConnection::connect(&foreign).await.unwrap_err();
            let code =
                refused.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned));
            assert_eq!(code.as_deref(), Some("42501"), "{} in {}: {refused}", mine.service, other.service);
        }
    }
    shop.end().await;
}
