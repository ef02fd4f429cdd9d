//! Users with few permissions: a web server that only guards routes, and the users of the README.

use super::acl::{may, runnable, sample, Under};
use crate::categories::Categories;
use crate::table::samples;
use crate::table::{entries, facts};
use std::collections::BTreeSet;
use support::{Conn, Server, Value};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// Makes a user with only these rules, and logs in as that user.
#[track_caller]
fn user(server: &Server, name: &str, rules: &[&str]) -> Conn {
    let head = ["ACL", "SETUSER", name, "reset", "on", ">pw"];
    server.ok(&[&head, rules].concat());
    login(server, name)
}

#[track_caller]
fn login(server: &Server, name: &str) -> Conn {
    let mut conn = server.conn();
    conn.ok(&["AUTH", name, "pw"]);
    conn
}

/// The least permissions of a web server that only guards routes.
#[test]
fn a_web_tier_can_verify_and_get_under_its_pattern_and_nothing_else() {
    let server = Server::start();
    for key in ["session:0", "session:1", "other:0"] {
        server.ok(&[
            "SESSION.SET",
            key,
            r#"{"n":1}"#,
            "NX",
            "USER",
            "1",
            "IDLE",
            "10000",
        ]);
    }
    server.ok(&["SESSION.SCHEMA", "SET", "1", "true"]);
    let rules = ["~session:*", "-@all", "+session.get", "+session.verify"];
    let mut web = user(&server, "web", &rules);
    // Transactions and scripts need more permissions.
    let wrappers = ["+multi", "+exec", "+discard", "+eval"];
    let mut wrapped = user(&server, "wrapped", &[&rules[..], &wrappers].concat());
    let mut tried = 0;
    for entry in runnable() {
        let allowed = ["session.get", "session.verify"].contains(&entry.full_name().as_str());
        let choices = samples::choices(entry, &Under("session"));
        let with_options = choices.iter().map(|choice| choice.words.clone());
        for options in with_options.chain([Vec::new()]) {
            let command = [sample(entry, "session"), options].concat();
            let title = command.join(" ");
            tried += 1;
            if allowed {
                for reply in [
                    web.cmd(&command),
                    in_multi(&mut wrapped, &command),
                    in_eval(&mut wrapped, &command),
                ] {
                    assert!(
                        reply.error().is_none() && !reply.is_nil(),
                        "{title}: {reply}"
                    );
                }
            } else {
                refused(&mut web, &mut wrapped, &command);
            }
        }
        if allowed {
            refused(&mut web, &mut wrapped, &sample(entry, "other"));
            refused(&mut web, &mut wrapped, &sample(entry, "session_"));
        }
    }
    assert!(tried > runnable().len(), "options were tried, too");
    support::say(&format!(
        "{tried} commands tried by a web tier, in 3 ways each"
    ));
    let version = server
        .ok(&["SESSION.INFO", "session:0"])
        .field("version")
        .int();
    assert_eq!(version, 1, "nothing has changed the session");
}

#[track_caller]
fn refused(plain: &mut Conn, wrapped: &mut Conn, command: &[String]) {
    let title = command.join(" ");
    // Redis 8 does not even let a client know an internal command.
    let is_internal = command[0].contains("._");
    let unknown = |error: &str| is_internal && error.to_lowercase().contains("unknown ");
    let error = plain.err(command);
    let is_refused = error.starts_with("NOPERM ") || unknown(&error);
    assert!(is_refused, "{title}: {error}");
    let error = in_multi(wrapped, command);
    let error = error
        .error()
        .unwrap_or_else(|| panic!("{title}: allowed in MULTI"));
    let is_refused = error.starts_with("NOPERM ") || unknown(error);
    assert!(is_refused, "{title} in MULTI: {error}");
    let error = in_eval(wrapped, command);
    let error = error
        .error()
        .unwrap_or_else(|| panic!("{title}: allowed in EVAL"));
    // Redis 7.0 has another text.
    let by_acl = [
        "ACL failure in script",
        "The user executing the script can't",
    ];
    let no_script = is_internal && error.contains("not allowed from script");
    assert!(
        by_acl.iter().any(|text| error.contains(text)) || no_script,
        "{title} in EVAL: {error}"
    );
}

/// The reply in a transaction, or the error that kept the command out of the queue.
#[track_caller]
fn in_multi(conn: &mut Conn, command: &[String]) -> Value {
    conn.ok(&["MULTI"]);
    let queued = conn.cmd(command);
    if queued.error().is_some() {
        assert!(conn.err(&["EXEC"]).starts_with("EXECABORT "));
        return queued;
    }
    conn.ok(&["EXEC"]).items()[0].clone()
}

#[track_caller]
fn in_eval(conn: &mut Conn, command: &[String]) -> Value {
    let head = ["EVAL", "return redis.call(unpack(ARGV))", "0"].map(String::from);
    conn.cmd(&[&head[..], command].concat())
}

