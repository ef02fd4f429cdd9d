// The program of the README.

use redis::{cmd, Client, Connection, RedisResult};
use sha2::{Digest, Sha256};

fn key_of(token: &str) -> String {
    let digest = Sha256::digest(token);
    let hex: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("session:t{hex}")
}

fn example(redis: &mut Connection) -> RedisResult<Option<String>> {
    let (_key, token): (String, String) = cmd("SESSION.SET")
        .arg(&["session:*", r#"{"cart":[7]}"#, "IDLE", "1800", "TOKEN"])
        .query(redis)?;
    let patch = r#"[{"op":"add","path":"/cart/-","value":8}]"#;
    let _version: u64 = cmd("SESSION.PATCH").arg(key_of(&token)).arg(patch).query(redis)?;
    cmd("SESSION.VERIFY").arg(key_of(&token)).query(redis)
}

fn main() -> RedisResult<()> {
    let mut redis = Client::open("redis://localhost:6379/")?.get_connection()?;
    println!("{:?}", example(&mut redis)?); // Some("{\"cart\":[7,8]}")
    Ok(())
}
