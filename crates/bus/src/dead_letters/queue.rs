//! The queue in which dead letters are, message by message.

use lapin::message::{BasicGetMessage, Delivery};
use lapin::options::BasicGetOptions;
use lapin::{Channel, Connection};

use crate::connection::{Broker, close};
use crate::error::BusError;
use crate::passive_declare::look_for_queue;
use crate::topology::names::dead_letters_of;

/// The queue of one service's dead letters.
#[derive(Clone)]
pub(crate) struct DeadLetterQueue {
    pub broker: Broker,
    pub service: String,
}

/// A look into it: what is not acknowledged goes back to where it was.
pub(crate) struct Opened {
    connection: Connection,
    pub channel: Channel,
    name: String,
    /// How many may still be looked at: none twice.
    left: usize,
}

impl DeadLetterQueue {
    /// Looks at the first messages in it, at most `most`.
    pub async fn open(&self, most: usize) -> Result<Opened, BusError> {
        let name = dead_letters_of(&self.service);
        let connection = self.broker.connect("dead letters").await?;
        let channel = connection.create_channel().await?;
        let there = look_for_queue(&channel, &name).await?.message_count();
        Ok(Opened { connection, channel, name, left: most.min(there as usize) })
    }

    /// What is wanted of those that are there, at most `most` of them. They stay where they are.
    pub async fn look<T>(
        &self,
        most: usize,
        wanted: impl Fn(&Delivery) -> Option<T>,
    ) -> Result<Vec<T>, BusError> {
        let mut opened = self.open(most).await?;
        let mut found = Vec::new();
        while let Some(message) = opened.next().await? {
            found.extend(wanted(&message.delivery));
        }
        opened.close().await;
        Ok(found)
    }
}

impl Opened {
    /// The next of them.
    pub async fn next(&mut self) -> Result<Option<BasicGetMessage>, BusError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        Ok(self.channel.basic_get(self.name.as_str().into(), BasicGetOptions::default()).await?)
    }

    /// Puts back what was only looked at.
    pub async fn close(self) {
        close(&self.connection).await;
    }
}
