use std::fs::{self, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use mailbox::{Limits, Query};

use crate::support::{Started, mail};

#[tokio::test]
async fn mails_are_found_again_after_a_restart() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("mails.mbox");
    let first = Started::with(Some(path.clone()), Limits::default()).await?;
    for id in ["1@x", "2@x", "1@x"] {
        first.send(mail("a@example.test", "Hello – grüße", id)?).await?;
    }
    let (mails, source) = (first.mailbox.mails(&Query::default()), first.mailbox.source(2).await?);
    first.stop().await;

    let second = Started::with(Some(path), Limits::default()).await?;
    assert_eq!(second.mailbox.mails(&Query::default()), mails);
    assert_eq!(second.mailbox.source(2).await?, source);
    assert_eq!((second.mailbox.delivered(), second.mailbox.resent()), (3, 1));
    second.send(mail("a@example.test", "Hello", "2@x")?).await?;
    assert_eq!((second.mailbox.delivered(), second.mailbox.resent()), (4, 2));
    assert_eq!(second.mailbox.mail(4).await?.unwrap().summary.subject, "Hello");
    Ok(())
}

#[tokio::test]
async fn a_mail_is_in_the_file_when_it_is_answered() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("mails.mbox");
    let started = Started::with(Some(path.clone()), Limits::default()).await?;
    let mut client = started.client().await?;
    for number in 1..=20 {
        client.hand_over("a@example.test", &format!("Subject: x\r\n\r\nmail {number} ends")).await?;
        assert!(fs::read_to_string(&path)?.ends_with(&format!("mail {number} ends\n\n")));
    }
    Ok(())
}

#[tokio::test]
async fn only_its_owner_reads_the_file_even_one_that_others_could_read() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (new, old) = (folder.path().join("new.mbox"), folder.path().join("old.mbox"));
    fs::write(&old, "")?;
    fs::set_permissions(&old, Permissions::from_mode(0o644))?;
    for path in [new, old] {
        let started = Started::with(Some(path.clone()), Limits::default()).await?;
        started.send(mail("a@example.test", "Hello", "1@x")?).await?;
        assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
    Ok(())
}

#[tokio::test]
async fn a_torn_tail_is_cut_off_and_the_next_mail_is_whole() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("mails.mbox");
    let first = Started::with(Some(path.clone()), Limits::default()).await?;
    first.send(mail("a@example.test", "Hello", "1@x")?).await?;
    first.stop().await;
    let whole = fs::read(&path)?;
    OpenOptions::new().append(true).open(&path)?.write_all(&whole[..whole.len() - 1])?;

    let second = Started::with(Some(path.clone()), Limits::default()).await?;
    assert_eq!((second.mailbox.delivered(), second.mailbox.resent()), (1, 0));
    second.send(mail("a@example.test", "Again", "2@x")?).await?;
    second.stop().await;

    let third = Started::with(Some(path), Limits::default()).await?;
    assert_eq!(third.mailbox.delivered(), 2);
    assert_eq!(third.mailbox.mail(2).await?.unwrap().summary.subject, "Again");
    Ok(())
}

#[tokio::test]
async fn a_store_in_use_and_a_foreign_file_are_refused() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("mails.mbox");
    let _first = Started::with(Some(path.clone()), Limits::default()).await?;
    let refusal = Started::with(Some(path), Limits::default()).await.err().unwrap();
    assert!(format!("{refusal:#}").contains("in use by another mailbox"), "{refusal:#}");

    let foreign = folder.path().join("notes.txt");
    fs::write(&foreign, "Dear diary")?;
    let refusal = Started::with(Some(foreign.clone()), Limits::default()).await.err().unwrap();
    assert!(format!("{refusal:#}").contains("isn't a file that a mailbox wrote"), "{refusal:#}");
    assert_eq!(fs::read_to_string(foreign)?, "Dear diary");
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_answered_with_452_and_nothing_is_listed() -> anyhow::Result<()> {
    let started = Started::with(Some("/dev/full".into()), Limits::default()).await?;
    let mut client = started.client().await?;
    for _ in 0..2 {
        let answer = client.hand_over("a@example.test", "Subject: x\r\n\r\nx").await?;
        assert!(answer.starts_with("452"), "{answer}");
    }
    assert_eq!(started.mailbox.delivered(), 0);
    Ok(())
}
