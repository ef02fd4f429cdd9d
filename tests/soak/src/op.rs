//! What a command is to do, and what must be known to check its reply.

use crate::model::Alias;

pub type Command = Vec<Vec<u8>>;

/// Sessions of a user who is limited by MAXSESSIONS.
pub const LIMIT: usize = 5;
/// What a command is to do. `id` is the session that it is about.
pub enum Op {
    Create(Create),
    Import,
    Limited {
        user: String,
        refuse: bool,
    },
    EndLimited {
        user: String,
    },
    Get {
        id: u64,
    },
    GetPart {
        id: u64,
    },
    Verify {
        id: u64,
    },
    VerifyMissing,
    Touch {
        id: u64,
    },
    Info {
        id: u64,
    },
    Patch {
        id: u64,
        n: i64,
    },
    Flash {
        id: u64,
        count: usize,
    },
    OldVersion {
        id: u64,
    },
    BadData {
        id: u64,
    },
    Pop {
        id: u64,
    },
    Replace {
        id: u64,
        n: i64,
    },
    Rotate {
        id: u64,
        grace: Option<i64>,
        n: Option<i64>,
        user: Option<String>,
    },
    ReadAlias(Alias),
    EndAlias(Alias),
    Delete {
        id: u64,
    },
    Unlink {
        id: u64,
    },
    List {
        user: String,
    },
    ListFew {
        user: String,
    },
    Revoke {
        user: String,
        except: Option<u64>,
        only: Option<Vec<u64>>,
    },
    /// A REVOKE with LIMIT; one of all follows it.
    RevokeSome {
        most: i64,
    },
}

#[derive(Clone, Default)]
pub struct Create {
    pub user: Option<String>,
    /// The deadline, if it comes soon, and the idle timeout, in ms.
    pub deadline: Option<i64>,
    pub idle: Option<i64>,
    pub flash: usize,
    pub may_be_refused: bool,
}
