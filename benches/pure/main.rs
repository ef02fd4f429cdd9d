//! `cargo bench --bench pure`: how long the pure parts take, without a server. Names of cases, or
//! parts of them, choose among them.

mod cases;
#[path = "../server/payload.rs"]
#[allow(dead_code)] // what only a server is asked
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
