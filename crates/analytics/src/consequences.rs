//! What an event caused, over all services: read level by level from the index.

use uuid::Uuid;

use crate::event_tree::{Node, in_tree_order};
use crate::store::{FoundEvent, Store};

/// The most events of a tree.
const MOST: usize = 1_000;
/// A chain that is longer is somebody's fault.
const DEEPEST: usize = 50;

/// An event and what it caused.
pub struct Consequences {
    /// In the order in which a tree is read, each with its depth.
    pub events: Vec<(usize, FoundEvent)>,
    /// Whether that is all of it.
    pub complete: bool,
}

impl Node for FoundEvent {
    fn id(&self) -> Uuid {
        self.id
    }

    fn cause(&self) -> Option<Uuid> {
        self.causation_id
    }
}

/// All that an event caused, as far as it is in the index.
pub async fn consequences(store: &Store, root: FoundEvent) -> sqlx::Result<Consequences> {
    let mut level = vec![root.id];
    let (mut effects, mut complete) = (Vec::new(), true);
    for _ in 0..DEEPEST {
        let mut caused = store.caused_by(&level, MOST + 1 - effects.len()).await?;
        caused.sort_by_key(|event| (event.time, event.id));
        level = caused.iter().map(|event| event.id).collect();
        effects.extend(caused);
        if level.is_empty() || effects.len() > MOST {
            break;
        }
    }
    if effects.len() > MOST || !level.is_empty() {
        effects.truncate(MOST);
        complete = false;
    }
    Ok(Consequences { events: in_tree_order(root, effects), complete })
}

/// The event that it began with: what caused it, what caused that, and so on, as far as that is in the index.
pub async fn origin(store: &Store, event: FoundEvent) -> sqlx::Result<FoundEvent> {
    let mut origin = event;
    for _ in 0..DEEPEST {
        let Some(cause) = origin.causation_id else { break };
        let Some(before) = store.event(cause).await? else { break };
        origin = before;
    }
    Ok(origin)
}