/// Of core's commands such a user has only those that need no permission: to log in, and to leave.
#[test]
fn a_web_tier_has_none_of_core_s_commands() {
    let server = Server::start();
    let rules = ["~session:*", "-@all", "+session.get", "+session.verify"];
    let mut web = user(&server, "web", &rules);
    let mut free = BTreeSet::new();
    for info in server.ok(&["COMMAND"]).items() {
        let mut commands = vec![info.items()];
        let subcommands = info.items()[9].items();
        if !subcommands.is_empty() {
            commands = subcommands.iter().map(Value::items).collect();
        }
        for info in commands {
            let name = info[0].text();
            if name.starts_with("session.") {
                continue;
            }
            if info[2].texts().contains(&"no_auth".into()) {
                free.insert(name);
                continue;
            }
            let mut command: Vec<String> = name.split('|').map(String::from).collect();
            let arity = usize::try_from(info[1].int().abs()).expect("an arity");
            command.resize(arity.max(command.len()), "session:1".into());
            let error = web.err(&command);
            // EXEC puts its own code in front.
            assert!(error.contains("NOPERM "), "{name}: {error}");
        }
    }
    let anybody = ["auth", "hello", "quit", "reset"].map(String::from);
    assert_eq!(free, BTreeSet::from(anybody));
}

/// The users of the README may run exactly the commands that it names for them.
#[test]
fn the_readme_s_users_may_do_what_they_are_for() {
    let server = Server::start();
    let readme = std::fs::read_to_string(README).expect("the README");
    let recipes: Vec<Vec<String>> = readme
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("ACL SETUSER "))
        .map(|line| {
            line.replace(">…", ">pw")
                .split(' ')
                .map(String::from)
                .collect()
        })
        .collect();
    let names: Vec<_> = recipes.iter().map(|recipe| &recipe[2][..]).collect();
    assert_eq!(names, ["guard", "web", "support", "deploy"]);
    for recipe in &recipes {
        server.ok(recipe);
        let name = &recipe[2];
        login(&server, name);
        let named: BTreeSet<_> = recipe
            .iter()
            .filter_map(|rule| rule.strip_prefix('+'))
            .collect();
        let has_pattern = recipe.iter().any(|rule| rule.ends_with("~session:*"));
        let known: BTreeSet<_> = entries().iter().map(|entry| entry.full_name()).collect();
        for rule in &named {
            assert!(known.contains(*rule), "{name}: the table has no {rule}");
        }
        for entry in runnable() {
            let full = entry.full_name();
            let parent = full.split('|').next().unwrap_or_default();
            let wanted = named.contains(&*full) || named.contains(parent);
            let title = entry.title();
            assert_eq!(
                may(&server, name, &sample(entry, "session")),
                wanted,
                "{name}: {title}"
            );
            let keyed = !facts::key_args(entry.spec).is_empty();
            let elsewhere = may(&server, name, &sample(entry, "other"));
            assert_eq!(elsewhere, wanted && !keyed, "{name} elsewhere: {title}");
            assert!(
                !keyed || has_pattern || !wanted,
                "{name}: {title} without a key"
            );
        }
        for core in [
            &["DEL", "session:1"][..],
            &["KEYS", "*"],
            &["DUMP", "session:1"],
            &["FLUSHALL"],
        ] {
            let core: Vec<_> = core.iter().map(|word| word.to_string()).collect();
            assert!(!may(&server, name, &core), "{name}: {core:?}");
        }
    }
    the_users_do_what_they_are_for(&server);
}

/// LIST, REVOKE and MAXSESSIONS take permissions of other commands, without which they find nothing.
#[track_caller]
fn the_users_do_what_they_are_for(server: &Server) {
    let mut web = login(server, "web");
    let mut support = login(server, "support");
    let set = ["SESSION.SET", "session:*", "{}", "USER", "ada"];
    let first = web.ok(&set).text();
    let second = web.ok(&[&set[..], &["MAXSESSIONS", "1"]].concat()).text();
    let rotate = ["SESSION.ROTATE", &second, "session:*", "GRACE", "10000"];
    let third = web.ok(&rotate).text();
    let mut guard = login(server, "guard");
    assert!(guard.ok(&["SESSION.VERIFY", &first]).is_nil());
    assert_eq!(guard.ok(&["SESSION.VERIFY", &second]).text(), "{}");
    assert_eq!(support.ok(&["SESSION.LIST", "ada"]).texts(), [third]);
    assert_eq!(support.ok(&["SESSION.REVOKE", "ada"]).int(), 1);
}

/// Users in redis.conf can have the module's commands: the server creates them after it has loaded the
/// module.
#[test]
fn users_in_the_configuration_may_have_the_module_s_commands_and_its_category() {
    let setup = Server::setup().config("user guard on >pw ~session:* -@all +session.get");
    let server = setup.clone().start();
    let mut guard = login(&server, "guard");
    assert!(guard.ok(&["SESSION.GET", "session:1"]).is_nil());
    assert!(guard
        .err(&["SESSION.DEL", "session:1"])
        .starts_with("NOPERM "));
    if Categories::of(&server) != Categories::Own {
        return; // `+@session` on such a server is tested above
    }
    let server = setup
        .config("user support on >pw ~session:* -@all +@session -@dangerous")
        .start();
    let mut support = login(&server, "support");
    assert_eq!(support.ok(&["SESSION.LIST", "ada"]).items(), []);
    assert!(support
        .err(&["SESSION.REVOKE", "ada"])
        .starts_with("NOPERM "));
}
