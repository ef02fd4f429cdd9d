//! One client: it sends batches of commands to the server with the module, and checks every reply.

use crate::counts::Counts;
use crate::model::Model;
use crate::op::{Command, Op};
use std::collections::HashSet;
use std::time::Instant;
use support::{args, clock, Conn, Random};

/// Commands that are sent at once.
const PIPELINE: usize = 24;
/// Keys that one DEL names at the end.
const DELETED_AT_ONCE: usize = 100;
/// More messages than these say nothing new.
const MESSAGES: usize = 20;

pub struct Client {
    pub name: String,
    pub random: Random,
    pub model: Model,
    /// How many sessions the client is to have.
    pub target: usize,
    /// Users come and go: those before this one get no new sessions any more.
    pub first_user: usize,
    pub next_id: u64,
    pub counts: Counts,
    /// What was wrong with replies.
    pub wrong: Vec<String>,
    /// The sessions that the present batch is about.
    pub busy: HashSet<u64>,
    /// When the present batch was sent and when all replies had come, in Unix ms.
    pub sent: i64,
    pub received: i64,
    /// How many sessions the last REVOKE with LIMIT ended.
    pub revoked_before: i64,
}

impl Client {
    pub fn new(number: usize, seed: u64, target: usize) -> Client {
        Client {
            name: format!("c{number}"),
            random: Random::from(seed ^ (number as u64) << 32),
            model: Model::default(),
            target,
            first_user: 0,
            next_id: 0,
            counts: Counts::default(),
            wrong: Vec::new(),
            busy: HashSet::new(),
            sent: 0,
            received: 0,
            revoked_before: 0,
        }
    }

    /// The number of users who get new sessions.
    pub fn users(&self) -> usize {
        (self.target / 10).max(10)
    }

    pub fn is_wrong(&mut self, message: String) {
        if self.wrong.len() < MESSAGES {
            let cut: String = message.chars().take(600).collect();
            self.wrong.push(format!("client {}: {cut}", self.name));
        }
    }

    /// Sends commands until a time.
    pub fn run(&mut self, conn: &mut Conn, until: Instant) {
        while Instant::now() < until {
            let mut batch = Vec::with_capacity(PIPELINE);
            self.busy.clear();
            while batch.len() < PIPELINE {
                self.choose(&mut batch);
            }
            self.send(conn, batch);
        }
    }

    pub fn send(&mut self, conn: &mut Conn, batch: Vec<(Command, Op)>) {
        let (commands, ops): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        self.sent = clock::now();
        let replies = conn.pipeline(&commands);
        self.received = clock::now();
        self.counts.commands += commands.len() as u64;
        for (op, reply) in ops.into_iter().zip(&replies) {
            self.judge(op, reply);
        }
    }

    /// Ends all sessions: half of the users by REVOKE, the rest by DEL.
    pub fn end_all(&mut self, conn: &mut Conn) {
        self.busy.clear();
        let all = self.model.sessions().iter();
        let users: HashSet<_> = all.filter_map(|session| session.user.clone()).collect();
        let limited: Vec<_> = self.model.limited.keys().cloned().collect();
        let mut batch: Vec<(Command, Op)> = Vec::new();
        for user in limited {
            batch.push((
                args!["SESSION.REVOKE", user].to_vec(),
                Op::EndLimited { user },
            ));
        }
        for user in users.into_iter().filter(|_| self.random.once_in(2)) {
            let command = args!["SESSION.REVOKE", user].to_vec();
            batch.push((
                command,
                Op::Revoke {
                    user,
                    except: None,
                    only: None,
                },
            ));
        }
        while !batch.is_empty() {
            let some = batch.split_off(batch.len().saturating_sub(PIPELINE));
            self.send(conn, some);
        }
        while !self.model.is_empty() {
            self.delete_some(conn);
        }
    }

    fn delete_some(&mut self, conn: &mut Conn) {
        let some = self.model.sessions().iter().take(DELETED_AT_ONCE);
        let some: Vec<_> = some
            .map(|session| (session.id, session.key.clone()))
            .collect();
        let mut command = args!["SESSION.DEL"].to_vec();
        command.extend(some.iter().map(|(_, key)| key.clone()));
        self.sent = clock::now();
        let reply = conn.cmd(&command);
        self.received = clock::now();
        self.counts.commands += 1;
        let ids: Vec<_> = some.iter().map(|(id, _)| *id).collect();
        if let Some(ended) = self.ended(&ids, &reply, 0) {
            self.counts.deleted += ended;
        }
    }
}
