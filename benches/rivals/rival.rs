//! The rows in Rust, of its standard library only: `plain` as the original did it, by looking through lists, and
//! `hashed` by maps, queues and counting. Both give the output of ours.
//!
//! rival ROW plain|hashed SIZE INPUT NANOSECONDS: prints the output where NANOSECONDS is 0, else calls and their time.

use std::collections::{HashMap, VecDeque};
use std::env;
use std::fs;
use std::hint::black_box;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Mutex};

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}
extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

/// The processor time of this thread, which others on the machine do not lengthen.
fn now() -> u64 {
    let mut time = Timespec { seconds: 0, nanoseconds: 0 };
    unsafe { clock_gettime(3, &mut time) };
    time.seconds as u64 * 1_000_000_000 + time.nanoseconds as u64
}

struct Row {
    id: String,
    action: String,
    resource: String,
    rank: usize,
}

struct Merge<'a> {
    all: Vec<&'a Row>,
    rank: usize,
}

struct Snapshot {
    version: u64,
    value: u64,
}

fn commutative<'a>(rows: &'a [Row], hashed: bool) -> Merge<'a> {
    let mut merge = Merge { all: Vec::new(), rank: 0 };
    let mut places: HashMap<&str, usize> = HashMap::new();
    for row in rows {
        let known = if hashed {
            places.insert(&row.id, merge.all.len()).is_some()
        } else {
            merge.all.iter().any(|one| one.id == row.id)
        };
        assert!(!known);
        merge.all.push(row);
        merge.rank = merge.rank.max(row.rank);
    }
    merge
}

fn conditional<'a>(rows: &'a [Row], hashed: bool) -> (Merge<'a>, Vec<&'a Row>) {
    let mut merge = Merge { all: Vec::new(), rank: 0 };
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut rejected = Vec::new();
    for row in rows {
        let taken = if hashed {
            *places.entry(&row.resource).or_insert(merge.all.len()) != merge.all.len()
        } else {
            merge.all.iter().any(|one| one.resource == row.resource)
        };
        if taken {
            rejected.push(row);
            continue;
        }
        merge.all.push(row);
        merge.rank = merge.rank.max(row.rank);
    }
    (merge, rejected)
}

fn conflicts<'a>(rows: &'a [Row], hashed: bool) -> (Vec<Vec<&'a Row>>, usize) {
    let mut groups: Vec<Vec<&Row>> = Vec::new();
    if hashed {
        let mut places: HashMap<&str, usize> = HashMap::new();
        for row in rows {
            let place = *places.entry(&row.resource).or_insert(groups.len());
            if place == groups.len() {
                groups.push(Vec::new());
            }
            groups[place].push(row);
        }
        groups.retain(|group| group.len() > 1);
        let pairs = groups.iter().map(|group| group.len() * (group.len() - 1) / 2).sum();
        return (groups, pairs);
    }
    let mut pairs = 0;
    for (place, first) in rows.iter().enumerate() {
        for second in &rows[place + 1..] {
            if first.resource == second.resource {
                pairs += 1;
                match groups.iter_mut().find(|group| group[0].resource == first.resource) {
                    None => groups.push(vec![first, second]),
                    Some(group) if std::ptr::eq(group[0], first) => group.push(second),
                    Some(_) => {}
                }
            }
        }
    }
    (groups, pairs)
}

/// Each merge is a value of its own: what was merged before stays as it is.
fn merging<'a>(rows: &'a [Row], hashed: bool) -> Merge<'a> {
    let mut rank = 0;
    let mut by_id: HashMap<&str, (usize, &Row)> = HashMap::new();
    let mut all: Vec<&Row> = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        rank = rank.max(row.rank);
        if hashed {
            let mut next = by_id.clone();
            assert!(next.insert(&row.id, (place, row)).is_none());
            by_id = black_box(next);
        } else {
            let mut next = all.clone();
            assert!(!next.iter().any(|one| one.id == row.id));
            next.push(row);
            all = black_box(next);
        }
    }
    if hashed {
        let mut found: Vec<_> = by_id.into_values().collect();
        found.sort_unstable_by_key(|one| one.0);
        all = found.into_iter().map(|one| one.1).collect();
    }
    Merge { all, rank }
}

fn scheduling<'a>(rows: &'a [Row], hashed: bool) -> Vec<&'a Row> {
    let mut order = Vec::with_capacity(rows.len());
    let mut lanes: [VecDeque<&Row>; 4] = Default::default();
    let mut waiting: Vec<&Row> = Vec::new();
    for row in rows {
        if hashed { lanes[row.rank].push_back(row) } else { waiting.push(row) }
    }
    for turn in 0..rows.len() {
        let favoured = if turn % 16 == 15 { turn / 16 % 3 } else { 3 };
        if hashed {
            let lane = if lanes[favoured].is_empty() { (0..4).rev().find(|lane| !lanes[*lane].is_empty()).unwrap() } else { favoured };
            order.push(lanes[lane].pop_front().unwrap());
        } else {
            let mut found = waiting.iter().position(|one| one.rank == favoured);
            if found.is_none() {
                let most = waiting.iter().map(|one| one.rank).max().unwrap();
                found = waiting.iter().position(|one| one.rank == most);
            }
            order.push(waiting.remove(found.unwrap()));
        }
    }
    order
}

