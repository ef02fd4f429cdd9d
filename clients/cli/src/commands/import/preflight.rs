//! Connects to both sides, and finds out before anything is written what would stop the import later.

use super::dry::PrefixSchemas;
use super::plan::Plan;
use super::remote::Remote;
use super::replies::denied;
use super::stop::Stop;
use crate::args::import::Source;
use crate::args::target::Target;
use crate::failure::Failure;
use crate::server::{keys_with, password, Access, Address, PasswordFrom};
use redis::{cmd, Value};

/// How to connect to the target, and to the source.
pub fn accesses(target: &Target, source: &Source) -> Result<(Access, Access), Failure> {
    let to = Access::of(target)?;
    let mut from = match &source.source {
        None => to.clone(),
        Some(url) => {
            let tls = Address::parse(url)?.is_tls();
            let cacert = source.source_cacert.clone();
            Access::of(&Target {
                url: url.clone(),
                cacert: cacert.or_else(|| target.cacert.clone().filter(|_| tls)),
                cert: target.cert.clone().filter(|_| tls),
                cert_key: target.cert_key.clone().filter(|_| tls),
                // Read already, for the target.
                password_file: None,
                ask_password: false,
                ..target.clone()
            })?
        }
    };
    let own = PasswordFrom {
        ask: false,
        file: source.source_password_file.clone(),
        variable: "SESSIONCTL_SOURCE_PASSWORD",
        of: "the source",
    };
    let (username, password) = (source.source_username.clone(), password(&own)?);
    // The credentials of the target go to no other server.
    let same = from.address.place == to.address.place;
    if same && username.is_none() && password.is_none() {
        (from.username, from.password) = (to.username.clone(), to.password.clone());
    } else {
        (from.username, from.password) = (username, password);
    }
    Ok((to, from))
}

/// Connects to the target, and learns its settings.
///
/// # Errors
///
/// It does not answer, lacks the module or the schema, is a replica, or does not let the user import.
pub async fn target(access: Access, plan: &mut Plan, stop: &Stop) -> Result<Remote, Failure> {
    let target = Remote::connect(access, stop).await?;
    plan.cluster = target.cluster;
    for node in target.primaries().await {
        // Fails in any case, as the key ends in a *: by that rule only if all else is in order.
        let import = &mut cmd("SESSION.IMPORT");
        import
            .arg(format!("{}*", plan.prefix))
            .arg("{}")
            .arg("CREATED")
            .arg(0);
        if let Err(error) = node.try_query(import).await? {
            let code = error.code().to_owned();
            if let Some(failure) = denied(&Value::ServerError(error), &format!("{node}")) {
                return Err(failure);
            }
            if code == "READONLY" {
                return Err(
                    Failure::new(format!("{node} is a replica, which takes no sessions"))
                        .hint("--url names the primary."),
                );
            }
            if code != "ERR" && code != "MOVED" {
                return Err(Failure::new(format!(
                    "{node} takes no sessions now: it replies {code}"
                )));
            }
        }
        if let Some(schema) = &plan.schema {
            let check = &mut cmd("SESSION.SCHEMA");
            if let Err(error) = node
                .try_query(check.arg("CHECK").arg(schema).arg("{}"))
                .await?
            {
                let needed = error.code() != "NOPERM" || plan.dry_run;
                if let Some(failure) =
                    denied(&Value::ServerError(error), &format!("{node}")).filter(|_| needed)
                {
                    return Err(failure);
                }
            }
        }
        let get = &mut cmd("CONFIG");
        // A user without the right to CONFIG meets the limit in the replies.
        let config = node
            .try_query(get.arg("GET").arg("session.max-data-bytes"))
            .await?;
        plan.max_data = config
            .ok()
            .and_then(|reply| number(&reply))
            .or(plan.max_data);
    }
    Ok(target)
}

/// Connects to the source, and returns about how many keys it has.
///
/// # Errors
///
/// It does not answer, or does not let the user read.
pub async fn source(access: Access, plan: &Plan, stop: &Stop) -> Result<(Remote, u64), Failure> {
    let source = Remote::connect(access, stop).await.map_err(|failure| {
        failure.hint("It is the old store: --source names it, and SESSIONCTL_SOURCE_PASSWORD, --source-password-file and --source-username say who asks.")
    })?;
    let mut size = 0;
    for node in source.primaries().await {
        // Which process it is, for the scan.
        node.info("server").await?;
        let scan = &mut cmd("SCAN");
        let scan = scan
            .arg(0)
            .arg("MATCH")
            .arg(keys_with(&plan.source_prefix))
            .arg("COUNT")
            .arg(1);
        if let Err(error) = node.try_query(scan).await? {
            let code = error.code().to_owned();
            return Err(
                denied(&Value::ServerError(error), "the source").unwrap_or_else(|| {
                    Failure::new(format!(
                        "{node} cannot be searched for keys: it replies {code}"
                    ))
                }),
            );
        }
        if let Ok(Value::Int(keys)) = node.try_query(&cmd("DBSIZE")).await? {
            size += u64::try_from(keys).unwrap_or(0);
        }
    }
    Ok((source, size))
}

/// The schemas that sessions take by their keys, for a dry run.
pub async fn prefix_schemas(target: &Remote) -> Result<PrefixSchemas, Failure> {
    let Some(node) = target.primaries().await.first().cloned() else {
        return Ok(PrefixSchemas::default());
    };
    let reply = node.try_query(cmd("SESSION.SCHEMA").arg("LIST")).await?;
    Ok(reply.map_or_else(
        |_| PrefixSchemas::default(),
        |reply| PrefixSchemas::read(&reply),
    ))
}

/// The number in the reply of CONFIG GET with one setting.
fn number(reply: &Value) -> Option<u64> {
    let value = match reply {
        Value::Array(parts) => parts.get(1)?,
        Value::Map(pairs) => &pairs.first()?.1,
        _ => return None,
    };
    match value {
        Value::BulkString(text) => std::str::from_utf8(text).ok()?.parse().ok(),
        _ => None,
    }
}
