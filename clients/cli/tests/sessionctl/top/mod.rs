//! `sessionctl`: top.
