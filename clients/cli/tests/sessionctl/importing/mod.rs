//! `sessionctl`: importing.