fn key(hint: &[usize; 3]) -> usize {
    ((3 - hint[0]) * 3 + hint[1]) * 4 + hint[2]
}

fn sorting(keys: &[usize], hashed: bool) -> Vec<usize> {
    if !hashed {
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_by_key(|place| keys[*place]);
        return order;
    }
    let mut starts = [0usize; 49];
    for key in keys {
        starts[key + 1] += 1;
    }
    for place in 1..49 {
        starts[place] += starts[place - 1];
    }
    let mut order = vec![0; keys.len()];
    for (place, key) in keys.iter().enumerate() {
        order[starts[*key]] = place;
        starts[*key] += 1;
    }
    order
}

/// One load of one pointer each, which no lock guards: what is published is never freed.
fn reads(cell: &AtomicPtr<Snapshot>, count: usize) -> &Snapshot {
    let mut seen = cell.load(Ordering::Acquire);
    for _ in 0..count {
        seen = black_box(cell).load(Ordering::Acquire);
    }
    unsafe { &*seen }
}

fn writes(cell: &Mutex<Arc<Snapshot>>, count: usize) -> Arc<Snapshot> {
    for value in 0..count {
        let base = cell.lock().unwrap().clone();
        let next = Arc::new(Snapshot { version: base.version + 1, value: value as u64 });
        let mut current = cell.lock().unwrap();
        assert!(Arc::ptr_eq(&current, &base));
        *current = next;
    }
    let seen = cell.lock().unwrap().clone();
    seen
}

fn described(merge: &Merge, sorted: bool) -> String {
    let mut lines: Vec<String> = merge.all.iter().map(|one| format!("{}: {} on {}", one.id, one.action, one.resource)).collect();
    if sorted {
        lines.sort();
    }
    format!("{}\n{}", merge.rank, lines.join("\n"))
}

fn names(rows: &[&Row]) -> String {
    rows.iter().map(|one| one.id.as_str()).collect::<Vec<_>>().join(" ")
}

fn measure<T>(least: u64, mut call: impl FnMut() -> T) {
    let (mut calls, mut batch) = (0u64, 1u64);
    let mut taken = 0;
    for _ in 0..3 {
        black_box(call());
    }
    while taken < least {
        let start = now();
        for _ in 0..batch {
            black_box(call());
        }
        let ended = now() - start;
        if ended < least / 20 {
            batch *= 2; // too short to count
        } else {
            calls += batch;
            taken += ended;
        }
    }
    println!("{calls} {taken}");
}

fn main() {
    let given: Vec<String> = env::args().collect();
    let (row, hashed) = (given[1].as_str(), given[2] == "hashed");
    let (size, least): (usize, u64) = (given[3].parse().unwrap(), given[5].parse().unwrap());
    let text = fs::read_to_string(&given[4]).unwrap();
    let parts: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let rows: Vec<Row> = parts
        .iter()
        .filter(|part| part.len() == 4)
        .map(|part| Row { id: part[0].into(), action: part[1].into(), resource: part[2].into(), rank: part[3].parse().unwrap() })
        .collect();
    let hints: Vec<[usize; 3]> = parts
        .iter()
        .filter(|part| part.len() == 3)
        .map(|part| [part[0].parse().unwrap(), part[1].parse().unwrap(), part[2].parse().unwrap()])
        .collect();
    let keys: Vec<usize> = hints.iter().map(key).collect();
    let shared = AtomicPtr::new(Box::into_raw(Box::new(Snapshot { version: 0, value: 7 })));
    let cell = Mutex::new(Arc::new(Snapshot { version: 0, value: 0 }));
    match (row, least) {
        ("reads", 0) => { let seen = reads(&shared, size); println!("{} {}", seen.version, seen.value) }
        ("reads", _) => measure(least, || reads(&shared, size).version),
        ("writes", 0) => { let seen = writes(&cell, size); println!("{} {}", seen.version, seen.value) }
        ("writes", _) => measure(least, || writes(black_box(&cell), size)),
        ("commutative", 0) => println!("{}", described(&commutative(&rows, hashed), true)),
        ("commutative", _) => measure(least, || commutative(black_box(&rows), hashed)),
        ("conditional", 0) => { let (merge, rejected) = conditional(&rows, hashed); println!("{}\n{}", described(&merge, false), names(&rejected)) }
        ("conditional", _) => measure(least, || conditional(black_box(&rows), hashed)),
        ("conflicts", 0) => {
            let (groups, pairs) = conflicts(&rows, hashed);
            let mut lines: Vec<String> = groups.iter().map(|group| format!("{}: {}", group[0].resource, names(group))).collect();
            lines.sort();
            println!("{pairs}\n{}", lines.join("\n"))
        }
        ("conflicts", _) => measure(least, || conflicts(black_box(&rows), hashed)),
        ("merging", 0) => println!("{}", described(&merging(&rows, hashed), true)),
        ("merging", _) => measure(least, || merging(black_box(&rows), hashed)),
        ("scheduling", 0) => println!("{}", names(&scheduling(&rows, hashed))),
        ("scheduling", _) => measure(least, || scheduling(black_box(&rows), hashed)),
        ("sorting", 0) => println!("{}", sorting(&keys, hashed).iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" ")),
        ("sorting", _) => measure(least, || sorting(black_box(&keys), hashed)),
        _ => panic!("no such row"),
    }
}
