//! What the faults are made of: the proxy, the command line, and the patches for a copy of the module.

use chaos::deployment::On;
use chaos::faults::ALL;
use chaos::plan::Plan;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use support::{args, Conn, Proxy, Server, Trouble};

fn soon() -> Instant {
    Instant::now() + Duration::from_millis(300)
}

#[test]
fn a_proxy_holds_replies_or_commands_and_passes_them_on_later() {
    let server = Server::start();
    let proxy = Proxy::before(server.port());
    let mut c = Conn::connect(proxy.port()).expect("connect");
    assert_eq!(c.ok(&["INCR", "n"]).int(), 1);

    proxy.trouble(Trouble::HoldReplies);
    c.send(&["INCR", "n"]).expect("send");
    assert!(c.reply_by(soon()).is_none(), "no reply while it is held");
    assert_eq!(server.ok(&["GET", "n"]).text(), "2", "the command was run");
    proxy.mend();
    assert_eq!(c.reply().int(), 2);

    proxy.trouble(Trouble::HoldCommands);
    c.send(&["INCR", "n"]).expect("send");
    assert!(c.reply_by(soon()).is_none());
    assert_eq!(server.ok(&["GET", "n"]).text(), "2", "the command is held");
    assert!(!proxy.is_idle());
    drop(c);
    proxy.mend();
    support::eventually("it arrives when its client has gone", || {
        server.ok(&["GET", "n"]).text() == "3"
    });
}

#[test]
fn a_proxy_cuts_connections_and_refuses_new_ones() {
    let server = Server::start();
    let proxy = Proxy::before(server.port());
    let mut c = Conn::connect(proxy.port()).expect("connect");
    c.ok(&["PING"]);
    proxy.trouble(Trouble::Cut);
    assert!(c.try_cmd(&["PING"]).is_err());
    let again = Conn::connect(proxy.port()).and_then(|mut c| c.try_cmd(&["PING"]));
    assert!(again.is_err());
    proxy.mend();
    Conn::connect(proxy.port()).expect("connect").ok(&["PING"]);
}

#[test]
fn a_server_whose_disk_is_full_ends_and_has_everything_when_it_starts_again() {
    support::signals::survive_full_disks();
    let setup = Server::setup()
        .config("appendonly yes")
        .config("appendfsync always");
    let mut server = setup.start();
    server.limit_files(Some(4000));
    let mut c = server.conn();
    let acknowledged = (0..1000).take_while(|n| {
        let set = args!["SESSION.SET", format!("k{n}"), "{}", "NX"];
        c.try_cmd(&set).is_ok_and(|reply| reply.error().is_none())
    });
    let acknowledged = acknowledged.count();
    support::eventually("the server has ended", || !server.is_running());
    server.kill9();
    server.start_again();
    assert!((5..1000).contains(&acknowledged), "{acknowledged}");
    for n in 0..acknowledged {
        assert!(
            !server.ok(&args!["SESSION.GET", format!("k{n}")]).is_nil(),
            "{n}"
        );
    }
}

#[test]
fn every_fault_is_part_of_a_run_and_a_wrong_name_is_refused() {
    let all = [On::Single, On::Sentinel, On::Cluster];
    for fault in &ALL {
        let plans = Plan::all(&all, &[fault.name]).expect("plans");
        assert!(
            plans.iter().all(|plan| plan.faults.len() == 1),
            "{}",
            fault.name
        );
        assert!(!plans.is_empty(), "{}", fault.name);
    }
    assert_eq!(
        Plan::all(&all, &["kill", "none"]).err(),
        Some(vec!["none".to_string()])
    );
    assert_eq!(
        Plan::all(&[On::Single], &["slots"]).err(),
        Some(vec!["slots".to_string()])
    );
}

#[test]
fn every_patch_applies_to_the_module_and_says_how_it_is_found() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (root, planted) = (here.join("../.."), here.join("planted"));
    let files = std::fs::read_dir(planted).expect("the patches");
    let paths = files.map(|file| file.expect("a file").path());
    let patches: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|e| e == "patch"))
        .collect();
    assert!(patches.len() >= 12, "{}", patches.len());
    for patch in patches {
        let shown = patch.display();
        let text = std::fs::read_to_string(&patch).expect("a patch");
        assert!(
            text.starts_with("What: ") && text.contains("\nRun: --on "),
            "{shown}"
        );
        let check = Command::new("git")
            .args(["apply", "--check"])
            .arg(&patch)
            .current_dir(&root)
            .output()
            .expect("run git");
        assert!(
            check.status.success(),
            "{}",
            String::from_utf8_lossy(&check.stderr)
        );
    }
}
