//! `sessionctl`: operating.
