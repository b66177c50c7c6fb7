//! Any number of instances on one queue.

use crate::scene::{Instance, Meter, Scene};

const ROOMS: [&str; 6] = ["hall", "attic", "yard", "kitchen", "cellar", "bath"];
const LAMPS: i64 = 400;

#[tokio::test]
async fn four_instances_keep_the_order_of_hot_subjects_while_they_come_and_die() {
    let scene = Scene::with_house().await;
    let meter = Meter::default();
    let mut instances: Vec<Instance> = Vec::new();
    for _ in 0..4 {
        instances.push(scene.start(&meter, |settings| settings).await);
    }
    for lamp in 1..=LAMPS {
        scene.light(&ROOMS.map(|room| (room, lamp))).await;
        if lamp % 20 == 0 {
            // Another one each time; by turns it dies and leaves, and a new one joins.
            let instance = instances.remove(usize::try_from(lamp / 20).unwrap() % 4);
            if lamp % 40 == 0 {
                instance.kill().await;
            } else {
                instance.stop().await;
            }
            instances.push(scene.start(&meter, |settings| settings).await);
        }
    }
    let expected: Vec<i64> = (1..=LAMPS).collect();
    scene.until_noted(LAMPS * i64::try_from(ROOMS.len()).unwrap()).await;
    for room in ROOMS {
        assert_eq!(scene.notes(room).await, expected, "in their order, once each: {room}");
    }
    scene.until_parked("nothing stays parked", <[bus::Parked]>::is_empty).await;
    for instance in instances {
        instance.stop().await;
    }
    scene.end_without_dead_letters().await;
}
