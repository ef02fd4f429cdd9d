//! What the options ask for, checked.

use crate::args::import::Import;
use crate::formats::{self, Format};

pub struct Plan {
    pub from: String,
    pub format: Box<dyn Format>,
    pub source_prefix: Vec<u8>,
    pub prefix: String,
    pub user_prefix: String,
    /// The JSON Pointer of the member that names the user.
    pub user: Option<String>,
    pub schema: Option<String>,
    /// Milliseconds; 0 for none.
    pub idle: Option<i64>,
    /// Milliseconds from the import; 0 for none.
    pub deadline: Option<i64>,
    /// Milliseconds.
    pub login_age: i64,
    pub dry_run: bool,
    pub delete_old: bool,
    pub end_missing: bool,
    /// Whether the target is a cluster, whose keys have hash tags.
    pub cluster: bool,
    /// `session.max-data-bytes` of the target, if it tells.
    pub max_data: Option<u64>,
}

impl Plan {
    /// `cluster` and `max_data` are for the caller to fill in.
    pub fn of(args: &Import) -> Option<Plan> {
        let (_, _, make) = formats::all()
            .iter()
            .find(|(name, ..)| *name == args.from)?;
        let format = make();
        let prefix = args.session.prefix.clone();
        let ms = |seconds: u64| i64::try_from(seconds).map_or(i64::MAX, |s| s.saturating_mul(1000));
        Some(Plan {
            from: args.from.clone(),
            source_prefix: args
                .source
                .source_prefix
                .as_deref()
                .unwrap_or(format.default_prefix())
                .as_bytes()
                .to_vec(),
            user_prefix: args
                .session
                .user_prefix
                .clone()
                .unwrap_or_else(|| prefix.clone()),
            user: args
                .session
                .user
                .clone()
                .or_else(|| format.user().map(str::to_owned)),
            schema: args.session.schema.clone(),
            idle: args.session.idle.map(ms),
            deadline: args.session.deadline.map(ms),
            login_age: ms(args.session.login_age),
            dry_run: args.dry_run,
            delete_old: args.delete_old,
            end_missing: args.end_missing,
            cluster: false,
            max_data: None,
            prefix,
            format,
        })
    }

    /// The most bytes of a value that are read from the source. What a store writes around the data, and escapes
    /// of text within text, make a value longer than its data.
    pub fn max_value(&self) -> u64 {
        const DEFAULT_MAX_DATA: u64 = 1 << 20;
        self.max_data
            .unwrap_or(DEFAULT_MAX_DATA)
            .saturating_mul(4)
            .saturating_add(65_536)
    }

    /// Whether the times of the sessions are those of the source: then they tell of accesses there.
    pub fn keeps_times(&self) -> bool {
        self.idle.is_none() && self.deadline.is_none()
    }
}
