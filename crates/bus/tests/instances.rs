//! Any number of instances on one queue.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod lamps;

use lamps::{House, Instance, Meter};

const ROOMS: [&str; 6] = ["hall", "attic", "yard", "kitchen", "cellar", "bath"];
const LAMPS: i64 = 400;

#[tokio::test]
async fn four_instances_keep_the_order_of_hot_subjects_while_they_come_and_die() {
    let house = House::new().await;
    let meter = Meter::default();
    let mut instances: Vec<Instance> = Vec::new();
    for _ in 0..4 {
        instances.push(house.start(&meter, |settings| settings).await);
    }
    for lamp in 1..=LAMPS {
        house.light(&ROOMS.map(|room| (room, lamp))).await;
        if lamp % 20 == 0 {
            // Another one each time; by turns it dies and leaves, and a new one joins.
            let instance = instances.remove(usize::try_from(lamp / 20).unwrap() % 4);
            if lamp % 40 == 0 {
                instance.kill().await;
            } else {
                instance.stop().await;
            }
            instances.push(house.start(&meter, |settings| settings).await);
        }
    }
    let expected: Vec<i64> = (1..=LAMPS).collect();
    house.until_noted(LAMPS * i64::try_from(ROOMS.len()).unwrap()).await;
    for room in ROOMS {
        assert_eq!(house.notes(room).await, expected, "in their order, once each: {room}");
    }
    house.until_parked("nothing stays parked", <[bus::Parked]>::is_empty).await;
    for instance in instances {
        instance.stop().await;
    }
    house.end().await;
}
