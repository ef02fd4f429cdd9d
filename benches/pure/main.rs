//! `cargo bench --bench pure`: how long the pure parts take, without a server.
//!
//! The group `pure` has typical cases, `hostile` patches that are made to be slow. Arguments select
//! cases by parts of their names.

mod by_size;
mod cases;
mod hostile;
#[path = "../payload/mod.rs"]
#[allow(dead_code)] // The benchmark of the server uses more of it.
mod payload;

use divan::Bencher;

fn main() {
    divan::main();
}

fn names() -> Vec<&'static str> {
    cases::all().iter().map(|case| case.name).collect()
}

#[divan::bench(args = names())]
fn pure(bencher: Bencher<'_, '_>, name: &str) {
    let case = cases::all().into_iter().find(|case| case.name == name);
    let work = case.expect("a case of that name").work;
    bencher.bench_local(work);
}

#[divan::bench(args = attacks(), sample_count = 5, sample_size = 1)]
fn hostile(bencher: Bencher<'_, '_>, name: &str) {
    let attack = hostile::all()
        .into_iter()
        .find(|attack| attack.name == name);
    bencher.bench_local(attack.expect("an attack of that name").work());
}

fn attacks() -> Vec<&'static str> {
    hostile::all().iter().map(|attack| attack.name).collect()
}
