//! Random histories, compared with a model that is as simple as can be: a list of who waits, and one number of pieces.

use proptest::prelude::*;

use super::*;

const SKUS: [&str; 2] = ["cup", "jug"];
const PLACES: [&str; 3] = [MAIN, "north", "west"];

#[derive(Clone, Debug)]
enum Change {
    Wanted(CartLine, i64),
    Lapsed(CartLine),
    Moved(CartLine, u128),
    Received(&'static str, &'static str, i64),
    Counted(&'static str, &'static str, i64),
}

fn change() -> impl Strategy<Value = Change> {
    let sku = || prop::sample::select(SKUS.to_vec());
    let place = || prop::sample::select(PLACES.to_vec());
    let any_line = || (0..5_u128, sku()).prop_map(|(cart, sku)| line(cart, sku));
    prop_oneof![
        8 => (any_line(), 0..9_i64).prop_map(|(line, wanted)| Change::Wanted(line, wanted)),
        1 => any_line().prop_map(Change::Lapsed),
        1 => (any_line(), 0..5_u128).prop_map(|(line, to)| Change::Moved(line, to)),
        1 => (sku(), place(), 1..9_i64).prop_map(|(sku, place, pieces)| Change::Received(sku, place, pieces)),
        1 => (sku(), place(), 0..9_i64).prop_map(|(sku, place, pieces)| Change::Counted(sku, place, pieces)),
    ]
}

/// What each line of an SKU wants and has, who waits in which order, and what is on hand in all.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    on_hand: i64,
    lines: Vec<(u128, i64, i64)>,
    waiting: Vec<u128>,
}

impl Model {
    fn of(&mut self, cart: u128) -> (i64, i64) {
        let known = self.lines.iter().position(|(id, ..)| *id == cart);
        known.map_or((0, 0), |index| {
            let (_, wanted, held) = self.lines.remove(index);
            (wanted, held)
        })
    }

    fn free(&self) -> i64 {
        self.on_hand - self.lines.iter().map(|(.., held)| held).sum::<i64>()
    }

    /// The line joins the end of those that wait, or stays where it is, or leaves.
    fn put(&mut self, cart: u128, wanted: i64, held: i64, waits: bool) {
        if !waits {
            self.waiting.retain(|other| *other != cart);
        } else if !self.waiting.contains(&cart) {
            self.waiting.push(cart);
        }
        if wanted > 0 {
            self.lines.push((cart, wanted, held));
        }
        self.lines.sort_unstable();
    }

    fn set(&mut self, cart: u128, wanted: i64) {
        let (_, held) = self.of(cart);
        let held = wanted.min(held + (self.free() - held));
        self.put(cart, wanted, held, held < wanted);
        self.fill();
    }

    fn fill(&mut self) {
        while self.free() > 0 && !self.waiting.is_empty() {
            let cart = self.waiting[0];
            let free = self.free();
            let (wanted, held) = self.of(cart);
            let held = wanted.min(held + free);
            self.put(cart, wanted, held, held < wanted);
        }
    }

    fn lapse(&mut self, cart: u128) {
        let (wanted, _) = self.of(cart);
        self.put(cart, wanted, 0, false);
        self.fill();
    }

    fn take_over(&mut self, from: u128, to: u128) -> i64 {
        let (wanted, held) = self.of(from);
        let (others, also) = self.of(to);
        let place = self.waiting.iter().position(|cart| [from, to].contains(cart));
        self.waiting.retain(|cart| *cart != from && *cart != to);
        if let Some(place) = place {
            self.waiting.insert(place, to);
        }
        self.lines.push((to, wanted + others, held + also));
        wanted + others
    }
}

fn cart(line: &CartLine) -> u128 {
    line.cart_id.as_u128()
}

/// Makes a change to the real one and to the model.
fn make(allocation: &mut Allocation, model: &mut Model, change: &Change) {
    match change {
        Change::Wanted(line, wanted) => {
            allocation.set_wanted(line, *wanted);
            model.set(cart(line), *wanted);
        }
        Change::Lapsed(line) if allocation.holds().contains_key(line) => {
            allocation.lapse(line);
            allocation.fill(&line.sku);
            model.lapse(cart(line));
        }
        Change::Moved(line, to) if allocation.holds().contains_key(line) && cart(line) != *to => {
            allocation.move_hold(line, Uuid::from_u128(*to));
            let wanted = model.take_over(cart(line), *to);
            allocation.set_wanted(&super::line(*to, &line.sku), wanted);
            model.set(*to, wanted);
        }
        Change::Lapsed(_) | Change::Moved(..) => {}
        Change::Received(sku, place, pieces) => move_pieces(allocation, model, sku, place, *pieces),
        Change::Counted(sku, place, pieces) => {
            let there = allocation.stock.get(*sku).map_or(0, |stock| stock.on_hand.at(place));
            move_pieces(allocation, model, sku, place, pieces - there);
        }
    }
}

fn move_pieces(allocation: &mut Allocation, model: &mut Model, sku: &str, place: &str, pieces: i64) {
    let stock = allocation.stock.get(sku).cloned().unwrap_or_default().with_moved(place, pieces).unwrap();
    allocation.stock.insert(sku.to_owned(), stock);
    model.on_hand += pieces;
    for cut in allocation.cut(sku, place) {
        let (wanted, held) = model.of(cart(&cut.line));
        model.put(cart(&cut.line), wanted, held - cut.cut, true);
    }
    allocation.fill(sku);
    model.fill();
}

fn seen(allocation: &Allocation, sku: &str) -> Model {
    let of_sku: Vec<_> = allocation.holds().iter().filter(|(line, _)| line.sku == sku).collect();
    let mut waiting: Vec<_> =
        of_sku.iter().filter_map(|(line, hold)| Some((hold.place?, cart(line)))).collect();
    waiting.sort_unstable();
    Model {
        on_hand: allocation.stock.get(sku).map_or(0, |stock| stock.on_hand.total()),
        lines: of_sku.iter().map(|(line, hold)| (cart(line), hold.wanted, hold.held.total())).collect(),
        waiting: waiting.into_iter().map(|(_, cart)| cart).collect(),
    }
}

proptest! {
    #[test]
    fn whatever_happens_it_is_as_the_model_says_and_nothing_is_oversold_anywhere(
        changes in prop::collection::vec(change(), 1..80),
    ) {
        let mut allocation = Allocation::default();
        let mut models = SKUS.map(|sku| (sku, Model::default()));
        for change in &changes {
            let sku = match change {
                Change::Wanted(line, _) | Change::Lapsed(line) | Change::Moved(line, _) => line.sku.as_str(),
                Change::Received(sku, ..) | Change::Counted(sku, ..) => sku,
            };
            let (_, model) = models.iter_mut().find(|(of, _)| *of == sku).unwrap();
            make(&mut allocation, model, change);
            prop_assert_eq!(&seen(&allocation, sku), &*model);
            prop_assert!(model.waiting.is_empty() || model.free() == 0, "somebody waits for what is there");
            let Some(stock) = allocation.stock.get(sku) else { continue };
            for place in PLACES {
                let held = allocation.holds().iter().filter(|(line, _)| line.sku == sku);
                prop_assert_eq!(held.map(|(_, hold)| hold.held.at(place)).sum::<i64>(), stock.held.at(place));
                prop_assert!((0..=stock.on_hand.at(place)).contains(&stock.held.at(place)), "{:?}", stock);
            }
        }
    }
}
